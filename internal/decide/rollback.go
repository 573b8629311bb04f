package decide

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon/store"
)

// An origin is what a delivery came out of, if that was used up by it: given
// back, it waits there again.
type origin struct {
	hold *store.Hold       // what had waited until now
	walk store.SeriesState // the walk at the message's block; its Series is empty if there is none
}

// A Rollback is the decision to take back what was decided and not yielded.
type Rollback struct {
	Deliveries []store.Delivery
	Origins    []origin            // of the deliveries
	Walks      []store.SeriesState // as the decision left them
}

// Decide implements [store.Decider].
func (g Rollback) Decide(rec *store.Record, c *store.Changes) error {
	for i := range g.Deliveries {
		d := &g.Deliveries[i]
		if d.Attempt != 0 && !LeasesDelivery(rec.Profile, d) { // another has it by now
			continue
		}
		if !Release(rec, c, d.ID) {
			continue
		}
		p, from := c.Profile, g.Origins[i]
		if from.hold != nil {
			p.Holds = append(p.Holds, *from.hold)
		}
		if from.walk.Series == "" {
			continue
		}
		// A walk that has gone on since would send twice what comes after.
		for k := range p.SeriesStates {
			if p.SeriesStates[k].Series == from.walk.Series && slices.Contains(g.Walks, p.SeriesStates[k]) {
				p.SeriesStates[k] = from.walk
			}
		}
	}
	if c.Profile != nil {
		sortHolds(c.Profile.Holds)
	}
	return nil
}

// Release takes one send out of a record. It may be called several times for
// one step.
func Release(rec *store.Record, c *store.Changes, id string) bool {
	i := slices.IndexFunc(rec.SendLog, func(s store.SendLogEntry) bool { return s.ID == id })
	if i < 0 || slices.Contains(c.SendLogDrop, id) {
		return false
	}
	s := &rec.SendLog[i]
	c.SendLogDrop = append(c.SendLogDrop, id)
	row := store.SendStats{Message: s.Message, Company: s.Company}
	k := slices.IndexFunc(c.SendStats, func(x store.SendStats) bool { return x.Compare(row) == 0 })
	if k < 0 {
		if j, found := slices.BinarySearchFunc(rec.SendStats, row, store.SendStats.Compare); found {
			row = rec.SendStats[j]
		}
		c.SendStats = append(c.SendStats, row)
		k = len(c.SendStats) - 1
	}
	r := &c.SendStats[k]
	if r.Count > 0 {
		r.Count--
	}
	// The latest that is left: in the log, or before it.
	r.Last = 0
	if r.Count > 0 {
		r.Last = r.Prior
		for j := range rec.SendLog {
			if x := &rec.SendLog[j]; x.Message == s.Message && x.Company == s.Company && !slices.Contains(c.SendLogDrop, x.ID) {
				r.Last = max(r.Last, x.At)
			}
		}
	} else {
		r.Prior = 0
	}
	if c.Profile == nil {
		c.Profile = CloneProfile(rec.Profile)
	}
	p := c.Profile
	p.FreeSequences = append(p.FreeSequences, store.FreeSequence{Message: s.Message, Sequence: s.Sequence})
	p.Pending = slices.DeleteFunc(p.Pending, func(x store.Pending) bool { return x.Delivery.ID == id })
	if s.Date != 0 {
		p.Dates = slices.DeleteFunc(p.Dates, func(x store.DateState) bool {
			return x.Message == s.Message && x.Company == s.Company && x.Value == s.Date
		})
	}
	if r.Count == 0 {
		p.Goals = slices.DeleteFunc(p.Goals, func(g store.GoalState) bool {
			return g.Message == s.Message && !g.Control && !g.Converted
		})
	}
	c.Totals = append(c.Totals, store.Increment{Message: s.Message, Name: TotalSent, N: -1})
	return true
}

// RedateSend sets one send to a later instant, with the lease of its delivery,
// and reports whether it has: a send that was given back meanwhile, or that
// another worker has by now, stays as it is.
func RedateSend(rec *store.Record, c *store.Changes, d *store.Delivery, now, lease int64) bool {
	id := d.ID
	i := slices.IndexFunc(rec.SendLog, func(s store.SendLogEntry) bool { return s.ID == id })
	if i < 0 || rec.SendLog[i].At >= now || d.Attempt != 0 && !LeasesDelivery(rec.Profile, d) {
		return false
	}
	s := rec.SendLog[i]
	s.At = now
	c.SendLog = append(c.SendLog, s)
	row := store.SendStats{Message: s.Message, Company: s.Company}
	if k := slices.IndexFunc(c.SendStats, func(x store.SendStats) bool { return x.Compare(row) == 0 }); k >= 0 {
		c.SendStats[k].Last = max(c.SendStats[k].Last, now)
	} else if j, ok := slices.BinarySearchFunc(rec.SendStats, row, store.SendStats.Compare); ok {
		row = rec.SendStats[j]
		row.Last = max(row.Last, now)
		c.SendStats = append(c.SendStats, row)
	}
	if PendingIndex(rec.Profile, id) < 0 {
		return true
	}
	if c.Profile == nil {
		c.Profile = CloneProfile(rec.Profile)
	}
	p := &c.Profile.Pending[PendingIndex(c.Profile, id)]
	p.Delivery.At, p.Until = time.UnixMilli(now).UTC(), lease
	return true
}
