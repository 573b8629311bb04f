package simulation

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// crossed checks that what a segment triggers goes out with a transition, and that none
// passes without a word (T8, Z2): the step that sees it sends the message or holds it.
func (w *world) crossed(who *person, s *spy) {
	for _, m := range w.universe.messages {
		if m.crosses == "" {
			continue
		}
		was, known := crossingOf(s.before, m.id)
		is, noted := crossingOf(s.after, m.id)
		crosses := noted && is != m.leaves && (!known || was != is)
		sent := slices.ContainsFunc(s.sends, func(x store.SendLogEntry) bool { return x.Message == m.id })
		if sent && !crosses {
			w.fail(crossingBroken, "%s went out to %v, who was seen to match: %v, %v, and is: %v, %v", m.id, who, was, known, is, noted)
		}
		// An import is an event that triggers nothing.
		if n, names := increments(s.totals, m.id); crosses && known && n == 0 && !strings.HasPrefix(w.current.call.what, "track") {
			w.fail(crossingBroken, "%v has crossed the segment of %s in a %s, and no total says so: %v", who, m.id, w.current.call.what, names)
		}
	}
}

// crossingOf returns whether a contact was seen to match the segment of a message.
func crossingOf(p *store.Profile, message string) (matched, noted bool) {
	for _, x := range p.Rarely().Crossings {
		if x.Message == message {
			return x.Matched, true
		}
	}
	return false, false
}
