package beckon_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// The model of what stands between a trigger and its delivery: frequencies, each value by
// itself, caps, waiting for room, quiet hours, a snooze, what the contact wants, and the
// control group of the program. It remembers every send and scans them all.

type roomMessage struct {
	id            string
	priority      int
	channel       beckon.Channel
	every, wait   int64 // milliseconds
	max           int
	per           bool
	topic         string
	transactional bool
	free          bool // no cap limits it
}

type roomHold struct {
	m          *roomMessage
	value      string
	order      int   // of the event
	due        int64 // Unix milliseconds
	until      int64 // for room no longer than that; 0: it does not wait for room
	capped     bool
	reconsider bool // Due has taken it out
}

type roomSend struct {
	m        *roomMessage
	value    string
	at       int64
	sequence int
	control  bool
	id       string
}

type roomModel struct {
	messages []*roomMessage // in judging order
	caps     []modelCap
	quiet    []roomQuiet
	held     bool // out, by the program
	snoozed  int64
	wanted   map[string]bool // choices of topics
	off      bool            // unsubscribed from push
	holds    []*roomHold
	sends    []*roomSend
	events   int
}

// A roomQuiet is quiet hours of push, by the hour of the day; to is after from.
type roomQuiet struct {
	from, to int
	drop     bool
}

const hourMillis = 3600_000

// shut returns why the hour is not one for a message, and until when; 0: it is dropped.
func (w *roomModel) shut(m *roomMessage, now int64) (beckon.Reason, int64) {
	if m.transactional {
		return "", 0
	}
	is := func(at int64) (quiet, drop bool) {
		of := at % (24 * hourMillis)
		for _, q := range w.quiet {
			if m.channel == beckon.Push && of >= int64(q.from)*hourMillis && of < int64(q.to)*hourMillis {
				quiet, drop = true, drop || q.drop
			}
		}
		return quiet, drop
	}
	if quiet, drop := is(now); drop {
		return beckon.ReasonQuiet, 0
	} else if quiet {
		for at := now; ; at = (at/hourMillis + 1) * hourMillis {
			if still, _ := is(at); !still {
				return beckon.ReasonQuiet, at
			}
		}
	}
	if now < w.snoozed {
		return beckon.ReasonSnoozed, w.snoozed
	}
	return "", 0
}

// first is, of what waits for the room that a message would take, the one due last.
func (w *roomModel) first(m *roomMessage, value string, order int, now int64) (last *roomHold) {
	for _, x := range w.holds {
		if x.m == m && !x.reconsider && x.until != 0 && now/1000 <= x.until/1000 && x.order < order && (!m.per || x.capped || x.value == value) &&
			(last == nil || x.due > last.due) {
			last = x
		}
	}
	return last
}

// full returns the cap that has room last, and when.
func (w *roomModel) full(m *roomMessage, now int64) (by string, retry int64) {
	for _, c := range w.caps {
		if c.channel != "" && c.channel != m.channel {
			continue
		}
		var times []int64
		for _, s := range w.sends {
			if !s.control && !s.m.free && (c.channel == "" || c.channel == s.m.channel) && s.at > now-c.within.Milliseconds() {
				times = append(times, s.at)
			}
		}
		if slices.Sort(times); len(times) >= c.max {
			if at := times[len(times)-c.max] + c.within.Milliseconds(); at > retry {
				by, retry = c.id, at
			}
		}
	}
	return by, retry
}

// decide judges a message that was triggered, or that has waited as h.
func (w *roomModel) decide(m *roomMessage, value string, h *roomHold, now int64) string {
	held := func(r beckon.Reason, retry int64, by string) string {
		return fmt.Sprintf("%s held %s %d by %q", m.id, r, retry, by)
	}
	hold := func() *roomHold {
		if h == nil {
			h = &roomHold{m: m, value: value, order: w.events}
			w.holds = append(w.holds, h)
		}
		h.reconsider = false
		return h
	}
	order := w.events
	if h != nil {
		order = h.order
	}
	if r, until := w.shut(m, now); r != "" {
		if until != 0 {
			x := hold()
			x.due, x.until, x.capped = until, 0, false
		}
		return held(r, until, "")
	}
	if !m.transactional {
		wants, chosen := w.wanted[m.topic]
		if m.topic != "" && !wants && (chosen || m.topic == "club") || w.off && m.channel == beckon.Push {
			return held(beckon.ReasonUnsubscribed, 0, "")
		}
	}
	count, last := 0, int64(0)
	for _, s := range w.sends {
		if s.m == m && (!m.per || s.value == value) {
			count++
			last = max(last, s.at)
		}
	}
	var r beckon.Reason
	var by string
	var retry int64
	switch first := w.first(m, value, order, now); {
	case m.max > 0 && count >= m.max:
		return held(beckon.ReasonMaxReached, 0, "")
	case count > 0 && now-last < m.every:
		r, retry = beckon.ReasonThrottled, last+m.every
	case m.wait > 0 && first != nil:
		r, retry = beckon.ReasonThrottled, max(first.due, now)
		if first.capped {
			r = beckon.ReasonCapped
			full, free := w.full(m, now)
			by, retry = full, max(retry, free)
		}
	case w.held && !m.transactional:
		w.sends = append(w.sends, &roomSend{m: m, value: value, at: now, control: true})
		return held(beckon.ReasonControl, 0, "")
	case !m.free:
		if by, retry = w.full(m, now); by != "" {
			r = beckon.ReasonCapped
		}
	}
	if r == "" {
		sequence := 1
		for slices.ContainsFunc(w.sends, func(s *roomSend) bool { return s.m == m && !s.control && s.sequence == sequence }) {
			sequence++
		}
		w.sends = append(w.sends, &roomSend{m: m, value: value, at: now, sequence: sequence})
		return fmt.Sprintf("%s sent %d", m.id, sequence)
	}
	if m.wait == 0 {
		return held(r, retry, by)
	}
	if first := w.first(m, value, order, now); first != nil {
		retry = max(retry, first.due)
	}
	x := hold()
	if x.until == 0 {
		x.until = now + m.wait
	}
	x.due, x.capped = min(retry, x.until), r == beckon.ReasonCapped
	return held(r, retry, by)
}

func (w *roomModel) track(value string, now int64) (out []string) {
	w.events++
	for _, m := range w.messages {
		out = append(out, w.decide(m, value, nil, now))
	}
	slices.Sort(out)
	return out
}

func (w *roomModel) dueAt(now int64) (out []string) {
	var ready []*roomHold
	for _, h := range w.holds {
		if h.due <= now {
			h.reconsider = true
			ready = append(ready, h)
		}
	}
	slices.SortStableFunc(ready, func(a, b *roomHold) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.order, b.order), cmp.Compare(slices.Index(w.messages, a.m), slices.Index(w.messages, b.m)))
	})
	for _, h := range ready {
		if h.until != 0 && now/1000 > h.until/1000 {
			r, by := beckon.ReasonThrottled, ""
			if h.capped {
				r = beckon.ReasonCapped
				by, _ = w.full(h.m, now)
			}
			out = append(out, fmt.Sprintf("%s held %s 0 by %q", h.m.id, r, by))
			continue
		}
		out = append(out, w.decide(h.m, h.value, h, now))
	}
	w.holds = slices.DeleteFunc(w.holds, func(h *roomHold) bool { return h.reconsider })
	slices.Sort(out)
	return out
}

// next is when the first of what waits is due; 0 if nothing waits.
func (w *roomModel) next() (at int64) {
	for _, h := range w.holds {
		if at == 0 || h.due < at {
			at = h.due
		}
	}
	return at
}

func drawRoom(t *rapid.T) (*roomModel, beckon.Program, string) {
	who := rapid.SampledFrom([]string{"u1", "u2", "u3", "u4"}).Draw(t, "who")
	w := &roomModel{wanted: map[string]bool{}}
	p := beckon.Program{
		Topics:  []beckon.Topic{{ID: "news"}, {ID: "club", OptIn: true}},
		Control: rapid.SampledFrom([]float64{0, 0, 0, 0.5, 1}).Draw(t, "control"),
	}
	w.held = p.Control > 0 && groupOf(who) < p.Control
	for i := range rapid.IntRange(0, 2).Draw(t, "caps") {
		c := modelCap{
			id: fmt.Sprint("cap", i), channel: rapid.SampledFrom([]beckon.Channel{"", beckon.Push}).Draw(t, "cap channel"),
			max: rapid.IntRange(1, 3).Draw(t, "cap max"), within: rapid.SampledFrom([]time.Duration{time.Minute, time.Hour}).Draw(t, "cap within"),
		}
		w.caps = append(w.caps, c)
		p.Caps = append(p.Caps, beckon.Cap{ID: c.id, Channel: c.channel, Max: c.max, Within: beckon.DurationOf(c.within)})
	}
	for range rapid.IntRange(0, 2).Draw(t, "quiet hours") {
		q := roomQuiet{from: rapid.IntRange(8, 12).Draw(t, "from"), drop: rapid.IntRange(0, 2).Draw(t, "drop") == 0}
		q.to = q.from + rapid.IntRange(1, 3).Draw(t, "hours")
		w.quiet = append(w.quiet, q)
		of := beckon.QuietHours{
			Channels: []beckon.Channel{beckon.Push, beckon.SMS}, Timezone: "UTC",
			Windows: []beckon.Window{{From: beckon.TimeOfDay(fmt.Sprintf("%02d:00", q.from)), To: beckon.TimeOfDay(fmt.Sprintf("%02d:00", q.to))}},
		}
		if q.drop {
			of.Then = beckon.OutsideDrop
		}
		p.QuietHours = append(p.QuietHours, of)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "messages") {
		m := &roomMessage{
			id: fmt.Sprint("m", i), priority: rapid.IntRange(0, 1).Draw(t, "priority"), channel: rapid.SampledFrom([]beckon.Channel{beckon.Chat, beckon.Push, beckon.Push}).Draw(t, "channel"),
			every: rapid.SampledFrom([]int64{0, 1000, 60_000, hourMillis}).Draw(t, "every"), wait: rapid.SampledFrom([]int64{0, 0, 2000, 600_000, 4 * hourMillis}).Draw(t, "wait"),
			max: rapid.IntRange(0, 3).Draw(t, "max"), per: rapid.Bool().Draw(t, "per"), topic: rapid.SampledFrom([]string{"", "", "news", "club"}).Draw(t, "topic"),
			transactional: rapid.IntRange(0, 4).Draw(t, "transactional") == 0, free: rapid.IntRange(0, 4).Draw(t, "free") == 0,
		}
		out := beckon.Message{
			ID: m.id, Priority: m.priority, Channel: m.channel, Status: beckon.Live, LiveAt: modelStart.Add(-time.Hour), Trigger: beckon.On("e"), Topic: m.topic,
			Transactional: m.transactional, ExemptFromCaps: m.free, Content: beckon.Content{Body: "x"},
			Frequency: &beckon.Frequency{Every: beckon.DurationOf(time.Duration(m.every) * time.Millisecond), Max: m.max},
		}
		if m.wait > 0 {
			out.Frequency.Wait = beckon.DurationOf(time.Duration(m.wait) * time.Millisecond)
		}
		if m.per {
			out.Frequency.Per = "x"
		}
		w.messages = append(w.messages, m)
		p.Messages = append(p.Messages, out)
	}
	slices.SortStableFunc(w.messages, func(a, b *roomMessage) int { return cmp.Compare(b.priority, a.priority) })
	return w, p, who
}

// groupOf is where a user stands among all that the program may hold out, from 0 to 1.
func groupOf(user string) float64 {
	var form []byte
	for _, part := range []string{"control", "", string(rune(store.KindUser)), user} {
		form = append(binary.BigEndian.AppendUint32(form, uint32(len(part))), part...)
	}
	sum := sha256.Sum256(form)
	return float64(binary.BigEndian.Uint64(sum[:])) / (1 << 63) / 2
}

// F1, F5, F7, F9, F10, S4, C6, D10: over random programs and histories the engine and the
// model decide the same, and what is held says to the millisecond when it could be sent.
func TestRoomModel(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		w, program, id := drawRoom(t)
		who, now := beckon.Identity{UserID: id}, modelStart
		e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err == nil {
			err = e.Publish(ctx, program)
		}
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		update := func(c beckon.Contact) {
			c.UserID = id
			must(second(e.Update(ctx, c)))
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if next := w.next(); next > now.UnixMilli() && rapid.Bool().Draw(t, "wait for what waits") {
				now = time.UnixMilli(next - int64(rapid.IntRange(0, 1).Draw(t, "before"))).UTC()
			} else {
				now = now.Add(rapid.SampledFrom([]time.Duration{0, 0, 500 * time.Millisecond, time.Second, time.Minute, 10 * time.Minute, time.Hour, 5 * time.Hour}).Draw(t, "wait"))
			}
			at := now.UnixMilli()
			switch rapid.IntRange(0, 12).Draw(t, "what") {
			case 0:
				before := w.snoozed
				w.snoozed = now.Add(rapid.SampledFrom([]time.Duration{0, time.Minute, 2 * time.Hour}).Draw(t, "snooze")).UnixMilli()
				for _, h := range w.holds { // what waits for its end waits for a sooner one
					if before > w.snoozed && h.due == before {
						h.due = w.snoozed
					}
				}
				update(beckon.Contact{SnoozedUntil: time.UnixMilli(w.snoozed)})
			case 1:
				topic := rapid.SampledFrom([]string{"news", "club"}).Draw(t, "topic")
				var choice *bool
				delete(w.wanted, topic)
				if chosen := rapid.IntRange(0, 2).Draw(t, "choice"); chosen < 2 {
					yes := chosen == 1
					choice, w.wanted[topic] = &yes, yes
				}
				update(beckon.Contact{Topics: map[string]*bool{topic: choice}})
			case 2:
				w.off = !w.off
				if w.off {
					must(e.Unsubscribe(ctx, who, "push"))
				} else {
					must(e.Resubscribe(ctx, who, "push"))
				}
			case 3: // one is given back: what waits asks for its room
				made := slices.DeleteFunc(slices.Clone(w.sends), func(s *roomSend) bool { return s.control })
				if len(made) == 0 {
					continue
				}
				s := rapid.SampledFrom(made).Draw(t, "release")
				must(e.Release(ctx, beckon.Delivery{ID: s.id, Contact: who}))
				w.sends = slices.DeleteFunc(w.sends, func(x *roomSend) bool { return x == s })
				for _, h := range w.holds {
					if h.until != 0 {
						h.due = min(h.due, at)
					}
				}
			case 4, 5, 6, 7:
				var res beckon.Result
				var got []string
				for d, err := range e.Due(ctx, beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { got = append(got, saidHeld(&h)) })) {
					must(err)
					res.Deliveries = append(res.Deliveries, d)
				}
				want := w.dueAt(at)
				w.same(t, now, "Due", want, append(got, decided(&res)...))
				w.named(res.Deliveries)
			default:
				ev, value := beckon.Event{Name: "e", UserID: id}, ""
				if x := rapid.IntRange(0, 2).Draw(t, "x"); x > 0 {
					ev.Metadata, value = beckon.Fields{{Key: "x", Value: beckon.Number(x)}}, fmt.Sprint(x)
				}
				res, err := e.Track(ctx, ev)
				must(err)
				w.same(t, now, "Track", w.track(value, at), decided(&res))
				w.named(res.Deliveries)
				for _, h := range res.Held() {
					w.couldSend(t, e, ev, h, res.Deliveries, &now)
				}
			}
		}
	})
}

// named notes the ids of what was sent.
func (w *roomModel) named(list []beckon.Delivery) {
	for _, d := range list {
		for _, s := range w.sends {
			if s.m.id == d.Message && s.sequence == d.Sequence && !s.control {
				s.id = d.ID
			}
		}
	}
}

func saidHeld(h *beckon.Held) string {
	retry := int64(0)
	if !h.RetryAt.IsZero() {
		retry = h.RetryAt.UnixMilli()
	}
	return fmt.Sprintf("%s held %s %d by %q", h.Message, h.Reason, retry, h.Cap)
}

func (w *roomModel) same(t *rapid.T, now time.Time, what string, want, got []string) {
	slices.Sort(got)
	if diff := gocmp.Diff(append([]string{}, want...), append([]string{}, got...)); diff != "" {
		t.Fatalf("%s at %s (-model +engine):\n%s", what, now.Format(time.RFC3339Nano), diff)
	}
}

// couldSend checks when a message that does not wait for its turn could be sent: not a
// millisecond earlier, and then for this reason not any more, unless one that was judged
// after it has taken the room of a cap.
func (w *roomModel) couldSend(t *rapid.T, e *beckon.Engine, ev beckon.Event, h beckon.Held, sent []beckon.Delivery, now *time.Time) {
	place := func(id string) int {
		return slices.IndexFunc(w.messages, func(m *roomMessage) bool { return m.id == id })
	}
	later := slices.ContainsFunc(sent, func(d beckon.Delivery) bool { return place(d.Message) > place(h.Message) })
	if h.RetryAt.IsZero() || w.messages[place(h.Message)].wait > 0 || later && h.Reason == beckon.ReasonCapped {
		return
	}
	was := *now
	defer func() { *now = was }()
	for _, before := range []time.Duration{time.Millisecond, 0} {
		*now = h.RetryAt.Add(-before)
		if now.Before(was) {
			continue
		}
		list, err := e.Explain(context.Background(), ev)
		if err != nil {
			t.Fatal(err)
		}
		taken := false // by those before it, then
		for _, x := range list {
			taken = taken || x.Sent && x.Message != h.Message
			if x.Message != h.Message || taken && h.Reason == beckon.ReasonCapped {
				continue
			}
			if before > 0 && x.Sent || before == 0 && x.Reason == h.Reason {
				t.Fatalf("%s was held %s until %v; %v before it is %q", h.Message, h.Reason, h.RetryAt, before, x.Reason)
			}
		}
	}
}
