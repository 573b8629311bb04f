package decide

import (
	"cmp"
	"encoding/hex"
	"math"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/perkey"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/store"
)

// The names of totals that are not reasons.
const (
	TotalSent             = "sent"
	TotalLastSent         = "last.sent" // an instant, see store.IsLatest
	TotalControl          = "control"
	TotalConverted        = "converted"
	TotalControlConverted = "control_converted"
	TotalFollowed         = "followed"
	TotalGivenUp          = "given_up"
)

// DeliveryID names a send forever: the hash of message, record, company and
// sequence. It is kept in the send log, so a merge does not change it.
func DeliveryID(message string, k store.Key, company string, sequence uint32) string {
	var scratch [256]byte
	tail := [5]byte{byte(k.Kind), byte(sequence >> 24), byte(sequence >> 16), byte(sequence >> 8), byte(sequence)}
	h := Hash16(scratch[:], "delivery", message, k.ID, company, string(tail[:]))
	return hex.EncodeToString(h[:])
}

// Send takes the message's frequency and caps and makes the delivery.
func (d *Decision) Send(cand *Candidate, says *render.Rendered) {
	m := cand.Message
	sequence, released := d.takeNumber(m.ID)
	if !released {
		sequence = d.sentOf(m.ID) + 1 // (F4)
	}
	id := DeliveryID(m.ID, d.Record.Key, cand.company, sequence)
	d.countSend(cand, false)
	d.Reused.Sent = append(d.Reused.Sent, int32(len(d.Changes.SendLog)))
	d.Changes.SendLog = append(roomForSends(d, d.Changes.SendLog, 1), store.SendLogEntry{
		ID: id, At: d.In.Now, Message: m.ID, Company: cand.company, Channel: m.Channel, Tags: m.Tags,
		Sequence: sequence, Exempt: m.NotCounted, Date: cand.date,
	})
	d.Out.spaced = d.Out.spaced || m.Composed || m.Frequency.Every > 0 || len(m.Caps) > 0
	d.takeCaps(m, 1)
	d.takeValue(m, sequence)
	d.markDate(cand)
	d.identity()
	d.Out.Deliveries = append(roomForSends(d, d.Out.Deliveries, 1), store.Delivery{})
	del := &d.Out.Deliveries[len(d.Out.Deliveries)-1] // written in its place, as it is large
	del.ID, del.Message, del.Channel, del.CompanyID, del.Composed = id, m.ID, m.Channel, cand.company, m.Composed
	who := &d.Out.Who
	del.Contact.UserID, del.Contact.ID, del.Contact.Email, del.Contact.AnonymousID = who.UserID, who.ID, who.Email, who.AnonymousID
	del.Sequence, del.At = int(min(uint64(sequence), math.MaxInt)), time.UnixMilli(d.In.Now).UTC()
	del.Subject, del.Body, del.Text, del.Format = says.Subject, says.Body, says.Text, store.Format(m.Content.Format())
	del.Data, del.Parameters = says.Data, says.Parameters
	if cand.series != nil {
		del.Series = cand.series.ID
	}
	until := d.In.until
	if d.In.Outbox {
		if del.Attempt = 1; d.In.Limits.Workers[m.Channel] {
			del.Postponed, until = 1, d.In.Now
		}
	}
	if d.streamed() {
		from := origin{hold: cand.hold, armed: cand.armed}
		if cand.hold == nil {
			from.crossing = m.Crossing
		}
		if cand.walk != nil {
			from.walk = *cand.walk
			from.walk.Due = d.In.Now // given back, Due finds it
		}
		d.Out.Origins = append(roomForSends(d, d.Out.Origins, 1), from)
	}
	d.traceSent(del)
	d.Changes.Totals = roomForSends(d, d.Changes.Totals, 2)
	d.total(m.ID, TotalSent, 1)
	d.total(m.ID, TotalLastSent, d.In.Now)
	d.openGoal(m.ID, m.Goal, false)
	if d.In.Outbox { // last: a message that breaks before leaves nothing here
		of := consentTo(m)
		d.Changes.Pending = append(roomForSends(d, d.Changes.Pending, 1), store.Pending{
			Event: d.In.hash, Until: until, Delivery: OwnDelivery(*del), Tags: m.Tags, Refusable: !m.Transactional && plan.Sweeps(m.Channel),
			Topic: of.Topic, OptIn: of.OptIn,
		})
	}
}

// takeControl counts a decision for the control group: the message's own
// frequency is taken, so that both halves compare, and no cap (D10).
func (d *Decision) takeControl(cand *Candidate) {
	d.countSend(cand, true)
	d.takeValue(cand.Message, 0)
	d.markDate(cand)
	d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: cand.Message.ID, Name: TotalControl, N: 1})
	d.openGoal(cand.Message.ID, cand.Message.Goal, true)
}

// countSend counts a send, or a decision for the control group.
func (d *Decision) countSend(cand *Candidate, control bool) {
	row, _ := d.sendsRow(cand.Message.ID, cand.company, control)
	row.Composed = cand.Message.Composed && (row.Composed || row.Count == 0 && row.Prior == 0)
	if row.Composed {
		d.forgetComposed(row)
	}
	row.Count++
	row.Last = max(row.Last, d.In.Now)
	d.putSends(row)
}

// forgetComposed makes room for one more composed message: those go that were sent the
// longest ago, so that who sends thousands, each once, does not make a record of them.
func (d *Decision) forgetComposed(room store.SendStats) {
	var list []store.SendStats
	for _, s := range d.Record.SendStats {
		if s.Composed && s.Compare(room) != 0 {
			list = append(list, s)
		}
	}
	over := len(list) + 1 - d.In.Limits.Composed
	if over <= 0 {
		return
	}
	slices.SortStableFunc(list, func(a, b store.SendStats) int { return cmp.Compare(max(a.Last, a.Prior), max(b.Last, b.Prior)) })
	for _, s := range list[:over] {
		s.Count, s.Prior = 0, 0
		d.putSends(s)
	}
}

// trimBatch is how many sends more than its limit the log may have before not
// each send looks for what may leave: where caps need far more than the limit,
// that would cost as much as they need for each send.
const trimBatch = 32

// trimLog lets the oldest sends leave the log when it is longer than its
// limit, except for those that a cap still counts. What leaves is remembered as
// its row's Prior, so that a later release finds the right Last.
func (d *Decision) trimLog() {
	sent := len(d.Reused.Sent)
	over := len(d.Record.SendLog) + sent - d.In.Limits.SendLog
	if sent == 0 || over <= 0 || over > trimBatch && (over-sent)/trimBatch == over/trimBatch {
		return
	}
	if over = min(over, len(d.Record.SendLog)); len(d.In.State.Plan.Caps.Groups) == 0 {
		for i := range over {
			d.dropSent(i)
		}
	} else if !d.trimOldest(over) {
		d.trimAll(over)
	}
	if len(d.Changes.SendLog) > sent { // rows of those that were set back to now
		gone := make(map[string]bool, len(d.Changes.SendLogDrop))
		for _, id := range d.Changes.SendLogDrop {
			gone[id] = true
		}
		d.Changes.SendLog = slices.DeleteFunc(d.Changes.SendLog, func(s store.SendLogEntry) bool { return gone[s.ID] })
	}
}

// dropSent takes an entry out of the log.
func (d *Decision) dropSent(i int) {
	s := &d.Record.SendLog[i]
	if row, ok := d.sendsRow(s.Message, s.Company, false); ok {
		row.Prior = max(row.Prior, s.At)
		d.putSends(row)
	}
	d.eachValue(func(l perkey.List) (perkey.List, bool) { return l.Forget(s.Message, s.Sequence, s.At) })
	d.Changes.SendLogDrop = append(d.Changes.SendLogDrop, s.ID)
}

// trimOldest is the usual case, that a send pushes out the oldest and there are
// few caps. It reports whether it was that.
func (d *Decision) trimOldest(over int) bool {
	groups := d.In.State.Plan.Caps.Groups
	if over > 4 || len(groups) > directGroups {
		return false
	}
	sent := d.sentNow()
	for i := range over {
		for k := range groups {
			if groups[k].Needs(d.Record.SendLog, sent, i) {
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
func (d *Decision) trimAll(over int) {
	caps := &d.In.State.Plan.Caps
	newer := make([]int, len(caps.Groups))
	needed := make([]bool, len(d.Record.SendLog))
	var groups []int32
	count := func(s *store.SendLogEntry) (needed bool) {
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
	sent := d.sentNow()
	for i := range sent {
		count(&sent[i])
	}
	for i := len(d.Record.SendLog) - 1; i >= 0; i-- {
		needed[i] = count(&d.Record.SendLog[i])
	}
	for i := 0; i < len(needed) && over > 0; i++ {
		if !needed[i] {
			d.dropSent(i)
			over--
		}
	}
}

// RedateSend sets one send to a later instant, with the lease of its delivery,
// and reports whether it has: a send that was given back meanwhile, or that
// another worker has by now, stays as it is.
func RedateSend(rec *store.Record, c *store.Changes, d *store.Delivery, now, lease int64) bool {
	id := d.ID
	i := slices.IndexFunc(rec.SendLog, func(s store.SendLogEntry) bool { return s.ID == id })
	if i < 0 || rec.SendLog[i].At >= now || d.Attempt != 0 && Leased(rec, d) == nil {
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
	if rare := rec.Profile.Rarely(); len(rare.PerValue) > 0 || len(rare.Decided) > 0 {
		if c.Profile == nil {
			c.Profile = CloneProfile(rec.Profile)
		}
		own := c.Profile.Own()
		own.PerValue, _ = perkey.List(own.PerValue).Redate(s.Message, s.Sequence, now)
		ledger.List(own.Decided).Redate(s.Message, s.Sequence, now)
	}
	if p := rec.Pending.Find(id); p != nil {
		later := *p
		if later.Delivery.At = time.UnixMilli(now).UTC(); !p.Delivery.IsQueued() {
			later.Until = lease
		}
		c.Pending = append(c.Pending, later)
	}
	return true
}
