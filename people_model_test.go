package beckon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// The model of what a contact may be spared: quiet hours are looked at minute by minute, and
// what waits is a list.

type spareMessage struct {
	id            string
	channel       beckon.Channel
	transactional bool
	topic         int // -1: none
}

type spareHours struct {
	channels []beckon.Channel
	own      bool
	from, to int // minutes of the day
	drops    bool
}

func (q *spareHours) window() beckon.Window {
	at := func(m int) beckon.TimeOfDay { return beckon.TimeOfDay(fmt.Sprintf("%02d:%02d", m/60, m%60)) }
	return beckon.Window{From: at(q.from), To: at(q.to)}
}

func (q *spareHours) applies(m *spareMessage, at int64, zone *time.Location) bool {
	if !slices.Contains(q.channels, m.channel) && !(len(q.channels) == 0 && (m.channel == beckon.Email || m.channel == beckon.Push || m.channel == beckon.SMS)) {
		return false
	}
	if !q.own {
		zone = time.UTC
	}
	now := time.UnixMilli(at).In(zone)
	minute := now.Hour()*60 + now.Minute()
	if q.from < q.to {
		return q.from <= minute && minute < q.to
	}
	return minute >= q.from || minute < q.to
}

type spareWaiting struct {
	m    *spareMessage
	due  int64
	n    int // the event's number
	body string
}

type spareModel struct {
	messages []*spareMessage // by id
	hours    []*spareHours
	zone     *time.Location
	snoozed  int64
	waiting  []spareWaiting
	events   int
	optIn    [2]bool
	chosen   map[int]bool // of topics
	refused  map[string]bool
}

// judge says what becomes of a message at an instant.
func (s *spareModel) judge(w spareWaiting, now int64) string {
	if !w.m.transactional {
		quiet, drops := s.quiet(w.m, now)
		switch {
		case drops:
			return w.m.id + " held quiet 0"
		case quiet:
			at := now/60_000*60_000 + 60_000
			for q, _ := s.quiet(w.m, at); q && at < now+15*24*3600_000; q, _ = s.quiet(w.m, at) {
				at += 60_000
			}
			if at >= now+15*24*3600_000 {
				return w.m.id + " held quiet 0"
			}
			w.due = at
			s.waiting = append(s.waiting, w)
			return fmt.Sprintf("%s held quiet %d", w.m.id, at)
		case now < s.snoozed:
			w.due = s.snoozed
			s.waiting = append(s.waiting, w)
			return fmt.Sprintf("%s held snoozed %d", w.m.id, s.snoozed)
		}
	}
	if !w.m.transactional {
		sweeps := w.m.channel == beckon.Email || w.m.channel == beckon.SMS
		if sweeps && (s.refused[string(w.m.channel)] || s.refused[string(w.m.channel)+":tag"]) {
			return w.m.id + " held unsubscribed 0"
		}
		if w.m.topic >= 0 {
			if said, is := s.chosen[w.m.topic]; is && !said || !is && s.optIn[w.m.topic] {
				return w.m.id + " held unsubscribed 0"
			}
		}
	}
	return w.m.id + " sent " + w.body
}

func (s *spareModel) quiet(m *spareMessage, at int64) (quiet, drops bool) {
	for _, q := range s.hours {
		if q.applies(m, at, s.zone) {
			quiet, drops = true, drops || q.drops
		}
	}
	return quiet, drops
}

func (s *spareModel) track(body string, now int64) (out []string) {
	s.events++
	for _, m := range s.messages {
		out = append(out, s.judge(spareWaiting{m, 0, s.events, body}, now))
	}
	return out
}

func (s *spareModel) due(now int64) (out []string) {
	var ready, left []spareWaiting
	for _, w := range s.waiting {
		if w.due <= now {
			ready = append(ready, w)
		} else {
			left = append(left, w)
		}
	}
	s.waiting = left
	slices.SortStableFunc(ready, func(a, b spareWaiting) int {
		if a.due != b.due {
			return int(a.due - b.due)
		}
		if a.n != b.n {
			return a.n - b.n
		}
		return strings.Compare(a.m.id, b.m.id)
	})
	for _, w := range ready {
		out = append(out, s.judge(w, now))
	}
	return out
}

func (s *spareModel) snooze(until, now int64) {
	if until <= now {
		until = 0
	}
	for i := range s.waiting {
		if w := &s.waiting[i]; w.due == s.snoozed && s.snoozed > max(until, now) {
			w.due = max(until, now)
		}
	}
	s.snoozed = until
}

// S4, C6, D11: quiet hours, a snooze and consent, against the model.
func TestSpareAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, p := &spareModel{zone: time.UTC, chosen: map[int]bool{}, refused: map[string]bool{}}, beckon.Program{}
		for i := range s.optIn {
			s.optIn[i] = rapid.Bool().Draw(t, "opt in")
			p.Topics = append(p.Topics, beckon.Topic{ID: fmt.Sprint("t", i), OptIn: s.optIn[i]})
		}
		channels := []beckon.Channel{beckon.Email, beckon.SMS, beckon.Chat, beckon.Custom("kiosk")}
		for i := range rapid.IntRange(0, 3).Draw(t, "hours") {
			q := &spareHours{
				channels: rapid.SliceOfN(rapid.SampledFrom(channels), 0, 2).Draw(t, "channels"), own: rapid.Bool().Draw(t, "own"),
				from: rapid.IntRange(0, 23).Draw(t, "from") * 60, drops: rapid.IntRange(0, 3).Draw(t, "drops") == 0,
			}
			q.to = (q.from + rapid.IntRange(1, 1439).Draw(t, "length")) % 1440
			s.hours = append(s.hours, q)
			p.QuietHours = append(p.QuietHours, beckon.QuietHours{Channels: q.channels, ContactTimezone: q.own, Windows: []beckon.Window{q.window()}})
			if q.drops {
				p.QuietHours[i].Then = beckon.OutsideDrop
			}
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "messages") {
			m := &spareMessage{fmt.Sprint("m", i), rapid.SampledFrom(channels).Draw(t, "channel"), rapid.IntRange(0, 3).Draw(t, "transactional") == 0, rapid.IntRange(-1, 1).Draw(t, "topic")}
			s.messages = append(s.messages, m)
			p.Messages = append(p.Messages, beckon.Message{
				ID: m.id, Channel: m.channel, Status: beckon.Live, Trigger: beckon.On("e"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
				Transactional: m.transactional, Tags: []string{"tag"}, Content: beckon.Content{Body: "{{ event.n }}"},
			})
			if m.topic >= 0 {
				p.Messages[i].Topic = p.Topics[m.topic].ID
			}
		}
		now := modelStart
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		must(engine.Publish(t.Context(), p))
		update := beckon.Contact{UserID: "u"}
		if update.Timezone = rapid.SampledFrom([]string{"", "Asia/Tokyo", "America/St_Johns"}).Draw(t, "zone"); update.Timezone != "" {
			s.zone, err = time.LoadLocation(update.Timezone)
			must(err)
		}
		_, err = engine.Update(t.Context(), update)
		must(err)
		for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "minutes")) * time.Minute)
			var got, want []string
			note := func(h beckon.Held) {
				at := int64(0)
				if !h.RetryAt.IsZero() {
					at = h.RetryAt.UnixMilli()
				}
				got = append(got, fmt.Sprintf("%s held %s %d", h.Message, h.Reason, at))
			}
			sent := func(d beckon.Delivery) { got = append(got, d.Message+" sent "+d.Body) }
			switch what := rapid.SampledFrom([]string{"track", "track", "due", "due", "snooze", "verb", "choose"}).Draw(t, "what"); what {
			case "track":
				want = s.track(fmt.Sprint(i), now.UnixMilli())
				res, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: "u", Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(i)}}})
				must(err)
				for _, d := range res.Deliveries {
					sent(d)
				}
				for _, h := range res.Held() {
					note(h)
				}
			case "due":
				want = s.due(now.UnixMilli())
				for d, err := range engine.Due(t.Context(), beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { note(h) })) {
					must(err)
					sent(d)
				}
			case "verb":
				from, back := rapid.SampledFrom([]string{"email", "sms", "sms:tag", "t0", "t1"}).Draw(t, "from"), rapid.Bool().Draw(t, "back")
				if n, topic := strings.CutPrefix(from, "t"); topic {
					s.chosen[int(n[0]-'0')] = back
				} else {
					s.refused[from] = !back
				}
				if back {
					must(engine.Resubscribe(t.Context(), beckon.Identity{UserID: "u"}, from))
				} else {
					must(engine.Unsubscribe(t.Context(), beckon.Identity{UserID: "u"}, from))
				}
			case "choose":
				n, what := rapid.IntRange(0, 1).Draw(t, "of"), rapid.IntRange(0, 2).Draw(t, "choice")
				c := beckon.Contact{UserID: "u", Topics: map[string]*bool{p.Topics[n].ID: nil}}
				if delete(s.chosen, n); what > 0 {
					yes := what == 1
					s.chosen[n], c.Topics[p.Topics[n].ID] = yes, &yes
				}
				must(second(engine.Update(t.Context(), c)))
			case "snooze":
				until := now.Add(time.Duration(rapid.IntRange(-60, 2000).Draw(t, "for")) * time.Minute)
				s.snooze(until.UnixMilli(), now.UnixMilli())
				_, err := engine.Update(t.Context(), beckon.Contact{UserID: "u", SnoozedUntil: until})
				must(err)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("step %d at %v:\n got %q\nwant %q", i, now, got, want)
			}
		}
	})
}
