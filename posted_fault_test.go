package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// A moodyStore does something in the place of a step, once.
type moodyStore struct {
	*memstore.Store
	once func(context.Context, []store.Step) error
}

func (s *moodyStore) Step(ctx context.Context, steps []store.Step) error {
	if fn := s.once; fn != nil {
		s.once = nil
		return fn(ctx, steps)
	}
	return s.Store.Step(ctx, steps)
}

// A badReader reads a part of a body, and then goes wrong.
type badReader struct {
	rest string
	end  func() (int, error)
}

func (r *badReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		return r.end()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Whatever goes wrong with a posted event, whose shape is known or not, the next is taken as if
// it had not been there: nothing of it is seen in another, and it is recorded whole or not at all.
func TestPostedBodyFaults(t *testing.T) {
	t.Parallel()
	const secret = "secret-"
	good := func(n int) string {
		return fmt.Sprintf(`{"event_name":"go","user_id":"u%d","event_id":"e%d","metadata":{"text":"plain-%03d","size":%d}}`, n%3, n, n, n)
	}
	bad := func(n int) string {
		return fmt.Sprintf(`{"event_name":"go","user_id":"u%d","event_id":"x%d","metadata":{"text":"%s%03d","size":%d}}`, n%3, n, secret, n, -n)
	}
	errGone := errors.New("it is gone")
	type answer struct {
		say func() string
		was string
	}
	type world struct {
		kept    *moodyStore
		engine  *beckon.Engine
		observe func() // called once when something is told
		answers []answer
	}
	keep := func(w *world, res beckon.Result, err error) {
		say := func() string {
			text, _ := json.Marshal(res)
			return fmt.Sprintf("%s %v", text, err)
		}
		w.answers = append(w.answers, answer{say, say()})
	}
	type call func(t *testing.T, w *world, n int) (recorded bool)
	track := func(t *testing.T, w *world, ctx context.Context, body io.Reader) (err error) {
		t.Helper()
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		res, err := w.engine.TrackJSON(ctx, body)
		keep(w, res, err)
		if err == nil && len(res.Deliveries) != 1 {
			err = fmt.Errorf("%d deliveries", len(res.Deliveries))
		}
		return err
	}
	fails := func(recorded bool, fn func(w *world, ctx context.Context, cancel func(), steps []store.Step) error) call {
		return func(t *testing.T, w *world, n int) bool {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w.kept.once = func(ctx context.Context, steps []store.Step) error { return fn(w, ctx, cancel, steps) }
			if err := track(t, w, ctx, strings.NewReader(bad(n))); err == nil {
				t.Error("no error")
			}
			return recorded
		}
	}
	reads := func(end func() (int, error), cut int) call {
		return func(t *testing.T, w *world, n int) bool {
			body := bad(n)
			if err := track(t, w, t.Context(), &badReader{body[:len(body)-cut], end}); err == nil {
				t.Error("no error")
			}
			return false
		}
	}
	for _, c := range []struct {
		name string
		call call
	}{
		{"the store fails before", fails(false, func(*world, context.Context, func(), []store.Step) error { return errGone })},
		{"the store fails after", fails(true, func(w *world, ctx context.Context, _ func(), steps []store.Step) error {
			return errors.Join(w.kept.Store.Step(ctx, steps), errGone)
		})},
		{"the step fails", fails(false, func(_ *world, _ context.Context, _ func(), steps []store.Step) error {
			steps[0].Err = errGone
			return nil
		})},
		{"the store panics before", fails(false, func(*world, context.Context, func(), []store.Step) error { panic("before") })},
		{"the store panics in the middle", fails(false, func(_ *world, _ context.Context, _ func(), steps []store.Step) error {
			var c store.Changes
			_ = steps[0].Decide(&store.Record{Key: steps[0].Key}, &c)
			panic("in the middle")
		})},
		{"the store panics after", fails(true, func(w *world, ctx context.Context, _ func(), steps []store.Step) error {
			panic(w.kept.Store.Step(ctx, steps))
		})},
		{"the store decides twice, and fails", fails(false, func(_ *world, _ context.Context, _ func(), steps []store.Step) error {
			for range 2 {
				var c store.Changes
				_ = steps[0].Decide(&store.Record{Key: steps[0].Key}, &c)
			}
			return errGone
		})},
		{"the context ends before", fails(false, func(_ *world, ctx context.Context, cancel func(), _ []store.Step) error {
			cancel()
			return ctx.Err()
		})},
		{"the context ends after", fails(true, func(w *world, ctx context.Context, cancel func(), steps []store.Step) error {
			err := w.kept.Store.Step(ctx, steps)
			cancel()
			return errors.Join(err, ctx.Err())
		})},
		{"the body ends early", reads(func() (int, error) { return 0, io.EOF }, 9)},
		{"the reader fails", reads(func() (int, error) { return 0, errGone }, 9)},
		{"the reader fails behind the body", reads(func() (int, error) { return 0, errGone }, 0)},
		{"the reader panics", reads(func() (int, error) { panic("the reader") }, 9)},
		{"the reader panics behind the body", reads(func() (int, error) { panic("the reader") }, 0)},
		{"the metadata is none", func(t *testing.T, w *world, n int) bool {
			if err := track(t, w, t.Context(), strings.NewReader(strings.Replace(bad(n), `{"text"`, `["text"`, 1))); err == nil {
				t.Error("no error")
			}
			return false
		}},
		{"a field is quoted in an error", func(t *testing.T, w *world, n int) bool {
			if err := track(t, w, t.Context(), strings.NewReader(strings.Replace(bad(n), `"event_id":"`, `"source":"`+secret, 1))); err == nil {
				t.Error("no error")
			}
			return false
		}},
		{"an option panics", func(t *testing.T, w *world, n int) bool {
			defer func() { _ = recover() }()
			_, err := w.engine.TrackJSON(t.Context(), strings.NewReader(bad(n)), beckon.As(beckon.Identity{UserID: "u1"}, func(*beckon.Event) { panic("the host") }))
			t.Errorf("it did not panic: %v", err)
			return false
		}},
		{"an observer panics", func(t *testing.T, w *world, n int) bool {
			w.observe = func() { panic("the observer") }
			if err := track(t, w, t.Context(), strings.NewReader(bad(n))); err != nil {
				t.Error(err)
			}
			return true
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := &world{kept: &moodyStore{Store: memstore.New()}}
			var err error
			w.engine, err = beckon.New(w.kept, beckon.WithObserver(observe.Observer{Decided: func(context.Context, observe.Decision) {
				if fn := w.observe; fn != nil {
					w.observe = nil
					fn()
				}
			}}))
			if err == nil {
				err = w.engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
					ID: "m", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
					Content: beckon.Content{Body: "{{event.text}} {{event.size}}"},
				}}})
			}
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for n := range 60 {
				res, err := w.engine.TrackJSON(t.Context(), strings.NewReader(good(n)))
				keep(w, res, err)
				if err != nil || res.Duplicate || len(res.Deliveries) != 1 {
					t.Fatalf("event %d: %+v, %v", n, res, err)
				}
				if got, want := res.Deliveries[0].Body, fmt.Sprintf("plain-%03d %d", n, n); got != want {
					t.Fatalf("event %d says %q, want %q", n, got, want)
				}
				want[fmt.Sprint("e", n)] = true
				if n%4 == 3 { // three of a shape, and it is known
					if c.call(t, w, n) {
						want[fmt.Sprint("x", n)] = true
					}
					w.kept.once, w.observe = nil, nil
				}
			}
			for _, a := range w.answers {
				if is := a.say(); is != a.was {
					t.Errorf("what was returned has become\n%s\nfrom\n%s", is, a.was)
				}
			}
			got := map[string]bool{}
			for u := range 3 {
				list, err := w.engine.RecentEvents(t.Context(), beckon.Identity{UserID: fmt.Sprint("u", u)}, nil, 100)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range list {
					got[e.EventID] = true
					text, err := json.Marshal(e)
					if err != nil {
						t.Fatal(err)
					}
					if is := strings.Contains(string(text), secret); is != strings.HasPrefix(e.EventID, "x") {
						t.Errorf("%s has what is another's: %s", e.EventID, text)
					}
				}
			}
			for id := range want {
				if !got[id] {
					t.Errorf("%s is not recorded", id)
				}
			}
			for id := range got {
				if !want[id] {
					t.Errorf("%s is recorded", id)
				}
			}
		})
	}
}
