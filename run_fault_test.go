package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A runWorld is an engine over a faultStore with contacts for whom a run has
// deliveries, and what those are.
type runWorld struct {
	store   *faultStore
	clock   *hand
	program beckon.Program
	engine  *beckon.Engine
	want    []string // message, contact and company, sorted: each once
	opts    []beckon.Option
	late    []store.Step // what is written behind the next step on contacts, unless that has written
}

// runProgram has something for each kind of run: for a sweep an ongoing email,
// one for each company, a date rule and a series; for a send a one-off; for Due
// what waits for a window and what waits to be sure.
func runProgram() beckon.Program {
	text := beckon.Content{Body: "hello {{ user.name | fallback: 'you' }}"}
	long := noon.Add(-30 * 24 * time.Hour)
	m := func(id string, ch beckon.Channel, mode beckon.Mode, edit func(*beckon.Message)) beckon.Message {
		m := beckon.Message{ID: id, Channel: ch, Mode: mode, Status: beckon.Live, LiveAt: long, Content: text}
		if edit != nil {
			edit(&m)
		}
		return m
	}
	walk := beckon.Message{ID: "walked", Channel: beckon.Email, Content: text}
	second := beckon.Message{ID: "walked-on", Channel: beckon.Email, Content: text}
	return beckon.Program{
		Messages: []beckon.Message{
			m("news", beckon.Email, beckon.Ongoing, func(m *beckon.Message) { m.Audience = beckon.User("plan").Is("pro") }),
			m("company", beckon.Push, beckon.Ongoing, func(m *beckon.Message) { m.Content.Body = "{{ company.name }}" }),
			m("trial", beckon.SMS, "", func(m *beckon.Message) { m.Trigger = beckon.OnDate("trial_ends_at", beckon.Days(-3)) }),
			m("launch", beckon.Email, beckon.OneOff, func(m *beckon.Message) { m.Audience = beckon.User("plan").Is("pro") }),
			m("morning", beckon.Email, "", func(m *beckon.Message) {
				m.Trigger = beckon.On("uploaded")
				m.Frequency = &beckon.Frequency{Every: beckon.Seconds(0)}
				m.Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "13:00", To: "14:00"}}, Outside: beckon.OutsideHold}
			}),
			m("cart", beckon.Email, "", func(m *beckon.Message) {
				m.Trigger = beckon.On("uploaded").Unless("paid", beckon.Hours(1), "")
			}),
		},
		Series: []beckon.Series{{
			ID: "steps", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("uploaded")},
			Blocks: []beckon.Block{
				{ID: "wait", Wait: beckon.Hours(1), Next: "one"},
				{ID: "one", Message: &walk, Next: "two"},
				{ID: "two", Message: &second},
			},
		}},
	}
}

// A runKind is one kind of run over a world's contacts.
type runKind struct {
	name string
	run  func(*beckon.Engine, context.Context, ...beckon.RunOption) iter.Seq2[beckon.Delivery, error]
	// prepared brings a contact to where the run has deliveries for it, and
	// says which.
	prepared func(ctx context.Context, t testing.TB, w *runWorld, i int, id string) []string
}

func runKinds() []runKind {
	known := func(ctx context.Context, t testing.TB, w *runWorld, i int, id string) {
		t.Helper()
		contact := beckon.Contact{UserID: id, Attributes: beckon.Attributes{
			"plan":          beckon.String([]string{"pro", "free"}[min(i%4, 1)]), // one in four is pro
			"trial_ends_at": beckon.Date(noon.Add(time.Duration(i%3+2) * 24 * time.Hour)),
		}}
		for k := range i % 3 {
			contact.Companies = append(contact.Companies, beckon.Membership{CompanyID: fmt.Sprint("c", k)})
		}
		if _, err := w.engine.Update(ctx, contact); err != nil {
			t.Fatal(err)
		}
	}
	return []runKind{
		{"Sweep", func(e *beckon.Engine, ctx context.Context, o ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
			return e.Sweep(ctx, o...)
		}, func(ctx context.Context, t testing.TB, w *runWorld, i int, id string) []string {
			known(ctx, t, w, i, id)
			want := []string{}
			if i%4 == 0 {
				want = append(want, "news "+id+" ")
			}
			if i%3 == 1 {
				want = append(want, "trial "+id+" ")
			}
			if i%3 == 0 {
				want = append(want, "company "+id+" ")
			}
			for k := range i % 3 {
				want = append(want, fmt.Sprintf("company %s c%d", id, k))
			}
			return want
		}},
		{"Send", func(e *beckon.Engine, ctx context.Context, o ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
			return e.Send(ctx, "launch", o...)
		}, func(ctx context.Context, t testing.TB, w *runWorld, i int, id string) []string {
			known(ctx, t, w, i, id)
			if i%4 == 0 {
				return []string{"launch " + id + " "}
			}
			return nil
		}},
		{"Due", func(e *beckon.Engine, ctx context.Context, o ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
			return e.Due(ctx, o...)
		}, func(ctx context.Context, t testing.TB, w *runWorld, _ int, id string) []string {
			if _, err := w.engine.Track(ctx, beckon.Event{Name: "uploaded", UserID: id}); err != nil {
				t.Fatal(err)
			}
			return []string{"morning " + id + " ", "cart " + id + " ", "walked " + id + " ", "walked-on " + id + " "}
		}},
	}
}

func newRunWorld(t testing.TB, kind runKind, contacts int) *runWorld {
	t.Helper()
	return newRunWorldWith(t, kind, contacts, beckon.WithOutbox())
}

// newRunWorldWith is newRunWorld with other options than the outbox.
func newRunWorldWith(t testing.TB, kind runKind, contacts int, opts ...beckon.Option) *runWorld {
	t.Helper()
	w := &runWorld{store: newFaultStore(), clock: &hand{}, program: runProgram(), opts: opts}
	w.clock.ms.Store(noon.UnixMilli())
	ctx := context.Background()
	w.restart(ctx, t)
	for i := range contacts {
		w.want = append(w.want, kind.prepared(ctx, t, w, i, fmt.Sprint("u", i))...)
	}
	slices.Sort(w.want)
	if kind.name == "Due" {
		w.clock.ms.Add(time.Hour.Milliseconds())
	}
	return w
}

// restart makes a new engine over the store, as a new process would.
func (w *runWorld) restart(ctx context.Context, t testing.TB) {
	t.Helper()
	engine, err := beckon.New(w.store, append([]beckon.Option{beckon.WithClock(w.clock.now)}, w.opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, w.program); err != nil {
		t.Fatal(err)
	}
	w.engine = engine
}

func sendOf(d beckon.Delivery) string { return d.Message + " " + d.Contact.UserID + " " + d.CompanyID }

// Z1: whatever call of the store fails, before or after it took effect, and
// whether the process lives on or not: when the run is repeated every contact
// that matches has got each message exactly once, counting what was yielded and
// what the outbox holds.
func TestRunCrashesAnywhere(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds() {
		for _, how := range []fault{failBefore, failAfter, failFromHere, failPastHere} {
			failed := 0
			for n := 1; ; n++ {
				w := newRunWorld(t, kind, 7)
				yielded := map[string]string{} // by id
				run := func() (err error) {
					for d, e := range kind.run(w.engine, ctx) {
						if e != nil {
							err = e
							continue
						}
						if yielded[d.ID] != "" {
							t.Fatalf("%s, fault %d at call %d: %s was yielded twice", kind.name, how, n, sendOf(d))
						}
						yielded[d.ID] = sendOf(d)
					}
					return err
				}
				w.store.arm(n, how)
				err := run()
				if w.store.heal() < n {
					break
				}
				var storeErr *beckon.StoreError
				if !errors.As(err, &storeErr) || !errors.Is(err, errStore) {
					t.Fatalf("%s, fault %d at call %d: the error is %v", kind.name, how, n, err)
				}
				failed++
				w.restart(ctx, t)
				if err := run(); err != nil {
					t.Fatal(err)
				}
				for d, err := range w.engine.Outbox(ctx) {
					if err != nil {
						t.Fatal(err)
					}
					yielded[d.ID] = sendOf(d)
				}
				if got := slices.Sorted(maps.Values(yielded)); !slices.Equal(got, w.want) {
					t.Fatalf("%s, fault %d at call %d: sent\n%v, want\n%v", kind.name, how, n, got, w.want)
				}
			}
			if failed < 4 {
				t.Errorf("%s: only %d calls of the store could fail", kind.name, failed)
			}
		}
	}
}

// A consumer that stops, by break or by panic, gets nothing twice, and the
// next run has exactly the rest: also of what had waited (S2, T6) and of
// series.
func TestRunConsumerStops(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds() {
		for _, panics := range []bool{false, true} {
			for stop := 1; ; stop++ {
				w := newRunWorld(t, kind, 7)
				if stop > len(w.want) {
					break
				}
				var got []string
				func() {
					defer func() { _ = recover() }()
					n := 0
					for d, err := range kind.run(w.engine, ctx) {
						if err != nil {
							t.Fatal(err)
						}
						got = append(got, sendOf(d))
						if n++; n == stop {
							if panics {
								panic("the consumer")
							}
							break
						}
					}
				}()
				if len(got) != stop {
					t.Fatalf("%s: %d deliveries, want %d", kind.name, len(got), stop)
				}
				for d, err := range kind.run(w.engine, ctx) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, sendOf(d))
				}
				slices.Sort(got)
				if !slices.Equal(got, w.want) {
					t.Fatalf("%s, stopped after %d (panic: %v): sent\n%v, want\n%v", kind.name, stop, panics, got, w.want)
				}
				checkTotals(ctx, t, w, got)
			}
		}
	}
}

// checkTotals is Z2 over what was sent: the totals count it, and no more; each
// candidate judged was sent or held.
func checkTotals(ctx context.Context, t testing.TB, w *runWorld, sent []string) {
	t.Helper()
	for _, m := range []string{"news", "company", "trial", "launch", "morning", "cart", "walked", "walked-on"} {
		totals, err := w.engine.Totals(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for _, s := range sent {
			if strings.HasPrefix(s, m+" ") {
				n++
			}
		}
		held := int64(0)
		for _, k := range totals.Held {
			held += k
		}
		if totals.Sent != n || totals.Judged != n+held {
			t.Errorf("%s: sent %d, judged %d, held %v; want %d sent", m, totals.Sent, totals.Judged, totals.Held, n)
		}
	}
}

// ResumeAt goes on where a run left off: everybody is looked at once, and the
// two parts together have everything.
func TestRunResumes(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds()[:2] {
		whole := newRunWorld(t, kind, 700)
		pages := 0
		for _, err := range kind.run(whole.engine, ctx, beckon.OnProgress(func(beckon.Progress) { pages++ })) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if pages < 3 {
			t.Fatalf("%s: %d pages only", kind.name, pages)
		}
		for page := 1; page < pages; page++ {
			w := newRunWorld(t, kind, 700)
			var got []string
			var at beckon.Progress
			stopping, cancel := context.WithCancel(ctx)
			n := 0
			var last error
			for d, err := range kind.run(w.engine, stopping, beckon.OnProgress(func(p beckon.Progress) {
				if n++; n == page {
					at = p
					cancel()
				}
			})) {
				if last = err; err == nil {
					got = append(got, sendOf(d))
				}
			}
			cancel()
			if !errors.Is(last, context.Canceled) || at.Cursor == "" || at.Done == 0 {
				t.Fatalf("%s: cancelled after page %d: %v, progress %+v", kind.name, page, last, at)
			}
			var end beckon.Progress
			for d, err := range kind.run(w.engine, ctx, beckon.ResumeAt(at.Cursor), beckon.OnProgress(func(p beckon.Progress) { end = p })) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, sendOf(d))
			}
			if slices.Sort(got); !slices.Equal(got, w.want) {
				t.Errorf("%s: resumed after page %d: %d sent, want %d", kind.name, page, len(got), len(w.want))
			}
			if at.Done+end.Done != 700 || end.Cursor != "" {
				t.Errorf("%s: %d and %d contacts looked at, want 700 in all; at the end the cursor is %q", kind.name, at.Done, end.Done, end.Cursor)
			}
		}
	}
}

// A context that ends in the middle of a run ends it with the context's error;
// nothing is lost and nothing comes twice.
func TestRunCancelled(t *testing.T) {
	for _, kind := range runKinds() {
		w := newRunWorld(t, kind, 20)
		ctx, cancel := context.WithCancel(context.Background())
		seen := map[string]string{}
		var last error
		for d, err := range kind.run(w.engine, ctx) {
			if last = err; err == nil {
				seen[d.ID] = sendOf(d)
			}
			cancel()
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("%s: the last error is %v", kind.name, last)
		}
		for d, err := range kind.run(w.engine, context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[d.ID] != "" {
				t.Errorf("%s: %s twice", kind.name, sendOf(d))
			}
			seen[d.ID] = sendOf(d)
		}
		if got := slices.Sorted(maps.Values(seen)); !slices.Equal(got, w.want) {
			t.Errorf("%s: sent\n%v, want\n%v", kind.name, got, w.want)
		}
		cancel()
	}
}

// A store that hangs is left when the context ends.
func TestStoreHangs(t *testing.T) {
	for _, kind := range runKinds() {
		w := newRunWorld(t, kind, 3)
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		w.store.arm(3, hang)
		var last error
		for _, err := range kind.run(w.engine, ctx) {
			last = err
		}
		cancel()
		if !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("%s: %v", kind.name, last)
		}
	}
}
