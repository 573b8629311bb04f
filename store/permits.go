package store

import (
	"slices"
	"strings"
)

// Permits are what a Throttler keeps of a key, in a record of [KindThrottle]. A record
// has a row for each throttler that shares the key, and Record.EventSeq counts the
// permits that were ever given, by whichever of them.
type Permits struct {
	Throttler string   // its name; empty unless it was given one
	Count     uint64   // permits that were not given back
	Last      int64    // Unix milliseconds of the latest of them; 0 if there is none
	Prior     int64    // the latest that has left Newest; 0 if all that are counted stand there
	Newest    []Permit // the newest of them, oldest first
}

// A Permit is one permit that was not given back.
type Permit struct {
	At       int64  // Unix milliseconds
	Sequence uint64 // what Record.EventSeq was after it; unique in the key
}

// Compare orders rows as Record.Permits has them, by throttler. It returns -1, 0 or
// +1; 0 means the same row.
func (p Permits) Compare(q Permits) int { return strings.Compare(p.Throttler, q.Throttler) }

// putPermits puts rows into their places in a sorted list. The lists in them are
// copied: into the memory of the row that is there, so a window that is full allocates
// no more.
func putPermits(list, changed []Permits) []Permits {
	for _, p := range changed {
		i, found := slices.BinarySearchFunc(list, p, Permits.Compare)
		if !found {
			p.Newest = slices.Clone(p.Newest)
			list = slices.Insert(list, i, p)
			continue
		}
		// p.Newest may be a part of that memory; append copes with the overlap.
		p.Newest = append(list[i].Newest[:0], p.Newest...)
		list[i] = p
	}
	return list
}

// permitsOf returns the rows that versions 1 and 2 of the persisted form kept as
// counters: Def was the throttler's name, First the Prior, and Times had the newest in
// pairs of an instant and a sequence.
func permitsOf(counters []Counter) []Permits {
	if len(counters) == 0 {
		return nil
	}
	list := make([]Permits, len(counters))
	for i := range counters {
		k := &counters[i]
		p := Permits{Throttler: k.Def, Count: k.Count, Last: k.Last, Prior: k.First}
		if n := len(k.Times) / 2; n > 0 {
			p.Newest = make([]Permit, n)
			for j := range p.Newest {
				p.Newest[j] = Permit{At: k.Times[2*j], Sequence: uint64(k.Times[2*j+1])}
			}
		}
		list[i] = p
	}
	return list
}
