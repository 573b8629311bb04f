package beckon

import "time"

// OverdueFor is how long what has fallen due waits for an engine whose program has
// its message or series (D12): longer than a deployment, or the wrong one and
// its rollback, takes.
const OverdueFor = 7 * 24 * time.Hour

// isAbandoned reports whether what was due then has waited for longer than
// OverdueFor.
func isAbandoned(due, now int64) bool { return due < now-OverdueFor.Milliseconds() }

// leavesHold reports whether the hold waits for a message that is not the
// program's, and is left to an engine that has it (D12).
func (s *state) leavesHold(h *Hold, now int64) bool {
	return s.plan.byID[h.Message] == nil && !isAbandoned(h.Due, now)
}

// leavesWalk reports whether nothing becomes of a walk by time: the series is not
// live, or the program does not know where it stands and leaves it to an engine
// that does (D12).
func (s *state) leavesWalk(w *Walk, now int64) bool {
	if x := s.plan.serieses[w.Series]; x != nil && !s.walks(x) {
		return true
	}
	return !s.knowsWalk(w) && !isAbandoned(w.Due, now)
}

// knowsWalk reports whether the program has the series of a walk that is not over,
// and the block at which it stands.
func (s *state) knowsWalk(w *Walk) bool {
	x := s.plan.serieses[w.Series]
	return x != nil && x.block(w.Block) >= 0
}
