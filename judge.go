package beckon

import (
	"math"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// judge takes the first half of the reasons, up to what waits: who the message
// is for and whether the occasion is one for it. The order of the checks is
// the order in which reasons are reported (formats: "judged in this order").
func (d *decision) judge(cand *candidate) {
	m := cand.m
	if d.in.explain {
		d.trace(cand)
	}
	switch {
	case d.in.now < d.in.st.since[m.place]:
		// T2: only what comes after the message went live concerns it.
		d.hold(m, cand.company, heldNotLive, retryLive(d.in.st.live[m.place], d.in.now))
		return
	case d.out.limited && cand.series == nil && !d.in.limits.allows(d.in.event.source, m.channel): // D6; no event triggers what a walk reaches
		d.hold(m, cand.company, heldSource, 0)
		return
	case m.where != nil && !d.eval(m.where): // T3
		d.hold(m, cand.company, heldFilter, 0)
		return
	case m.dated && !d.dateFits(cand): // T5
		d.hold(m, cand.company, heldFilter, 0)
		return
	case m.audience != nil && !d.eval(m.audience): // A2: before the event counts
		d.hold(m, cand.company, heldAudience, 0)
		return
	}
	d.afterAudience(cand)
}

// afterAudience goes on with a candidate that the occasion and the audience let
// through.
func (d *decision) afterAudience(cand *candidate) {
	m := cand.m
	switch {
	case d.alreadySent(cand):
		d.hold(m, cand.company, heldAlreadySent, 0)
		return
	case m.unless != nil && d.in.what == onTrack: // T6
		d.await(cand)
		return
	}
	d.judgeDelivery(cand)
}

// eval evaluates a rule over the state before the occasion.
func (d *decision) eval(r *rule.Compiled) bool {
	ok := r.Eval(&d.scope)
	d.needsMore()
	return ok
}

func retryLive(l liveness, now int64) int64 {
	if l.status == statusLive && now < l.at {
		return l.at
	}
	return 0
}

// alreadySent is D1: everything that is not triggered goes out once, for each
// company if it uses company data (D2); a date rule once for each value (T5).
// A contact that was decided for the control group has had its turn too.
func (d *decision) alreadySent(cand *candidate) bool {
	if cand.series != nil {
		return false // a walk that may be entered again sends again
	}
	if cand.m.triggered {
		if !cand.m.dated {
			return false
		}
		p := d.current()
		if p == nil {
			return false
		}
		for _, x := range p.Dates {
			if x.Message == cand.m.id && x.Company == cand.company && x.Value == cand.date {
				return true
			}
		}
		return false
	}
	if !cand.m.usesCompany {
		// A program before this one may have sent it for a company.
		already := false
		d.eachSends(cand.m.id, func(s store.Sends) { already = already || s.Count > 0 })
		return already
	}
	sent, _ := d.sendsRow(cand.m.id, cand.company, false)
	if sent.Count > 0 {
		return true
	}
	control, _ := d.sendsRow(cand.m.id, cand.company, true)
	return control.Count > 0
}

// judgeDelivery takes the second half of the reasons: whether the message may go out
// now. What waited for its window or its deadline comes here again.
func (d *decision) judgeDelivery(cand *candidate) {
	m, p := cand.m, d.current()
	if m.schedule != nil {
		zone := d.in.st.zoneOf(p)
		if !m.schedule.Open(d.in.now, zone) {
			d.outside(cand)
			return
		}
	}
	if !m.transactional && unsubscribed(p, m.channel, m.tags) { // D11
		d.hold(m, cand.company, heldUnsubscribed, 0)
		return
	}
	if m.triggered && cand.series == nil {
		count, last := d.frequencyState(m.id)
		if reason, retry := m.frequency.judge(uint64(count), last, d.in.now); reason != notHeld { // F1, F2
			d.hold(m, cand.company, reason, retry)
			return
		}
	}
	if m.control > 0 && d.isControl(cand) { // D10
		if d.needsMore() {
			return
		}
		d.takeControl(cand)
		d.hold(m, cand.company, heldControl, 0)
		return
	}
	if !m.exempt {
		if ok, retry := d.capsAllow(m); !ok { // F5
			d.hold(m, cand.company, heldCapped, retry)
			return
		}
	}
	if d.in.outbox && d.outboxFull() { // Z1: nothing is taken
		d.backlog(cand)
		return
	}
	rec := d.scope.Rec
	if cand.series != nil {
		d.scope.Rec = d.outcome() // what the walk's update blocks set shows at once (X1)
	}
	if m.holdMissing && m.content.Missing((*shownScope)(&d.scope)) { // R3: nothing is taken
		d.scope.Rec = rec
		d.hold(m, cand.company, heldMissingValue, 0)
		return
	}
	if d.needsMore() {
		d.scope.Rec = rec
		return
	}
	subject, body, data, err := m.content.Render((*shownScope)(&d.scope))
	d.scope.Rec = rec
	if err != nil {
		d.hold(m, cand.company, heldFailed, 0)
		d.out.failures = append(d.out.failures, failure{message: m.id, err: err})
		return
	}
	d.send(cand, subject, body, data)
}

// outside is what becomes of a message outside its hours (S2, S3).
func (d *decision) outside(cand *candidate) {
	m := cand.m
	zone := d.in.st.zoneOf(d.current())
	next, ok := m.schedule.NextOpen(d.in.now, zone)
	if !ok {
		d.hold(m, cand.company, heldSchedule, 0) // never again
		return
	}
	switch {
	case cand.series != nil || !m.triggered || m.dated:
		// It waits for the next occasion by itself (S3).
		d.hold(m, cand.company, heldSchedule, next)
	case m.schedule.Hold:
		d.queue(cand, next)
	default:
		d.hold(m, cand.company, heldSchedule, 0) // dropped: carries no retry_at
	}
}

// isControl reports whether the contact is in the message's control group: a
// stable share by a hash of message and contact. Who was once decided for one
// side stays there, also after a merge gave the contact another key.
func (d *decision) isControl(cand *candidate) bool {
	sent, control := false, false
	for _, s := range rule.SendsOf(d.rec, cand.m.id) {
		sent = sent || !s.Control
		control = control || s.Control
	}
	if sent != control {
		return control
	}
	return controlHash(cand.m.id, d.rec.Key) < controlLimit(cand.m.control)
}

// controlHash is the place of a contact among a message's contacts, even over
// all uint64 values. It is part of the contract: pinned by test vectors.
func controlHash(message string, k store.Key) uint64 {
	var scratch [128]byte
	kind := [1]byte{byte(k.Kind)}
	h := hash16(scratch[:], "control", message, string(kind[:]), k.ID)
	var n uint64
	for _, b := range h[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}

func controlLimit(share float64) uint64 {
	if share >= 1 {
		return math.MaxUint64
	}
	return uint64(share * (1 << 63) * 2)
}

// hold notes a candidate that is not sent, in the result and in the totals
// (Z2), which of a mere look are the run's to gather.
func (d *decision) hold(m *messagePlan, company string, w reasonCode, retryAt int64) {
	if retryAt > lastInstant {
		retryAt = 0 // no calendar, and no JSON, reaches so far: as good as never
	}
	d.out.held.hold(m, company, w, retryAt)
	if d.in.explain {
		d.traceHeld(m, w, retryAt)
	}
	if d.in.looks {
		d.reused.looked = append(d.reused.looked, lookedAt{m.index, w})
		return
	}
	d.c.Totals = append(d.c.Totals, store.Increment{Message: m.id, Name: w.total(), N: 1})
}

// lastInstant is the end of the year 9999, in Unix milliseconds.
const lastInstant = 253_402_300_799_999

// A shownScope is the scope of a decision as templates see it.
type shownScope rule.Scope

// Lookup implements [render.Variables].
func (s *shownScope) Lookup(ns render.Namespace, key string, into *repr.Value) *repr.Value {
	switch ns {
	case render.Company:
		*into = (*rule.Scope)(s).CompanyAttribute(key)
	case render.Event:
		if i := s.Fields.Index(key); i >= 0 {
			return peek.Of(&s.Fields[i].Value)
		}
		*into = repr.Value{}
	default:
		*into = rule.UserAttribute(s.Rec, key)
	}
	return into
}
