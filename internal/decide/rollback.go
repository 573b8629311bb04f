package decide

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon/store"
)

// An origin is what a delivery came out of, if that was used up by it: given
// back, it waits there again.
type origin struct {
	hold *store.Hold // what had waited until now
	walk store.Walk  // the walk at the message's block; its Series is empty if there is none
}

// A giveBack is the decision to take back what was decided and not yielded.
type Rollback struct {
	Deliveries []store.Delivery
	Origins    []origin     // of the deliveries
	Walks      []store.Walk // as the decision left them
}

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
		for k := range p.Walks {
			if p.Walks[k].Series == from.walk.Series && slices.Contains(g.Walks, p.Walks[k]) {
				p.Walks[k] = from.walk
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
	i := slices.IndexFunc(rec.Log, func(s store.Sent) bool { return s.ID == id })
	if i < 0 || slices.Contains(c.LogDrop, id) {
		return false
	}
	s := &rec.Log[i]
	c.LogDrop = append(c.LogDrop, id)
	row := store.Sends{Message: s.Message, Company: s.Company}
	k := slices.IndexFunc(c.Sends, func(x store.Sends) bool { return x.Compare(row) == 0 })
	if k < 0 {
		if j, found := slices.BinarySearchFunc(rec.Sends, row, store.Sends.Compare); found {
			row = rec.Sends[j]
		}
		c.Sends = append(c.Sends, row)
		k = len(c.Sends) - 1
	}
	r := &c.Sends[k]
	if r.Count > 0 {
		r.Count--
	}
	// The latest that is left: in the log, or before it.
	r.Last = 0
	if r.Count > 0 {
		r.Last = r.Prior
		for j := range rec.Log {
			if x := &rec.Log[j]; x.Message == s.Message && x.Company == s.Company && !slices.Contains(c.LogDrop, x.ID) {
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
	p.Free = append(p.Free, store.Free{Message: s.Message, Sequence: s.Sequence})
	p.Pending = slices.DeleteFunc(p.Pending, func(x store.Pending) bool { return x.Delivery.ID == id })
	if s.Date != 0 {
		p.Dates = slices.DeleteFunc(p.Dates, func(x store.DateMark) bool {
			return x.Message == s.Message && x.Company == s.Company && x.Value == s.Date
		})
	}
	if r.Count == 0 {
		p.Goals = slices.DeleteFunc(p.Goals, func(g store.GoalMark) bool {
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
	i := slices.IndexFunc(rec.Log, func(s store.Sent) bool { return s.ID == id })
	if i < 0 || rec.Log[i].At >= now || d.Attempt != 0 && !LeasesDelivery(rec.Profile, d) {
		return false
	}
	s := rec.Log[i]
	s.At = now
	c.Log = append(c.Log, s)
	row := store.Sends{Message: s.Message, Company: s.Company}
	if k := slices.IndexFunc(c.Sends, func(x store.Sends) bool { return x.Compare(row) == 0 }); k >= 0 {
		c.Sends[k].Last = max(c.Sends[k].Last, now)
	} else if j, ok := slices.BinarySearchFunc(rec.Sends, row, store.Sends.Compare); ok {
		row = rec.Sends[j]
		row.Last = max(row.Last, now)
		c.Sends = append(c.Sends, row)
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
