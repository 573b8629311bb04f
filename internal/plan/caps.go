package plan

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/store"
)

// MaxCapSends is the greatest maximum of a cap.
const MaxCapSends = 10_000

// A Cap is a limit on sends across messages.
type Cap struct {
	ID      string
	Channel store.Channel // empty: every channel
	Tag     string        // empty: whatever the tags
	Max     int
	Within  int64 // milliseconds
	Place   int   // in the program, counted from 1
}

// applies reports whether the cap spans messages of that channel with these
// tags.
func (c *Cap) applies(channel store.Channel, tags []string) bool {
	return (c.Channel == "" || c.Channel == channel) && (c.Tag == "" || slices.Contains(tags, c.Tag))
}

// Takes reports whether a send counts for the cap at all.
func (c *Cap) Takes(s *store.SendLogEntry) bool {
	return !s.Exempt && c.applies(s.Channel, s.Tags)
}

// From returns the first instant that lies in the window at now: (now - within,
// now].
func (c *Cap) From(now int64) int64 {
	return calendar.AddMillis(calendar.AddMillis(now, -c.Within), 1)
}

// A capScope is what narrows a cap. Caps with the same one count the same sends.
type capScope struct {
	channel store.Channel
	tag     string
}

// A CapGroup is the caps of one scope.
type CapGroup struct {
	capScope
	caps  []Cap // in the order of the program
	Least int   // the least of their maxima
	Most  int   // the greatest

	Longest int64 // the longest window, in milliseconds
}

// Takes reports whether a send counts for the group's caps at all.
func (g *CapGroup) Takes(s *store.SendLogEntry) bool { return g.caps[0].Takes(s) }

// Caps returns the group's caps, in the order of the program. They must not be changed.
func (g *CapGroup) Caps() []Cap { return g.caps }

// Caps find the caps that concern a message or a send, so that many caps
// and many messages cost their sum and not their product.
type Caps struct {
	Groups  []CapGroup
	ids     []string // in the program's order
	byScope map[capScope]int32
}

// NewCaps puts caps into groups, in the order of the program.
func NewCaps(caps []Cap) Caps {
	x := Caps{ids: make([]string, 0, len(caps)), byScope: make(map[capScope]int32)}
	for i, c := range caps {
		c.Place = i + 1
		x.ids = append(x.ids, c.ID)
		scope := capScope{c.Channel, c.Tag}
		at, known := x.byScope[scope]
		if !known {
			at = int32(len(x.Groups))
			x.byScope[scope] = at
			x.Groups = append(x.Groups, CapGroup{capScope: scope, Least: c.Max})
		}
		g := &x.Groups[at]
		g.caps = append(g.caps, c)
		g.Least, g.Most, g.Longest = min(g.Least, c.Max), max(g.Most, c.Max), max(g.Longest, c.Within)
	}
	return x
}

// ID returns the ID of the cap at a place, "" for 0.
func (x *Caps) ID(place int) string {
	if place == 0 {
		return ""
	}
	return x.ids[place-1]
}

// Concern appends the groups whose caps concern a channel with these tags to
// list, each once.
func (x *Caps) Concern(list []int32, channel store.Channel, tags []string) []int32 {
	if len(x.Groups) == 0 {
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

// Needs reports whether a cap of the group may still count an entry of the log:
// it is among the newest, as many as the greatest maximum, that the group counts.
// Whether it is within the window is not asked, for the clock may step back.
func (g *CapGroup) Needs(log, sent []store.SendLogEntry, i int) bool {
	if !g.Takes(&log[i]) {
		return false
	}
	newer := 0
	for _, list := range [...][]store.SendLogEntry{log[i+1:], sent} {
		for j := range list {
			if g.Takes(&list[j]) {
				if newer++; newer >= g.Most {
					return false
				}
			}
		}
	}
	return true
}

// Room returns how many more sends at now all caps of the group have room for,
// after those at times, which are in order and not in the future. The window
// is (now - within, now].
func (g *CapGroup) Room(times []int64, now int64) int {
	room := g.Most
	for i := range g.caps {
		first, _ := slices.BinarySearch(times, g.caps[i].From(now))
		room = min(room, g.caps[i].Max-(len(times)-first))
	}
	return room
}

// FreeAt returns the instant from which all caps of the group have room, after
// those at times and so many sent at now, if nothing else is sent until then; and the
// place of the cap that has room last, 0 if all have some. Of several it is the first in
// the program (F10).
func (g *CapGroup) FreeAt(times []int64, sent int, now int64) (retryAt int64, place int) {
	for i := range g.caps {
		c := &g.caps[i]
		first, _ := slices.BinarySearch(times, c.From(now))
		if len(times)-first+sent < c.Max {
			continue
		}
		// The place that frees last is that of the newest send but max - 1.
		at := now
		if sent < c.Max {
			at = times[len(times)-(c.Max-sent)]
		}
		if free := calendar.AddMillis(at, c.Within); place == 0 || free > retryAt {
			retryAt, place = free, c.Place
		}
	}
	return retryAt, place
}
