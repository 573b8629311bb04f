package beckon

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/store"
)

// limits are what the host has set of that which a decision is bound by.
type limits struct {
	knownOnly    bool                                    // contacts that are not known are refused
	exactEmail   bool                                    // the letter case of an address counts
	foreign      bool                                    // companies of events count for every contact
	eventNames   int                                     // active ones of a contact
	recentEvents int                                     // kept of a contact
	repeats      int                                     // events remembered of a contact
	sendLog      int                                     // sends of a contact in its log
	holds        int                                     // waiting of one message, for one contact
	waitingBytes int                                     // of all that waits for a contact
	pending      int                                     // deliveries of a contact in the outbox
	lease        int64                                   // milliseconds
	checkEvery   int64                                   // milliseconds
	recentFor    int64                                   // milliseconds
	repeatsFor   int64                                   // milliseconds
	sources      map[store.Source]map[store.Channel]bool // the channels that a source may trigger, where the host says so
}

// recentFrom returns the first second whose events are kept at now: what is exactly
// as old as they are kept is out (A6).
func (l *limits) recentFrom(now int64) int64 { return calendar.FloorSeconds(now-l.recentFor) + 1 }

// restricts reports whether there is any channel that events of the source may not
// trigger.
func (l *limits) restricts(s store.Source) bool { return len(l.sources) > 0 || s == store.SourceREST }

// allows is the table of D6: an event from the REST interface cannot trigger
// what needs the contact in front of a screen; all else is allowed.
func (l *limits) allows(s store.Source, ch store.Channel) bool {
	if set, ok := l.sources[s]; ok {
		return set[ch]
	}
	return s != store.SourceREST || ch != store.ProductTour && ch != store.Banner && ch != store.Carousel
}

// spelling returns an address as it was given, if it is that of the record under
// key, which has it in other letters (E1).
func (l *limits) spelling(key store.Key, email string) (string, bool) {
	if key.Kind != store.KindEmail {
		return "", false
	}
	text, ok := fold.EmailSpelling(email)
	return text, ok && text != key.ID && l.emailID(text) == key.ID
}

// emailID returns the id of the record that is kept under an address.
func (l *limits) emailID(spelling string) string {
	if l.exactEmail {
		return fold.EmailDomain(spelling)
	}
	return fold.Email(spelling)
}

// sameEmail reports whether two spellings are of one address.
func (l *limits) sameEmail(a, b string) bool {
	return a == b || len(a) == len(b) && l.emailID(a) == l.emailID(b)
}
