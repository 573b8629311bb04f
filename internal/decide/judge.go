package decide

import (
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/hours"
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
func (d *Decision) judge(cand *Candidate) {
	m := cand.Message
	if d.traces() {
		d.trace(cand)
	}
	switch {
	case d.In.Now < d.In.State.Since[m.Place]:
		// T2: only what comes after the message went live concerns it.
		d.hold(m, cand.company, plan.HeldNotLive, retryLive(d.In.State.Live[m.Place], d.In.Now))
		return
	case d.Out.limited && cand.series == nil && !d.In.Limits.Sources.Allow(d.In.Event.Source, m.Channel): // D6; no event triggers what a walk reaches
		d.hold(m, cand.company, plan.HeldSource, 0)
		return
	case m.Where != nil && !d.eval(m.Where): // T3
		d.hold(m, cand.company, plan.HeldFilter, 0)
		return
	case m.Dated && !d.dateFits(cand): // T5
		d.hold(m, cand.company, plan.HeldFilter, 0)
		return
	case m.Wait != nil && m.Wait.Date != "" && !d.hasEventDate(m): // T9
		d.hold(m, cand.company, plan.HeldFilter, 0)
		d.note("the event has no date under " + fault.Quote(m.Wait.Date))
		return
	case m.Audience != nil && !d.eval(m.Audience): // A2: before the event counts
		d.hold(m, cand.company, plan.HeldAudience, 0)
		return
	}
	d.afterAudience(cand)
}

// afterAudience goes on with a candidate that the occasion and the audience let
// through.
func (d *Decision) afterAudience(cand *Candidate) {
	m := cand.Message
	switch {
	case d.alreadySent(cand):
		d.hold(m, cand.company, plan.HeldAlreadySent, 0)
		return
	case m.Wait != nil && d.In.Occasion == OnTrack: // T6
		d.await(cand)
		return
	}
	d.judgeDelivery(cand)
}

// eval evaluates a rule over the state before the occasion.
func (d *Decision) eval(r *rule.Compiled) bool {
	ok := r.Eval(&d.Scope)
	d.needsMore()
	return ok
}

func retryLive(l Liveness, now int64) int64 {
	if l.status == plan.Live && now < l.at {
		return l.at
	}
	return 0
}

// alreadySent is D1: what has no frequency goes out once, for each
// company if it uses company data (D2); a date rule once for each value (T5).
// A contact that was decided for the control group has had its turn too.
func (d *Decision) alreadySent(cand *Candidate) bool {
	if cand.series != nil {
		return false // a walk that may be entered again sends again
	}
	if cand.Message.Triggered {
		if !cand.Message.Dated {
			return false
		}
		return d.isDated(store.DateState{Message: cand.Message.ID, Company: cand.company, Value: cand.date})
	}
	if cand.Message.Paced {
		return false
	}
	if !cand.Message.UsesCompany || cand.Message.Composed {
		// A program before this one may have sent it for a company.
		already := false
		d.eachSends(cand.Message.ID, func(s *store.SendStats) { already = already || s.Count > 0 })
		return already
	}
	sent, _ := d.sendsRow(cand.Message.ID, cand.company, false)
	if sent.Count > 0 {
		return true
	}
	control, _ := d.sendsRow(cand.Message.ID, cand.company, true)
	return control.Count > 0
}

// judgeDelivery takes the second half of the reasons: whether the message may go out
// now. What waited for its window or its deadline comes here again.
func (d *Decision) judgeDelivery(cand *Candidate) {
	m, p := cand.Message, d.current()
	if s := d.shut(m, p); s.Reason != plan.NotHeld { // S1, S4
		d.outside(cand, s)
		return
	}
	if !m.Transactional && refuses(p, m) { // D11, C6
		d.hold(m, cand.company, plan.HeldUnsubscribed, 0)
		return
	}
	if m.Paced {
		count, last := d.frequencyState(cand)
		reason, retry := m.Frequency.Judge(uint64(count), last, d.In.Now) // F1, F2
		if reason == plan.NotHeld && m.Frequency.Wait > 0 {
			reason, retry = d.behindOthers(cand) // F9
		}
		if reason != plan.NotHeld {
			d.noRoom(cand, reason, retry, 0)
			return
		}
	}
	if d.heldOut(m) || m.Control > 0 && d.isControl(cand) { // D10
		if d.needsMore() {
			return
		}
		d.takeControl(cand)
		d.hold(m, cand.company, plan.HeldControl, 0)
		return
	}
	if !m.NotLimited {
		if by, retry := d.CapsAllow(m); by != 0 { // F5
			d.noRoom(cand, plan.HeldCapped, retry, by)
			return
		}
	}
	if d.In.Outbox && d.outboxFull() { // Z1: nothing is taken
		d.backlog(cand)
		return
	}
	rec := d.Scope.Rec
	if cand.series != nil {
		d.Scope.Rec = d.Outcome() // what the walk's update blocks set shows at once (X1)
	}
	if m.HoldMissing && m.Content.Missing((*shownScope)(&d.Scope)) { // R3: nothing is taken
		d.Scope.Rec = rec
		d.hold(m, cand.company, plan.HeldMissingValue, 0)
		return
	}
	if d.needsMore() {
		d.Scope.Rec = rec
		return
	}
	var says render.Rendered
	err := m.Content.RenderInto(&says, (*shownScope)(&d.Scope))
	d.Scope.Rec = rec
	if err != nil {
		d.hold(m, cand.company, plan.HeldFailed, 0)
		d.Out.Failures = append(d.Out.Failures, Failure{Message: m.ID, Err: err})
		return
	}
	if d.In.Looks { // the step that sends decides again
		d.Out.Keeps = true
		return
	}
	d.Send(cand, &says)
}

// shut judges the hour for a message. Nothing is asked where there is nothing to ask.
func (d *Decision) shut(m *plan.Message, p *store.Profile) hours.Shut {
	if m.Schedule == nil && len(m.Quiet) == 0 && (p == nil || p.Rare == nil) {
		return hours.Shut{}
	}
	return hours.At(m, d.In.State.HoursOf(p), d.In.Now)
}

// outside is what becomes of a message when the hour is not one for it (S2, S3, S4).
func (d *Decision) outside(cand *Candidate, s hours.Shut) {
	m := cand.Message
	switch {
	case m.Composed || s.Until == 0:
		d.hold(m, cand.company, s.Reason, 0) // dropped, or never again
	case cand.series != nil, m.Mode == plan.Ongoing, s.Reason == plan.HeldSchedule && (!m.Triggered || m.Dated && !m.ByDue && !m.Schedule.Hold):
		// It waits for the next occasion by itself (S3).
		d.hold(m, cand.company, s.Reason, s.Until)
	case s.Reason == plan.HeldSchedule && !m.Schedule.Hold:
		d.hold(m, cand.company, s.Reason, 0) // dropped: carries no retry_at
	default:
		d.queue(cand, s)
	}
}

// heldOut reports whether the program holds the contact out, by a hash of its own: from
// all of its messages but the transactional ones, and from none that a host composes (D10).
func (d *Decision) heldOut(m *plan.Message) bool {
	share := d.In.State.Plan.Control
	return share > 0 && !m.Transactional && !m.Composed && ControlHash("", d.Record.Key) < ControlLimit(share)
}

// isControl reports whether the contact is in the message's control group: a
// stable share by a hash of message and contact. Who was once decided for one
// side stays there, also after a merge gave the contact another key.
func (d *Decision) isControl(cand *Candidate) bool {
	sent, control := false, false
	for _, s := range rule.SendsOf(d.Record, cand.Message.ID) {
		sent = sent || !s.Control
		control = control || s.Control
	}
	if sent != control {
		return control
	}
	return ControlHash(cand.Message.ID, d.Record.Key) < ControlLimit(cand.Message.Control)
}

// ControlHash is the place of a contact among a message's contacts, or, for no message,
// among the program's, even over
// all uint64 values. It is part of the contract: pinned by test vectors.
func ControlHash(message string, k store.Key) uint64 {
	var scratch [128]byte
	kind := [1]byte{byte(k.Kind)}
	h := Hash16(scratch[:], "control", message, string(kind[:]), k.ID)
	var n uint64
	for _, b := range h[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}

// ControlLimit returns the limit that a share of all hashes lies below (D10).
func ControlLimit(share float64) uint64 {
	if share >= 1 {
		return math.MaxUint64
	}
	return uint64(share * (1 << 63) * 2)
}

// hold notes a candidate that is not sent, in the result and in the totals
// (Z2). Those of a mere look, and of a sweep, are the run's to gather: who sweeps judge
// again and again counts once.
func (d *Decision) hold(m *plan.Message, company string, w plan.Reason, retryAt int64) {
	d.holdBy(m, company, w, retryAt, 0)
}

// holdBy is hold for what the cap at a place has held; 0: none has (F10).
func (d *Decision) holdBy(m *plan.Message, company string, w plan.Reason, retryAt int64, by int) {
	if retryAt > lastInstant {
		retryAt = 0 // no calendar, and no JSON, reaches so far: as good as never
	}
	d.Out.Held.Hold(m, company, w, retryAt, by)
	if d.traces() {
		d.traceHeld(m, w, retryAt, by)
	}
	if d.In.Looks {
		d.Reused.Looked = append(d.Reused.Looked, LookedAt{m.Index, w})
		return
	}
	if d.CountsByPass(m, w) {
		return
	}
	d.total(m.ID, w.Total(), 1)
}

// total adds to a total. It is written in its place: an append would make it elsewhere
// first.
func (d *Decision) total(message, name string, n int64) {
	list := d.Changes.Totals
	if len(list) == cap(list) {
		list = slices.Grow(list, 1)
	}
	list = list[:len(list)+1]
	t := &list[len(list)-1]
	t.Message, t.Name, t.N = message, name, n
	d.Changes.Totals = list
}

// CountsByPass reports whether what is held of a message for a reason is the run's to
// count. What a segment triggers is not: a pass does not find it again.
func (d *Decision) CountsByPass(m *plan.Message, w plan.Reason) bool {
	return d.In.Occasion == OnSweep && m.Crossing == nil && plan.CountsByPass(w.Total())
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
		return (*rule.Scope)(s).UserAttribute(key, into)
	}
	return into
}
