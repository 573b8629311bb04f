package beckonhttp_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// One of several gets an identity that they ask for at once, and no two become one contact.
func TestIdentityAtOnce(t *testing.T) {
	for i := range 50 {
		w := restWorld(t)
		leads := make([]string, 4)
		for j := range leads {
			leads[j] = "lead" + strconv.Itoa(j)
			w.ask(200, "POST", "/users", `{"id":"`+leads[j]+`","custom_attributes":{"n":`+strconv.Itoa(j)+`}}`)
		}
		got := w.atOnce(len(leads), func(j int) int {
			return w.request("PUT", "/contacts/"+leads[j], `{"external_id":"u1"}`).StatusCode
		})
		if got[200] != 1 || got[409] != len(leads)-1 {
			t.Fatalf("%d: renamed: %v", i, got)
		}
		for j, lead := range leads {
			if c := w.contact(beckon.Identity{ID: lead}); c.Attributes["n"].Text() != strconv.Itoa(j) {
				t.Fatalf("%d: %s is %+v", i, lead, c)
			}
		}
		got = w.atOnce(4, func(j int) int {
			return w.request("POST", "/contacts", `{"external_id":"u2","custom_attributes":{"n":`+strconv.Itoa(j)+`}}`).StatusCode
		})
		if got[200] != 1 || got[409] != 3 {
			t.Fatalf("%d: created: %v", i, got)
		}
	}
}

// A function of the host may ask the door about the contact that it is told of: no turn is held
// while it runs.
func TestHostAsksInTurn(t *testing.T) {
	for _, c := range []struct {
		door               func(*beckon.Engine, beckonhttp.Authenticator, ...beckonhttp.Option) http.Handler
		path, first, again string
	}{
		{beckonhttp.Segment, "/v1/identify", `{"userId":"u1","anonymousId":"v1"}`, `{"userId":"u2","anonymousId":"v1"}`},
		{beckonhttp.REST, "/contacts", `{"external_id":"u1"}`, `{"external_id":"u1"}`},
	} {
		asked := make(chan int, 9)
		w := newWorld(t, func(w *world) http.Handler {
			return c.door(w.engine, beckonhttp.Tokens("secret"), beckonhttp.WithResults(func(context.Context, beckon.Result) {
				if len(asked) == 0 {
					asked <- 0
					asked <- w.request("POST", c.path, c.again).StatusCode
				}
			}))
		})
		if _, err := w.engine.Track(t.Context(), beckon.Event{Name: "looked", AnonymousID: "v1"}); err != nil {
			t.Fatal(err)
		}
		done := make(chan int)
		go func() { done <- w.request("POST", c.path, c.first).StatusCode }()
		select {
		case status := <-done:
			if <-asked; status != 200 || <-asked == 0 {
				t.Error(c.path, status)
			}
		case <-time.After(20 * time.Second): //nolint:forbidigo // only if it fails
			t.Fatal(c.path, "waits for itself")
		}
	}
}

// atOnce counts what comes of n calls at once.
func (w *world) atOnce(n int, do func(int) int) map[int]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[int]int{}
	for j := range n {
		all.Go(func() {
			status := do(j)
			mu.Lock()
			defer mu.Unlock()
			got[status]++
		})
	}
	all.Wait()
	return got
}
