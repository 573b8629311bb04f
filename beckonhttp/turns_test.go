package beckonhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A hanging store answers no more once hangs is set.
type hanging struct {
	beckon.Store
	hangs atomic.Bool
}

func (h *hanging) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if h.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return h.Store.Read(ctx, keys, fn)
}

// Where the store hangs, those who ask for one identity do not wait for each other's time: all
// are answered when one call's time is up.
func TestTurnsOfAHangingStore(t *testing.T) {
	for path, door := range map[string]func(*beckon.Engine, beckonhttp.Authenticator, ...beckonhttp.Option) http.Handler{
		"/contacts": beckonhttp.REST, "/v1/identify": beckonhttp.Segment,
	} {
		synctest.Test(t, func(t *testing.T) {
			kept := &hanging{Store: memstore.New()}
			engine, err := beckon.New(kept)
			if err == nil {
				err = engine.Publish(t.Context(), beckon.Program{})
			}
			if err != nil {
				t.Fatal(err)
			}
			handler, began := door(engine, beckonhttp.Tokens("secret")), time.Now()
			kept.hangs.Store(true)
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(
						map[string]string{"/contacts": `{"external_id":"u1"}`, "/v1/identify": `{"userId":"u1","anonymousId":"v1"}`}[path]))
					r.Header.Set("Authorization", "Bearer secret")
					r.Header.Set("Content-Type", "application/json")
					r.Header.Set("Intercom-Version", "2.11")
					w := httptest.NewRecorder()
					if handler.ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
						t.Errorf("%s: %d %s", path, w.Code, w.Body)
					}
				})
			}
			all.Wait()
			if took := time.Since(began); took > 2*beckonhttp.EngineWithin { //nolint:forbidigo // of the test's own clock
				t.Errorf("%s: all took %v, and one call may take %v", path, took, beckonhttp.EngineWithin)
			}
		})
	}
}
