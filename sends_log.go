package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/store"
)

// trimBatch is how many sends more than its limit the log may have before not
// each send looks for what may leave: where caps need far more than the limit,
// that would cost as much as they need for each send.
const trimBatch = 32

// trimLog lets the oldest sends leave the log when it is longer than its
// limit, except for those that a cap still counts. What leaves is remembered as
// its row's Prior, so that a later release finds the right Last.
func (d *decision) trimLog() {
	sent := len(d.reused.sent)
	over := len(d.rec.Log) + sent - d.in.limits.sendLog
	if sent == 0 || over <= 0 || over > trimBatch && (over-sent)/trimBatch == over/trimBatch {
		return
	}
	if over = min(over, len(d.rec.Log)); len(d.in.st.plan.Caps.Groups) == 0 {
		for i := range over {
			d.dropSent(i)
		}
	} else if !d.trimOldest(over) {
		d.trimAll(over)
	}
	if len(d.c.Log) > sent { // rows of those that were set back to now
		gone := make(map[string]bool, len(d.c.LogDrop))
		for _, id := range d.c.LogDrop {
			gone[id] = true
		}
		d.c.Log = slices.DeleteFunc(d.c.Log, func(s store.Sent) bool { return gone[s.ID] })
	}
}

// dropSent takes an entry out of the log.
func (d *decision) dropSent(i int) {
	s := &d.rec.Log[i]
	if row, ok := d.sendsRow(s.Message, s.Company, false); ok {
		row.Prior = max(row.Prior, s.At)
		d.putSends(row)
	}
	d.c.LogDrop = append(d.c.LogDrop, s.ID)
}

// trimOldest is the usual case, that a send pushes out the oldest and there are
// few caps. It reports whether it was that.
func (d *decision) trimOldest(over int) bool {
	groups := d.in.st.plan.Caps.Groups
	if over > 4 || len(groups) > directGroups {
		return false
	}
	for i := range over {
		for k := range groups {
			if groups[k].Needs(d.rec.Log, d.reused.sent, i) {
				return false
			}
		}
	}
	for i := range over {
		d.dropSent(i)
	}
	return true
}

// trimAll goes through the log once, from the newest, and counts for each group
// of caps what is newer.
func (d *decision) trimAll(over int) {
	caps := &d.in.st.plan.Caps
	newer := make([]int, len(caps.Groups))
	needed := make([]bool, len(d.rec.Log))
	var groups []int32
	count := func(s *store.Sent) (needed bool) {
		if s.Exempt {
			return false
		}
		groups = caps.Concern(groups[:0], s.Channel, s.Tags)
		for _, g := range groups {
			needed = needed || newer[g] < caps.Groups[g].Most
			newer[g]++
		}
		return needed
	}
	for i := range d.reused.sent {
		count(&d.reused.sent[i])
	}
	for i := len(d.rec.Log) - 1; i >= 0; i-- {
		needed[i] = count(&d.rec.Log[i])
	}
	for i := 0; i < len(needed) && over > 0; i++ {
		if !needed[i] {
			d.dropSent(i)
			over--
		}
	}
}
