package beckon_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func (w *outboxWorld) given(list []beckon.Delivery) (got []string) {
	for _, d := range list {
		got = append(got, fmt.Sprint(d.Message, " ", d.Attempt, " ", d.Tries(), " ", d.IsQueued()))
	}
	slices.Sort(got)
	return got
}

// What is left to the workers is theirs at once, and the caller is told of it. What the
// page shows is the caller's, as ever.
func TestWithWorkers(t *testing.T) {
	all := []beckon.Channel{beckon.Email, beckon.Push, beckon.SMS, beckon.Banner, beckon.Chat, beckon.Custom("pager")}
	for _, c := range []struct {
		channels []beckon.Channel
		queued   string
	}{
		{nil, "email push sms"},
		{[]beckon.Channel{beckon.Custom("pager"), beckon.Email}, "email custom:pager"},
	} {
		program := onChannels(all...)
		for i := range program.Messages {
			program.Messages[i].Trigger = beckon.On("e")
		}
		w := newOutbox(t, memstore.New(), program, beckon.WithWorkers(c.channels...))
		res := w.track(beckon.Event{Name: "e", UserID: "u"})
		var want []string
		for _, channel := range all {
			tries, queued := 1, false
			if slices.Contains(splitWords(c.queued), string(channel)) {
				tries, queued = 0, true
			}
			want = append(want, fmt.Sprint(channel, " 1 ", tries, " ", queued))
		}
		slices.Sort(want)
		if got := w.given(res.Deliveries); !slices.Equal(got, want) {
			t.Errorf("WithWorkers(%v): Track returns %q, want %q", c.channels, got, want)
		}
		want = nil
		for _, channel := range splitWords(c.queued) {
			want = append(want, channel+" 2 1 false")
		}
		slices.Sort(want)
		if got := w.given(w.lease()); !slices.Equal(got, want) {
			t.Errorf("WithWorkers(%v): a worker gets at once %q, want %q", c.channels, got, want)
		}
		w.clock.add(beckon.LeaseFor)
		if got := w.lease(); len(got) != len(all) {
			t.Errorf("WithWorkers(%v): after a lease a worker gets %d, want all", c.channels, len(got))
		}
	}
	if _, err := beckon.New(memstore.New(), beckon.WithWorkers("fax")); err == nil {
		t.Error("an unknown channel is no error")
	}
}

func splitWords(text string) (words []string) {
	var word string
	for _, r := range text + " " {
		if r == ' ' {
			words, word = append(words, word), ""
			continue
		}
		word += string(r)
	}
	return words
}

// The option says that there is an outbox, and other engines over the store heed what it
// has left to the workers: a repeat is told of it, and takes nothing.
func TestWithWorkersRepeat(t *testing.T) {
	ctx := context.Background()
	kept := memstore.New()
	clock := &hand{}
	clock.set(noon)
	open := func(opts ...beckon.Option) *outboxWorld {
		engine, err := beckon.New(kept, append(opts, beckon.WithClock(clock.now))...)
		if err != nil {
			t.Fatal(err)
		}
		w := &outboxWorld{Engine: engine, t: t, clock: clock}
		w.must(w.Publish(ctx, often()))
		return w
	}
	left, other := open(beckon.WithWorkers()), open()
	event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
	first := left.track(event).Deliveries
	if len(first) != 1 || !first[0].IsQueued() {
		t.Fatalf("%+v", first)
	}
	for range 3 {
		if res := other.track(event); !res.Duplicate || len(res.Deliveries) != 1 || !res.Deliveries[0].IsQueued() || res.Deliveries[0].ID != first[0].ID {
			t.Errorf("the repeat: %+v", res)
		}
	}
	left.lost("Extend by who has it not", left.Extend(ctx, first[0], clock.now().Add(time.Hour)))
	got := other.lease()
	if len(got) != 1 || got[0].Tries() != 1 {
		t.Fatalf("a worker got %+v", got)
	}
	if res := other.track(event); !res.Duplicate || len(res.Deliveries) != 0 {
		t.Errorf("the repeat, when a worker has it: %+v", res.Deliveries)
	}
	left.lost("Release of what a worker has", left.Release(ctx, first[0]))
	left.must(left.Acknowledge(ctx, got...))
	// Before a worker has it, it can be taken back, or put off.
	again := left.one("v")
	left.must(left.Release(ctx, again))
	again = left.one("v")
	left.must(left.Postpone(ctx, again, clock.now().Add(time.Hour)))
	if got := left.lease(); len(got) != 0 {
		t.Errorf("leased before its time: %+v", got)
	}
	clock.add(time.Hour)
	if got := left.lease(); len(got) != 1 || got[0].Tries() != 1 {
		t.Errorf("at its time: %+v", got)
	}
}

// A run tells what it leaves to the workers, and takes none of it back: neither when its
// consumer stops, nor when it is slow, nor when a call comes between.
func TestWithWorkersRun(t *testing.T) {
	ctx := context.Background()
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Mode: beckon.Ongoing, Content: beckon.Content{Body: "x"},
	}}}
	for name, during := range map[string]func(w *outboxWorld, n int) (goOn bool){
		"to the end": func(*outboxWorld, int) bool { return true },
		"it stops":   func(_ *outboxWorld, n int) bool { return n < 3 },
		"it is slow": func(w *outboxWorld, _ int) bool { w.clock.add(2 * time.Second); return true },
		"calls between": func(w *outboxWorld, n int) bool {
			w.track(beckon.Event{Name: "x", UserID: fmt.Sprint("u", n+2)})
			return true
		},
		"a pause": func(w *outboxWorld, n int) bool {
			if n == 3 {
				w.must(w.Pause(ctx, "news"))
			}
			return true
		},
		"workers between": func(w *outboxWorld, _ int) bool { w.must(w.Acknowledge(ctx, w.lease()...)); return true },
	} {
		w := newOutbox(t, memstore.New(), program, beckon.WithWorkers())
		const people = 12
		for i := range people {
			w.track(beckon.Event{Name: "x", UserID: fmt.Sprint("u", i)})
		}
		told, held := 0, 0
		for d, err := range w.Sweep(ctx, beckon.OnHeld(func(beckon.Identity, beckon.Held) { held++ })) {
			w.must(err)
			if told++; !d.IsQueued() {
				t.Errorf("%s: %+v", name, d)
			}
			if !during(w, told) {
				break
			}
		}
		totals, err := w.Totals(ctx, "news")
		w.must(err)
		done := w.lease()
		if name == "workers between" {
			if len(done) != 0 {
				t.Errorf("%s: %d are left", name, len(done))
			}
		} else if int64(len(done)) != totals.Sent {
			t.Errorf("%s: %d were sent, and workers get %d", name, totals.Sent, len(done))
		}
		switch name {
		case "it stops":
			if told != 3 || totals.Sent < 3 {
				t.Errorf("%s: told of %d, sent %d", name, told, totals.Sent)
			}
		case "a pause":
			if told < 3 || int64(told) != totals.Sent || told+held != people {
				t.Errorf("%s: told of %d, sent %d, held %d", name, told, totals.Sent, held)
			}
		default:
			if told != people || totals.Sent != people || held != 0 || totals.Judged != people {
				t.Errorf("%s: told of %d, held %d, totals %+v, want %d", name, told, held, totals, people)
			}
		}
	}
}

// A contact with both kinds: when the consumer stops, what is its own and it has not got is
// given back, and what the workers have stays.
func TestWithWorkersMixed(t *testing.T) {
	ctx := context.Background()
	program := onChannels(beckon.Email, beckon.Banner)
	for i := range program.Messages {
		m := &program.Messages[i]
		m.Trigger, m.Mode, m.Frequency = nil, beckon.OneOff, nil
	}
	for i, id := range []string{"email", "banner"} {
		p := beckon.Program{Messages: []beckon.Message{program.Messages[i]}}
		w := newOutbox(t, memstore.New(), p, beckon.WithWorkers())
		for n := range 8 {
			w.must(second(w.Update(ctx, beckon.Contact{UserID: fmt.Sprint("u", n)})))
		}
		for _, err := range w.Send(ctx, id) {
			w.must(err)
			break
		}
		w.clock.add(beckon.LeaseFor)
		totals, err := w.Totals(ctx, id)
		w.must(err)
		if got := w.lease(); int64(len(got)) != totals.Sent || id == "banner" && len(got) != 1 {
			t.Errorf("%s: %d were sent, workers get %d", id, totals.Sent, len(got))
		}
	}
	// Of one contact: what waited until now, on both channels.
	p := onChannels(beckon.Email, beckon.Banner)
	for i := range p.Messages {
		m := &p.Messages[i]
		m.Trigger = beckon.On("e").Unless("never", beckon.Minutes(1), "")
	}
	w := newOutbox(t, memstore.New(), p, beckon.WithWorkers())
	w.track(beckon.Event{Name: "e", UserID: "u"})
	w.clock.add(time.Minute)
	for d, err := range w.Due(ctx) {
		w.must(err)
		if d.Message != "banner" {
			t.Fatalf("%s is first, want the banner", d.Message)
		}
		break
	}
	if got := w.given(w.lease()); !slices.Equal(got, []string{"email 2 1 false"}) {
		t.Errorf("workers get %q", got)
	}
	for _, err := range w.Due(ctx) {
		w.must(err)
		t.Error("Due has it again")
	}
}

// A walk that has gone on to what is the workers' is not taken back: they would have that
// twice. One that has not comes again to what nobody got, and counts once what it held.
func TestWithWorkersWalks(t *testing.T) {
	ctx := context.Background()
	text := beckon.Content{Subject: "s", Body: "b"}
	block := func(id string, channel beckon.Channel, audience beckon.Rule, next string) beckon.Block {
		return beckon.Block{ID: id, Message: &beckon.Message{ID: id, Channel: channel, Audience: audience, Content: text}, Next: next}
	}
	vip := beckon.User("plan").Is("vip")
	for _, c := range []struct {
		second beckon.Channel
		again  []string // by the next Due, after the consumer has left the first with one delivery
	}{
		{beckon.Email, nil},               // the workers have the second
		{beckon.Chat, []string{"b", "c"}}, // nobody has
		{beckon.Custom("x"), []string{"b", "c"}},
	} {
		w := newOutbox(t, memstore.New(), beckon.Program{Series: []beckon.Series{{
			ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")}, Blocks: []beckon.Block{
				{ID: "w", Wait: beckon.Hours(1), Next: "a"},
				block("a", beckon.Banner, beckon.Rule{}, "held1"), block("held1", beckon.Banner, vip, "b"),
				block("b", beckon.Banner, beckon.Rule{}, "held2"), block("held2", beckon.Banner, vip, "c"),
				block("c", c.second, beckon.Rule{}, "end"),
				{ID: "end", Wait: beckon.Days(9)},
			},
		}}}, beckon.WithWorkers())
		w.track(beckon.Event{Name: "joined", UserID: "u"})
		w.clock.add(2 * time.Hour)
		due := func(most int) (got []string) {
			for d, err := range w.Due(ctx) {
				w.must(err)
				if got = append(got, d.Message); len(got) == most {
					break
				}
			}
			return got
		}
		if got := due(1); !slices.Equal(got, []string{"a"}) {
			t.Fatalf("%s: first %q", c.second, got)
		}
		if got := due(9); !slices.Equal(got, c.again) {
			t.Errorf("%s: then %q, want %q", c.second, got, c.again)
		}
		for _, id := range []string{"a", "b", "c"} {
			if n := w.totals(id).Sent; n != 1 {
				t.Errorf("%s: %s was sent %d times", c.second, id, n)
			}
		}
		for _, id := range []string{"held1", "held2"} {
			if n := w.totals(id).Held[beckon.ReasonAudience]; n != 1 {
				t.Errorf("%s: %s was held %d times", c.second, id, n)
			}
		}
	}
}
