package beckon

import (
	"errors"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
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

// errNeed is what a decision returns that needs something it must not fetch
// itself: it runs under the store's lock. Its need says what; the shell fetches
// that and steps again.
var errNeed = errors.New("beckon: the decision needs more than the record")

// A need is what a decision must have and does not.
type need struct {
	forward   store.Key // the identity leads to another record
	moving    bool      // the record is in the middle of a merge, to be finished first
	companies []string  // company data that rules or templates use
	events    bool      // the event log, to build counters from
	seq       uint64    // the newest event when it was asked for
	clock     bool      // another reading: the record holds instants ahead of this one
}

var _ store.Decider = (*decision)(nil)

// Decide implements [Decider].
func (d *decision) Decide(rec *store.Record, c *store.Changes) error {
	d.begin(rec, c)
	if p := rec.Profile; p != nil {
		switch {
		case !p.Forward.IsZero():
			d.out.need.forward = p.Forward
			return errNeed
		case !p.Moving.IsZero():
			d.out.need.moving = true
			return errNeed
		}
	}
	if !rec.Exists && d.in.limits.knownOnly && d.refusesUnknown() {
		return unknownContact()
	}
	if err := d.buildCounters(); err != nil {
		return err
	}
	var err error
	switch d.in.what {
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
		if p := d.current(); p != nil && len(d.out.origins) > 0 {
			d.out.walked = slices.Clone(p.Walks)
		}
	}
	if d.out.moved {
		sortHolds(d.c.Profile.Holds)
	}
	d.trimLog()
	c.NewSends = len(d.reused.sent) > 0 && len(d.reused.sent) == len(c.Log) // none is an older one, set back to now
	if d.in.wantWho {
		d.identity() // the record is not there any more when the run is over
	}
	if d.out.need.companies != nil || d.out.need.events || d.out.need.clock {
		d.out.need.seq = rec.EventSeq
		return errNeed
	}
	return nil
}

// streamed reports whether the deliveries go to a consumer that may stop.
func (d *decision) streamed() bool {
	return d.in.what == onSweep || d.in.what == onSend || d.in.what == onDue
}

// setEvents takes the event log, newest first, as it was when the contact had
// seq events.
func (d *decision) setEvents(events []store.LoggedEvent, seq uint64) {
	d.fetched.events = slices.DeleteFunc(events, func(e store.LoggedEvent) bool { return e.Seq > seq })
	d.fetched.hasEvents, d.fetched.seq = true, seq
	d.fetched.complete = uint64(len(d.fetched.events)) == seq
}

// profile returns the profile as it is after the occasion, for changing: the
// first call copies what the record holds, which is never modified.
func (d *decision) profile() *store.Profile {
	if d.c.Profile == nil {
		d.c.Profile = cloneProfile(d.rec.Profile)
		if !d.rec.Exists && d.c.Profile.Created == 0 {
			d.c.Profile.Created = d.in.now
			if d.rec.Key.Kind == store.KindEmail {
				setAttribute(d.c.Profile, "email", peek.Value(rule.UserAttribute(d.rec, "email")))
			}
		}
	}
	return d.c.Profile
}

// current returns the profile as it is after what was decided so far, for
// reading; it may be nil.
func (d *decision) current() *store.Profile {
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
func (d *decision) identity() store.Identity {
	if !d.out.whoSet {
		d.out.who, d.out.whoSet = d.rec.Identity(), true
	}
	return d.out.who
}

// needCompany returns a company's record, or notes that it is needed: then the
// run goes on with the company unknown and is thrown away.
func (d *decision) needCompany(id string) *store.Record {
	if id == "" {
		return nil
	}
	if co, ok := d.fetched.companies[id]; ok {
		return co
	}
	if !slices.Contains(d.out.need.companies, id) {
		d.out.need.companies = append(d.out.need.companies, id)
	}
	return nil
}

// needsMore notes that the event log is needed if a condition found that a
// counter must be built first, and reports whether the run is void.
func (d *decision) needsMore() bool {
	if d.scope.NeedEvents && !d.fetched.hasEvents {
		d.out.need.events = true
	}
	return d.out.need.events || d.out.need.companies != nil || d.out.need.clock
}

// spelt returns a contact that is not known, and is named by an email, as one that
// has the address as it was given. Every other record stays what it is.
func (d *decision) spelt(rec *store.Record) *store.Record {
	if rec.Exists {
		return rec
	}
	if text, ok := d.in.limits.spelling(rec.Key, d.in.email); ok {
		return &store.Record{Key: rec.Key, Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", value.String(text))}}}
	}
	return rec
}

// refusesUnknown reports whether the occasion refuses contacts that are not
// known, where the engine is to. An update and a refusal make them known, a rule
// is judged of them all the same, and a run met them when they were: they are
// gone.
func (d *decision) refusesUnknown() bool {
	switch d.in.what {
	case onUpdate, onMerge, onEve, onMatch, onConsent:
		return false
	case onSweep, onSend, onDue:
		return d.in.explain
	}
	return true
}

func unknownContact() fault.List {
	return fault.List{{Code: fault.ErrContactUnknown, Message: "no such contact is known"}}
}
