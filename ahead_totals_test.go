package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// countedProgram has, for a sweep, a message that is sent and two that are held, and a
// series that Due goes on with: it sends one, and holds one before it and two behind it.
func countedProgram() beckon.Program {
	text := beckon.Content{Subject: "s", Body: "hello"}
	vip := beckon.User("plan").Is("vip")
	block := func(m beckon.Message, next string) beckon.Block {
		m.Channel, m.Content = beckon.Email, text
		return beckon.Block{ID: "b-" + m.ID, Message: &m, Next: next}
	}
	return beckon.Program{
		Messages: []beckon.Message{
			{ID: "news", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Audience: beckon.User("plan").Is("pro"), Content: text},
			{ID: "offer", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Audience: vip, Content: text},
			{ID: "study", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Control: 1, Content: text},
		},
		Series: []beckon.Series{{ID: "hello", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")}, Blocks: []beckon.Block{
			{ID: "w", Wait: beckon.Hours(1), Next: "b-before"},
			block(beckon.Message{ID: "before", Audience: vip}, "b-first"),
			block(beckon.Message{ID: "first"}, "b-behind"),
			block(beckon.Message{ID: "behind", Audience: vip}, "b-trial"),
			block(beckon.Message{ID: "trial", Control: 1}, "end"),
			{ID: "end", Wait: beckon.Days(30)},
		}}},
	}
}

// What a run has decided ahead and takes back counts once in the totals, and is said once,
// whatever comes between.
func TestAheadCountsOnce(t *testing.T) {
	t.Parallel()
	const contacts, some = 60, 20
	ids := []string{"news", "offer", "study", "before", "first", "behind", "trial"}
	for _, c := range []struct {
		name  string
		ahead int
		then  func(e *beckon.Engine, clock *hand, id string) (beckon.Result, error)
	}{
		{"one by one", 1, nil},
		{"nothing", 64, nil},
		{"a visit of each", 64, func(e *beckon.Engine, _ *hand, id string) (beckon.Result, error) {
			return e.Visit(t.Context(), beckon.Visit{UserID: id})
		}},
		{"a pause and its end", 64, func(e *beckon.Engine, _ *hand, id string) (res beckon.Result, err error) {
			if id == "u059" {
				err = errors.Join(e.Pause(t.Context(), "offer"), e.Resume(t.Context(), "offer"))
			}
			return res, err
		}},
		{"time", 64, func(_ *beckon.Engine, clock *hand, _ string) (res beckon.Result, err error) {
			clock.add(50 * time.Millisecond)
			return res, nil
		}},
	} {
		for _, outbox := range []bool{false, true} {
			clock := &hand{}
			clock.set(noon)
			opts := []beckon.Option{beckon.WithClock(clock.now)}
			if outbox {
				opts = append(opts, beckon.WithOutbox())
			}
			engine, err := beckon.New(memstore.New(), opts...)
			if err == nil {
				err = engine.Publish(t.Context(), countedProgram())
			}
			for i := range contacts {
				id := fmt.Sprintf("u%03d", i)
				_, failed := engine.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
				err = errors.Join(err, failed, second(engine.Track(t.Context(), beckon.Event{Name: "joined", UserID: id})))
			}
			if err != nil {
				t.Fatal(err)
			}
			clock.add(2 * time.Hour)
			said := map[string]int64{}
			onHeld := beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { said[h.Message+" "+string(h.Reason)]++ })
			for range 2 { // first Due, then a sweep
				run := engine.Due
				if said["before audience"] > 0 {
					run = engine.Sweep
				}
				got := map[string]bool{}
				for d, err := range run(t.Context(), beckon.Ahead(c.ahead), onHeld) {
					if err != nil {
						t.Fatal(err)
					}
					said[d.Message+" sent"]++
					if got[d.Contact.UserID] = true; len(got) != some || c.then == nil {
						continue
					}
					for i := range contacts {
						if id := fmt.Sprintf("u%03d", i); !got[id] {
							res, err := c.then(engine, clock, id)
							if err != nil {
								t.Fatal(err)
							}
							for _, d := range res.Deliveries {
								said[d.Message+" sent"]++
							}
							for _, h := range res.Held() {
								said[h.Message+" "+string(h.Reason)]++
							}
						}
					}
				}
			}
			want := map[string]int64{
				"news sent": contacts, "offer audience": contacts, "study control": contacts,
				"before audience": contacts, "first sent": contacts, "behind audience": contacts, "trial control": contacts,
			}
			if d := cmp.Diff(want, said); d != "" {
				t.Errorf("%s, outbox %t: said (-want +got):\n%s", c.name, outbox, d)
			}
			counted := map[string]int64{}
			for _, id := range ids {
				totals, err := engine.Totals(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if totals.Sent > 0 {
					counted[id+" sent"] = totals.Sent
				}
				for reason, n := range totals.Held {
					if counted[id+" "+string(reason)] = n; reason == beckon.ReasonControl && totals.Control != n {
						t.Errorf("%s, outbox %t: %s has %d in the control group", c.name, outbox, id, totals.Control)
					}
				}
			}
			if d := cmp.Diff(want, counted); d != "" {
				t.Errorf("%s, outbox %t: counted (-want +got):\n%s", c.name, outbox, d)
			}
		}
	}
}

// A failingRead is a store that fails one of its reads.
type failingRead struct {
	*memstore.Store
	left int // reads before it; negative: none fails
}

func (s *failingRead) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if s.left--; s.left == -1 {
		return errStore
	}
	return s.Store.Read(ctx, keys, fn)
}

// What was committed of a batch when the rest of it fails is given back: some contacts need
// nothing but their record, others their company.
func TestAheadFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	const contacts = 20
	failures := 0
	for reads := range 8 {
		clock, kept := &hand{}, &failingRead{Store: memstore.New(), left: -1}
		clock.set(noon)
		engine, err := beckon.New(kept, beckon.WithClock(clock.now))
		if err == nil {
			p := aheadProgram()
			p.Caps, p.Messages[0].Audience = nil, beckon.Any(beckon.User("plan").Is("pro"), beckon.Company("seats").AtLeast(0))
			err = engine.Publish(t.Context(), p)
		}
		for i := range contacts {
			c := beckon.Contact{UserID: strconv.Itoa(i), Attributes: beckon.Attributes{"plan": beckon.String("pro")}}
			if i%2 == 1 {
				c.Companies = []beckon.Membership{{CompanyID: "c" + c.UserID, Attributes: beckon.Attributes{"seats": beckon.Number(i)}}}
			}
			err = errors.Join(err, second(engine.Update(t.Context(), c)))
		}
		if err != nil {
			t.Fatal(err)
		}
		kept.left = reads
		got := map[string]int{}
		for range 2 {
			for d, err := range engine.Sweep(t.Context()) {
				if err != nil {
					if failures++; !errors.Is(err, errStore) {
						t.Fatal(err)
					}
					break
				}
				got[d.Contact.UserID]++
			}
		}
		for i := range contacts {
			if n := got[strconv.Itoa(i)]; n != 1 {
				t.Errorf("after %d reads: %d got %d", reads, i, n)
			}
		}
	}
	if failures < 5 {
		t.Errorf("%d sweeps failed", failures)
	}
}

// What cannot be given back is told, also to a host that goes on.
func TestAheadTellsWhatIsLost(t *testing.T) {
	t.Parallel()
	engine, kept, clock := aheadWorld(t, 60)
	var lost []beckon.Delivery
	var failed error
	got := map[string]bool{}
	var last error
	for d, err := range engine.Sweep(t.Context(), beckon.OnStopError(func(list []beckon.Delivery, err error) { lost, failed = list, err })) {
		if err != nil {
			last = err
			continue
		}
		got[d.Contact.UserID] = true
		if len(got) == 40 {
			clock.add(2 * time.Second)
			kept.mu.Lock()
			kept.gone = true
			kept.mu.Unlock()
		}
	}
	if !errors.Is(last, errStore) || !errors.Is(failed, errStore) {
		t.Errorf("the sweep ends with %v, and tells %v", last, failed)
	}
	for _, d := range lost {
		if got[d.Contact.UserID] {
			t.Errorf("%s is handed out and lost", d.Contact.UserID)
		}
		got[d.Contact.UserID] = true
	}
	totals, err := engine.Totals(t.Context(), "news")
	if err != nil || len(lost) == 0 || totals.Sent != int64(len(got)) {
		t.Errorf("%d were lost, %d are counted, %d are known; %v", len(lost), totals.Sent, len(got), err)
	}
}

// Of a walk that was decided ahead another worker has the first delivery by now: what was
// held behind that one stands, what was held behind the rest is judged again, once.
func TestAheadTakesBackAPart(t *testing.T) {
	t.Parallel()
	text := beckon.Content{Subject: "s", Body: "hello"}
	vip := beckon.User("plan").Is("vip")
	block := func(id string, channel beckon.Channel, audience beckon.Rule, next string) beckon.Block {
		return beckon.Block{ID: id, Message: &beckon.Message{ID: id, Channel: channel, Audience: audience, Content: text}, Next: next}
	}
	kept := memstore.New()
	w := newOutbox(t, kept, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")}, Blocks: []beckon.Block{
			{ID: "w", Wait: beckon.Hours(1), Next: "a"},
			block("a", beckon.Email, beckon.Rule{}, "held1"), block("held1", beckon.Email, vip, "b"),
			block("b", beckon.Push, beckon.Rule{}, "held2"), block("held2", beckon.Email, vip, "end"),
			{ID: "end", Wait: beckon.Days(9)},
		},
	}}})
	other, err := beckon.New(kept, beckon.WithClock(w.clock.now))
	w.must(err)
	for _, id := range []string{"u1", "u2", "u3"} {
		w.track(beckon.Event{Name: "joined", UserID: id})
	}
	w.clock.add(2 * time.Hour)
	said := map[string]int{}
	got := map[string]int{}
	for d, err := range w.Due(t.Context(), beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { said[h.Message]++ })) {
		w.must(err)
		if got[d.Message]++; d.Message != "a" || got["a"] != 2 {
			continue
		}
		w.clock.add(beckon.LeaseFor) // u3 is decided ahead, and the leases end
		for _, err := range other.Pending(t.Context(), beckon.Channels(beckon.Email)) {
			w.must(err)
		}
	}
	for _, id := range []string{"a", "b"} {
		if n := w.totals(id).Sent; n != 3 {
			t.Errorf("%s was sent %d times, and handed out %d times", id, n, got[id])
		}
	}
	for _, id := range []string{"held1", "held2"} {
		if n := w.totals(id).Held[beckon.ReasonAudience]; n != 3 || said[id] != 3 {
			t.Errorf("%s was held %d times, and said so %d times", id, n, said[id])
		}
	}
}
