package beckon

import (
	"encoding/hex"
	"math"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// The names of totals that are not reasons.
const (
	totalSent             = "sent"
	totalControl          = "control"
	totalConverted        = "converted"
	totalControlConverted = "control_converted"
	totalFollowed         = "followed"
	totalGivenUp          = "given_up"
)

// nextSequence returns the number of the next send of a message: a released one
// if there is any, else one more than there were (F4).
func (d *decision) nextSequence(message string) (n uint32, released bool) {
	free, lowest := uint32(0), uint32(0)
	if p := d.current(); p != nil {
		for _, f := range p.Free {
			if f.Message == message {
				free++
				if lowest == 0 || f.Sequence < lowest {
					lowest = f.Sequence
				}
			}
		}
	}
	if free > 0 {
		return lowest, true
	}
	return d.sentOf(message) + 1, false
}

// deliveryID names a send forever: the hash of message, record, company and
// sequence. It is kept in the send log, so a merge does not change it.
func deliveryID(message string, k store.Key, company string, sequence uint32) string {
	var scratch [256]byte
	tail := [5]byte{byte(k.Kind), byte(sequence >> 24), byte(sequence >> 16), byte(sequence >> 8), byte(sequence)}
	h := hash16(scratch[:], "delivery", message, k.ID, company, string(tail[:]))
	return hex.EncodeToString(h[:])
}

// send takes the message's frequency and caps and makes the delivery.
func (d *decision) send(cand *candidate, subject, body string, data map[string]string) {
	m := cand.m
	sequence, released := d.nextSequence(m.ID)
	if released {
		p := d.profile()
		i := slices.Index(p.Free, store.Free{Message: m.ID, Sequence: sequence})
		p.Free = slices.Delete(p.Free, i, i+1)
	}
	id := deliveryID(m.ID, d.rec.Key, cand.company, sequence)
	row, _ := d.sendsRow(m.ID, cand.company, false)
	row.Count++
	row.Last = max(row.Last, d.in.now)
	d.putSends(row)
	sent := store.Sent{
		ID: id, At: d.in.now, Message: m.ID, Company: cand.company, Channel: m.Channel, Tags: m.Tags,
		Sequence: sequence, Exempt: m.Exempt, Date: cand.date,
	}
	d.c.Log = append(d.c.Log, sent)
	d.reused.sent = append(d.reused.sent, sent)
	d.takeCaps(m, 1)
	d.markDate(cand)
	del := store.Delivery{
		ID: id, Message: m.ID, Channel: m.Channel, Contact: d.identity(), CompanyID: cand.company,
		Sequence: int(min(uint64(sequence), math.MaxInt)), At: time.UnixMilli(d.in.now).UTC(), Subject: subject, Body: body, Data: data,
	}
	if cand.series != nil {
		del.Series = cand.series.ID
	}
	if d.in.outbox {
		del.Attempt = 1
	}
	d.out.deliveries = append(d.out.deliveries, del)
	if d.streamed() {
		from := origin{hold: cand.hold}
		if cand.walk != nil {
			from.walk = *cand.walk
			from.walk.Due = d.in.now // given back, Due finds it
		}
		d.out.origins = append(d.out.origins, from)
	}
	d.traceSent(&del)
	d.c.Totals = append(d.c.Totals, store.Increment{Message: m.ID, Name: totalSent, N: 1})
	d.openGoal(m, false)
	if d.in.outbox { // last: a message that breaks before leaves nothing here
		p := d.profile()
		p.Pending = append(p.Pending, store.Pending{
			Event: d.in.hash, Until: d.in.until, Delivery: ownDelivery(del), Tags: m.Tags, Refusable: !m.Transactional && plan.Sweeps(m.Channel),
		})
	}
}

// takeControl counts a decision for the control group: the message's own
// frequency is taken, so that both halves compare, and no cap (D10).
func (d *decision) takeControl(cand *candidate) {
	row, _ := d.sendsRow(cand.m.ID, cand.company, true)
	row.Count++
	row.Last = max(row.Last, d.in.now)
	d.putSends(row)
	d.markDate(cand)
	d.c.Totals = append(d.c.Totals, store.Increment{Message: cand.m.ID, Name: totalControl, N: 1})
	d.openGoal(cand.m, true)
}

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
