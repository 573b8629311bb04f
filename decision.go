package beckon

import (
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A decision is the one pure decision: a function of the plan, what is known of
// the contact, the occasion and one instant. Track, Visit, Sweep, Send, Check,
// Due, Explain and the test kit are shells around it; there is no second
// evaluator.
//
// It may run several times (a lost race, a need), so Decide starts by
// forgetting what an earlier run decided. A decision belongs to one goroutine
// and is pooled.
type decision struct {
	in      given   // what the shell sets, for all runs
	fetched fetched // what the shell has read for a need
	out     decided // what the last run has decided

	rec    *store.Record  // what the last run decides over
	c      *store.Changes // and where its changes go
	scope  rule.Scope     // what rules and templates see
	reused reused
	steps  [1]store.Step // the shell's
}

// A given is what a decision is asked.
type given struct {
	st       *state
	limits   *limits
	what     occasion
	now      int64          // Unix milliseconds
	until    int64          // with outbox: when the lease ends of what is decided, Unix milliseconds
	outbox   bool           // what is decided goes into the outbox
	explain  bool           // trace conditions, and judge even what is a duplicate
	looks    bool           // the result is only looked at, and its memory used again
	wantWho  bool           // the shell says of whom, also where nothing is sent
	readings clock.Readings // of the clock

	messages []*plan.Message // candidates of a visit, sweep, check or send
	page     *store.Page
	email    string // as it was given, if the contact was named by it

	event    occurrence
	name     unique.Handle[string] // the event's canonical name
	concerns *plan.Event           // what the plan has for the name
	at       int64                 // the event's recorded time, Unix seconds
	hash     [16]byte              // the event's identity (E7), if it has one
	hashed   bool

	update  *contactUpdate
	refusal refusal
	rule    *aloneRule // what a match is about
}

// An occurrence is an event as a decision sees it. What it holds is nobody else's.
type occurrence struct {
	id, company string
	source      store.Source
	imported    bool         // it is history, and triggers nothing
	dated       bool         // it says when it happened
	created     int64        // when, in Unix seconds
	fields      value.Fields // those that count
}

// A failure is what broke without ending the decision: the message was held, the
// others went on.
type failure struct {
	message string // it broke in rendering; empty if err says all
	err     error
}

// A fetched is what a decision lacked, and the shell has read for it.
type fetched struct {
	companies map[string]*store.Record
	events    []store.LoggedEvent
	hasEvents bool
	seq       uint64 // events is the log up to this one
	complete  bool   // events holds all that were ever recorded
}

// A decided is what one run has decided, and found out on the way. The next run begins
// with none of it.
type decided struct {
	need       need
	duplicate  bool // the event is a repeat: nothing was decided
	deliveries []store.Delivery
	held       heldList
	failures   []failure
	who        store.Identity
	whoSet     bool
	tooSoon    int64        // a check came too soon: when it may come again
	matched    bool         // the contact matches the rule
	origins    []origin     // of the deliveries of a run, which may be given back
	walked     []store.Walk // the walks as a run leaves them
	traces     []trace      // with explain

	stat    store.Stats // of the event's name, before it
	counted bool        // there were any
	limited bool        // the event's source may not trigger everything (D6)
	foreign bool        // the event's company does not count (E11)

	after      *store.Record // the state after the occasion, made on demand
	opened     []openedGoal  // goals opened in this occasion, in the order of the sends
	moved      bool          // the profile's holds are to be put in order again
	taken      waitingSize   // by what waits
	aheadKnown bool          // reused.ahead is what it says
}

// A reused is the memory that a decision keeps from run to run and from contact to
// contact. A run begins with it empty.
type reused struct {
	looked  []lookedAt   // what a look has found held
	sent    []store.Sent // sends of this occasion, which caps across messages see
	times   [][]int64    // of the counters that the event counts in
	ahead   []int32      // see decision.ahead
	text    []byte       // for the event's identity
	caps    capStates    // of the caps that were asked about
	rows    rowIndex     // of c.Sends, if they are many
	waiting holdIndex    // of the profile's holds, if they are many
}

// begin empties what the last run has left.
func (r *reused) begin() {
	r.looked, r.sent, r.ahead = r.looked[:0], r.sent[:0], r.ahead[:0]
	r.caps.reset()
	r.rows.reset()
	r.waiting.forget()
}

// kept returns the memory alone, which points at no contact.
func (r *reused) kept() reused {
	r.begin()
	clear(r.sent[:cap(r.sent)])
	return reused{sent: r.sent, times: r.times, ahead: r.ahead, text: r.text, caps: r.caps, waiting: r.waiting}
}

// begin forgets an earlier run. No other place does, so nothing that was decided of one
// contact is left for the next.
func (d *decision) begin(rec *store.Record, c *store.Changes) {
	d.rec, d.c = d.spelt(rec), c
	var overflow []heldRow
	var names []heldName
	if d.in.looks { // nobody but the decision ever saw them
		overflow, names = d.out.held.overflow[:0], d.out.held.names[:0]
	}
	d.out = decided{}
	l := &d.out.held
	l.messages, l.overflow, l.names = d.in.st.plan.ByPlace, overflow, names
	d.reused.begin()
	d.in.readings.Begin()
	if d.fetched.hasEvents && d.fetched.seq != rec.EventSeq {
		// Another event came while the log was read: it must be read again.
		d.fetched = fetched{companies: d.fetched.companies}
	}
	d.scope.Restart(d.rec, d.in.now, d.in.st.plan.Loc)
	d.scope.Fields, d.scope.Page = d.in.event.fields, d.in.page
	d.out.limited = d.in.what == onTrack && d.in.limits.restricts(d.in.event.source)
}

// release returns a decision's memory to the pool without what it points at.
func (d *decision) release() {
	kept, s := d.reused.kept(), d.scope.Kept()
	*d = decision{}
	d.reused, d.scope = kept, s
}

// steppedBack reports whether an instant of the record lies in the future. If that
// takes another reading, the run is void.
func (d *decision) steppedBack(at int64) bool {
	ahead, unsure := d.in.readings.Lies(at, d.in.now)
	if unsure {
		d.out.need.clock = true
	}
	return ahead
}

// setNow sets the instant that the decision is made at, in Unix milliseconds,
// and what follows from it.
func (d *decision) setNow(now int64) {
	d.in.now, d.in.until = now, now+d.in.limits.lease
	d.in.at = calendar.FloorSeconds(now)
	if e := &d.in.event; e.dated {
		d.in.at = min(d.in.at, e.created)
	}
}

// spaced reports whether a distance or a cap counts from what the decision has
// sent: then it matters at which instant that was.
func (d *decision) spaced() bool {
	for i := range d.reused.sent {
		m := d.in.st.plan.ByID[d.reused.sent[i].Message]
		if m == nil || m.Frequency.Every > 0 || len(m.Caps) > 0 {
			return true
		}
	}
	return false
}
