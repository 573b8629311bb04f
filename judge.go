package beckon

import (
	"math"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
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
	case d.in.now < d.in.st.since[m.Place]:
		// T2: only what comes after the message went live concerns it.
		d.hold(m, cand.company, plan.HeldNotLive, retryLive(d.in.st.live[m.Place], d.in.now))
		return
	case d.out.limited && cand.series == nil && !d.in.limits.allows(d.in.event.source, m.Channel): // D6; no event triggers what a walk reaches
		d.hold(m, cand.company, plan.HeldSource, 0)
		return
	case m.Where != nil && !d.eval(m.Where): // T3
		d.hold(m, cand.company, plan.HeldFilter, 0)
		return
	case m.Dated && !d.dateFits(cand): // T5
		d.hold(m, cand.company, plan.HeldFilter, 0)
		return
	case m.Audience != nil && !d.eval(m.Audience): // A2: before the event counts
		d.hold(m, cand.company, plan.HeldAudience, 0)
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
		d.hold(m, cand.company, plan.HeldAlreadySent, 0)
		return
	case m.Unless != nil && d.in.what == onTrack: // T6
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
	if l.status == plan.Live && now < l.at {
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
	if cand.m.Triggered {
		if !cand.m.Dated {
			return false
		}
		p := d.current()
		if p == nil {
			return false
		}
		for _, x := range p.Dates {
			if x.Message == cand.m.ID && x.Company == cand.company && x.Value == cand.date {
				return true
			}
		}
		return false
	}
	if !cand.m.UsesCompany {
		// A program before this one may have sent it for a company.
		already := false
		d.eachSends(cand.m.ID, func(s store.Sends) { already = already || s.Count > 0 })
		return already
	}
	sent, _ := d.sendsRow(cand.m.ID, cand.company, false)
	if sent.Count > 0 {
		return true
	}
	control, _ := d.sendsRow(cand.m.ID, cand.company, true)
	return control.Count > 0
}

// judgeDelivery takes the second half of the reasons: whether the message may go out
// now. What waited for its window or its deadline comes here again.
func (d *decision) judgeDelivery(cand *candidate) {
	m, p := cand.m, d.current()
	if m.Schedule != nil {
		zone := d.in.st.zoneOf(p)
		if !m.Schedule.Open(d.in.now, zone) {
			d.outside(cand)
			return
		}
	}
	if !m.Transactional && unsubscribed(p, m.Channel, m.Tags) { // D11
		d.hold(m, cand.company, plan.HeldUnsubscribed, 0)
		return
	}
	if m.Triggered && cand.series == nil {
		count, last := d.frequencyState(m.ID)
		if reason, retry := m.Frequency.Judge(uint64(count), last, d.in.now); reason != plan.NotHeld { // F1, F2
			d.hold(m, cand.company, reason, retry)
			return
		}
	}
	if m.Control > 0 && d.isControl(cand) { // D10
		if d.needsMore() {
			return
		}
		d.takeControl(cand)
		d.hold(m, cand.company, plan.HeldControl, 0)
		return
	}
	if !m.Exempt {
		if ok, retry := d.capsAllow(m); !ok { // F5
			d.hold(m, cand.company, plan.HeldCapped, retry)
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
	if m.HoldMissing && m.Content.Missing((*shownScope)(&d.scope)) { // R3: nothing is taken
		d.scope.Rec = rec
		d.hold(m, cand.company, plan.HeldMissingValue, 0)
		return
	}
	if d.needsMore() {
		d.scope.Rec = rec
		return
	}
	subject, body, data, err := m.Content.Render((*shownScope)(&d.scope))
	d.scope.Rec = rec
	if err != nil {
		d.hold(m, cand.company, plan.HeldFailed, 0)
		d.out.failures = append(d.out.failures, failure{message: m.ID, err: err})
		return
	}
	d.send(cand, subject, body, data)
}

// outside is what becomes of a message outside its hours (S2, S3).
func (d *decision) outside(cand *candidate) {
	m := cand.m
	zone := d.in.st.zoneOf(d.current())
	next, ok := m.Schedule.NextOpen(d.in.now, zone)
	if !ok {
		d.hold(m, cand.company, plan.HeldSchedule, 0) // never again
		return
	}
	switch {
	case cand.series != nil || !m.Triggered || m.Dated:
		// It waits for the next occasion by itself (S3).
		d.hold(m, cand.company, plan.HeldSchedule, next)
	case m.Schedule.Hold:
		d.queue(cand, next)
	default:
		d.hold(m, cand.company, plan.HeldSchedule, 0) // dropped: carries no retry_at
	}
}

// isControl reports whether the contact is in the message's control group: a
// stable share by a hash of message and contact. Who was once decided for one
// side stays there, also after a merge gave the contact another key.
func (d *decision) isControl(cand *candidate) bool {
	sent, control := false, false
	for _, s := range rule.SendsOf(d.rec, cand.m.ID) {
		sent = sent || !s.Control
		control = control || s.Control
	}
	if sent != control {
		return control
	}
	return controlHash(cand.m.ID, d.rec.Key) < controlLimit(cand.m.Control)
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
func (d *decision) hold(m *plan.Message, company string, w plan.Reason, retryAt int64) {
	if retryAt > lastInstant {
		retryAt = 0 // no calendar, and no JSON, reaches so far: as good as never
	}
	d.out.held.hold(m, company, w, retryAt)
	if d.in.explain {
		d.traceHeld(m, w, retryAt)
	}
	if d.in.looks {
		d.reused.looked = append(d.reused.looked, lookedAt{m.Index, w})
		return
	}
	d.c.Totals = append(d.c.Totals, store.Increment{Message: m.ID, Name: w.Total(), N: 1})
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
