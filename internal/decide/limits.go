package decide

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// The limits of what is known of a contact or a company.
const (
	MaxAttributes    = 1000 // attributes of one contact or company
	MaxAttributeName = 255  // longest name of an attribute, in code points
	MaxCompanies     = 1000 // companies of one contact
	MaxDecisions     = 500  // decisions of a contact that can be kept
	MaxUnsubscribed  = 200  // entries of a contact's unsubscriptions, and as many choices of topics
)

// Limits are what the host has set of that which a decision is bound by.
type Limits struct {
	KnownOnly    bool                   // contacts that are not known are refused
	ExactEmail   bool                   // the letter case of an address counts
	Foreign      bool                   // companies of events count for every contact
	EventNames   int                    // active ones of a contact
	RecentEvents int                    // kept of a contact
	Repeats      int                    // events remembered of a contact
	SendLog      int                    // sends of a contact in its log
	Values       int                    // of a frequency's key, of one message, for one contact (F7)
	Composed     int                    // composed messages of a contact that are remembered
	Holds        int                    // waiting of one message, for one contact
	WaitingBytes int                    // of all that waits for a contact
	DeadLetters  int                    // of a contact
	Pending      int                    // deliveries of a contact in the outbox
	Lease        int64                  // milliseconds
	CheckEvery   int64                  // milliseconds
	SessionGap   int64                  // milliseconds
	RecentFor    int64                  // milliseconds
	RepeatsFor   int64                  // milliseconds
	Decisions    int                    // kept of a contact; 0: none
	WindowValues int                    // of a counter of values, for its window (A13)
	Sources      plan.Sources           // the channels that a source may trigger
	Workers      map[store.Channel]bool // their deliveries are left to the workers of the outbox
}

// RecentFrom returns the first second whose events are kept at now: what is exactly
// as old as they are kept is out (A6).
func (l *Limits) RecentFrom(now int64) int64 { return calendar.FloorSeconds(now-l.RecentFor) + 1 }

// Spelling returns an address as it was given, if it is that of the record under
// key, which has it in other letters (E1).
func (l *Limits) Spelling(key store.Key, email string) (string, bool) {
	if key.Kind != store.KindEmail {
		return "", false
	}
	text, ok := fold.EmailSpelling(email)
	return text, ok && text != key.ID && l.EmailID(text) == key.ID
}

// EmailID returns the id of the record that is kept under an address.
func (l *Limits) EmailID(spelling string) string {
	if l.ExactEmail {
		return fold.EmailDomain(spelling)
	}
	return fold.Email(spelling)
}

// SameEmail reports whether two spellings are of one address.
func (l *Limits) SameEmail(a, b string) bool {
	return a == b || len(a) == len(b) && l.EmailID(a) == l.EmailID(b)
}
