package replay

import (
	"time"

	"github.com/beckon-go/beckon"
)

// A Report is what came of a replay.
type Report struct {
	Summary    Summary     `json:"summary"`
	Other      *Summary    `json:"other,omitempty"`      // of the program that Against names; nil without
	Difference *Difference `json:"difference,omitempty"` // nil without Against

	Steps   int `json:"steps"`
	Refused int `json:"refused"` // steps that the first program refused, and lines that are none

	// Refusals say why steps were refused: one for each code, in the order in which they came
	// first. Those with codes beyond the first MaxRefusals are only counted in Refused.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// A Refusal is why some steps were refused.
type Refusal struct {
	Code  beckon.Code `json:"code"`  // of the first error of each of the steps
	Steps int         `json:"steps"` // that were refused by it
	First int         `json:"first"` // the number of the first of them, from 0
	Error string      `json:"error"` // of the first of them
}

// A Summary counts what a program has done. What a sweep and a send hold is not listed, as
// in their results.
type Summary struct {
	Sent     map[string]int64                   `json:"sent"`     // by message
	Held     map[string]map[beckon.Reason]int64 `json:"held"`     // by message and reason
	Contacts int                                `json:"contacts"` // with at least one delivery; those that were merged in the end are one
	Days     map[string]map[string]int64        `json:"days"`     // sent, by day in the program's zone, such as 2026-03-02, and message; the first MaxDays of them
}

// The limits of a report.
const (
	MaxDays     = 3660 // days that a summary lists, those that sent first; all count in Sent
	MaxExamples = 3    // examples of each message and change
	MaxRefusals = 20   // codes of refused steps
)

// A Difference is what the second program does differently. Deliveries are the same if
// their contact, message and time are.
type Difference struct {
	Added    map[string]int64 `json:"added"`    // by message: sent by the second program only
	Removed  map[string]int64 `json:"removed"`  // by message: sent by the first only
	Contacts int              `json:"contacts"` // with any difference; those that were merged in the end are one
	Examples []Example        `json:"examples"` // the first of each message and change, at most MaxExamples of each

	AddedContacts   int `json:"added_contacts"`   // contacts to whom any is added
	RemovedContacts int `json:"removed_contacts"` // contacts from whom any is removed
}

// A Change is what becomes of a delivery.
type Change string

// The changes.
const (
	Added   Change = "added"
	Removed Change = "removed"
)

// An Example is one delivery that is added or removed.
type Example struct {
	Contact string        `json:"contact"` // as it was known then: the user_id, else the id, email or anonymous_id
	Message string        `json:"message"`
	At      time.Time     `json:"at"`
	Change  Change        `json:"change"`         // Added or Removed
	Held    beckon.Reason `json:"held,omitempty"` // why the other program held it in the same step; empty if it did not, or that is not known
}
