package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/store"
)

// maxCapSends is the greatest maximum of a cap.
const maxCapSends = 10_000

// A capPlan is a cap made ready.
type capPlan struct {
	id      string
	channel store.Channel // empty: every channel
	tag     string        // empty: whatever the tags
	max     int
	within  int64 // milliseconds
}

// applies reports whether the cap spans messages of that channel with these
// tags.
func (c *capPlan) applies(channel store.Channel, tags []string) bool {
	return (c.channel == "" || c.channel == channel) && (c.tag == "" || slices.Contains(tags, c.tag))
}

// takes reports whether a send counts for the cap at all.
func (c *capPlan) takes(s *store.Sent) bool {
	return !s.Exempt && c.applies(s.Channel, s.Tags)
}

// from returns the first instant that lies in the window at now: (now - within,
// now].
func (c *capPlan) from(now int64) int64 {
	return calendar.AddMillis(calendar.AddMillis(now, -c.within), 1)
}

// A capScope is what narrows a cap. Caps with the same one count the same sends.
type capScope struct {
	channel store.Channel
	tag     string
}

// A capGroup is the caps of one scope.
type capGroup struct {
	capScope
	caps  []capPlan // in the order of the program
	least int       // the least of their maxima
	most  int       // the greatest

	longest int64 // the longest window, in milliseconds
}

// takes reports whether a send counts for the group's caps at all.
func (g *capGroup) takes(s *store.Sent) bool { return g.caps[0].takes(s) }

// A capIndex finds the caps that concern a message or a send, so that many caps
// and many messages cost their sum and not their product.
type capIndex struct {
	groups  []capGroup
	byScope map[capScope]int32
}

// newCapIndex puts caps into groups, in the order of the program.
func newCapIndex(caps []capPlan) capIndex {
	x := capIndex{byScope: make(map[capScope]int32)}
	for _, c := range caps {
		scope := capScope{c.channel, c.tag}
		i, known := x.byScope[scope]
		if !known {
			i = int32(len(x.groups))
			x.byScope[scope] = i
			x.groups = append(x.groups, capGroup{capScope: scope, least: c.max})
		}
		g := &x.groups[i]
		g.caps = append(g.caps, c)
		g.least, g.most, g.longest = min(g.least, c.max), max(g.most, c.max), max(g.longest, c.within)
	}
	return x
}

// concern appends the groups whose caps concern a channel with these tags to
// list, each once.
func (x *capIndex) concern(list []int32, channel store.Channel, tags []string) []int32 {
	if len(x.groups) == 0 {
		return list
	}
	from := len(list)
	add := func(scope capScope) {
		if i, known := x.byScope[scope]; known {
			list = append(list, i)
		}
	}
	add(capScope{})
	if channel != "" {
		add(capScope{channel: channel})
	}
	for i, tag := range tags {
		if tag == "" || slices.Contains(tags[:i], tag) {
			continue
		}
		add(capScope{tag: tag})
		if channel != "" {
			add(capScope{channel, tag})
		}
	}
	slices.Sort(list[from:])
	return list
}

// needs reports whether a cap of the group may still count an entry of the log:
// it is among the newest, as many as the greatest maximum, that the group counts.
// Whether it is within the window is not asked, for the clock may step back.
func (g *capGroup) needs(log, sent []store.Sent, i int) bool {
	if !g.takes(&log[i]) {
		return false
	}
	newer := 0
	for _, list := range [...][]store.Sent{log[i+1:], sent} {
		for j := range list {
			if g.takes(&list[j]) {
				if newer++; newer >= g.most {
					return false
				}
			}
		}
	}
	return true
}

// room returns how many more sends at now all caps of the group have room for,
// after those at times, which are in order and not in the future. The window
// is (now - within, now].
func (g *capGroup) room(times []int64, now int64) int {
	room := g.most
	for i := range g.caps {
		first, _ := slices.BinarySearch(times, g.caps[i].from(now))
		room = min(room, g.caps[i].max-(len(times)-first))
	}
	return room
}

// freeAt returns the instant from which all caps of the group have room, after
// those at times and so many sent at now, if nothing else is sent until then.
func (g *capGroup) freeAt(times []int64, sent int, now int64) (retryAt int64) {
	for i := range g.caps {
		c := &g.caps[i]
		first, _ := slices.BinarySearch(times, c.from(now))
		if len(times)-first+sent < c.max {
			continue
		}
		// The place that frees last is that of the newest send but max - 1.
		at := now
		if sent < c.max {
			at = times[len(times)-(c.max-sent)]
		}
		retryAt = max(retryAt, calendar.AddMillis(at, c.within))
	}
	return retryAt
}
