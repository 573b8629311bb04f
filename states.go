package beckon

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"unique"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
)

// states holds the engine's current state. A call that changes one message, series or event
// name notes it, and the next load makes a state of all that was noted: a state is a copy, so
// ten thousand pauses would make ten thousand copies of ten thousand messages.
type states struct {
	current atomic.Pointer[decide.State] // nil: something was noted that it does not have

	mu    sync.Mutex
	last  *decide.State
	noted noted
}

// noted is what a state is to say otherwise.
type noted struct {
	messages map[*plan.Message]decide.MessageState
	series   map[string]plan.Status
	archived map[unique.Handle[string]]bool
}

// load returns the current state.
func (s *states) load() *decide.State {
	if st := s.current.Load(); st != nil {
		return st
	}
	return s.make()
}

// make makes the state of what was noted.
func (s *states) make() *decide.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.Load() == nil {
		s.last = s.noted.in(s.last)
		s.noted = noted{}
		s.current.Store(s.last)
	}
	return s.last
}

// set replaces the state, and with it all that was noted. As note, only under the lock of
// what is published.
func (s *states) set(st *decide.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.noted = st, noted{}
	s.current.Store(st)
}

// plan returns the plan of the current state, and makes none for it.
func (s *states) plan() *plan.Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last.Plan
}

// note notes a change. All that is loaded from now on has it.
func (s *states) note(change func(*noted)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.noted)
	s.current.Store(nil)
}

// in returns a copy of a state that says what was noted.
func (n *noted) in(st *decide.State) *decide.State {
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

// notedIn writes into a map that may not be made yet.
func notedIn[K comparable, V any](m *map[K]V, key K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = v
}
