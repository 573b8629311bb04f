package decide

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"unique"

	"github.com/beckon-go/beckon/internal/plan"
)

// States holds the current state of an engine. A call that changes one message, series or event
// name notes it, and the next load makes a state of all that was noted: a state is a copy, so
// ten thousand pauses would make ten thousand copies of ten thousand messages.
type States struct {
	current atomic.Pointer[State] // nil: something was noted that it does not have

	mu    sync.Mutex
	last  *State
	noted Noted
}

// Noted is what a state is to say otherwise.
type Noted struct {
	messages map[*plan.Message]MessageState
	series   map[string]plan.Status
	archived map[unique.Handle[string]]bool
}

// Load returns the current state.
func (s *States) Load() *State {
	if st := s.current.Load(); st != nil {
		return st
	}
	return s.make()
}

// make makes the state of what was noted.
func (s *States) make() *State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.Load() == nil {
		s.last = s.noted.in(s.last)
		s.noted = Noted{}
		s.current.Store(s.last)
	}
	return s.last
}

// Set replaces the state, and with it all that was noted. As Note, only under the lock of
// what is published.
func (s *States) Set(st *State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.noted = st, Noted{}
	s.current.Store(st)
}

// Plan returns the plan of the current state, and makes none for it.
func (s *States) Plan() *plan.Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last.Plan
}

// Note notes a change. All that is loaded from now on has it.
func (s *States) Note(change func(*Noted)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.noted)
	s.current.Store(nil)
}

// in returns a copy of a state that says what was noted.
func (n *Noted) in(st *State) *State {
	next := *st
	if len(n.messages) > 0 {
		next.Live, next.Since = slices.Clone(st.Live), slices.Clone(st.Since)
		for m, k := range n.messages {
			next.SetLive(m, k)
		}
	}
	next.Series = overlaid(st.Series, n.series)
	if len(n.archived) > 0 {
		next.Archived = overlaid(st.Archived, n.archived)
		maps.DeleteFunc(next.Archived, func(_ unique.Handle[string], is bool) bool { return !is })
	}
	return &next
}

// overlaid returns a map with what another says; the first itself if that says nothing.
func overlaid[K comparable, V any](under, over map[K]V) map[K]V {
	if len(over) == 0 {
		return under
	}
	out := make(map[K]V, len(under)+len(over))
	maps.Copy(out, under)
	maps.Copy(out, over)
	return out
}

// Message says what outlives programs of a message.
func (n *Noted) Message(m *plan.Message, k MessageState) {
	n.messages = put(n.messages, m, k)
}

// SeriesStatus says that a series is paused or stopped, or "" that it is neither.
func (n *Noted) SeriesStatus(id string, status plan.Status) {
	n.series = put(n.series, id, status)
}

// Archive says whether an event name is archived.
func (n *Noted) Archive(name string, archived bool) {
	n.archived = put(n.archived, unique.Make(name), archived)
}
