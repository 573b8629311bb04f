package replay

import (
	"cmp"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// A Report is what came of a replay.
type Report struct {
	Summary    Summary     `json:"summary"`
	Difference *Difference `json:"difference,omitempty"` // nil without [Against]

	Steps   int `json:"steps"`
	Refused int `json:"refused"` // steps that were refused, and lines that are none

	contacts map[beckon.Identity]struct{}
}

// A Summary counts what the first program has done. What a sweep and a send hold is not
// listed, as in their results.
type Summary struct {
	Sent     map[string]int64                   `json:"sent"`     // by message
	Held     map[string]map[beckon.Reason]int64 `json:"held"`     // by message and reason
	Contacts int                                `json:"contacts"` // with at least one delivery
	Days     map[string]map[string]int64        `json:"days"`     // sent, by day in the program's zone, such as 2026-03-02, and message
}

// A Difference is what the second program does differently. Deliveries are the same if
// their contact, message and time are.
type Difference struct {
	Added    map[string]int64 `json:"added"`    // by message: sent by the second program only
	Removed  map[string]int64 `json:"removed"`  // by message: sent by the first only
	Contacts int              `json:"contacts"` // with any difference
	Examples []Example        `json:"examples"` // the first of each message and change, at most MaxExamples of each

	contacts map[beckon.Identity]struct{}
	shown    map[Example]int
}

// MaxExamples is how many examples a message and change has.
const MaxExamples = 3

// An Example is one delivery that is added or removed.
type Example struct {
	Contact string    `json:"contact"` // the user_id, else the id, email or anonymous_id
	Message string    `json:"message"`
	At      time.Time `json:"at"`
	Change  string    `json:"change"` // added or removed
}

func newReport() *Report {
	return &Report{
		Summary:  Summary{Sent: map[string]int64{}, Held: map[string]map[beckon.Reason]int64{}, Days: map[string]map[string]int64{}},
		contacts: map[beckon.Identity]struct{}{},
	}
}

func newDifference() *Difference {
	return &Difference{
		Added: map[string]int64{}, Removed: map[string]int64{}, Examples: []Example{},
		contacts: map[beckon.Identity]struct{}{}, shown: map[Example]int{},
	}
}

// count takes in what came of a step.
func (r *Report) count(res *scenario.Result, zone *time.Location) {
	if res == nil {
		return
	}
	s := &r.Summary
	for i := range res.Deliveries {
		d := &res.Deliveries[i]
		s.Sent[d.Message]++
		r.contacts[d.Contact] = struct{}{}
		day := d.At.In(zone).Format(time.DateOnly)
		if s.Days[day] == nil {
			s.Days[day] = map[string]int64{}
		}
		s.Days[day][d.Message]++
	}
	for i := range res.Held {
		h := &res.Held[i]
		if s.Held[h.Message] == nil {
			s.Held[h.Message] = map[beckon.Reason]int64{}
		}
		s.Held[h.Message][h.Reason]++
	}
}

// take takes in how often the second program made a send more than the first.
func (d *Difference) take(x send, n int) {
	if n == 0 {
		return
	}
	d.contacts[x.contact] = struct{}{}
	change := "added"
	if n > 0 {
		d.Added[x.message] += int64(n)
	} else {
		change = "removed"
		d.Removed[x.message] -= int64(n)
	}
	kind := Example{Message: x.message, Change: change}
	if d.shown[kind]++; d.shown[kind] <= MaxExamples {
		who := x.contact
		kind.Contact, kind.At = cmp.Or(who.UserID, who.ID, who.Email, who.AnonymousID), time.UnixMilli(x.at).UTC()
		d.Examples = append(d.Examples, kind)
	}
}

func (r *Report) end() {
	r.Summary.Contacts = len(r.contacts)
	if d := r.Difference; d != nil {
		d.Contacts = len(d.contacts)
	}
}
