// Package standing says how what limits a message stands for a contact: its frequency, the
// caps across messages, hours, consent. It is told what was counted, and decides nothing.
package standing

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// lastInstant is the end of the year 9999, in Unix milliseconds: no JSON reaches further.
const lastInstant = 253_402_300_799_999

// Instant returns an instant of Unix milliseconds. 0 is the zero Time, and so is what lies
// beyond the year 9999 or before 1.
func Instant(ms int64) time.Time {
	if ms == 0 || ms > lastInstant || ms < -62_135_596_800_000 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func span(ms int64) explain.Span {
	return explain.Span(time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond)
}

// Frequency returns how the frequency of a message stands after count sends, the last at
// last; nil if it has none. value describes what it counts by.
func Frequency(m *plan.Message, count uint64, last int64, value string, now int64) *explain.Frequency {
	if !m.Paced {
		return nil
	}
	f := &explain.Frequency{
		Every: span(m.Frequency.Every), Max: int(min(m.Frequency.Max, math.MaxInt)), Wait: span(m.Frequency.Wait), Per: m.Frequency.Per, Value: value,
		Count: int(min(count, math.MaxInt)),
	}
	if count > 0 {
		f.Last = Instant(last)
	}
	reason, retry := m.Frequency.Judge(count, last, now)
	if f.Full = reason != plan.NotHeld; reason == plan.HeldThrottled {
		f.FreeAt = Instant(retry)
	}
	return f
}

// Caps returns how the caps stand that concern a message, after the sends of a log and of
// an occasion at now.
func Caps(caps *plan.Caps, m *plan.Message, log, occasion []store.SendLogEntry, now int64) (list []explain.Cap) {
	var places []int
	for _, place := range m.Caps {
		g := &caps.Groups[place]
		var sends []store.SendLogEntry
		for _, from := range [...][]store.SendLogEntry{log, occasion} {
			for i := range from {
				if g.Takes(&from[i]) {
					s := from[i]
					s.At = min(s.At, now) // F6
					sends = append(sends, s)
				}
			}
		}
		slices.SortStableFunc(sends, func(a, b store.SendLogEntry) int { return cmp.Compare(a.At, b.At) })
		for _, c := range g.Caps() {
			i, _ := slices.BinarySearch(places, c.Place)
			places, list = slices.Insert(places, i, c.Place), slices.Insert(list, i, capOf(&c, sends, m, now))
		}
	}
	return list
}

// capOf returns how a cap stands after sends that count for it, in order.
func capOf(c *plan.Cap, sends []store.SendLogEntry, m *plan.Message, now int64) explain.Cap {
	first := 0
	for first < len(sends) && sends[first].At < c.From(now) {
		first++
	}
	sends = sends[first:]
	x := explain.Cap{
		ID: c.ID, Channel: c.Channel, Tag: c.Tag, Max: c.Max, Within: span(c.Within), Count: len(sends), Full: len(sends) >= c.Max, Ignored: m.NotLimited,
	}
	if x.Full {
		x.FreeAt = Instant(calendar.AddMillis(sends[len(sends)-c.Max].At, c.Within))
	}
	for _, s := range sends[max(len(sends)-explain.MaxListedSends, 0):] {
		x.Sends = append(x.Sends, explain.Send{Message: s.Message, At: Instant(s.At)})
	}
	return x
}

// Consent returns what a contact has refused, or not yet allowed, that concerns a message;
// nil if there is nothing.
func Consent(p *store.Profile, m *plan.Message) *explain.Consent {
	of := consent.Message{Channel: m.Channel, Tags: m.Tags}
	if m.Topic != nil {
		of.Topic, of.OptIn = m.Topic.ID, m.Topic.OptIn
	}
	by := consent.By(p, of)
	if by == "" {
		return nil
	}
	x := &explain.Consent{Refused: !m.Transactional, Of: by, Overruled: m.Transactional}
	if c := consent.Of(p, by); c != nil {
		x.At, x.From = Instant(c.At), c.From
	} else {
		x.OptIn = by == of.Topic && of.OptIn
	}
	return x
}
