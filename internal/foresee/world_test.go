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
	w.engine = w.engineOver(w.store, func() time.Time { return w.now })
	if err := w.engine.Publish(t.Context(), w.program); err != nil {
		text, _ := json.Marshal(w.program)
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	return w
}

func (w *world) engineOver(s beckon.Store, clock func() time.Time) *beckon.Engine {
	w.t.Helper()
	e, err := beckon.New(s, beckon.WithClock(clock))
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

func (w *world) newProgram() beckon.Program {
	r := w.r
	doc := object{"timezone": pick(r, "UTC", "Europe/Dublin", "America/New_York")}
	if r.IntN(3) == 0 {
		delete(doc, "timezone")
	}
	caps := []object{}
	for i := range r.IntN(3) {
		c := object{"id": fmt.Sprint("cap", i), "max": 1 + r.IntN(3), "within": pick(r, "1m", "10m", "1h", "1d")}
		if r.IntN(2) == 0 {
			c["channel"] = pick(r, "push", "chat")
		}
		caps = append(caps, c)
	}
	doc["caps"] = caps
	doc["segments"] = object{"busy": object{"event": "a", "stat": "count", "op": "at_least", "value": 2, "within": "1h"}, "fresh": object{"event": "b", "stat": "last", "op": "less_than_ago", "value": "30m"}}
	doc["topics"] = []object{{"id": "news", "name": "News", "opt_in": r.IntN(2) == 0}}
	if r.IntN(3) == 0 {
		doc["quiet_hours"] = []object{{"channels": []string{"push", "email", "chat"}, "windows": []object{{"from": "21:00", "to": "08:00"}}, "then": pick(r, "hold", "hold", "drop"), "contact_timezone": r.IntN(2) == 0}}
	}
	if r.IntN(4) == 0 {
		doc["office_hours"] = object{"windows": []object{{"days": []string{"mon", "tue", "wed", "thu", "fri"}, "from": "09:00", "to": "17:00"}}}
	}
	if r.IntN(6) == 0 {
		doc["control"] = 0.5
	}
	var messages []object
	for i := range 1 + r.IntN(6) {
		messages = append(messages, w.newMessage(fmt.Sprint("m", i), doc["office_hours"] != nil, false))
	}
	doc["messages"] = messages
	if r.IntN(2) == 0 {
		doc["series"] = []object{w.newSeries("s0", doc["office_hours"] != nil)}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := beckon.ParseProgram(data)
	if err != nil {
		w.t.Fatalf("seed %d: %v\n%s", w.seed, err, data)
	}
	return p
}

func (w *world) newRule() object {
	r := w.r
	return pick(r,
		object{"user": "plan", "op": "is", "value": "pro"},
		object{"user": "seats", "op": "at_least", "value": 3},
		object{"event": "a", "stat": "count", "op": "at_most", "value": r.IntN(3), "within": pick(r, "10m", "1h", "1d")},
		object{"event": "b", "stat": "last", "op": "more_than_ago", "value": pick(r, "10m", "1h", "1d")},
		object{"event": "b", "stat": "last", "op": "exactly_ago", "value": "1d"},
		object{"not": object{"event": "c", "stat": "last", "op": "less_than_ago", "value": "2h"}},
		object{"user": "ends_at", "op": "less_than_ahead", "value": pick(r, "1d", "6h")},
		object{"user": "last_seen_at", "op": "more_than_ago", "value": "1h"},
		object{"message": "m0", "stat": "last_sent", "op": "more_than_ago", "value": "1h"},
		object{"event": "a", "stat": "sum", "of": "n", "op": "less_than", "value": 40, "within": "1h"},
		object{"any": []object{{"segment": "busy"}, {"segment": "fresh"}}},
	)
}

func (w *world) newMessage(id string, office, inSeries bool) object {
	r := w.r
	m := object{
		"id": id, "channel": pick(r, "chat", "push", "email", "banner"), "priority": r.IntN(3), "status": pick(r, "live", "live", "live", "live", "draft"),
		"content": object{"body": id + " {{ user.plan | fallback: \"none\" }}", "missing": pick(r, "empty", "empty", "hold")},
	}
	if r.IntN(8) == 0 {
		m["live_at"] = w.now.Add(time.Duration(r.IntN(200)) * time.Minute).Add(time.Millisecond)
	}
	event := false
	if !inSeries {
		switch r.IntN(12) {
		case 0, 1:
			m["mode"] = "ongoing"
			if r.IntN(2) == 0 {
				m["frequency"] = object{"every": pick(r, "10m", "1h")}
			}
		case 2:
			m["mode"] = "one_off"
			w.oneOffs = append(w.oneOffs, id)
		case 3:
			trigger := object{"date": "ends_at", "offset": pick(r, "0d", "-1d", "1d")}
			switch r.IntN(4) {
			case 0:
				trigger = object{"date": "ends_at", "offset": pick(r, "-30m", "2h")}
			case 1:
				trigger = object{"date": "ends_at", "at": pick(r, "09:30", "18:00"), "every": pick(r, "day", "week")}
			case 2:
				trigger["every"] = pick(r, "day", "month")
			}
			m["trigger"] = trigger
		case 4:
			m["trigger"] = object{"attribute": "plan"}
		case 5:
			m["trigger"] = object{pick(r, "enters", "leaves"): pick(r, "busy", "fresh")}
		default:
			event = true
			trigger := object{"event": pick(r, "a", "b", "c")}
			if r.IntN(4) == 0 {
				trigger["where"] = object{"metadata": "n", "op": "less_than", "value": 1_000_000}
			}
			switch r.IntN(6) {
			case 0:
				trigger["unless"] = object{"event": pick(r, "a", "b", "c"), "within": pick(r, "5m", "1h")}
				if r.IntN(2) == 0 {
					trigger["recheck"] = true
				}
			case 1:
				trigger["date"], trigger["offset"] = object{"metadata": "starts_date"}, pick(r, "-1h", "-10m")
			}
			m["trigger"] = trigger
			m["content"].(object)["body"] = id + " {{ event.n }} {{ user.plan | fallback: \"none\" }}"
		}
		if m["trigger"] != nil {
			f := object{"every": pick(r, "0s", "1m", "10m", "1h", "1d")}
			if r.IntN(4) == 0 {
				f["max"] = 1 + r.IntN(3)
			}
			if r.IntN(4) == 0 {
				f["wait"] = pick(r, "10m", "2h")
			}
			if event && r.IntN(4) == 0 {
				f["per"] = "cart"
			}
			m["frequency"] = f
		}
	}
	if r.IntN(2) == 0 {
		m["audience"] = w.newRule()
	}
	if event && r.IntN(6) == 0 {
		m["audience"] = object{"event": "a", "stat": "count", "op": "at_most", "value": r.IntN(2), "within": pick(r, "1h", "1d"), "where": object{"metadata": "cart", "op": "is", "value": object{"trigger": "cart"}}}
	}
	if r.IntN(3) == 0 {
		s := object{"outside": pick(r, "drop", "hold")}
		switch r.IntN(5) {
		case 0:
			s["start"] = w.now.Add(time.Duration(r.IntN(300)) * time.Minute)
		case 1:
			s["stop"] = w.now.Add(time.Duration(r.IntN(3000)) * time.Minute)
		default:
			s["windows"] = []object{{"from": fmt.Sprintf("%02d:00", r.IntN(24)), "to": fmt.Sprintf("%02d:30", r.IntN(24))}}
			if office && r.IntN(2) == 0 {
				s["office_hours"] = true
			}
		}
		if r.IntN(3) == 0 {
			s["contact_timezone"] = true
		}
		if r.IntN(3) == 0 {
			s["timezone"] = "Asia/Tokyo"
		}
		m["schedule"] = s
	}
	switch r.IntN(10) {
	case 0:
		m["control"] = 0.5
	case 1:
		m["transactional"] = true
	case 2:
		m["topic"] = "news"
	case 3:
		m["exempt_from_caps"] = true
	case 4:
		m["limited_by_caps"] = false
	}
	return m
}

func (w *world) newSeries(id string, office bool) object {
	r := w.r
	block := func(i int) string { return fmt.Sprint("b", i) }
	n := 2 + r.IntN(4)
	blocks := make([]object, n)
	for i := range blocks {
		b := object{"id": block(i)}
		if i+1 < n {
			b["next"] = block(i + 1)
		}
		switch r.IntN(6) {
		case 0:
			b["wait"] = pick(r, "1m", "1h")
		case 1:
			b["rule"], b["within"] = w.newRule(), pick(r, "10m", "2h")
			delete(b, "next")
			if i+1 < n {
				b["yes"], b["no"] = block(i+1), block(i+1)
			}
		case 2:
			b["wait_until"] = object{"at": "09:00", "contact_timezone": r.IntN(2) == 0}
		default:
			b["message"] = w.newMessage(fmt.Sprint(id, "m", i), office, true)
		}
		blocks[i] = b
	}
	s := object{"id": id, "status": "live", "entry": object{"trigger": object{"event": pick(r, "a", "b")}}, "blocks": blocks, "reenter": true}
	if r.IntN(3) == 0 {
		s["entry"] = object{"audience": w.newRule()}
	}
	if r.IntN(3) == 0 {
		s["exit"] = object{"event": "c", "stat": "count", "op": "at_least", "value": 2, "since": "entry"}
	}
	return s
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
	if r.IntN(3) > 0 {
		ev.Metadata = append(ev.Metadata, beckon.Field{Key: "starts_date", Value: beckon.Date(w.now.Add(time.Duration(r.IntN(600)-60) * time.Minute))})
	}
	return ev
}

func (w *world) contact() beckon.Contact {
	r := w.r
	c := beckon.Contact{UserID: who.UserID, Attributes: beckon.Attributes{}}
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
		m.sent = append(m.sent, sentAs(res.Deliveries[i].Message, res.Deliveries[i].Body))
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
		m.sent = append(m.sent, sentAs(d.Message, d.Body))
	}
	return *m, nil
}

func sentAs(message, body string) string { return message + ": " + body }

func heldAs(message string, reason beckon.Reason, retry *time.Time, by string) string {
	at := ""
	if retry != nil && !retry.IsZero() {
		at = retry.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(message, " ", reason, " ", at, " ", by)
}

func (m made) has(text string) bool { return slices.Contains(m.sent, text) }
