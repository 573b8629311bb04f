package foresee_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

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
	doc["segments"] = object{
		"busy": object{"event": "a", "stat": "count", "op": "at_least", "value": 2, "within": "1h"}, "fresh": object{"event": "b", "stat": "last", "op": "less_than_ago", "value": "30m"},
		"idle": w.ofItsMoment(), "other": w.ofItsMoment(),
	}
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
		object{"segment": pick(r, "idle", "other")},
		w.ofItsMoment(), w.ofItsMoment(), w.ofItsMoment(),
		object{"all": []object{{"user": "plan", "op": "is", "value": "pro"}, w.ofItsMoment()}},
		object{"all": []object{
			{"event": "b", "stat": "last", "op": "more_than_ago", "value": pick(r, "2h", "1d")}, {"not": object{"event": "b", "stat": "last", "op": "less_than_ago", "value": "10m"}},
		}},
		object{"company": "tier", "op": "is", "value": "gold"},
	)
}

// ofItsMoment returns a rule that may ask about what the occasion itself records. Where it does,
// time alone never makes it true.
func (w *world) ofItsMoment() object {
	r := w.r
	stat, op, span := pick(r, "first", "last"), pick(r, "more_than_ago", "more_than_ago", "less_than_ago"), pick(r, "10m", "1h", "1d")
	return pick(r,
		object{"event": pick(r, "a", "b"), "stat": stat, "op": op, "value": span},
		object{"event": pick(r, "a", "b"), "stat": stat, "op": op, "value": span, "where": object{"metadata": "starts_date", "op": pick(r, "more_than_ago", "less_than_ahead"), "value": pick(r, "10m", "1h")}},
		object{"event": "a", "stat": "count", "op": pick(r, "at_least", "at_most"), "value": 1, "where": object{"metadata": "starts_date", "op": "more_than_ago", "value": pick(r, "10m", "1h")}},
		object{"user": pick(r, "created_at", "first_seen_at", "last_seen_at", "last_contacted_at"), "op": op, "value": span},
		object{"user": "session_count", "op": "at_least", "value": 2},
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
			m["trigger"] = object{pick(r, "enters", "leaves"): pick(r, "busy", "fresh", "idle", "other")}
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
