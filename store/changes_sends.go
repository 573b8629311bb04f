package store

import (
	"slices"

	"github.com/beckon-go/beckon/internal/rows"
)

// putRows puts rows of sends into their places in a sorted list, and takes out
// those that count nothing any more. Many of them go in one pass, so that what one
// event sends does not move the list for each.
func putRows(list, changed []SendStats) []SendStats {
	if len(changed) <= rows.Few {
		for i := range changed {
			s := &changed[i]
			if s.Count == 0 && s.Prior == 0 {
				list = slices.DeleteFunc(list, func(x SendStats) bool { return x.Compare(*s) == 0 })
			} else if row := rowOf(list, s); row != nil {
				*row = *s
			} else {
				list = rows.Upsert(list, *s, SendStats.Compare)
			}
		}
		return list
	}
	if !slices.IsSortedFunc(changed, SendStats.Compare) {
		changed = slices.Clone(changed)
		slices.SortStableFunc(changed, SendStats.Compare)
	}
	if replaceRows(list, changed) {
		return list
	}
	out := make([]SendStats, 0, len(list)+len(changed))
	for i, s := range changed {
		if i+1 < len(changed) && s.Compare(changed[i+1]) == 0 {
			continue // the later one counts
		}
		for len(list) > 0 && list[0].Compare(s) < 0 {
			out, list = append(out, list[0]), list[1:]
		}
		if len(list) > 0 && list[0].Compare(s) == 0 {
			list = list[1:]
		}
		if s.Count != 0 || s.Prior != 0 {
			out = append(out, s)
		}
	}
	return append(out, list...)
}

// rowOf returns the row of the same identity in a list of few rows; nil if it has none, or
// many. Whether texts are the same is told faster than which is less.
func rowOf(list []SendStats, s *SendStats) *SendStats {
	if len(list) > rows.Few {
		return nil
	}
	for i := range list {
		if x := &list[i]; x.Message == s.Message && x.Company == s.Company && x.Control == s.Control {
			return x
		}
	}
	return nil
}

// replaceRows puts sorted rows into the places of theirs in a sorted list, as long as they
// have one and stay, and reports whether that was so for all.
func replaceRows(list, changed []SendStats) bool {
	at := 0
	for i := range changed {
		s := &changed[i]
		for at < len(list) && list[at].Compare(*s) < 0 {
			at++
		}
		if at == len(list) || list[at].Compare(*s) != 0 || s.Count == 0 && s.Prior == 0 {
			return false
		}
		list[at] = *s
	}
	return true
}

// putSent puts sends into a log: in the place of the entry with the same ID, or at the
// end. Sends that are new are there only if they were written before, all of them, and
// then they are the last.
func putSent(log, sends []SendLogEntry, isNew bool) []SendLogEntry {
	from := 0
	if isNew {
		from = max(0, len(log)-len(sends))
		if len(sends) > 0 && indexSent(log[from:], &sends[0]) < 0 {
			return append(log, sends...)
		}
	}
	var places map[string]int
	if len(sends) > rows.Few {
		places = make(map[string]int, len(log)-from)
		for i := len(log) - 1; i >= from; i-- {
			places[log[i].ID] = i
		}
	}
	for i := range sends {
		s := &sends[i]
		at, found := 0, false
		if places != nil {
			at, found = places[s.ID]
		} else if at = indexSent(log[from:], s); at >= 0 {
			at, found = from+at, true
		}
		if found {
			log[at] = *s
			continue
		}
		if places != nil {
			places[s.ID] = len(log)
		}
		log = append(log, *s)
	}
	return log
}

// indexSent returns the place of the entry with the ID of sent in a log, -1 if it
// has none.
func indexSent(log []SendLogEntry, sent *SendLogEntry) int {
	for i := range log {
		// The number tells most apart without a look at the texts.
		if x := &log[i]; x.Sequence == sent.Sequence && x.ID == sent.ID {
			return i
		}
	}
	return -1
}

// dropSent takes entries out of a log: mostly its oldest, in their order.
func dropSent(log []SendLogEntry, ids []string) []SendLogEntry {
	n := 0
	for n < len(ids) && n < len(log) && log[n].ID == ids[n] {
		n++
	}
	clear(log[:n])
	log = log[n:] // nothing moves: a log that is full loses one with each send
	switch ids = ids[n:]; {
	case len(ids) == 0:
		return log
	case len(ids) <= rows.Few:
		return slices.DeleteFunc(log, func(x SendLogEntry) bool { return slices.Contains(ids, x.ID) })
	}
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	return slices.DeleteFunc(log, func(x SendLogEntry) bool { return gone[x.ID] })
}
