package beckon

import (
	"errors"
	"slices"
	"unique"
)

// An occasion is what makes a decision happen.
type occasion uint8

const (
	onTrack   occasion = iota // an event arrived
	onVisit                   // a login or a page view
	onSweep                   // the hourly pass over all contacts
	onCheck                   // the sweep's messages, for one contact, now
	onSend                    // a one-off goes out
	onDue                     // time passed
	onUpdate                  // the contact's data changed
	onMerge                   // two contacts have become one
	onEve                     // two contacts are about to: what had come before is settled, and nothing is sent
	onMatch                   // a rule is judged by itself (A9)
	onConsent                 // the contact refuses something, or wants it again (D11)
)

// errNeed is what a decision returns that lacks something it must not fetch
// itself: it runs under the store's lock. What it lacks is in its need; the
// shell fetches that and steps again.
var errNeed = errors.New("beckon: the decision needs more than the record")

// A need is what a decision lacked.
type need struct {
	forward   Key      // the identity leads to another record
	moving    bool     // the record is in the middle of a merge, to be finished first
	companies []string // company data that rules or templates use
	events    bool     // the event log, to build counters from
	seq       uint64   // the newest event when it was asked for
	clock     bool     // another reading: the record holds instants ahead of this one
}

// A decision is the one pure decision: a function of the plan, what is known of
// the contact, the occasion and one instant. Track, Visit, Sweep, Send, Check,
// Due, Explain and the test kit are shells around it; there is no second
// evaluator.
//
// It may run several times (a lost race, a need), so Decide starts by
// forgetting what an earlier run decided. A decision belongs to one goroutine
// and is pooled.
type decision struct {
	// What the shell sets.
	st       *state
	cfg      *config
	what     occasion
	now      int64 // Unix milliseconds
	until    int64 // with outbox: when the lease ends of what is decided, Unix milliseconds
	outbox   bool  // what is decided goes into the outbox
	explain  bool  // trace conditions, and judge even what is a duplicate
	event    *Event
	name     unique.Handle[string] // the event's canonical name
	concerns *eventPlan            // what the plan has for the name
	at       int64                 // the event's recorded time, Unix seconds
	hash     [16]byte              // the event's identity (E7), if it has one
	hashed   bool
	page     *Page
	update   *contactUpdate
	refusal  refusal
	email    string     // as it was given, if the contact was named by it
	rule     *aloneRule // what a match is about
	matched  bool
	messages []*messagePlan // candidates of a visit, sweep, check or send
	own      Event          // the event, as copied at the door
	scratch  []byte
	taken    waitingSize // by what waits
	steps    [1]Step
	readings readings // of the clock

	// What the shell fetched for a need.
	companies map[string]*Record
	events    []LoggedEvent
	hasEvents bool
	seq       uint64 // events is the log up to this one
	complete  bool   // events holds all that were ever recorded

	// What the last run of Decide decided.
	need       need
	rec        *Record
	c          *Changes
	scope      scope
	result     Result
	who        Identity
	whoSet     bool
	stat       Stats      // of the event's name, before it
	counted    bool       // there were any
	limited    bool       // the event's source may not trigger everything (D6)
	foreign    bool       // the event's company does not count (E11)
	looks      bool       // the result is only looked at, and its memory used again
	looked     []lookedAt // what a look has found held
	wantWho    bool       // the shell says of whom, also where nothing is sent
	tooSoon    int64      // a check came too soon: when it may come again
	times      [][]int64  // scratch for counters
	made       []Sent     // sends of this occasion, which caps across messages see
	caps       capStates  // of the caps that were asked about
	rows       rowIndex   // of c.Sends, if they are many
	waiting    holdIndex  // of the profile's holds, if they are many
	moved      bool       // the profile's holds are to be put in order again
	future     []int32    // see ahead
	aheadKnown bool
	opened     []openedGoal   // goals opened in this occasion, in the order of the sends
	origins    []origin       // of the deliveries of a run, which may be given back
	walked     []Walk         // the walks as a run leaves them
	after      *Record        // the state after the occasion, made on demand
	traces     []MessageTrace // with explain
}

var _ Decider = (*decision)(nil)

// Decide implements [Decider].
func (d *decision) Decide(rec *Record, c *Changes) error {
	d.begin(rec, c)
	if p := rec.Profile; p != nil {
		switch {
		case !p.Forward.IsZero():
			d.need.forward = p.Forward
			return errNeed
		case !p.Moving.IsZero():
			d.need.moving = true
			return errNeed
		}
	}
	if !rec.Exists && d.cfg.knownOnly && d.refusesUnknown() {
		return unknownContact()
	}
	if err := d.buildCounters(); err != nil {
		return err
	}
	var err error
	switch d.what {
	case onTrack:
		err = d.track()
	case onVisit:
		err = d.visit()
	case onSweep:
		err = d.sweep()
	case onCheck:
		err = d.check()
	case onSend:
		err = d.sweep()
	case onDue:
		err = d.due()
	case onUpdate:
		err = d.apply()
	case onMerge:
		d.merge()
	case onEve:
		d.catchUp()
	case onMatch:
		err = d.match()
	case onConsent:
		err = d.consent()
	}
	if err != nil {
		return err
	}
	if d.streamed() {
		if p := d.current(); p != nil && len(d.origins) > 0 {
			d.walked = slices.Clone(p.Walks)
		}
	}
	if d.moved {
		sortHolds(d.c.Profile.Holds)
	}
	d.trimLog()
	c.newSends = len(d.made) > 0 && len(d.made) == len(c.Log) // none is an older one, set back to now
	if d.wantWho {
		d.identity() // the record is not there any more when the run is over
	}
	if d.need.companies != nil || d.need.events || d.need.clock {
		d.need.seq = rec.EventSeq
		return errNeed
	}
	return nil
}

// streamed reports whether the deliveries go to a consumer that may stop.
func (d *decision) streamed() bool {
	return d.what == onSweep || d.what == onSend || d.what == onDue
}

// setEvents takes the event log, newest first, as it was when the contact had
// seq events.
func (d *decision) setEvents(events []LoggedEvent, seq uint64) {
	d.events = slices.DeleteFunc(events, func(e LoggedEvent) bool { return e.Seq > seq })
	d.hasEvents, d.seq = true, seq
	d.complete = uint64(len(d.events)) == seq
}

// begin forgets an earlier run.
func (d *decision) begin(rec *Record, c *Changes) {
	d.rec, d.c = d.spelt(rec), c
	d.need = need{}
	d.readings.found = d.readings.found[:0]
	d.result.reset(d.st.plan.byPlace, d.looks)
	d.looked = d.looked[:0]
	d.whoSet = false
	d.tooSoon = 0
	d.after, d.opened, d.made = nil, nil, d.made[:0]
	d.caps.reset()
	d.waiting.forget()
	d.moved = false
	d.rows.reset()
	d.aheadKnown = false
	d.origins, d.walked = nil, nil
	d.traces = nil
	if d.hasEvents && d.seq != rec.EventSeq {
		// Another event came while the log was read: it must be read again.
		d.hasEvents, d.events = false, nil
	}
	d.scope.memo.forget()
	s := &d.scope // in place: it is large, and its places and the days it knows stay good
	s.rec, s.now, s.loc, s.page, s.built = d.rec, d.now, d.st.plan.loc, d.page, s.built[:0]
	s.fields, s.company, s.event, s.needEvents, s.scratch = nil, nil, unique.Handle[string]{}, false, Value{}
	d.limited, d.foreign = false, false
	if d.event != nil {
		d.scope.fields = d.event.Metadata.counted()
		d.limited = d.what == onTrack && d.cfg.limits(d.event.Source)
	}
}

// release returns a decision's memory to the pool without what it points at.
func (d *decision) release() {
	d.caps.reset()
	built, times, scratch, made, places := d.scope.built[:0], d.times, d.scratch, d.made[:0], d.scope.places
	clear(made[:cap(made)])
	d.waiting.forget()
	caps, future, memo, waiting := d.caps, d.future[:0], d.scope.memo.kept(), d.waiting
	*d = decision{}
	d.scope.built, d.times, d.scratch, d.made, d.scope.places = built, times, scratch, made, places
	d.caps, d.future, d.scope.memo, d.waiting = caps, future, memo, waiting
}

// profile returns the profile as it is after the occasion, for changing: the
// first call copies what the record holds, which is never modified.
func (d *decision) profile() *Profile {
	if d.c.Profile == nil {
		d.c.Profile = d.rec.Profile.clone()
		if !d.rec.Exists && d.c.Profile.Created == 0 {
			d.c.Profile.Created = d.now
			if d.rec.Key.Kind == KindEmail {
				d.c.Profile.set("email", userAttribute(d.rec, "email"))
			}
		}
	}
	return d.c.Profile
}

// current returns the profile as it is after what was decided so far, for
// reading; it may be nil.
func (d *decision) current() *Profile {
	if d.c.Profile != nil {
		return d.c.Profile
	}
	return d.rec.Profile
}

// exist makes sure that the contact is stored from now on.
func (d *decision) exist() {
	if !d.rec.Exists {
		d.c.Touch = true
		d.profile()
	}
}

// identity is the contact's, for deliveries.
func (d *decision) identity() Identity {
	if !d.whoSet {
		d.who, d.whoSet = d.rec.Identity(), true
	}
	return d.who
}

// needCompany returns a company's record, or notes that it is needed: then the
// run goes on with the company unknown and is thrown away.
func (d *decision) needCompany(id string) *Record {
	if id == "" {
		return nil
	}
	if co, ok := d.companies[id]; ok {
		return co
	}
	if !slices.Contains(d.need.companies, id) {
		d.need.companies = append(d.need.companies, id)
	}
	return nil
}

// lacks notes that the event log is needed if a condition found that a
// counter must be built first, and reports whether the run is void.
func (d *decision) lacks() bool {
	if d.scope.needEvents && !d.hasEvents {
		d.need.events = true
	}
	return d.need.events || d.need.companies != nil || d.need.clock
}
