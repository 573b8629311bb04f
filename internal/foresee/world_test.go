package foresee_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

type object map[string]any

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// A world is a program, a contact with a history, and a clock.
type world struct {
	t       *testing.T
	r       *rand.Rand
	seed    uint64
	program beckon.Program
	oneOffs []string
	options []beckon.Option
	store   *memstore.Store
	engine  *beckon.Engine
	now     time.Time
	events  int
	log     []string
}

var who = beckon.Identity{UserID: "u1"}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 14)), seed: seed, store: memstore.New()}
	w.now = time.Date(2026, time.March, 27, w.r.IntN(24), w.r.IntN(60), 0, 0, time.UTC)
	w.program = w.newProgram()
	if w.r.IntN(4) == 0 {
		w.options = append(w.options, beckon.WithHoldsLimit(1+w.r.IntN(2)))
	}
	w.engine = w.engineOver(w.store, func() time.Time { return w.now })
	if err := w.engine.Publish(t.Context(), w.program); err != nil {
		text, _ := json.Marshal(w.program)
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	return w
}

func (w *world) engineOver(s beckon.Store, clock func() time.Time) *beckon.Engine {
	w.t.Helper()
	e, err := beckon.New(s, append(w.options, beckon.WithClock(clock))...)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// A fork is a copy of a world, in which time goes on by itself.
type fork struct {
	w      *world
	store  *memstore.Store
	engine *beckon.Engine
	now    time.Time
}

func (w *world) fork() *fork {
	w.t.Helper()
	f := &fork{w: w, store: memstore.New(), now: w.now}
	if _, err := dump.Copy(w.t.Context(), f.store, w.store); err != nil {
		w.t.Fatal(err)
	}
	f.engine = w.engineOver(f.store, func() time.Time { return f.now })
	if err := f.engine.Publish(w.t.Context(), w.program); err != nil {
		w.t.Fatal(err)
	}
	return f
}

// repeats reports whether a message may wait several times, and say the same each time.
func (w *world) repeats(message string) bool {
	return slices.ContainsFunc(w.program.Messages, func(m beckon.Message) bool {
		return m.ID == message && m.Trigger != nil && m.Trigger.Event == "" && m.Trigger.Date == ""
	})
}

// nextDue is when something is due for the contact; zero if nothing is.
func (f *fork) nextDue() (at time.Time) {
	err := f.store.Read(f.w.t.Context(), []store.Key{{Kind: store.KindUser, ID: who.UserID}}, func(rec *store.Record) error {
		if due := rec.NextDue(); due != 0 {
			at = time.UnixMilli(due).UTC()
		}
		return nil
	})
	if err != nil {
		f.w.t.Fatal(err)
	}
	return at
}

// A moment is something that may happen to the contact.
type moment struct {
	name  string
	asked beckon.Moment
	do    func(ctx context.Context, e *beckon.Engine) (made, error)
}

// What was made of a moment.
type made struct{ sent, held []string }

func (w *world) event() beckon.Event {
	r := w.r
	w.events++
	ev := beckon.Event{Name: pick(r, "a", "b", "c"), UserID: who.UserID, Metadata: beckon.Fields{
		{Key: "n", Value: beckon.Number(w.events)}, {Key: "cart", Value: beckon.String(pick(r, "x", "y"))},
	}}
	if r.IntN(6) == 0 {
		ev.CreatedAt = w.now.Add(time.Duration(r.IntN(400)-200) * time.Minute)
	}
	if r.IntN(3) > 0 {
		ev.Metadata = append(ev.Metadata, beckon.Field{Key: "starts_date", Value: beckon.Date(w.now.Add(time.Duration(r.IntN(600)-60) * time.Minute))})
	}
	return ev
}

func (w *world) contact() beckon.Contact {
	r := w.r
	c := beckon.Contact{UserID: who.UserID, Attributes: beckon.Attributes{}}
	if r.IntN(3) == 0 {
		c.Companies = append(c.Companies, beckon.Membership{CompanyID: pick(r, "c1", "c1", "c2"), Attributes: beckon.Attributes{"tier": beckon.String(pick(r, "gold", "tin"))}, Remove: r.IntN(6) == 0})
	}
	switch r.IntN(6) {
	case 0:
		c.Attributes["plan"] = pick(r, beckon.String("pro"), beckon.String("free"), beckon.Value{})
	case 1:
		c.Attributes["seats"] = pick(r, beckon.Number(r.IntN(6)), beckon.String("99"))
	case 2:
		c.Attributes["ends_at"] = pick(r, beckon.Date(w.now.Add(time.Duration(r.IntN(6000)-1000)*time.Minute)), beckon.String(w.now.AddDate(0, 0, r.IntN(4)-1).Format(time.DateOnly)))
	case 3:
		c.Attributes["timezone"] = beckon.String(pick(r, "Asia/Tokyo", "America/New_York", "Europe/Dublin"))
	case 4:
		until := w.now.Add(time.Duration(r.IntN(300)) * time.Minute)
		c.SnoozedUntil = until
	default:
		c.Topics = map[string]*bool{"news": pick(r, new(bool), pointer(true))}
	}
	return c
}

func pointer[T any](v T) *T { return &v }

func (w *world) moment() moment {
	r := w.r
	switch r.IntN(11) {
	case 10:
		m := w.composed()
		return moment{"send to " + m.ID, beckon.AtSendTo(who, m), func(ctx context.Context, e *beckon.Engine) (made, error) { return whole(e.SendTo(ctx, who, m)) }}
	case 0, 1, 2, 3:
		ev := w.event()
		return moment{"event " + ev.Name, ev, func(ctx context.Context, e *beckon.Engine) (made, error) { return whole(e.Track(ctx, ev)) }}
	case 4:
		v := beckon.Visit{UserID: who.UserID}
		return moment{"visit", v, func(ctx context.Context, e *beckon.Engine) (made, error) { return whole(e.Visit(ctx, v)) }}
	case 5:
		c := w.contact()
		return moment{"update", c, func(ctx context.Context, e *beckon.Engine) (made, error) { return whole(e.Update(ctx, c)) }}
	case 6, 7:
		return moment{"sweep", beckon.AtSweep(who), func(ctx context.Context, e *beckon.Engine) (made, error) {
			var m made
			return m.take(e.Sweep(ctx, m.heard()))
		}}
	case 8:
		if len(w.oneOffs) > 0 {
			id := pick(r, w.oneOffs...)
			return moment{"send " + id, beckon.AtSend(who, id), func(ctx context.Context, e *beckon.Engine) (made, error) {
				var m made
				return m.take(e.Send(ctx, id, m.heard()))
			}}
		}
	}
	return moment{"due", beckon.AtDue(who), func(ctx context.Context, e *beckon.Engine) (made, error) {
		var m made
		return m.take(e.Due(ctx, m.heard()))
	}}
}

// composed returns a message as a host composes it. A program may have one of the same id.
func (w *world) composed() beckon.Message {
	r := w.r
	doc := w.newMessage(pick(r, "x0", "x1", "x2", "m0"), w.program.OfficeHours != nil, true)
	if r.IntN(4) == 0 {
		doc["audience"] = object{"segment": pick(r, "busy", "fresh")}
	}
	under := object{"messages": []object{doc}, "segments": w.program.Segments, "topics": w.program.Topics}
	if w.program.OfficeHours != nil {
		under["office_hours"] = w.program.OfficeHours
	}
	data, err := json.Marshal(under)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := beckon.ParseProgram(data)
	if err != nil {
		w.t.Fatalf("seed %d: %v\n%s", w.seed, err, data)
	}
	return p.Messages[0]
}

func whole(res beckon.Result, err error) (m made, _ error) {
	for i := range res.Deliveries {
		m.sent = append(m.sent, sentAs(res.Deliveries[i].Message, res.Deliveries[i].CompanyID, res.Deliveries[i].Body))
	}
	for _, h := range res.Held() {
		m.held = append(m.held, heldAs(h.Message, h.Reason, &h.RetryAt, h.Cap))
	}
	return m, err
}

func (m *made) heard() beckon.RunOption {
	return beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) {
		m.held = append(m.held, heldAs(h.Message, h.Reason, &h.RetryAt, h.Cap))
	})
}

func (m *made) take(run func(func(beckon.Delivery, error) bool)) (made, error) {
	for d, err := range run {
		if err != nil {
			return *m, err
		}
		m.sent = append(m.sent, sentAs(d.Message, d.CompanyID, d.Body))
	}
	return *m, nil
}

func sentAs(message, company, body string) string { return message + " " + company + ": " + body }

func heldAs(message string, reason beckon.Reason, retry *time.Time, by string) string {
	at := ""
	if retry != nil && !retry.IsZero() {
		at = retry.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(message, " ", reason, " ", at, " ", by)
}

func (m made) has(text string) bool { return slices.Contains(m.sent, text) }
