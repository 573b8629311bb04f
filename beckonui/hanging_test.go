package beckonui_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/store"
)

// hanging is a store that does not answer before its caller gives up.
type hanging struct{ store.Store }

func (hanging) Step(ctx context.Context, _ []store.Step) error { return hang(ctx) }

func (hanging) Read(ctx context.Context, _ []store.Key, _ func(*store.Record) error) error {
	return hang(ctx)
}

func (hanging) Scan(ctx context.Context, _ store.Query, _ store.Cursor, _ int, _ func(*store.Record) error) (store.Cursor, error) {
	return "", hang(ctx)
}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// What changes something goes on when the browser is closed, and ends with the time of a page.
func TestStoreHangs(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(func(*http.Request) bool { return true }))
	body := s.get("/program")
	s.store.Store = hanging{s.store.Store}
	s.Handler = beckonui.Handler(s.engine, beckonui.AllowEdits(func(*http.Request) bool { return true }),
		beckonui.WithProgram(beckonui.NewProgram(s.engine, []byte(programText), nil))) // which has read nothing yet
	publish := formOf(t, body, "program")
	publish.Set("do", "publish")
	publish.Set("text", strings.Replace(programText, `"1h"`, `"2h"`, 1))
	for _, c := range []struct {
		method, target string
		form           url.Values
	}{
		{"GET", "/events", nil},
		{"POST", "/describe", url.Values{"name": {"paid"}, "description": {"x"}}},
		{"POST", "/archive", url.Values{"name": {"paid"}}},
		{"POST", "/pause", url.Values{"message": {"ready"}}},
		{"POST", "/stop", url.Values{"message": {"ready"}, "sure": {"yes"}}},
		{"POST", "/program", publish},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // as if a page took no longer
		r := httptest.NewRequestWithContext(ctx, c.method, "http://admin.example"+c.target, strings.NewReader(c.form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w, done := httptest.NewRecorder(), make(chan struct{})
		go func() { defer close(done); s.ServeHTTP(w, r) }()
		select {
		case <-done:
			if w.Code != http.StatusServiceUnavailable {
				t.Error(c.target, w.Code, words(w.Body.String()))
			}
		case <-time.After(10 * time.Second): //nolint:forbidigo // only if it fails
			t.Error(c.method, c.target, "does not end")
		}
		cancel()
	}
}
