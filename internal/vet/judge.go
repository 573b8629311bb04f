package vet

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A world is one value that a subject may have, under the names that stand for it.
type world struct {
	fields  value.Fields
	kind    string  // the metadata type of the value; empty for unknown
	against string  // that of the field that it is compared with
	fresh   bool    // of texts for which conditions that look into them may say anything
	bounds  *bounds // of what is counted or tallied
	sign    int     // of a sum: outcomes of another sign are others
}

func single(v value.Value, kind string, fresh bool) world {
	return world{fields: value.Fields{{Key: standsValue, Value: v}, {Key: standsSpan, Value: v}}, kind: kind, fresh: fresh}
}

// A stage shows worlds to conditions, one after the other.
type stage struct {
	now   int64
	zone  *time.Location
	scope rule.Scope
	rec   store.Record
}

func (sub *subject) stage(now int64) *stage { return &stage{now: now * 1000, zone: sub.zone} }

// show returns what conditions see of a world, until the next one is shown.
func (g *stage) show(w *world) *rule.Scope {
	if g.rec.Profile == nil {
		g.rec = store.Record{Exists: true, Profile: &store.Profile{}}
	}
	list := g.rec.Profile.Attributes[:0]
	for _, f := range w.fields {
		list = append(list, store.NewAttribute(f.Key, f.Value))
	}
	slices.SortFunc(list, func(a, b store.Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
	g.rec.Profile.Attributes = list
	g.scope.Restart(&g.rec, g.now, g.zone)
	g.scope.Fields = w.fields
	return &g.scope
}

// holds reports whether the condition holds in a world.
func (l *leaf) holds(w world) bool {
	return l.run.Eval(l.subject.stage(l.subject.noon()).show(&w))
}

// judge finds the outcomes that the leaves can come to together.
func (sub *subject) judge() {
	if sub.judged {
		return
	}
	sub.judged = true
	if sub.kind == free { // all its leaves are one condition
		for _, verdict := range []string{"0", "1"} {
			sub.outcomes = append(sub.outcomes, &outcome{verdict: strings.Repeat(verdict, len(sub.leaves))})
		}
		return
	}
	var open []int
	for i, l := range sub.leaves {
		if l.pattern {
			open = append(open, i)
		}
	}
	if sub.kind == page {
		sub.unseen = &outcome{verdict: string(sub.verdict(sub.stage(sub.noon()), new(world)))}
	}
	if ways, few := sub.spread(open); !few || !sub.tryAll(open, ways) {
		sub.outcomes = nil
	}
}

// tryAll finds the outcomes, over all moments and worlds. It reports whether those were few
// enough to be looked at.
func (sub *subject) tryAll(open []int, ways [][]byte) bool {
	type same struct {
		verdict string
		known   bool
		sign    int
	}
	seen := map[same]*outcome{}
	add := func(verdict string, w *world) {
		key := same{verdict, w.bounds != nil, w.sign}
		switch o := seen[key]; {
		case o == nil:
			o = &outcome{verdict, w.bounds}
			seen[key] = o
			sub.outcomes = append(sub.outcomes, o)
		case w.bounds != nil:
			o.bounds = o.bounds.join(w.bounds)
		}
	}
	tried := 0
	moments := sub.moments()
	for _, now := range moments {
		g, worlds := sub.stage(now), sub.possible(now)
		if tried += len(worlds) * len(ways); worlds == nil || tried > 10*maxWorlds {
			return false
		}
		for i := range worlds {
			w := &worlds[i]
			verdict := sub.verdict(g, w)
			if !w.fresh {
				add(string(verdict), w)
				continue
			}
			for _, way := range ways {
				for k, at := range open {
					verdict[at] = way[k]
				}
				add(string(verdict), w)
			}
		}
	}
	return len(moments) > 0
}

// verdict returns what the leaves come to in a world.
func (sub *subject) verdict(g *stage, w *world) []byte {
	scope, verdict := g.show(w), make([]byte, len(sub.leaves))
	for i, l := range sub.leaves {
		verdict[i] = '0'
		if l.run.Eval(scope) {
			verdict[i] = '1'
		}
	}
	return verdict
}

// freshText is a text that no condition names.
const freshText = "~\u2042 another text \u2042~"

// possible returns the values that a subject may have at an instant; nil if they are too many.
func (sub *subject) possible(now int64) []world {
	c := sub.candidates(now)
	switch sub.kind {
	case pair:
		return sub.pairs(sub.plainSamples())
	case counted:
		worlds := c.counts()
		if sub.never {
			return worlds[:min(1, len(worlds))] // the first is that of none
		}
		return worlds
	case tallied:
		return c.tallies(sub)
	case page:
		worlds := []world{{}}
		if sub.key == "page:seconds" {
			for _, n := range c.numbers {
				if n.Sign() >= 0 {
					worlds = append(worlds, single(literal(n), "number", false))
				}
			}
			return worlds
		}
		for _, t := range c.texts {
			worlds = append(worlds, single(value.String(t), "string", false))
		}
		return append(worlds, single(value.String(freshText), "string", true))
	}
	return c.values(!strings.HasPrefix(sub.key, "metadata:"))
}

// tallies returns what a sum or its like may be: of nothing a sum is 0, and so is how many
// different values there are; all else is unknown.
func (c *candidates) tallies(sub *subject) []world {
	number := func(n *big.Rat, b *bounds) world {
		w := single(literal(n), "number", false)
		w.bounds = b
		return w
	}
	worlds := []world{{}}
	zero := new(big.Rat)
	if sub.stat == "distinct" || sub.stat == "sum" {
		worlds[0] = number(zero, only(zero))
	}
	if sub.never {
		return worlds
	}
	if sub.stat != "distinct" {
		for _, n := range c.numbers {
			w := number(n, c.cell(n))
			if sub.stat == "sum" {
				w.sign = n.Sign()
			}
			worlds = append(worlds, w)
		}
		return worlds
	}
	list := c.counted()
	for i, n := range list {
		b := only(n)
		if i == len(list)-1 {
			b.high = edge{}
		}
		worlds = append(worlds, number(n, b))
	}
	return worlds
}

// counts returns how often something may have happened, and when first and last.
func (c *candidates) counts() []world {
	if len(c.dates) > 100 || len(c.spans) > 100 || len(c.numbers) > 1000 {
		return nil
	}
	number := func(n *big.Rat) value.Field { return value.Field{Key: standsCount, Value: literal(n)} }
	zero := new(big.Rat)
	worlds := []world{{fields: value.Fields{number(zero)}, bounds: only(zero)}}
	date := func(key string, at int64) value.Field { return value.Field{Key: key, Value: dated(at)} }
	var times []value.Fields // dates that are given and spans to now, each with the first not after the last
	for i, first := range c.dates {
		for _, last := range c.dates[i:] {
			times = append(times, value.Fields{date(standsFirst, first), date(standsLast, last)})
		}
	}
	var spans []value.Fields
	for i, first := range c.spans {
		for _, last := range c.spans[i:] {
			spans = append(spans, value.Fields{date(standsFirstSpan, first), date(standsLastSpan, last)})
		}
	}
	list := c.counted()
	for i, n := range list {
		b := only(n)
		if i == len(list)-1 { // it stands for all that are greater
			b.high = edge{}
		}
		for _, t := range times {
			for _, s := range spans {
				if len(worlds) == maxWorlds {
					return nil
				}
				worlds = append(worlds, world{fields: slices.Concat(value.Fields{number(n)}, t, s), bounds: b})
			}
		}
	}
	return worlds
}
