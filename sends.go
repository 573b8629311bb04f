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
