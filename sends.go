package beckon

import (
	"encoding/hex"
	"slices"
	"time"
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

// DefaultSendLog is how many sends of a contact the log keeps: those that can
// be released and that caps across messages are counted from. What a cap of
// the running program still counts is kept beyond that.
const DefaultSendLog = 256

// sendsRow gives the row of a message as it is after what was decided so far.
func (d *decision) sendsRow(message, company string, control bool) (Sends, bool) {
	for i := range d.c.Sends {
		if s := &d.c.Sends[i]; s.Message == message && s.Company == company && s.Control == control {
			return *s, true
		}
	}
	for i := range d.rec.Sends {
		if s := &d.rec.Sends[i]; s.Message == message && s.Company == company && s.Control == control {
			return *s, true
		}
	}
	return Sends{Message: message, Company: company, Control: control}, false
}

func (d *decision) putSends(s Sends) {
	for i := range d.c.Sends {
		if compareSends(d.c.Sends[i], s) == 0 {
			d.c.Sends[i] = s
			return
		}
	}
	d.c.Sends = append(d.c.Sends, s)
}

// eachSends calls fn for every row of a message as it is after what was
// decided so far.
func (d *decision) eachSends(message string, fn func(Sends)) {
	for i := range d.rec.Sends {
		s := &d.rec.Sends[i]
		if s.Message != message {
			continue
		}
		row := *s
		if len(d.c.Sends) > 0 {
			row, _ = d.sendsRow(message, s.Company, s.Control)
		}
		fn(row)
	}
	for i := range d.c.Sends {
		s := &d.c.Sends[i]
		if s.Message == message && !slices.ContainsFunc(d.rec.Sends, func(x Sends) bool { return compareSends(x, *s) == 0 }) {
			fn(*s)
		}
	}
}

// frequencyState gives how often a message's frequency was taken, by sends and
// by decisions for the control group (D10), and the latest. A latest in the
// future is written back as now: a clock that stepped back locks nothing for
// longer than the distance (F6).
func (d *decision) frequencyState(message string) (count uint32, last int64) {
	future := false
	d.eachSends(message, func(s Sends) {
		count += s.Count
		if s.Last > d.now || s.Prior > d.now {
			future = true
		}
		last = max(last, s.Last)
	})
	if !future {
		return count, last
	}
	d.clamp(message)
	return count, d.now
}

// clamp sets the sends of a message that lie in the future to now (F6, K).
func (d *decision) clamp(message string) {
	var rows []Sends
	d.eachSends(message, func(s Sends) {
		if s.Last > d.now || s.Prior > d.now {
			s.Last, s.Prior = min(s.Last, d.now), min(s.Prior, d.now)
			rows = append(rows, s)
		}
	})
	for _, s := range rows {
		d.putSends(s)
	}
	for i := range d.c.Log {
		if s := &d.c.Log[i]; s.At > d.now && s.Message == message {
			s.At = d.now
		}
	}
	for i := range d.rec.Log {
		s := &d.rec.Log[i]
		if s.At > d.now && s.Message == message && !slices.ContainsFunc(d.c.Log, func(x Sent) bool { return x.ID == s.ID }) {
			row := *s
			row.At = d.now
			d.c.Log = append(d.c.Log, row)
		}
	}
}

// capsAllow judges the caps across messages that concern m, over what the log
// holds and what this occasion has sent (A2: only caps see that). All must
// have room; they are taken together by the send (F5).
func (d *decision) capsAllow(m *messagePlan) (ok bool, retryAt int64) {
	ok = true
	if len(m.caps) == 0 {
		return true, 0
	}
	for i := range m.caps {
		free, retry := m.caps[i].judge(d.rec.Log, d.made, d.now)
		if !free {
			ok = false
			retryAt = max(retryAt, retry)
		}
	}
	for i := range d.rec.Log {
		s := &d.rec.Log[i]
		if s.At > d.now && slices.ContainsFunc(m.caps, func(c capPlan) bool { return c.takes(s) }) {
			d.clamp(s.Message)
		}
	}
	return ok, retryAt
}

// nextSequence gives the number of the next send of a message: a released one
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
	var sent uint32
	d.eachSends(message, func(s Sends) {
		if !s.Control {
			sent += s.Count
		}
	})
	return sent + 1, false
}

// deliveryID names a send for ever: the hash of message, record, company and
// sequence. It is kept in the send log, so a merge does not change it.
func deliveryID(message string, k Key, company string, sequence uint32) string {
	var scratch [256]byte
	tail := [5]byte{byte(k.Kind), byte(sequence >> 24), byte(sequence >> 16), byte(sequence >> 8), byte(sequence)}
	h := hash16(scratch[:], "delivery", message, k.ID, company, string(tail[:]))
	return hex.EncodeToString(h[:])
}

// send takes the message's frequency and caps and makes the delivery.
func (d *decision) send(cand *candidate, subject, body string, data map[string]string) {
	m := cand.m
	sequence, released := d.nextSequence(m.id)
	if released {
		p := d.profile()
		i := slices.Index(p.Free, Free{Message: m.id, Sequence: sequence})
		p.Free = slices.Delete(p.Free, i, i+1)
	}
	id := deliveryID(m.id, d.rec.Key, cand.company, sequence)
	row, _ := d.sendsRow(m.id, cand.company, false)
	row.Count++
	row.Last = max(row.Last, d.now)
	d.putSends(row)
	sent := Sent{
		ID: id, At: d.now, Message: m.id, Company: cand.company, Channel: m.channel, Tags: m.tags,
		Sequence: sequence, Exempt: m.exempt, Date: cand.date,
	}
	d.c.Log = append(d.c.Log, sent)
	d.made = append(d.made, sent)
	d.trimLog()
	d.markDate(cand)
	del := Delivery{
		ID: id, Message: m.id, Channel: m.channel, Contact: d.identity(), CompanyID: cand.company,
		Sequence: int(sequence), At: time.UnixMilli(d.now).UTC(), Subject: subject, Body: body, Data: data,
	}
	if cand.series != nil {
		del.Series = cand.series.id
	}
	if d.cfg.outbox {
		del.Attempt = 1
	}
	d.result.Deliveries = append(d.result.Deliveries, del)
	if d.streamed() {
		from := origin{hold: cand.hold}
		if cand.walk != nil {
			from.walk = *cand.walk
			from.walk.Due = d.now // given back, Due finds it
		}
		d.origins = append(d.origins, from)
	}
	d.traceSent(&del)
	d.c.Totals = append(d.c.Totals, Increment{Message: m.id, Name: totalSent, N: 1})
	d.openGoal(m, false)
	if d.cfg.outbox { // last: a message that breaks before leaves nothing here
		p := d.profile()
		p.Pending = append(p.Pending, Pending{Event: d.hash, Until: d.until, Delivery: del.own()})
	}
}

// takeControl counts a decision for the control group: the message's own
// frequency is taken, so that both halves compare, and no cap (D10).
func (d *decision) takeControl(cand *candidate) {
	row, _ := d.sendsRow(cand.m.id, cand.company, true)
	row.Count++
	row.Last = max(row.Last, d.now)
	d.putSends(row)
	d.markDate(cand)
	d.c.Totals = append(d.c.Totals, Increment{Message: cand.m.id, Name: totalControl, N: 1})
	d.openGoal(cand.m, true)
}

// trimLog lets the oldest sends leave the log when it is longer than its
// limit, but for those that a cap still counts. What leaves is remembered as
// its row's Prior, so that a later release finds the right Last.
func (d *decision) trimLog() {
	over := len(d.rec.Log) + len(d.made) - len(d.c.LogDrop) - d.cfg.sendLog
	for i := range d.rec.Log {
		if over <= 0 {
			return
		}
		s := &d.rec.Log[i]
		if slices.Contains(d.c.LogDrop, s.ID) || d.capNeeds(i) {
			continue
		}
		row, ok := d.sendsRow(s.Message, s.Company, false)
		if ok {
			row.Prior = max(row.Prior, s.At)
			d.putSends(row)
		}
		d.c.LogDrop = append(d.c.LogDrop, s.ID)
		d.c.Log = slices.DeleteFunc(d.c.Log, func(x Sent) bool { return x.ID == s.ID }) // a clamped row of it
		over--
	}
}

// capNeeds reports whether a cap of the running plan may still count an entry
// of the log: it is among the newest Max that the cap counts. Whether it is
// within the window is not asked, for the clock may step back.
func (d *decision) capNeeds(i int) bool {
	s := &d.rec.Log[i]
	for k := range d.st.plan.caps {
		limit := &d.st.plan.caps[k]
		if !limit.takes(s) {
			continue
		}
		newer := 0
		for j := i + 1; j < len(d.rec.Log); j++ {
			if limit.takes(&d.rec.Log[j]) {
				newer++
			}
		}
		for j := range d.made {
			if limit.takes(&d.made[j]) {
				newer++
			}
		}
		if newer < limit.max {
			return true
		}
	}
	return false
}
