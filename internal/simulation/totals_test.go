package simulation

import (
	"strings"

	"github.com/beckon-go/beckon/store"
)

// A sweeping says how a call sweeps.
type sweeping uint8

const (
	notAtAll sweeping = iota
	alone             // over all contacts
	together          // with other engines
)

// byPass reports whether a total counts contacts, each once, as of the last sweep (Z2).
func byPass(total string) bool {
	return strings.HasPrefix(total, "held.") && total != "held.control"
}

// leaves reports whether a call leaves a total to the end of the pass.
func (c *call) leaves(total string) bool { return c.sweeps != notAtAll && byPass(total) }

// sees takes down the totals that a call has read.
func (c *call) sees(message string, list []store.Total) {
	if c.totals == nil {
		c.totals = map[totalKey]int64{}
	}
	for k := range c.totals {
		if k.message == message {
			delete(c.totals, k)
		}
	}
	for _, x := range list {
		c.totals[totalKey{message, x.Name}] = x.Count
	}
}

// settled checks what a sweep that has ended makes of the totals: what it has found, and
// of each contact one reason for a message.
func (w *world) settled(c *call, added []store.Increment) {
	now := map[totalKey]int64{}
	for k, n := range c.totals {
		if byPass(k.name) {
			now[k] = n
		}
	}
	for _, x := range added {
		now[totalKey{x.Message, x.Name}] += x.N
	}
	if len(added) == 0 {
		return // another was quicker, or the pass was settled before
	}
	// Of a message that not every program of the call has, it may have counted those alone whom it
	// looked at by the program with which it began.
	sure := func(message string) bool {
		return c.told && c.sweeps == alone && !c.unsure && !c.process.may(c, func(v *version) bool { return !v.knows(message) })
	}
	contacts := map[string]int64{}
	for k, n := range now {
		if contacts[k.message] += n; n < 0 || contacts[k.message] > int64(len(w.people)) {
			w.fail(totalsBroken, "a sweep has ended, and makes %s of %s %d; there are %d contacts", k.name, k.message, n, len(w.people))
		}
		if sure(k.message) && c.said[k] != n {
			w.fail(totalsBroken, "a sweep has ended, and makes %s of %s %d; it has said so %d times", k.name, k.message, n, c.said[k])
		}
	}
	for k, n := range c.said {
		if w.universe.byID[k.message].crosses != "" {
			continue // what a segment triggers is counted as it is held
		}
		if sure(k.message) && byPass(k.name) && now[k] != n {
			w.fail(totalsBroken, "a sweep has said %s of %s %d times, and makes it %d", k.name, k.message, n, now[k])
		}
	}
}
