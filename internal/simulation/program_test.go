package simulation

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
)

// object is a JSON object. Programs are made as documents, as an editor does.
type object map[string]any

// A message is what the world knows of a message: what it promises.
type message struct {
	id      string
	doc     object
	mode    beckon.Mode
	event   string // that triggers it; empty if none does
	absence bool
	crosses string // the segment that triggers it; empty if none does
	leaves  bool   // it triggers by ceasing to match
	series  string
	every   time.Duration // the distance; 0: none
	max     int           // 0: none
	once    bool          // at most once for each contact
	caps    []string
	email   bool // people can unsubscribe from it
	touched bool // somebody has paused or stopped it

	composed *beckon.Message // it is in no program, and goes out when a host says so
}

// A limit is a cap across messages.
type limit struct {
	id     string
	max    int
	within time.Duration
}

// A universe is all that any program of a world can have. A message is the same
// in every program that has it; so what it promises can be told.
type universe struct {
	messages []*message
	byID     map[string]*message
	limits   []limit
	series   []object
	timezone string
	quiet    []object
	topics   []object
}

var eventNames = []string{"viewed", "added", "paid", "joined"}

func text(d time.Duration) string { return fmt.Sprintf("%ds", d/time.Second) }

func newUniverse(r *rand.Rand, d *dials) *universe {
	u := &universe{byID: map[string]*message{}, timezone: pick(r, "UTC", "Europe/Dublin", "America/New_York")}
	for i := range 1 + r.IntN(2) {
		u.limits = append(u.limits, limit{id: fmt.Sprint("cap", i), max: 1 + r.IntN(4), within: pick(r, time.Minute, 10*time.Minute, time.Hour, 24*time.Hour)})
	}
	for i := range d.messages {
		u.add(u.newMessage(r, fmt.Sprint("m", i)))
	}
	if d.has(series) {
		for i := range 1 + r.IntN(2) {
			u.addSeries(r, fmt.Sprint("s", i))
		}
	}
	for i := range 2 {
		u.compose(r, fmt.Sprint("word", i))
	}
	u.hush(rand.New(rand.NewPCG(d.seed, 1)), d)
	u.turnBack(rand.New(rand.NewPCG(d.seed, 2)), d)
	return u
}

// letters is the topic of each e-mail that people can refuse.
const letters = "letters"

// hush sets quiet hours and topics, by dice of its own: without them a world is what it was.
func (u *universe) hush(r *rand.Rand, d *dials) {
	if d.has(quiet) {
		from := r.IntN(24)
		window := func(hours int) []object {
			return []object{{"from": fmt.Sprintf("%02d:00", from%24), "to": fmt.Sprintf("%02d:15", (from+hours)%24)}}
		}
		u.quiet = []object{{"channels": []string{"push"}, "windows": window(1 + r.IntN(10))}}
		from += r.IntN(24)
		u.quiet = append(u.quiet, object{"channels": []string{"email"}, "windows": window(1 + r.IntN(4)), "then": "drop"})
		for _, m := range u.messages {
			if m.event == "" && m.doc["channel"] == "push" { // what waits is told apart by its event
				m.doc["channel"] = "chat"
			}
		}
	}
	if !d.has(topics) {
		return
	}
	u.topics = []object{{"id": letters}}
	for _, m := range u.messages {
		if m.email {
			m.doc["topic"] = letters
			if m.composed != nil {
				m.composed.Topic = letters
			}
		}
	}
}

// compose makes a message that is in no program.
func (u *universe) compose(r *rand.Rand, id string) {
	m := &message{id: id, once: true, composed: &beckon.Message{}, doc: object{
		"id": id, "channel": pick(r, "chat", "email"), "content": object{"body": id + " for {{ user.plan }}"},
	}}
	m.email = m.doc["channel"] == "email"
	if r.IntN(2) == 0 {
		l := u.limits[r.IntN(len(u.limits))]
		m.caps = append(m.caps, l.id)
		m.doc["tags"] = []string{l.id}
	}
	data, err := json.Marshal(m.doc)
	if err == nil {
		err = json.Unmarshal(data, m.composed)
	}
	if err != nil {
		panic(err)
	}
	u.add(m)
}

func (u *universe) add(m *message) {
	u.messages = append(u.messages, m)
	u.byID[m.id] = m
}

func (u *universe) newMessage(r *rand.Rand, id string) *message {
	m := &message{id: id, doc: object{
		"id": id, "status": "live", "channel": pick(r, "chat", "email", "push", "banner"), "priority": r.IntN(3),
		"content": object{"body": id + " for {{ user.user_id }}, {{ user.plan | fallback: \"none\" }}"},
	}}
	switch r.IntN(10) {
	case 0:
		m.mode, m.once = beckon.Ongoing, true
		m.doc["mode"] = "ongoing"
		if r.IntN(2) == 0 {
			m.once = false
			m.paced(r)
		}
	case 1:
		m.mode, m.once = beckon.OneOff, true
		m.doc["mode"] = "one_off"
	case 2:
		m.mode, m.every = beckon.Triggered, time.Minute
		m.doc["trigger"] = object{"date": "ends_at", "offset": pick(r, "0d", "-1d", "1d")}
		switch r.IntN(4) {
		case 0:
			m.doc["trigger"] = object{"date": "ends_at", "offset": pick(r, "-30m", "0h", "25h")}
		case 1:
			m.doc["trigger"] = object{"date": "ends_at", "at": pick(r, "00:00", "09:30", "18:00"), "every": pick(r, "day", "week")}
		}
		m.doc["channel"] = "email"
	case 3:
		m.mode = beckon.Triggered
		m.doc["trigger"] = pick(r, object{"attribute": "plan"}, object{"attribute": "plan", "from": "free", "to": "pro"}, object{"attribute": "plan", "from": nil})
		if r.IntN(3) > 0 {
			m.crosses, m.leaves = pick(r, "viewers", "payers", "idle"), r.IntN(2) == 0
			m.doc["trigger"] = object{"enters": m.crosses}
			if m.leaves {
				m.doc["trigger"] = object{"leaves": m.crosses}
			}
		}
		m.paced(r)
	default:
		m.triggered(r)
	}
	if r.IntN(3) == 0 {
		m.doc["audience"] = pick(r,
			object{"user": "plan", "op": "is", "value": "pro"},
			object{"not": object{"user": "plan", "op": "is", "value": "pro"}},
			object{"event": "viewed", "stat": "count", "op": "at_least", "value": 2},
			object{"event": "paid", "stat": "count", "op": "at_most", "value": 3, "within": "1h"},
			object{"event": "joined", "stat": "last", "op": "more_than_ago", "value": "10m"})
	}
	if r.IntN(4) == 0 {
		m.doc["schedule"] = object{
			"windows": []object{{"from": fmt.Sprintf("%02d:00", r.IntN(24)), "to": fmt.Sprintf("%02d:30", r.IntN(24))}},
			"outside": pick(r, "drop", "hold", "hold"),
		}
		if m.event == "" { // what waits is told apart by its event
			m.doc["schedule"].(object)["outside"] = "drop"
		}
	}
	if r.IntN(6) == 0 {
		m.doc["control"] = 0.5
	}
	if r.IntN(6) == 0 {
		m.doc["goal"] = object{"rule": object{"event": "paid", "stat": "count", "op": "at_least", "value": 1}, "within": "7d"}
	}
	if r.IntN(6) == 0 {
		m.doc["transactional"] = true
	}
	m.email = m.doc["channel"] == "email" && m.doc["transactional"] == nil
	switch r.IntN(4) {
	case 0:
		m.doc["exempt_from_caps"] = true
	default:
		if l := u.limits[r.IntN(len(u.limits))]; r.IntN(2) == 0 {
			m.caps = append(m.caps, l.id)
			m.doc["tags"] = []string{l.id}
		}
	}
	return m
}

func (m *message) triggered(r *rand.Rand) {
	m.mode, m.event = beckon.Triggered, pick(r, eventNames...)
	trigger := object{"event": m.event}
	if r.IntN(3) == 0 {
		trigger["where"] = object{"metadata": "kind", "op": "is", "value": "a"}
	}
	if r.IntN(4) == 0 {
		m.absence = true
		unless := object{"event": pick(r, eventNames...), "within": pick(r, "1m", "10m", "1h", "5h")}
		if r.IntN(2) == 0 {
			unless["same"] = "cart"
		}
		trigger["unless"] = unless
		if r.IntN(3) == 0 {
			other := object{"event": pick(r, eventNames...), "within": pick(r, "1m", "1h")}
			if same := unless["same"]; same != nil {
				other["same"] = same
			}
			trigger["unless"] = []object{unless, other}
		}
		if r.IntN(3) == 0 {
			trigger["recheck"] = true
		}
	}
	m.doc["trigger"] = trigger
	m.paced(r)
}

// paced sets how often a message may go out.
func (m *message) paced(r *rand.Rand) {
	m.every = pick(r, 0, time.Minute, 5*time.Minute, 10*time.Minute, time.Hour, 12*time.Hour)
	frequency := object{"every": text(m.every)}
	if r.IntN(3) == 0 {
		m.max = 1 + r.IntN(4)
		frequency["max"] = m.max
	}
	m.doc["frequency"] = frequency
}

func (u *universe) addSeries(r *rand.Rand, id string) {
	block := func(i int) string { return fmt.Sprint("b", i) }
	n := 2 + r.IntN(5)
	blocks := make([]object, n)
	for i := range blocks {
		b := object{"id": block(i)}
		if i+1 < n {
			b["next"] = block(i + 1)
		}
		switch r.IntN(5) {
		case 0, 1:
			b["wait"] = pick(r, "1m", "30m", "6h", "1d")
		case 2:
			b["rule"] = object{"event": pick(r, eventNames...), "stat": "count", "op": "at_least", "value": 1 + r.IntN(4)}
			b["within"] = pick(r, "10m", "2h", "1d")
			delete(b, "next")
			if i+1 < n {
				b["yes"], b["no"] = block(i+1), block(i+1+r.IntN(n-i-1))
			}
		case 3:
			b["update"] = object{"attributes": object{"plan": pick(r, "pro", "free")}}
		default:
			m := &message{id: id + "-" + block(i), series: id, once: true}
			m.doc = object{"id": m.id, "status": "live", "channel": pick(r, "chat", "email"), "content": object{"body": m.id}}
			if r.IntN(3) == 0 {
				m.doc["schedule"] = object{"windows": []object{{"from": "09:00", "to": "17:00"}}}
			}
			m.email = m.doc["channel"] == "email"
			b["message"] = m.doc
			u.add(m)
		}
		blocks[i] = b
	}
	u.series = append(u.series, object{
		"id": id, "status": "live", "entry": object{"trigger": object{"event": pick(r, eventNames...)}}, "blocks": blocks,
	})
}

// opens reports whether a day has a quarter of an hour in which a message may go out: one in
// its windows, and not in quiet hours of its channel that hold.
func (u *universe) opens(id string) bool {
	m := u.byID[id]
	if m == nil {
		return true
	}
	within := func(windows []object, at string) bool {
		return slices.ContainsFunc(windows, func(w object) bool {
			from, to := w["from"].(string), w["to"].(string)
			if from < to {
				return from <= at && at < to
			}
			return from <= at || at < to
		})
	}
	schedule, _ := m.doc["schedule"].(object)
	for q := range 24 * 4 {
		at := fmt.Sprintf("%02d:%02d", q/4, q%4*15)
		if schedule != nil && !within(schedule["windows"].([]object), at) {
			continue
		}
		if !slices.ContainsFunc(u.quiet, func(x object) bool {
			return x["then"] != "drop" && slices.Contains(x["channels"].([]string), fmt.Sprint(m.doc["channel"])) && within(x["windows"].([]object), at)
		}) {
			return true
		}
	}
	return false
}

// A version is a program, and what the world has to know of it.
type version struct {
	name     string
	program  beckon.Program
	messages map[string]bool // to whether it is live
	series   map[string]bool
}

// empty is the program of a process that has published none.
func empty() *version { return &version{name: "none"} }

func (v *version) knows(message string) bool { _, ok := v.messages[message]; return ok }

// version makes a program of what is in the universe: all of it, or so much as
// a deploy before or after this one has.
func (u *universe) version(r *rand.Rand, d *dials, whole bool) (*version, error) {
	v := &version{name: "whole", messages: map[string]bool{}, series: map[string]bool{}}
	left := 0.0
	if !whole && d.has(partial) && r.IntN(2) == 0 {
		left = pick(r, 0.2, 0.5, 1)
		v.name = fmt.Sprintf("without %.0f%%", 100*left)
	}
	doc := object{"timezone": u.timezone, "segments": object{
		"viewers": object{"event": "viewed", "stat": "count", "op": "at_least", "value": 2, "within": "1h"},
		"payers":  object{"event": "paid", "stat": "count", "op": "at_least", "value": 2},
		"idle":    object{"event": "joined", "stat": "last", "op": "more_than_ago", "value": "10m"},
	}}
	caps := []object{}
	for _, l := range u.limits {
		caps = append(caps, object{"id": l.id, "tag": l.id, "max": l.max, "within": text(l.within)})
	}
	doc["caps"] = caps
	if u.quiet != nil {
		doc["quiet_hours"] = u.quiet
	}
	if u.topics != nil {
		doc["topics"] = u.topics
	}
	messages := []object{}
	for _, m := range u.messages {
		if m.series != "" || m.composed != nil || chance(r, left) {
			continue
		}
		live := whole || !d.has(pauses) || r.IntN(10) > 0
		form := object{}
		for k, x := range m.doc {
			form[k] = x
		}
		if !live {
			form["status"] = "paused"
		}
		if !whole {
			form["priority"] = r.IntN(3)
		}
		v.messages[m.id] = live
		messages = append(messages, form)
	}
	doc["messages"] = messages
	list := []object{}
	for _, s := range u.series {
		id := s["id"].(string)
		if chance(r, left) {
			continue
		}
		v.series[id] = true
		list = append(list, s)
		for _, m := range u.messages {
			if m.series == id {
				v.messages[m.id] = true
			}
		}
	}
	doc["series"] = list
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	v.program, err = beckon.ParseProgram(data)
	return v, err
}
