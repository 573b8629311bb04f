package rule

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// A Log is the events of a contact that counters are made of. To ask it for a few
// names goes through the events for each; then it knows them by their names. One
// goroutine may use it, and nobody changes Events meanwhile.
type Log struct {
	Events []store.LoggedEvent // newest first, mostly

	asked  int
	places map[unique.Handle[string]][]int32 // by name, as in Events
	seqs   []uint64                          // sorted
}

// Each calls fn with the events of a name, from the last of Events on: mostly the
// oldest first.
func (l *Log) Each(name unique.Handle[string], fn func(*store.LoggedEvent)) {
	if l.indexed() {
		for _, i := range slices.Backward(l.places[name]) {
			fn(&l.Events[i])
		}
		return
	}
	for i := len(l.Events) - 1; i >= 0; i-- {
		if l.Events[i].Name == name {
			fn(&l.Events[i])
		}
	}
}

// from returns how many events there are from a sequence number on.
func (l *Log) from(seq uint64) uint64 {
	if l.indexed() {
		i, _ := slices.BinarySearch(l.seqs, seq)
		return uint64(len(l.seqs) - i)
	}
	n := uint64(0)
	for i := range l.Events {
		if l.Events[i].Seq >= seq {
			n++
		}
	}
	return n
}

// indexed reports whether the log knows its events by name, which it learns when it
// has been asked often.
func (l *Log) indexed() bool {
	if l.places != nil {
		return true
	}
	if l.asked++; l.asked <= rows.Few {
		return false
	}
	l.places = make(map[unique.Handle[string]][]int32)
	l.seqs = make([]uint64, len(l.Events))
	for i := range l.Events {
		e := &l.Events[i]
		l.places[e.Name] = append(l.places[e.Name], int32(i))
		l.seqs[i] = e.Seq
	}
	slices.Sort(l.seqs)
	return true
}

// A Reading is what of a record a rule may look at, besides who it is of and its
// profile. It may have something twice.
type Reading struct {
	Stats    []unique.Handle[string]
	Counters []*CounterDef
	Sends    []string // messages
	AllSends bool     // of whatever message
}

// Reading returns what the rule and the segments that it uses look at.
func (r *Compiled) Reading() *Reading {
	x := &Reading{}
	x.add(r, map[*Segment]bool{})
	return x
}

func (x *Reading) add(r *Compiled, segments map[*Segment]bool) {
	for i := range r.Conditions {
		if f := r.Conditions[i].field(); f != nil {
			x.AllSends = x.AllSends || f.source == fromStandard && f.name == LastContacted
		}
		switch c := &r.Conditions[i]; c.source {
		case fromCount, fromFirst, fromLast:
			x.Stats = append(x.Stats, c.handle)
		case fromCounterCount, fromWindow, fromCounterFirst, fromCounterLast, fromSum, fromMin, fromMax, fromAverage, fromDistinct:
			x.Stats, x.Counters = append(x.Stats, c.counter.Event), append(x.Counters, c.counter)
		case fromSentCount, fromLastSent:
			x.Sends = append(x.Sends, c.name)
		case fromStandard:
			x.AllSends = x.AllSends || c.name == LastContacted
		case fromSegment:
			if !segments[c.segment] {
				segments[c.segment] = true
				x.add(c.segment.Rule, segments)
			}
		}
	}
}
