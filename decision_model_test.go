package beckon_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
)

// The model: what the rulebook says, in the most naive way. It remembers every
// event and every send forever and scans them all for each decision; no
// counters, no bounded windows, no interning, no records.

type modelEvent struct {
	name string
	at   int64 // Unix seconds: min(created_at, now)
	x    int
	hasX bool
}

type modelSend struct {
	message  *modelMessage
	sequence int
	at       int64 // Unix milliseconds
	released bool
	value    string // of x; "" is unknown
	gone     bool   // its value was forgotten (F7)
	id       string
}

type modelCondition struct {
	event  string
	op     beckon.Op
	n      int
	within time.Duration // 0: forever
	atX    int           // where x at_least; 0: no where
	same   bool          // where x is that of the triggering event
	goal   bool          // compared with the attribute goal, not with n
}

type modelMessage struct {
	id       string
	event    string
	whereX   int // trigger where x greater_than; 0: none
	audience []modelCondition
	any      bool // the conditions are joined by any instead of all
	every    time.Duration
	max      int
	per      bool     // for each x by itself
	used     []string // the values that are remembered, the latest used last
	priority int
	tag      string
	limited  bool // by caps
	counts   bool // toward caps
	channel  beckon.Channel
	liveAt   int64 // Unix milliseconds
	late     bool  // not in the first program
}

type modelSeen struct {
	id string
	at int64 // Unix milliseconds
}

type modelCap struct {
	id, tag string
	channel beckon.Channel
	max     int
	within  time.Duration
}

type model struct {
	goal     *int            // an attribute; nil: unknown
	messages []*modelMessage // in judging order
	caps     []modelCap
	events   []modelEvent
	seen     []modelSeen  // in order of arrival
	sends    []*modelSend // in order of making
	values   int          // of a message that are remembered at most
}

func (m *model) count(c modelCondition, trigger modelEvent, now int64) int {
	n := 0
	for _, e := range m.events {
		if e.name != c.event || c.atX > 0 && (!e.hasX || e.x < c.atX) {
			continue
		}
		if c.same && (!e.hasX || !trigger.hasX || e.x != trigger.x) {
			continue
		}
		if c.within > 0 && e.at*1000 <= now-c.within.Milliseconds() {
			continue
		}
		n++
	}
	return n
}

func (m *model) holds(c modelCondition, trigger modelEvent, now int64) bool {
	n, with := m.count(c, trigger, now), c.n
	if c.goal {
		if m.goal == nil {
			return c.op == "is_not"
		}
		with = *m.goal
	}
	switch c.op {
	case "is":
		return n == with
	case "is_not":
		return n != with
	case "at_least":
		return n >= with
	case "at_most":
		return n <= with
	case "greater_than":
		return n > with
	default:
		return n < with
	}
}

// track decides an event as the rulebook says and records it.
func (m *model) track(e modelEvent, id string, imported bool, now int64) (out []string, duplicate bool) {
	if id != "" {
		old := now - 24*3600*1000
		if slices.ContainsFunc(m.seen, func(s modelSeen) bool { return s.id == id && s.at > old }) {
			return nil, true
		}
		// What is forgotten stays forgotten, should the clock step back.
		for len(m.seen) > 0 && m.seen[0].at <= old {
			m.seen = m.seen[1:]
		}
		m.seen = append(m.seen, modelSeen{id, now})
	}
	var made []*modelSend
	if !imported {
		for _, msg := range m.messages {
			if msg.event == e.name && !msg.late {
				out = append(out, m.judge(msg, e, now, &made))
			}
		}
	}
	m.sends = append(m.sends, made...)
	m.events = append(m.events, e)
	return out, false
}

func (m *model) judge(msg *modelMessage, e modelEvent, now int64, made *[]*modelSend) string {
	by := ""
	held := func(r beckon.Reason, retry int64) string {
		return fmt.Sprintf("%s held %s %d by %q", msg.id, r, retry, by)
	}
	if now < msg.liveAt {
		return held("not_live", msg.liveAt)
	}
	if msg.whereX > 0 && (!e.hasX || e.x <= msg.whereX) {
		return held("filter", 0)
	}
	fits := len(msg.audience) == 0 || !msg.any
	for _, c := range msg.audience {
		ok := m.holds(c, e, now)
		if msg.any {
			fits = fits || ok
		} else {
			fits = fits && ok
		}
	}
	if !fits {
		return held("audience", 0)
	}
	count, last, value := 0, int64(0), ""
	if e.hasX {
		value = fmt.Sprint(e.x)
	}
	if i := slices.Index(msg.used, value); i >= 0 {
		msg.used = append(slices.Delete(msg.used, i, i+1), value)
	}
	for _, s := range m.sends {
		if s.message != msg || s.released {
			continue
		}
		s.at = min(s.at, now) // F6: noticed, and stored so
		if msg.per && (s.value != value || s.gone) {
			continue
		}
		count++
		last = max(last, s.at)
	}
	if msg.max > 0 && count >= msg.max {
		return held("max_reached", 0)
	}
	if count > 0 && now-last < msg.every.Milliseconds() {
		return held("throttled", last+msg.every.Milliseconds())
	}
	if msg.limited || msg.counts { // F6 is noticed where a cap is judged, and where one is taken
		if retry, id := m.capped(msg, now, *made); id != "" && msg.limited {
			by = id
			return held("capped", retry)
		}
	}
	sequence := 1 // the lowest number that no send has: a released one is used again
	for taken := true; taken; {
		taken = false
		for _, s := range m.sends {
			if s.message == msg && !s.released && s.sequence == sequence {
				sequence++
				taken = true
			}
		}
	}
	*made = append(*made, &modelSend{message: msg, sequence: sequence, at: now, value: value})
	if !slices.Contains(msg.used, value) {
		msg.used = append(msg.used, value)
	}
	for len(msg.used) > m.values {
		for _, s := range m.sends {
			s.gone = s.gone || s.message == msg && s.value == msg.used[0]
		}
		msg.used = msg.used[1:]
	}
	return fmt.Sprintf("%s sent %d", msg.id, sequence)
}

// capped returns when the last of the caps that have no room has some again, and the id
// of that cap, of several the first in the program (F10); empty if all have some.
func (m *model) capped(msg *modelMessage, now int64, made []*modelSend) (retry int64, id string) {
	for _, c := range m.caps {
		takes := func(x *modelMessage) bool {
			return (c.tag == "" || c.tag == x.tag) && (c.channel == "" || c.channel == x.channel)
		}
		if !takes(msg) {
			continue
		}
		var times []int64
		for _, s := range slices.Concat(m.sends, made) {
			if !s.released && s.message.counts && takes(s.message) && min(s.at, now) > now-c.within.Milliseconds() {
				times = append(times, min(s.at, now))
			}
		}
		defer func() { // F6: noticed when the caps were judged, all of them
			for _, s := range m.sends {
				if s.message.counts && takes(s.message) {
					s.at = min(s.at, now)
				}
			}
		}()
		if len(times) >= c.max {
			slices.Sort(times)
			if at := times[len(times)-c.max] + c.within.Milliseconds(); at > retry {
				retry, id = at, c.id
			}
		}
	}
	return retry, id
}

func drawModel(t *rapid.T) (*model, beckon.Program) {
	m := &model{values: rapid.IntRange(1, 3).Draw(t, "values")}
	var p beckon.Program
	names := []string{"a", "b", "c"}
	spans := []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour}
	for i := range rapid.IntRange(0, 3).Draw(t, "caps") {
		c := modelCap{
			id: fmt.Sprint("cap", i), tag: rapid.SampledFrom([]string{"", "promo"}).Draw(t, "cap tag"),
			channel: rapid.SampledFrom([]beckon.Channel{"", beckon.Push}).Draw(t, "cap channel"),
			max:     rapid.IntRange(1, 4).Draw(t, "cap max"), within: rapid.SampledFrom(spans).Draw(t, "cap within"),
		}
		m.caps = append(m.caps, c)
		p.Caps = append(p.Caps, beckon.Cap{ID: c.id, Tag: c.tag, Channel: c.channel, Max: c.max, Within: beckon.DurationOf(c.within)})
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "messages") {
		msg := &modelMessage{
			id: fmt.Sprint("m", i), event: rapid.SampledFrom(names).Draw(t, "trigger"),
			every: rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 10 * time.Minute, time.Hour}).Draw(t, "every"),
			max:   rapid.IntRange(0, 4).Draw(t, "max"), per: rapid.IntRange(0, 2).Draw(t, "per") == 0, priority: rapid.IntRange(-1, 1).Draw(t, "priority"),
			tag:     rapid.SampledFrom([]string{"", "promo"}).Draw(t, "tag"),
			limited: rapid.IntRange(0, 4).Draw(t, "limited") != 0, counts: rapid.IntRange(0, 4).Draw(t, "counts") != 0, any: rapid.Bool().Draw(t, "any"),
			channel: rapid.SampledFrom([]beckon.Channel{beckon.Chat, beckon.Push}).Draw(t, "channel"),
			liveAt:  modelStart.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, 20 * time.Minute}).Draw(t, "live")).UnixMilli(),
		}
		every := beckon.DurationOf(msg.every)
		out := beckon.Message{
			ID: msg.id, Status: beckon.Live, LiveAt: time.UnixMilli(msg.liveAt), Trigger: beckon.On(msg.event), Channel: msg.channel,
			Frequency: &beckon.Frequency{Every: every, Max: msg.max}, Priority: msg.priority,
			Content: beckon.Content{Body: "x={{ event.x | fallback: 'none' }}"},
		}
		if msg.per {
			out.Frequency.Per = "X"
		}
		switch {
		case !msg.limited && !msg.counts:
			out.ExemptFromCaps = true
		case rapid.Bool().Draw(t, "say both"):
			out.LimitedByCaps, out.CountsTowardCaps = &msg.limited, &msg.counts
		case !msg.limited:
			out.LimitedByCaps = &msg.limited
		case !msg.counts:
			out.CountsTowardCaps = &msg.counts
		}
		if msg.tag != "" {
			out.Tags = []string{msg.tag}
		}
		msg.late = rapid.IntRange(0, 3).Draw(t, "late message") == 0
		if msg.whereX = rapid.IntRange(0, 2).Draw(t, "where"); msg.whereX > 0 {
			out.Trigger = out.Trigger.Where(beckon.Metadata("x").GreaterThan(msg.whereX))
		}
		var rules []beckon.Rule
		for range rapid.IntRange(0, 3).Draw(t, "conditions") {
			c := modelCondition{
				event: rapid.SampledFrom(names).Draw(t, "counted"),
				op:    rapid.SampledFrom([]beckon.Op{"is", "is_not", "at_least", "at_most", "greater_than", "less_than"}).Draw(t, "op"),
				n:     rapid.IntRange(0, 5).Draw(t, "n"), atX: rapid.IntRange(0, 3).Draw(t, "count where"),
				within: rapid.SampledFrom(append(spans, 0, 0)).Draw(t, "within"),
				goal:   rapid.IntRange(0, 4).Draw(t, "against goal") == 0, same: rapid.IntRange(0, 4).Draw(t, "of the same x") == 0,
			}
			msg.audience = append(msg.audience, c)
			r := beckon.Rule{Event: c.event, Stat: beckon.StatCount, Op: c.op, Value: beckon.OperandOf(c.n), Within: beckon.DurationOf(c.within)}
			if c.goal {
				r.Value = beckon.OperandOf(beckon.User("goal"))
			}
			if c.within == 0 {
				r.Within = beckon.Duration{}
			}
			if c.atX > 0 {
				where := beckon.Metadata("x").AtLeast(c.atX)
				r.Where = &where
			}
			if c.same {
				where := beckon.Metadata("x").Is(beckon.TriggerMetadata("x"))
				if r.Where != nil {
					where = beckon.All(*r.Where, where)
				}
				r.Where = &where
			}
			rules = append(rules, r)
		}
		if len(rules) > 0 && msg.any {
			out.Audience = beckon.Any(rules...)
		} else if len(rules) > 0 {
			out.Audience = beckon.All(rules...)
		}
		m.messages = append(m.messages, msg)
		p.Messages = append(p.Messages, out)
	}
	slices.SortFunc(m.messages, func(a, b *modelMessage) int {
		if a.priority != b.priority {
			return b.priority - a.priority
		}
		return strings.Compare(a.id, b.id)
	})
	return m, p
}

var modelStart = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
