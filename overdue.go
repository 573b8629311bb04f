package beckon

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// OverdueFor is how long what has fallen due waits for an engine with its
// message or series: longer than a deployment and its rollback. (D12)
const OverdueFor = 7 * 24 * time.Hour

// isAbandoned reports whether what was due then has waited for longer than
// OverdueFor.
func isAbandoned(due, now int64) bool { return due < now-OverdueFor.Milliseconds() }

// leavesHold reports whether the hold waits for a message that is not the
// program's, and is left to an engine that has it (D12).
func (s *state) leavesHold(h *store.Hold, now int64) bool {
	return s.plan.ByID[h.Message] == nil && !isAbandoned(h.Due, now)
}

// leavesWalk reports whether nothing becomes of a walk by time: the series is not
// live, or the program does not know where it stands and leaves it to an engine
// that does (D12).
func (s *state) leavesWalk(w *store.Walk, now int64) bool {
	if x := s.plan.SeriesByID[w.Series]; x != nil && !s.walks(x) {
		return true
	}
	return !s.knowsWalk(w) && !isAbandoned(w.Due, now)
}

// knowsWalk reports whether the program has the series of a walk that is not over,
// and the block at which it stands.
func (s *state) knowsWalk(w *store.Walk) bool {
	x := s.plan.SeriesByID[w.Series]
	return x != nil && x.Block(w.Block) >= 0
}

// nextDue is Record.NextDue without what is left to other engines at now.
func (s *state) nextDue(rec *store.Record, now int64) int64 {
	if rec.Profile == nil {
		return 0
	}
	due := rec.Profile.Merged
	for i := range rec.Profile.Holds {
		if h := &rec.Profile.Holds[i]; (due == 0 || h.Due < due) && !s.leavesHold(h, now) {
			due = h.Due
		}
	}
	for i := range rec.Profile.Walks {
		if w := &rec.Profile.Walks[i]; w.Due != 0 && (due == 0 || w.Due < due) && !s.leavesWalk(w, now) {
			due = w.Due
		}
	}
	return due
}

// droppable reports whether a visitor may be forgotten: unseen for long,
// nothing pending, on no walk, nothing refused, and nothing taken that the running
// program would still hold against it, or one that has a message which was taken out
// (D7).
func (s *state) droppable(rec *store.Record, stopped map[string]bool, now, after int64) bool {
	p := rec.Profile
	if p == nil {
		return true
	}
	if !p.Forward.IsZero() || !p.Moving.IsZero() || len(p.Holds) > 0 || len(p.Pending) > 0 || len(p.Aliases) > 0 || len(p.Unsubscribed) > 0 {
		return false
	}
	if slices.ContainsFunc(p.Walks, func(w store.Walk) bool { return !w.Done && !s.stoppedSeries[w.Series] }) {
		return false
	}
	seen := max(rec.LastSeen, p.Created)
	for i := range rec.Stats {
		seen = max(seen, rec.Stats[i].Last*1000)
	}
	for i := range rec.Seen {
		seen = max(seen, rec.Seen[i].At) // an event may have come now that says it is old
	}
	if seen > now-after {
		return false
	}
	for i := range rec.Sends {
		row := &rec.Sends[i]
		if row.Count == 0 || stopped[row.Message] {
			continue
		}
		// What goes out once, or so many times, would go out again.
		if m := s.plan.ByID[row.Message]; m == nil || m.Mode != plan.Triggered || m.Frequency.Max > 0 || m.Frequency.Every > 0 && row.Last > now-m.Frequency.Every {
			return false
		}
	}
	var groups []int32
	for i := range rec.Log {
		if rec.Log[i].Exempt {
			continue
		}
		groups = s.plan.Caps.Concern(groups[:0], rec.Log[i].Channel, rec.Log[i].Tags)
		for _, g := range groups {
			if rec.Log[i].At > now-s.plan.Caps.Groups[g].Longest {
				return false
			}
		}
	}
	return true
}
