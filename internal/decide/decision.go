package decide

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A Decision is the one pure decision: a function of the plan, what is known of
// the contact, the occasion and one instant. Track, Visit, Sweep, Send, Check,
// Due, Explain and the test kit are shells around it; there is no second
// evaluator.
//
// It may run several times (a lost race, a need), so Decide starts by
// forgetting what an earlier run decided. A decision belongs to one goroutine
// and is pooled.
type Decision struct {
	In      Given   // what the shell sets, for all runs
	Fetched fetched // what the shell has read for a need
	Out     decided // what the last run has decided

	Record  *store.Record  // what the last run decides over
	Changes *store.Changes // and where its changes go
	Scope   rule.Scope     // what rules and templates see
	Reused  reused
	Steps   [1]store.Step // the shell's
	ran     bool          // since it was released: there is something of a run in Out and Reused
}

// A Given is what a decision is asked.
type Given struct {
	State    *State
	Limits   *Limits
	Occasion Occasion
	Now      int64          // Unix milliseconds
	until    int64          // with outbox: when the lease ends of what is decided, Unix milliseconds
	Outbox   bool           // what is decided goes into the outbox
	Explain  bool           // it is only asked: trace what is judged, and judge even what is a duplicate
	Traces   bool           // trace what is judged, of a decision that is made
	Foresees bool           // it is asked what would be decided at another instant: nothing is traced
	Records  bool           // the occasion is only recorded: no message, walk or goal is judged
	Looks    bool           // the result is only looked at, and its memory used again
	WantWho  bool           // the shell says of whom, also where nothing is sent
	Watched  bool           // it tells observers what was held, too
	Known    bool           // a contact that is not known is refused, whatever the limits say
	Readings clock.Readings // of the clock

	Messages []*plan.Message // candidates of a visit, sweep, check or send
	Again    []Repeated      // only these of them, whose deliveries were taken back; nil: all
	AgainOf  *plan.Plan      // and those that this plan does not have, under which the others were judged
	Page     *store.Page
	Email    string // as it was given, if the contact was named by it

	Event    Occurrence
	Name     unique.Handle[string] // the event's canonical name
	Concerns *plan.Event           // what the plan has for the name
	Covering any                   // that of Concerns.Defined which has all of the event's keys, if it was asked already
	at       int64                 // the event's recorded time, Unix seconds
	hash     [16]byte              // the event's identity (E7), if it has one
	hashed   bool

	Update  *ContactUpdate
	Refusal Refusal
	Rule    *AloneRule // what a match is about
}

// An Occurrence is an event as a decision sees it. What it holds is nobody else's.
type Occurrence struct {
	ID, Company string
	Source      store.Source
	Imported    bool         // it is history, and triggers nothing
	Dated       bool         // it says when it happened
	Created     int64        // when, in Unix seconds
	Fields      value.Fields // those that count
}

// A Failure is what broke without ending the decision: the message was held, the
// others went on.
type Failure struct {
	Message string // it broke in rendering; empty if err says all
	Err     error
	Beside  bool // no message broke: the store failed beside the decision
}

// A fetched is what a decision lacked, and the shell has read for it.
type fetched struct {
	Companies map[string]*store.Record
	log       rule.Log
	hasEvents bool
	seq       uint64 // log is up to this one
	Complete  bool   // log holds all that were ever recorded
}

// A decided is what one run has decided, and found out on the way. The next run begins
// with none of it.
type decided struct {
	Need       need
	Duplicate  bool // the event is a repeat: nothing was decided
	Deliveries []store.Delivery
	Held       HeldList
	Failures   []Failure
	Who        store.Identity
	whoSet     bool
	TooSoon    int64               // a check came too soon: when it may come again
	Matched    bool                // the contact matches the rule
	Origins    []origin            // of the deliveries of a run, which may be given back
	behind     []behind            // held by walks that go on from a delivery
	sets       []setBehind         // by walks, behind or before a delivery
	anchored   anchored            // of the walk that moves
	room       roomIndex           // of the record
	crossed    []crossedBehind     // what was noted of segments behind deliveries
	walkFrom   int                 // so many Origins there were when the walk began to move
	Passed     int                 // blocks that walks came to, and conditions of their rules: what it cost
	Walked     []store.SeriesState // the walks as a run leaves them
	Traces     []explain.Message   // if it is traced
	Waiting    map[int]store.Hold  // by the place of a trace: what waits, or has waited until now
	Idle       bool                // with Explain: it is no occasion, for nothing is due
	Kept       *store.Record       // with Explain: the record; nothing of it is the store's
	Keeps      bool                // a look has found a decision that is to be kept

	stat    store.Stats // of the event's name, before it
	counted bool        // there were any
	limited bool        // the event's source may not trigger everything (D6)
	Foreign bool        // the event's company does not count (E11)

	after      *store.Record       // the state after the occasion, made on demand
	needed     map[string]struct{} // Need.Companies, if they are many
	opened     []openedGoal        // goals opened in this occasion, in the order of the sends
	latest     map[string]int      // of each message, its latest in opened, if they are many
	late       lateRows            // what is to be put into the profile
	past       past                // for goals, after a merge
	follows    followLog           // for what has waited
	set        bool                // a walk has set attributes
	moved      bool                // the profile's holds are to be put in order again
	taken      waitingSize         // by what waits
	heldFor    []heldFor           // events of what had waited, in order of its place
	waitsWith  value.Fields        // the event's metadata, copied for what waits with them
	aheadKnown bool                // reused.ahead is what it says
	progress   progress            // through the candidates
	spaced     bool                // see Spaced
}

// A reused is the memory that a decision keeps from run to run and from contact to
// contact. A run begins with it empty.
type reused struct {
	Looked  []LookedAt   // what a look has found held
	Sent    []int32      // sends of this occasion, by their places in Changes.SendLog
	times   [][]int64    // of the counters that the event counts in
	ahead   []int32      // see decision.ahead
	text    []byte       // for the event's identity
	Fields  value.Fields // see TakeFields; the decoder has written them there, or an earlier event
	Body    []byte       // of a posted event that has been read; nobody holds a part of it any more
	Caps    capStates    // of the caps that were asked about
	Rows    rowIndex     // of c.Sends, if they are many
	waiting holdIndex    // of the profile's holds, if they are many
}

// maxBody is the size of a posted body beyond what most have, in bytes. The memory of a
// larger one is given back.
const maxBody = 16 << 10

// begin empties what the last run has left.
func (r *reused) begin() {
	r.Looked, r.Sent, r.ahead = r.Looked[:0], r.Sent[:0], r.ahead[:0]
	r.Caps.Reset()
	r.Rows.reset()
	r.waiting.forget()
}

// release leaves the memory alone, which points at no contact.
func (r *reused) release() {
	r.begin()
	clear(r.Fields)
	if r.Fields = r.Fields[:0]; cap(r.Fields) > 2*value.MaxMetadataKeys {
		r.Fields = nil
	}
	if cap(r.Body) > maxBody {
		r.Body = nil
	}
	if r.Looked != nil {
		r.Looked = nil
	}
}

// Begin forgets an earlier run. No other place does, so nothing that was decided of one
// contact is left for the next.
func (d *Decision) Begin(rec *store.Record, c *store.Changes) {
	d.Record, d.Changes = d.spelt(rec), c
	if d.ran {
		d.forgetRun()
	}
	d.ran = true
	d.Out.Held.Plan = d.In.State.Plan
	d.In.Readings.Begin()
	if d.Fetched.hasEvents && d.Fetched.seq != rec.EventSeq {
		// Another event came while the log was read: it must be read again.
		d.Fetched = fetched{Companies: d.Fetched.Companies}
	}
	d.Scope.Restart(d.Record, d.In.Now, d.In.State.Plan.Loc)
	d.Scope.Fields, d.Scope.Page = d.In.Event.Fields, d.In.Page
	if d.Fetched.hasEvents {
		d.Scope.Log, d.Scope.LogSince = &d.Fetched.log, d.logSince()
		d.Scope.LogFrom = d.In.Limits.RecentFrom(d.In.Now)
	}
	d.Out.limited = d.In.Occasion == OnTrack && d.In.Limits.Sources.Restrict(d.In.Event.Source)
}

// forgetRun empties what the last run has left.
func (d *Decision) forgetRun() {
	var overflow []heldRow
	var names []HeldName
	if d.In.Looks { // nobody but the decision ever saw them
		overflow, names = d.Out.Held.Overflow[:0], d.Out.Held.names[:0]
	}
	d.Out = decided{}
	d.Out.Held.Overflow, d.Out.Held.names = overflow, names
	d.Reused.begin()
}

// Release returns a decision's memory to the pool without what it points at.
func (d *Decision) Release() {
	// One by one: together they would be made elsewhere first, and copied.
	d.In = Given{}
	d.Fetched = fetched{}
	d.Out = decided{}
	d.Steps[0] = store.Step{}
	d.Record, d.Changes, d.ran = nil, nil, false
	d.Scope.Release()
	d.Reused.release()
}

// TakeFields has the event have a copy of the fields, in the decision's own memory, in which
// they may stand already. They are there until the decision is released.
func (d *Decision) TakeFields(f value.Fields) {
	own := d.Reused.Fields
	clear(own[min(len(f), len(own)):])
	own = append(own[:0], f...)
	d.Reused.Fields, d.In.Event.Fields = own, own
	if len(f) == 0 {
		d.In.Event.Fields = nil
	}
}

// steppedBack reports whether an instant of the record lies in the future. If that
// takes another reading, the run is void.
func (d *Decision) steppedBack(at int64) bool {
	ahead, unsure := d.In.Readings.Lies(at, d.In.Now)
	if unsure {
		d.Out.Need.Clock = true
	}
	return ahead
}

// SetNow sets the instant that the decision is made at, in Unix milliseconds,
// and what follows from it.
func (d *Decision) SetNow(now int64) {
	d.In.Now, d.In.until = now, now+d.In.Limits.Lease
	d.In.at = calendar.FloorSeconds(now)
	if e := &d.In.Event; e.Dated {
		d.In.at = min(d.In.at, e.Created)
	}
}

// Spaced reports whether a distance or a cap counts from what the decision has
// sent: then it matters at which instant that was.
func (d *Decision) Spaced() bool { return d.Out.spaced }

// sentNow returns the sends of this occasion, which caps across messages see. They are not
// the caller's to change.
func (d *Decision) sentNow() []store.SendLogEntry {
	log := d.Changes.SendLog
	if len(d.Reused.Sent) == len(log) {
		return log
	}
	sent := make([]store.SendLogEntry, len(d.Reused.Sent)) // the others were set back to now
	for i, at := range d.Reused.Sent {
		sent[i] = log[at]
	}
	return sent
}

// SentFrom returns what a delivery of a run had waited as: a hold, or a date that was armed.
func (d *Decision) SentFrom(i int) (hold *store.Hold, armed *store.ArmedDate) {
	return d.Out.Origins[i].hold, d.Out.Origins[i].armed
}

// GoOnFrom has the decision see the event log as another one leaves it.
func (d *Decision) GoOnFrom(of *Decision) {
	d.Fetched = fetched{Companies: of.Fetched.Companies}
	if !of.Fetched.hasEvents {
		return
	}
	log := slices.Clone(of.Changes.Events)
	slices.Reverse(log)
	d.Fetched.log = rule.Log{Events: append(log, of.Fetched.log.Events...)}
	d.Fetched.hasEvents, d.Fetched.Complete = true, of.Fetched.Complete
	d.Fetched.seq = max(of.Changes.EventSeq, of.Out.Kept.EventSeq)
}
