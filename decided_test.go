package beckon_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// said is what was decided, in short: the latest first.
func (w *outboxWorld) said(who beckon.Identity) (list []string) {
	w.t.Helper()
	past, err := w.Decisions(context.Background(), who)
	w.must(err)
	for _, x := range past {
		what := fmt.Sprintf("sent %d", x.Sequence)
		if !x.Sent {
			what = string(x.Reason)
		}
		line := fmt.Sprintf("%s %s: %s%s %s x%d at %s", x.Occasion, cmp.Or(x.Event, "-"), x.Message, at(x.CompanyID), what, x.Count, x.At.Sub(noon))
		if !x.First.Equal(x.At) {
			line += fmt.Sprint(" since ", x.First.Sub(noon))
		}
		if x.Cap != "" {
			line += " by " + x.Cap
		}
		list = append(list, line)
	}
	return list
}

func at(company string) string {
	if company == "" {
		return ""
	}
	return "@" + company
}

func (w *outboxWorld) wantSaid(who beckon.Identity, want ...string) {
	w.t.Helper()
	if got := w.said(who); !reflect.DeepEqual(got, want) {
		w.t.Errorf("decided\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Z2: what was decided of a contact is kept with occasion, event, instant and program, and a
// hold that comes again is counted. A read that follows finds it.
func TestDecisions(t *testing.T) {
	t.Parallel()
	ctx, who := t.Context(), beckon.Identity{UserID: "u"}
	program := often()
	program.Messages[0].Frequency = &beckon.Frequency{Every: beckon.Hours(1)}
	program.Messages = append(program.Messages, beckon.Message{
		ID: "pro", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("E"), Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "x"},
	}, beckon.Message{ID: "hello", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"}})
	w := newOutbox(t, memstore.New(), program, beckon.WithDecisions(10))
	for range 3 {
		w.track(beckon.Event{UserID: "u", Name: "e"})
		w.clock.add(time.Minute)
	}
	w.wantSaid(who,
		"event e: pro audience x3 at 2m0s since 0s",
		"event e: m throttled x2 at 2m0s since 1m0s",
		"event e: m sent 1 x1 at 0s")
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})))
	w.clock.add(time.Hour)
	w.must(second(w.Visit(ctx, beckon.Visit{UserID: "u"})))
	w.track(beckon.Event{UserID: "u", Name: "e"})
	w.track(beckon.Event{UserID: "u", Name: "e"})
	w.wantSaid(who,
		"event e: pro throttled x1 at 1h3m0s",
		"event e: m throttled x1 at 1h3m0s",
		"event e: pro sent 1 x1 at 1h3m0s",
		"event e: m sent 2 x1 at 1h3m0s",
		"visit -: hello sent 1 x1 at 1h3m0s",
		"event e: pro audience x3 at 2m0s since 0s",
		"event e: m throttled x2 at 2m0s since 1m0s",
		"event e: m sent 1 x1 at 0s")

	// What is tracked twice, or explained, is not decided.
	before := w.said(who)
	w.must(second(w.Explain(ctx, beckon.Event{UserID: "u", Name: "e"})))
	w.track(beckon.Event{UserID: "u", Name: "e", EventID: "1"})
	once := w.said(who)
	w.track(beckon.Event{UserID: "u", Name: "e", EventID: "1"})
	if !reflect.DeepEqual(w.said(who), once) || reflect.DeepEqual(before, once) {
		t.Errorf("after a repeat %v, before it %v", w.said(who), once)
	}

	past, err := w.Decisions(ctx, who)
	w.must(err)
	form, err := json.Marshal(program)
	w.must(err)
	for _, x := range past {
		if x.Program != observe.ProgramID(form) || len(x.Program) != 12 {
			t.Errorf("by program %q, want %q", x.Program, observe.ProgramID(form))
		}
	}
	x, _, err := w.Export(ctx, who)
	w.must(err)
	if !reflect.DeepEqual(x.Decisions, past) {
		t.Errorf("the export has %+v, want %+v", x.Decisions, past)
	}

	// Of another program the same hold is another.
	program.Messages[0].Priority = 1
	w.must(w.Publish(ctx, program))
	w.track(beckon.Event{UserID: "u", Name: "e"})
	again, err := w.Decisions(ctx, who)
	w.must(err)
	if again[0].Count != 1 || again[0].Reason != beckon.ReasonThrottled || again[0].Program == past[0].Program {
		t.Errorf("under another program: %+v", again[0])
	}

	// There are ten at most.
	for i := range 20 {
		program.Messages[0].Priority = i + 2
		w.must(w.Publish(ctx, program))
		w.track(beckon.Event{UserID: "u", Name: "e"})
	}
	if list := w.said(who); len(list) != 10 || !strings.Contains(list[9], "sent") {
		t.Errorf("%d are kept: %v", len(list), list)
	}

	w.must(w.Delete(ctx, who))
	w.wantSaid(who)
	w.track(beckon.Event{UserID: "u", Name: "f"})
	w.wantSaid(who)
}

// Z2: what had waited is about its event; a cap is named; what a host composes is kept, too.
func TestDecisionsOfWhatWaits(t *testing.T) {
	t.Parallel()
	ctx, who := t.Context(), beckon.Identity{UserID: "u"}
	program := often()
	program.Caps = []beckon.Cap{{ID: "one", Max: 1, Within: beckon.Days(1)}}
	m := program.Messages[0]
	m.ID, m.Trigger = "n", beckon.On("e").Unless("f", beckon.Hours(1), "")
	program.Messages = append(program.Messages, m)
	w := newOutbox(t, memstore.New(), program, beckon.WithDecisions(10))
	w.track(beckon.Event{UserID: "u", Name: "e"})
	w.clock.add(time.Hour)
	w.must(last(w.Due(ctx)))
	w.must(second(w.SendTo(ctx, who, beckon.Message{ID: "order", Channel: beckon.Email, Transactional: true, LimitedByCaps: new(bool), Content: beckon.Content{Body: "x"}})))
	w.wantSaid(who,
		"send -: order sent 1 x1 at 1h0m0s",
		"due e: n capped x1 at 1h0m0s by one",
		"event e: m sent 1 x1 at 0s",
		"event e: n waiting x1 at 0s")
	w.clock.add(24 * time.Hour)
	w.track(beckon.Event{UserID: "v", Name: "e"})
	program.Caps = nil
	w.must(w.Publish(ctx, program))
	w.clock.add(time.Hour)
	w.must(last(w.Due(ctx)))
	w.wantSaid(beckon.Identity{UserID: "v"},
		"due e: n sent 1 x1 at 26h0m0s",
		"event e: m sent 1 x1 at 25h0m0s",
		"event e: n waiting x1 at 25h0m0s")
}

// Z2: without the option nothing is kept, and not a byte is written.
func TestDecisionsCostNothingUnasked(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var forms [2][]byte
	for i, opts := range [][]beckon.Option{nil, {beckon.WithDecisions(0)}} {
		kept := memstore.New()
		w := newOutbox(t, kept, often(), opts...)
		w.track(beckon.Event{UserID: "u", Name: "e", CreatedAt: noon})
		w.track(beckon.Event{UserID: "u", Name: "e", CreatedAt: noon.Add(-time.Hour)})
		w.wantSaid(beckon.Identity{UserID: "u"})
		w.must(kept.Read(ctx, []store.Key{{Kind: store.KindUser, ID: "u"}}, func(rec *store.Record) error {
			if rec.Profile != nil && rec.Profile.Rare != nil {
				t.Errorf("kept %+v", rec.Profile.Rare)
			}
			forms[i] = store.AppendRecord(nil, rec)
			return nil
		}))
	}
	if string(forms[0]) != string(forms[1]) {
		t.Errorf("with zero %d bytes, without the option %d", len(forms[1]), len(forms[0]))
	}
	for _, n := range []int{-1, beckon.MaxDecisions + 1} {
		if _, err := beckon.New(memstore.New(), beckon.WithDecisions(n)); err == nil {
			t.Errorf("%d is accepted", n)
		}
	}
	if _, err := beckon.New(memstore.New(), beckon.WithDecisions(beckon.MaxDecisions)); err != nil {
		t.Error(err)
	}
	// An engine without the option leaves what is there, and reads it.
	kept := memstore.New()
	w := newOutbox(t, kept, often(), beckon.WithDecisions(5))
	w.track(beckon.Event{UserID: "u", Name: "e"})
	other := newOutbox(t, kept, often())
	other.track(beckon.Event{UserID: "u", Name: "e"})
	other.wantSaid(beckon.Identity{UserID: "u"}, "event e: m sent 1 x1 at 0s")
	var list beckon.ErrorList
	if _, err := w.Decisions(ctx, beckon.Identity{}); !errors.As(err, &list) {
		t.Errorf("of nobody: %v", err)
	}
	if got, err := w.Decisions(ctx, beckon.Identity{UserID: "nobody"}); err != nil || got != nil {
		t.Errorf("of one who is not known: %v, %v", got, err)
	}
}

// Z2: a sweep keeps what it has held of those whom a message is for, once, and writes
// nothing when it finds the same again.
func TestDecisionsOfSweeps(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	faults := newFaultStore()
	content := beckon.Content{Body: "x"}
	live := func(m beckon.Message) beckon.Message {
		m.Channel, m.Status, m.LiveAt, m.Content = beckon.Email, beckon.Live, noon.Add(-time.Hour), content
		return m
	}
	program := beckon.Program{Messages: []beckon.Message{
		live(beckon.Message{ID: "first", Priority: 2, Audience: beckon.User("plan").Is("pro")}),
		live(beckon.Message{ID: "second", Priority: 1, Audience: beckon.User("plan").Is("pro")}),
		live(beckon.Message{ID: "third", Audience: beckon.User("plan").Is("free")}),
		live(beckon.Message{ID: "once", Mode: beckon.OneOff, Audience: beckon.User("plan").Is("pro")}),
	}, Caps: []beckon.Cap{{ID: "day", Max: 1, Within: beckon.Days(1)}}}
	w := newOutbox(t, faults, program, beckon.WithDecisions(10))
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})))
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "v", Attributes: beckon.Attributes{"plan": beckon.String("none")}})))
	steps := func() (n int) {
		faults.interleave(func(int) { n++ })
		w.must(last(w.Sweep(ctx)))
		faults.interleave(nil)
		return n
	}
	steps()
	want := []string{"sweep -: first sent 1 x1 at 0s", "sweep -: second capped x1 at 0s by day"}
	w.wantSaid(beckon.Identity{UserID: "u"}, want...)
	w.wantSaid(beckon.Identity{UserID: "v"})
	w.clock.add(time.Hour)
	idle := steps()
	w.wantSaid(beckon.Identity{UserID: "u"}, want...)
	if again := steps(); again != idle {
		t.Errorf("%d calls of the store, then %d", idle, again)
	}
	w.must(last(w.Send(ctx, "once")))
	w.must(last(w.Send(ctx, "once")))
	w.wantSaid(beckon.Identity{UserID: "u"}, append([]string{"send -: once capped x1 at 1h0m0s by day"}, want...)...)

	// Of those whom it finds held for the first time it writes.
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "w", Unsubscribed: []string{"email"}, Attributes: beckon.Attributes{"plan": beckon.String("free")}})))
	w.must(last(w.Sweep(ctx)))
	w.wantSaid(beckon.Identity{UserID: "w"}, "sweep -: third unsubscribed x1 at 1h0m0s")
	totals, err := w.Totals(ctx, "third")
	w.must(err)
	if totals.Held[beckon.ReasonUnsubscribed] != 1 {
		t.Errorf("the totals have %+v", totals)
	}
}

// F4, D11: what is given back is not there, what was refused before it was handed out was
// held, and what a run takes back it decides again.
func TestDecisionsTakenBack(t *testing.T) {
	t.Parallel()
	ctx, who := t.Context(), beckon.Identity{UserID: "u"}
	w := newOutbox(t, memstore.New(), often(), beckon.WithDecisions(10), beckon.WithWorkers(beckon.Email))
	res := w.track(beckon.Event{UserID: "u", Name: "e"})
	w.clock.add(time.Minute)
	w.track(beckon.Event{UserID: "u", Name: "e"})
	w.must(w.Release(ctx, res.Deliveries[0]))
	w.wantSaid(who, "event e: m sent 2 x1 at 1m0s")
	w.must(w.Unsubscribe(ctx, who, "email"))
	w.must(last(w.Pending(ctx)))
	w.wantSaid(who, "event e: m unsubscribed x1 at 1m0s")

	once := often()
	once.Messages[0].Trigger, once.Messages[0].Frequency, once.Messages[0].Mode = nil, nil, beckon.OneOff
	v := newOutbox(t, memstore.New(), once, beckon.WithDecisions(10))
	v.inTwo(func(id string) { v.must(second(v.Update(ctx, beckon.Contact{UserID: id}))) }, func() iter.Seq2[beckon.Delivery, error] { return v.Send(ctx, "m") },
		"send -: m sent 1 x1 at 1m0s", "send -: m sent 1 x1 at 2m0s")
}

// X3, Z2: what a walk has held behind a delivery that a run takes back was not held.
func TestDecisionsOfWalksTakenBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	mail := beckon.Message{Channel: beckon.Email, Content: beckon.Content{Body: "x"}}
	hi, ho := mail, mail
	hi.ID, ho.ID = "hi", "ho"
	w := newOutbox(t, memstore.New(), beckon.Program{
		Caps: []beckon.Cap{{ID: "one", Max: 1, Within: beckon.Days(1)}},
		Series: []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("e")}, Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Minutes(1), Next: "hi"}, {ID: "hi", Message: &hi, Next: "ho"}, {ID: "ho", Message: &ho},
		}}},
	}, beckon.WithDecisions(10))
	w.inTwo(func(id string) { w.track(beckon.Event{UserID: id, Name: "e"}) }, func() iter.Seq2[beckon.Delivery, error] { return w.Due(ctx) },
		"due -: hi sent 1 x1 at 1m0s, due -: ho capped x1 at 1m0s by one", "due -: hi sent 1 x1 at 2m0s, due -: ho capped x1 at 2m0s by one")
}

// inTwo makes ten contacts, runs over them twice, and stops the first run at the fourth
// delivery, with more decided ahead. It wants four contacts of whom the first was said, and
// six of whom the second was.
func (w *outboxWorld) inTwo(arrive func(id string), run func() iter.Seq2[beckon.Delivery, error], first, then string) {
	w.t.Helper()
	for i := range 10 {
		arrive(string(rune('a' + i)))
	}
	for i := range 2 {
		w.clock.add(time.Minute)
		n := 0
		for _, err := range run() {
			w.must(err)
			if n++; i == 0 && n == 4 {
				break
			}
		}
	}
	got := map[string]int{}
	for i := range 10 {
		got[strings.Join(w.said(beckon.Identity{UserID: string(rune('a' + i))}), ", ")]++
	}
	if want := map[string]int{first: 4, then: 6}; !reflect.DeepEqual(got, want) {
		w.t.Errorf("decided %v, want %v", got, want)
	}
}

// C2: a merge joins what was decided of both, by its instants, and numbers count on.
func TestDecisionsMerge(t *testing.T) {
	t.Parallel()
	ctx, who := t.Context(), beckon.Identity{UserID: "u"}
	w := newOutbox(t, memstore.New(), often(), beckon.WithDecisions(3))
	for i, e := range []beckon.Event{{UserID: "u", Name: "e"}, {AnonymousID: "v", Name: "e"}, {UserID: "u", Name: "e"}, {AnonymousID: "v", Name: "e"}} {
		w.clock.set(noon.Add(time.Duration(i) * time.Minute))
		w.track(e)
	}
	visitor := beckon.Identity{AnonymousID: "v"}
	w.must(merge(ctx, w.Engine, who, visitor))
	w.must(merge(ctx, w.Engine, who, visitor))
	want := []string{"event e: m sent 4 x1 at 3m0s", "event e: m sent 2 x1 at 2m0s", "event e: m sent 3 x1 at 1m0s"}
	w.wantSaid(who, want...)
	w.wantSaid(visitor, want...)
	x, _, err := w.Export(ctx, who)
	w.must(err)
	i := slices.IndexFunc(x.Log, func(s beckon.Sending) bool { return s.Sequence == 4 })
	w.must(w.Release(ctx, beckon.Delivery{ID: x.Log[i].ID, Message: "m", Contact: who}))
	w.wantSaid(who, want[1:]...)
}

// Z2, held against what the calls say: each candidate that a call returns is kept, in the
// order of the calls, as far as there is room.
func TestDecisionsModel(t *testing.T) {
	t.Parallel()
	type key struct{ message, reason, by string }
	rapid.Check(t, func(t *rapid.T) {
		program := often()
		for i := range 4 {
			m := program.Messages[0]
			m.ID = string(rune('n' + i))
			m.Priority = rapid.IntRange(0, 2).Draw(t, "priority")
			m.Frequency = &beckon.Frequency{Every: beckon.Minutes(rapid.IntRange(0, 3).Draw(t, "every"))}
			if rapid.Bool().Draw(t, "audience") {
				m.Audience = beckon.Did("e").AtMost(rapid.IntRange(1, 4).Draw(t, "often"))
			}
			if i == 3 {
				m.Trigger, m.Frequency, m.Channel = nil, nil, beckon.Banner
			}
			program.Messages = append(program.Messages, m)
		}
		program.Caps = []beckon.Cap{{ID: "cap", Max: rapid.IntRange(1, 3).Draw(t, "max"), Within: beckon.Minutes(4)}}
		clock := &hand{}
		clock.set(noon)
		e, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithDecisions(beckon.MaxDecisions))
		if err == nil {
			err = e.Publish(context.Background(), program)
		}
		if err != nil {
			t.Fatal(err)
		}
		rows := map[key][]int{} // since the last send of the message: how often, and when
		var old, now []string
		put := func(message, what string) {
			old = append(old, fmt.Sprint(message, " ", what, " ", clock.now().Sub(noon)))
		}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			clock.add(time.Duration(rapid.IntRange(0, 2).Draw(t, "minutes")) * time.Minute)
			var res beckon.Result
			if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				res, err = e.Visit(context.Background(), beckon.Visit{UserID: "u"})
			} else {
				res, err = e.Track(context.Background(), beckon.Event{UserID: "u", Name: "e"})
			}
			if err != nil {
				t.Fatal(err)
			}
			minute := int(clock.now().Sub(noon) / time.Minute)
			for _, h := range res.Held() {
				k := key{h.Message, string(h.Reason), h.Cap}
				if rows[k] == nil {
					rows[k] = []int{0, minute, 0}
				}
				rows[k][0]++
				rows[k][2] = minute
			}
			for _, d := range res.Deliveries {
				for k, n := range rows {
					if k.message == d.Message {
						old = append(old, fmt.Sprint(k, n))
						delete(rows, k)
					}
				}
				put(d.Message, fmt.Sprint("sent ", d.Sequence))
			}
		}
		for k, n := range rows {
			old = append(old, fmt.Sprint(k, n))
		}
		past, err := e.Decisions(context.Background(), beckon.Identity{UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range past {
			if i > 0 && x.At.After(past[i-1].At) {
				t.Fatalf("%+v stands behind %+v", x, past[i-1])
			}
			if x.Sent {
				now = append(now, fmt.Sprint(x.Message, " sent ", x.Sequence, " ", x.At.Sub(noon)))
				continue
			}
			minutes := func(at time.Time) int { return int(at.Sub(noon) / time.Minute) }
			now = append(now, fmt.Sprint(key{x.Message, string(x.Reason), x.Cap}, []int{x.Count, minutes(x.First), minutes(x.At)}))
		}
		slices.Sort(old)
		slices.Sort(now)
		if !slices.Equal(old, now) {
			t.Fatalf("kept\n%s\nsaid\n%s", strings.Join(now, "\n"), strings.Join(old, "\n"))
		}
	})
}
