package rule

import (
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
)

// A segmentSize is what a use of a segment must know of it.
type segmentSize struct {
	conditions, groups int  // its own, and those of the segments in it; up to one more than the limit
	levels             int  // that it nests; 0 for a condition
	pageOnly           bool // it can stand in an event condition's where
	full               bool // it is past the limit, a fault of its own, and was not measured to its end
	uses               []segmentUse

	// Of the search for circles: segments that lead to each other have one circle.
	circle    int
	low, seen int
	waiting   bool
	closed    bool // it is in a circle
}

// A segmentUse is a segment that stands in another.
type segmentUse struct {
	name string
	at   int // levels down
}

// measure takes in a rule of the segment, without those that it uses. What is
// nested too deep is a fault, and not looked into, and so is what is past the limit:
// a rule of Go may share its parts, and so have far more than it takes to write it.
func (s *segmentSize) measure(r *Rule, level int) {
	if s.levels = max(s.levels, level); level > MaxDepth {
		return
	}
	m := r.members()
	if m&hasGroup != 0 {
		s.groups++
	} else {
		s.conditions++
	}
	if s.full = max(s.conditions, s.groups) > MaxConditions; s.full {
		return
	}
	for _, list := range [...][]Rule{r.All, r.Any} {
		for i := 0; i < len(list) && !s.full; i++ {
			s.measure(&list[i], level+1)
		}
	}
	for _, inner := range [...]*Rule{r.Not, r.Where} {
		if inner != nil && !s.full {
			s.measure(inner, level+1)
		}
	}
	switch {
	case m&hasSegment != 0:
		s.uses = append(s.uses, segmentUse{r.Segment, level})
	case m&hasGroup == 0 && (m&(hasMetadata|hasPage) == 0 || r.Value.IsField()):
		s.pageOnly = false
	}
}

// sum adds to each segment those that it uses: a search in depth, which also finds
// those that lead back to themselves (Tarjan's), without recursion, since a chain
// of segments may be long.
func (set *Segments) sum() {
	type frame struct {
		size *segmentSize
		next int // of its uses
	}
	var stack []frame
	var open []*segmentSize
	seen, circles := 0, 0
	enter := func(s *segmentSize) {
		seen++
		s.seen, s.low, s.waiting = seen, seen, true
		stack, open = append(stack, frame{size: s}), append(open, s)
	}
	for _, name := range set.sorted {
		if set.sizes[name].seen == 0 {
			enter(set.sizes[name])
		}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			s := f.size
			if f.next < len(s.uses) {
				f.next++
				used := set.sizes[s.uses[f.next-1].name]
				switch {
				case used == nil:
				case used.seen == 0:
					enter(used)
				case used.waiting:
					s.low = min(s.low, used.seen)
				}
				continue
			}
			stack = stack[:len(stack)-1]
			if len(stack) > 0 {
				before := stack[len(stack)-1].size
				before.low = min(before.low, s.low)
			}
			if s.low != s.seen {
				continue
			}
			circles++
			from := len(open) - 1
			for open[from] != s {
				from--
			}
			for _, x := range open[from:] {
				x.waiting, x.circle, x.closed = false, circles, len(open)-from > 1
			}
			open = open[:from]
			s.add(set)
		}
	}
}

// add adds the segments that s uses, which are summed already. Those of a
// circle are a fault, and not added.
func (s *segmentSize) add(set *Segments) {
	for _, u := range s.uses {
		used := set.sizes[u.name]
		switch {
		case used == nil:
		case used == s:
			s.closed = true
		case !used.closed && !s.closed:
			s.conditions = min(s.conditions+used.conditions, MaxExpanded+1)
			s.groups = min(s.groups+used.groups, MaxExpanded+1)
			s.levels = max(s.levels, u.at+1+used.levels)
			s.pageOnly = s.pageOnly && used.pageOnly
		}
	}
}

// ruleSize counts the conditions and groups of a rule.
type ruleSize struct {
	conditions, groups     int  // written
	conditionsIn, groupsIn int  // in the segments that it uses
	full                   bool // the limit was passed, and said so
}

// take counts one more, and reports whether it is within the limits; that it
// is not is a fault once.
func (s *ruleSize) take(group bool, path string, limit int, faults *fault.List) bool {
	if s.full {
		return false
	}
	if group {
		s.groups++
	} else {
		s.conditions++
	}
	if s.conditions > limit || s.groups > limit {
		s.full = true
		faults.Fault(path, "the rule has more than "+strconv.Itoa(limit)+" conditions or groups")
		return false
	}
	return true
}

// textFault says what is wrong with a name or text of a rule; empty if nothing.
func textFault(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case utf8.RuneCountInString(s) > MaxText:
		return "has more than " + strconv.Itoa(MaxText) + " characters"
	}
	return ""
}
