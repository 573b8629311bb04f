// Package decide is the decision: what to send, what to hold and what to record, from a
// compiled plan, the record of a contact, an occasion and one instant. It reads no
// clock, does no I/O and calls no code of the host. The root runs it inside a step of the
// store, hands it what it asks for, and raises what it has come to.
package decide

import (
	"errors"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// An Occasion is what makes a decision happen.
type Occasion uint8

// The occasions.
const (
	OnTrack   Occasion = iota // an event arrived
	OnVisit                   // a login or a page view
	OnSweep                   // the hourly pass over all contacts
	OnCheck                   // the sweep's messages, for one contact, now
	OnSend                    // a one-off goes out
	OnSendTo                  // a message that the host has composed goes to the contact (D14)
	OnDue                     // time passed
	OnUpdate                  // the contact's data changed
	OnMerge                   // two contacts have become one
	OnEve                     // two contacts are about to: what had come before is settled, and nothing is sent
	OnMatch                   // a rule is judged by itself (A9)
	OnLook                    // nothing happens: how things stand is asked
	OnConsent                 // the contact refuses something, or wants it again (D11)
)

// ErrNeed is what a decision returns that needs something it must not fetch
// itself: it runs under the store's lock. Its need says what; the shell fetches
// that and steps again.
var ErrNeed = errors.New("beckon: the decision needs more than the record")

// A need is what a decision must have and does not.
type need struct {
	Forward   store.Key // the identity leads to another record
	Moving    bool      // the record is in the middle of a merge, to be finished first
	Companies []string  // company data that rules or templates use
	Events    bool      // the event log, to build counters from
	Seq       uint64    // the newest event when it was asked for
	Clock     bool      // another reading: the record holds instants ahead of this one
}

var _ store.Decider = (*Decision)(nil)

// Decide implements [Decider].
func (d *Decision) Decide(rec *store.Record, c *store.Changes) error {
	d.Begin(rec, c)
	if p := rec.Profile; p != nil {
		switch {
		case !p.Forward.IsZero():
			d.Out.Need.Forward = p.Forward
			return ErrNeed
		case !p.Moving.IsZero():
			d.Out.Need.Moving = true
			return ErrNeed
		}
	}
	if d.In.Explain && !d.In.Foresees {
		d.Out.Kept = KeptRecord(rec)
	}
	if !rec.Exists && (d.In.Known || d.In.Limits.KnownOnly) && d.refusesUnknown() {
		return UnknownContact()
	}
	if err := d.buildCounters(); err != nil {
		return err
	}
	var err error
	switch d.In.Occasion {
	case OnTrack:
		err = d.track()
	case OnVisit:
		err = d.visit()
	case OnSweep:
		err = d.sweep()
	case OnCheck:
		err = d.check()
	case OnSend:
		err = d.sweep()
	case OnSendTo:
		err = d.sendTo()
	case OnDue:
		err = d.due()
	case OnUpdate:
		err = d.apply()
	case OnMerge:
		d.merge()
	case OnEve:
		d.catchUp()
	case OnMatch:
		err = d.match()
	case OnConsent:
		err = d.consent()
	case OnLook:
	}
	if err != nil {
		return err
	}
	d.putLate()
	d.arm()
	d.keepDecided()
	if d.streamed() {
		if p := d.current(); p != nil && len(d.Out.Origins) > 0 {
			d.Out.Walked = slices.Clone(p.SeriesStates)
		}
	}
	if d.Out.moved {
		sortHolds(d.Changes.Profile.Holds)
	}
	d.trimLog()
	if c.Profile != nil {
		c.Totals = walk.Tally(c.Totals, walksOf(rec), c.Profile.SeriesStates)
	}
	c.NewSends = len(d.Reused.Sent) > 0 && len(d.Reused.Sent) == len(c.SendLog) // none is an older one, set back to now
	if d.In.WantWho || d.In.Watched && d.Out.Held.Count > 0 && !d.In.Looks {
		d.identity() // the record is not there any more when the run is over
	}
	if d.Out.Need.Companies != nil || d.Out.Need.Events || d.Out.Need.Clock {
		d.Out.Need.Seq = rec.EventSeq
		return ErrNeed
	}
	return nil
}

// streamed reports whether the deliveries go to a consumer that may stop.
func (d *Decision) streamed() bool {
	return d.In.Occasion == OnSweep || d.In.Occasion == OnSend || d.In.Occasion == OnDue
}

// SetEvents takes the event log, newest first, as it was when the contact had
// seq events.
func (d *Decision) SetEvents(events []store.LoggedEvent, seq uint64) {
	d.Fetched.log = rule.Log{Events: slices.DeleteFunc(events, func(e store.LoggedEvent) bool { return e.Seq > seq })}
	d.Fetched.hasEvents, d.Fetched.seq = true, seq
	d.Fetched.Complete = uint64(len(d.Fetched.log.Events)) == seq
}

// EventsFetched returns how many events of the log were fetched.
func (d *Decision) EventsFetched() int { return len(d.Fetched.log.Events) }

// profile returns the profile as it is after the occasion, for changing: the
// first call copies what the record holds, which is never modified.
func (d *Decision) profile() *store.Profile {
	if d.Changes.Profile == nil {
		d.Changes.Profile = CloneProfile(d.Record.Profile)
		if !d.Record.Exists && d.Changes.Profile.Created == 0 {
			d.Changes.Profile.Created = d.In.Now
			if d.Record.Key.Kind == store.KindEmail {
				SetAttribute(d.Changes.Profile, "email", peek.Value(rule.UserAttribute(d.Record, "email")))
			}
		}
	}
	return d.Changes.Profile
}

// current returns the profile as it is after what was decided so far, for
// reading; it may be nil.
func (d *Decision) current() *store.Profile {
	if d.Changes.Profile != nil {
		return d.Changes.Profile
	}
	return d.Record.Profile
}

// exist makes sure that the contact is stored from now on.
func (d *Decision) exist() {
	if !d.Record.Exists {
		d.Changes.Touch = true
		d.profile()
	}
}

// identity is the contact's, for deliveries.
func (d *Decision) identity() store.Identity {
	if !d.Out.whoSet {
		d.Out.Who, d.Out.whoSet = d.Record.Identity(), true
	}
	return d.Out.Who
}

// needCompany returns a company's record, or notes that it is needed: then the
// run goes on with the company unknown and is thrown away.
func (d *Decision) needCompany(id string) *store.Record {
	if id == "" {
		return nil
	}
	if co, ok := d.Fetched.Companies[id]; ok {
		return co
	}
	if len(d.Out.Need.Companies) <= rows.Few {
		if !slices.Contains(d.Out.Need.Companies, id) {
			d.Out.Need.Companies = append(d.Out.Need.Companies, id)
		}
		return nil
	}
	if d.Out.needed == nil {
		d.Out.needed = rows.Set(d.Out.Need.Companies)
	}
	if _, known := d.Out.needed[id]; !known {
		d.Out.needed[id] = struct{}{}
		d.Out.Need.Companies = append(d.Out.Need.Companies, id)
	}
	return nil
}

// needsMore notes that the event log is needed if a condition found that a
// counter must be built first, and reports whether the run is void.
func (d *Decision) needsMore() bool {
	if d.Scope.NeedEvents && !d.Fetched.hasEvents {
		d.Out.Need.Events = true
	}
	return d.Out.Need.Events || d.Out.Need.Companies != nil || d.Out.Need.Clock
}

// spelt returns a contact that is not known, and is named by an email, as one that
// has the address as it was given. Every other record stays what it is.
func (d *Decision) spelt(rec *store.Record) *store.Record {
	if rec.Exists {
		return rec
	}
	if text, ok := d.In.Limits.Spelling(rec.Key, d.In.Email); ok {
		return &store.Record{Key: rec.Key, Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", value.String(text))}}}
	}
	return rec
}

// refusesUnknown reports whether the occasion refuses contacts that are not
// known, where the engine is to. An update and a refusal make them known, a rule
// is judged of them all the same, and a run met them when they were, if ever: they
// are gone.
func (d *Decision) refusesUnknown() bool {
	switch d.In.Occasion {
	case OnUpdate, OnMerge, OnEve, OnMatch, OnConsent, OnLook, OnSweep, OnSend, OnDue:
		return false
	}
	return true
}

// UnknownContact returns the refusal of a contact that is not known.
func UnknownContact() fault.List {
	return fault.List{{Code: fault.ErrContactUnknown, Message: "no such contact is known"}}
}

// Name is the occasion as hosts read it.
func (o Occasion) Name() string {
	switch o {
	case OnVisit:
		return "visit"
	case OnSweep:
		return "sweep"
	case OnCheck:
		return "check"
	case OnSend, OnSendTo:
		return "send"
	case OnDue:
		return "due"
	case OnUpdate:
		return "update"
	case OnMerge, OnEve:
		return "merge"
	}
	return "event"
}
