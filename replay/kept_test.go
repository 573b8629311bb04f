package replay_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/store"
)

// A decided is one decision, as it is compared.
type decided struct {
	At       int64
	Contact  string // empty where only the message and the reason are known
	Message  string
	Reason   beckon.Reason // empty: sent
	Sequence int
	Body     string
}

func sortDecided(list []decided) []decided {
	slices.SortFunc(list, func(a, b decided) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Contact, b.Contact), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Sequence, b.Sequence))
	})
	return list
}

func decisions(at time.Time, deliveries []beckon.Delivery, held []beckon.Held) (list []decided) {
	for _, d := range deliveries {
		list = append(list, decided{d.At.UnixMilli(), cmp.Or(d.Contact.UserID, d.Contact.AnonymousID), d.Message, "", d.Sequence, d.Body})
	}
	for _, h := range held {
		list = append(list, decided{At: at.UnixMilli(), Message: h.Message, Reason: h.Reason})
	}
	return list
}

// A liver is an engine that runs live, and remembers what it decided.
type liver struct {
	*rapid.T
	store  *memstore.Store
	engine *beckon.Engine
	now    time.Time
	list   []decided
}

func live(t *rapid.T, program beckon.Program) *liver {
	l := &liver{T: t, store: memstore.New(), now: monday}
	var err error
	if l.engine, err = beckon.New(l.store, beckon.WithClock(func() time.Time { return l.now })); err != nil {
		t.Fatal(err)
	}
	if err := l.engine.Publish(context.Background(), program); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *liver) take(res beckon.Result, err error) {
	if err != nil {
		l.Fatal(err)
	}
	l.list = append(l.list, decisions(l.now, res.Deliveries, res.Held())...)
}

func (l *liver) due() {
	var held []beckon.Held
	for d, err := range l.engine.Due(context.Background(), beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { held = append(held, h) })) {
		l.take(beckon.Result{Deliveries: []beckon.Delivery{d}}, err)
	}
	l.list = append(l.list, decisions(l.now, nil, held)...)
}

func replayed(t *rapid.T, program beckon.Program, l *liver, w replay.Window, due time.Duration) (list []decided) {
	before := l.store.Snapshot()
	steps := replay.Ticking(replay.Kept(context.Background(), l.store, w), replay.Ticks{Due: due, Until: l.now}) // the last event may be a repeat, which no store keeps
	report, err := replay.Run(context.Background(), program, steps, replay.OnOutcome(func(out *replay.Outcome) {
		for _, err := range out.Errors {
			t.Errorf("step %d at %v: %v", out.Step, out.At, err)
		}
		list = append(list, decisions(out.At, out.Deliveries, out.Held)...)
	}))
	if err != nil || report.Refused > 0 {
		t.Fatal(report.Refused, err)
	}
	if !bytes.Equal(before, l.store.Snapshot()) {
		t.Fatal("the replay has changed the store")
	}
	return list
}

func drawProgram(t *rapid.T) beckon.Program {
	name := rapid.SampledFrom([]string{"a", "b", "c"})
	p := beckon.Program{Segments: map[string]beckon.Rule{"many": beckon.Did("a").AtLeast(rapid.IntRange(1, 4).Draw(t, "many"))}}
	if rapid.Bool().Draw(t, "cap") {
		p.Caps = []beckon.Cap{{ID: "cap", Max: rapid.IntRange(1, 3).Draw(t, "max"), Within: beckon.Hours(rapid.IntRange(1, 5).Draw(t, "within"))}}
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "messages") {
		m := beckon.Message{
			ID: fmt.Sprint("m", i), Status: beckon.Live, Trigger: beckon.On(name.Draw(t, "trigger")), Priority: rapid.IntRange(0, 2).Draw(t, "priority"),
			Frequency: beckon.Every(beckon.Minutes(rapid.IntRange(0, 200).Draw(t, "every"))), Content: beckon.Content{Body: "{{ event.n }} {{ user.plan }}"},
		}
		if rapid.Bool().Draw(t, "maximum") {
			m.Frequency.Max = rapid.IntRange(1, 5).Draw(t, "at most")
		}
		if rapid.Bool().Draw(t, "where") {
			m.Trigger = m.Trigger.Where(beckon.Metadata("n").AtLeast(rapid.IntRange(0, 9).Draw(t, "n")))
		}
		switch rapid.IntRange(0, 7).Draw(t, "audience") {
		case 0:
			m.Audience = beckon.Did(name.Draw(t, "did")).AtLeast(rapid.IntRange(1, 5).Draw(t, "count"))
		case 1:
			m.Audience = beckon.Did(name.Draw(t, "did")).Within(beckon.Hours(2)).AtLeast(2)
		case 2:
			m.Audience = beckon.User("plan").Is("pro")
		case 3:
			m.Audience = beckon.Segment("many")
		case 4:
			m.Audience = beckon.Not(beckon.Did(name.Draw(t, "did")).AtLeast(1))
		case 5:
			m.Audience = beckon.Did(name.Draw(t, "did")).Where(beckon.Metadata("n").AtLeast(5)).AtLeast(2)
		case 6:
			m.Audience = beckon.Did(name.Draw(t, "did")).Last().MoreThanAgo(beckon.Minutes(rapid.IntRange(1, 200).Draw(t, "ago")))
		}
		p.Messages = append(p.Messages, m)
	}
	return p
}

// history lets contacts do something, with Due each so long.
func (l *liver) history(due time.Duration) {
	next, begun := time.Time{}, map[string]bool{}
	for range rapid.IntRange(1, 60).Draw(l.T, "events") {
		l.now = l.now.Add(time.Duration(rapid.IntRange(1, 40*60_000).Draw(l.T, "later")) * time.Millisecond)
		if next.IsZero() {
			next = l.now.Add(due)
		}
		for at := l.now; due > 0 && !next.After(at); next = next.Add(due) {
			l.now = next
			l.due()
			l.now = at
		}
		who := rapid.SampledFrom([]string{"u1", "u2", "u3"}).Draw(l.T, "who")
		if !begun[who] {
			begun[who] = true
			if rapid.Bool().Draw(l.T, "updated") {
				l.take(l.engine.Update(context.Background(), beckon.Contact{UserID: who, Attributes: beckon.Attributes{"plan": beckon.String(rapid.SampledFrom([]string{"pro", "free"}).Draw(l.T, "plan"))}}))
				continue
			}
		}
		ev := beckon.Event{Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(l.T, "name"), UserID: who, Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(rapid.IntRange(0, 9).Draw(l.T, "value"))}}}
		switch rapid.IntRange(0, 3).Draw(l.T, "when") {
		case 0:
			ev.CreatedAt = l.now.Add(-time.Duration(rapid.IntRange(0, 90).Draw(l.T, "ago")) * time.Minute)
		case 1:
			ev.EventID = fmt.Sprint(rapid.IntRange(0, 20).Draw(l.T, "id"))
		case 2:
			ev.Import = rapid.IntRange(0, 5).Draw(l.T, "import") == 0
		}
		res, err := l.engine.Track(context.Background(), ev)
		l.take(res, err)
	}
}

// What a store has kept replays as it was live, decision by decision, with any memory.
func TestKeptIsLive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := drawProgram(t)
		program.Messages[0].Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "10:00", To: "11:30"}, {From: "15:00", To: "23:00"}}, Outside: beckon.OutsideHold}
		if rapid.Bool().Draw(t, "absence") {
			program.Messages[0].Trigger = program.Messages[0].Trigger.Unless("b", beckon.Hours(1), "")
		}
		l := live(t, program)
		l.history(time.Hour)
		list := replayed(t, program, l, replay.Window{Held: rapid.IntRange(1, 70).Draw(t, "held")}, time.Hour)
		if diff := gocmp.Diff(sortDecided(l.list), sortDecided(list)); diff != "" {
			t.Errorf("live (-) and replayed (+):\n%s", diff)
		}
	})
}

// Replayed from an instant on, what was before it still counts.
func TestKeptSince(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := drawProgram(t)
		l := live(t, program)
		l.history(0)
		since := monday.Add(time.Duration(rapid.IntRange(0, int(l.now.Sub(monday)/time.Second)).Draw(t, "since")) * time.Second)
		until := since.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "hours")) * time.Hour)
		var want []decided
		for _, d := range l.list {
			if d.At >= since.UnixMilli() && d.At < until.UnixMilli() {
				want = append(want, d)
			}
		}
		list := replayed(t, program, l, replay.Window{Since: since, Until: until}, 0)
		if diff := gocmp.Diff(sortDecided(want), sortDecided(list)); diff != "" {
			t.Errorf("live (-) and replayed (+) from %v:\n%s", since, diff)
		}
	})
}

// A contact from before the window is there with its company, what it chose, and what it was
// sent; a series that it was in is over, and one that it did not enter can begin.
func TestKeptGiven(t *testing.T) {
	program, err := beckon.ParseProgram([]byte(`{
		"topics": [{"id": "news", "name": "News"}],
		"messages": [
			{"id": "wide", "status": "live", "trigger": {"event": "a"}, "frequency": {"every": "0s"}, "audience": {"company": "plan", "op": "is", "value": "big"}},
			{"id": "news", "status": "live", "trigger": {"event": "a"}, "topic": "news"},
			{"id": "mail", "status": "live", "trigger": {"event": "a"}, "channel": "email"},
			{"id": "once", "status": "live", "trigger": {"event": "a"}, "frequency": {"every": "0s", "max": 1}},
			{"id": "away", "status": "live", "trigger": {"event": "a"}, "frequency": {"every": "0s"}, "audience": {"user": "last_seen_at", "op": "more_than_ago", "value": "1h"}}],
		"series": [
			{"id": "all", "status": "live", "entry": {"audience": {"all": []}}, "blocks": [{"id": "hi", "message": {"id": "hi"}}]},
			{"id": "bought", "status": "live", "entry": {"trigger": {"event": "b"}}, "blocks": [{"id": "yo", "message": {"id": "yo"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ctx, kept, now, no := t.Context(), memstore.New(), monday, false
	engine, err := beckon.New(kept, beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, program); err != nil {
		t.Fatal(err)
	}
	do := func(_ beckon.Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	do(engine.Update(ctx, beckon.Contact{
		UserID: "u", Email: "u@x.example", Unsubscribed: []string{"email"}, Topics: map[string]*bool{"news": &no},
		Companies: []beckon.Membership{{CompanyID: "acme", Attributes: beckon.Attributes{"plan": beckon.String("big")}}},
	}))
	do(engine.Track(ctx, beckon.Event{Name: "a", UserID: "u"}))
	do(engine.Visit(ctx, beckon.Visit{UserID: "u"}))
	do(engine.Merge(ctx, beckon.Identity{AnonymousID: "v"}, beckon.Identity{UserID: "u"}))
	since := now
	do(engine.Track(ctx, beckon.Event{Name: "a", UserID: "u"}))
	do(engine.Track(ctx, beckon.Event{Name: "b", UserID: "u"}))
	before := kept.Snapshot()
	report, err := replay.Run(ctx, program, replay.Kept(ctx, kept, replay.Window{Since: since}))
	if err != nil {
		t.Fatal(err)
	}
	want := replay.Summary{
		Sent: map[string]int64{"wide": 1, "yo": 1, "away": 1}, Contacts: 1,
		Held: map[string]map[beckon.Reason]int64{"news": {beckon.ReasonUnsubscribed: 1}, "mail": {beckon.ReasonUnsubscribed: 1}, "once": {beckon.ReasonMaxReached: 1}},
		Days: map[string]map[string]int64{"2026-03-02": {"wide": 1, "yo": 1, "away": 1}},
	}
	if diff := gocmp.Diff(want, report.Summary); diff != "" {
		t.Error(diff)
	}
	// From the beginning the contact is made as it is now.
	report, err = replay.Run(ctx, program, replay.Kept(ctx, kept, replay.Window{}))
	if err != nil || report.Steps != 4 || report.Refused != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	want.Sent = map[string]int64{"wide": 2, "yo": 1, "once": 1, "hi": 1}
	want.Held = map[string]map[beckon.Reason]int64{"news": {beckon.ReasonUnsubscribed: 2}, "mail": {beckon.ReasonUnsubscribed: 2}, "once": {beckon.ReasonMaxReached: 1}, "away": {beckon.ReasonAudience: 2}}
	want.Days = map[string]map[string]int64{"2026-03-02": want.Sent}
	if diff := gocmp.Diff(want, report.Summary); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(before, kept.Snapshot()) {
		t.Error("the store has changed")
	}
}

// A store that fails ends the replay; what cannot be read in it does not.
func TestKeptFails(t *testing.T) {
	kept := memstore.New()
	engine, err := beckon.New(kept, beckon.WithClock(func() time.Time { return monday }))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"u1", "u2"} {
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "uploaded", UserID: who}); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("broken")
	if _, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), replay.Kept(t.Context(), failing{kept, broken}, replay.Window{})); !errors.Is(err, broken) {
		t.Errorf("a store that fails: %v", err)
	}
	bad := &store.DamagedError{Keys: []store.Key{{Kind: store.KindUser, ID: "u1"}}, Count: 1, Event: &store.EventCursor{At: 1}}
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), replay.Kept(t.Context(), failing{kept, bad}, replay.Window{Held: 1}))
	if err != nil || report.Refused != 1 || report.Summary.Sent["ready"] != 1 {
		t.Errorf("an event that cannot be read: %+v, %v", report, err)
	}
	for s, err := range replay.Kept(t.Context(), kept, replay.Window{}) { // and who has enough, has
		if err != nil || s.At().IsZero() {
			t.Error(s.At(), err)
		}
		break
	}
}

// A failing store fails to read the events of u1 from the newest on.
type failing struct {
	store.Store
	err error
}

func (f failing) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if key.ID == "u1" && before == (store.EventCursor{}) {
		return nil, f.err
	}
	return f.Store.Events(ctx, key, before, limit)
}
