package rule

import (
	"math"

	"github.com/beckon-go/beckon/store"
)

// A segmentMemo remembers what segments came to, as long as what they look at is
// the same: all messages of one occasion are judged against the state of before,
// so that a segment is judged once for all of them.
type segmentMemo struct {
	about memoState
	round uint32   // grows when something else is looked at
	known []uint32 // by segment: the round in which it was judged, and how, in the last bit

	traces map[*Segment]Trace // of Explain
}

// A memoState is what a segment looks at.
type memoState struct {
	set          *Segments
	rec, company *store.Record
	page         *store.Page
	now          int64
	built        int
}

// forget is for what looks the same and is not: a store uses the memory of a
// record again.
func (m *segmentMemo) forget() {
	if m.round++; m.round > math.MaxUint32/2-1 {
		m.round = 1
		clear(m.known)
	}
	m.traces = nil
}

// ForgetSegments is for a record that looks the same and is not.
func (s *Scope) ForgetSegments() { s.memo.forget() }

// ForgetSegmentsOf is ForgetSegments if it is this record that was looked at.
func (s *Scope) ForgetSegmentsOf(rec *store.Record) {
	if s.memo.about.rec == rec {
		s.memo.forget()
	}
}

// keptSegments is for how many segments a decision keeps memory.
const keptSegments = 1 << 14

// kept returns the memory alone, for the next decision.
func (m *segmentMemo) kept() segmentMemo {
	if len(m.known) > keptSegments {
		return segmentMemo{}
	}
	return segmentMemo{round: m.round, known: m.known}
}

// traceSegment explains a segment that was just judged. Traces of one occasion
// share those of a segment.
func (s *Scope) traceSegment(p *Segment) Trace {
	t, known := s.memo.traces[p]
	if !known {
		t = p.Rule.trace(s, p.Rule.root)
		if s.memo.traces == nil {
			s.memo.traces = map[*Segment]Trace{}
		}
		s.memo.traces[p] = t
	}
	return t
}

// segment reports whether a segment holds. s is ready for rules.
func (s *Scope) segment(p *Segment) bool {
	m := &s.memo
	if about := (memoState{p.set, s.Rec, s.Company, s.Page, s.Now, len(s.Built)}); about != m.about {
		m.about = about
		m.forget()
	}
	for len(m.known) <= p.number {
		m.known = append(m.known, 0)
	}
	if known := m.known[p.number]; known>>1 == m.round {
		return known&1 == 1
	}
	holds := p.Rule.Program.run(s)
	known := m.round << 1
	if holds {
		known |= 1
	}
	m.known[p.number] = known
	return holds
}
