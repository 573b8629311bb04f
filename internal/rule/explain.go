package rule

import (
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/repr"
)

// A Trace tells how a rule was judged, down to each condition, with the value
// seen (Z2). Conditions that did not matter any more, because the group was decided,
// are judged all the same.
type Trace struct {
	Rule    string // of a condition: its JSON; of a group: all, any, not, or "segment" and its name
	Matched bool
	Seen    string    // of a condition: the value in its plain form, a date as RFC 3339 in the workspace's zone
	Unknown bool      // of a condition: there is no value
	Problem string    // of a condition: why the value counts as unknown (A5)
	Since   time.Time // of a condition on counted events: exact from then on only (A7)
	Of      []Trace   // of a group: its rules; traces of one occasion share those of a segment
}

// Explain judges every part of the rule with the code that eval runs.
func (r *Compiled) Explain(s *Scope) Trace {
	if r == nil {
		return Trace{Rule: "{}", Matched: true}
	}
	s.Begin()
	return r.trace(s, r.root)
}

func (r *Compiled) trace(s *Scope, n *node) Trace {
	part := r.part(n, s.Loc)
	t := Trace{Rule: n.text, Matched: part.run(s)}
	if n.condition >= 0 {
		r.Conditions[n.condition].see(s, &t)
	}
	if n.segment != nil {
		t.Of = append(t.Of, s.traceSegment(n.segment))
	}
	for _, inner := range n.of {
		t.Of = append(t.Of, r.trace(s, inner))
	}
	return t
}

// see tells what a condition looks at.
func (c *Condition) see(s *Scope, t *Trace) {
	switch c.source.kind() {
	case ofValue:
		c.seeValue(c.value(s), s.Loc, t)
	case ofCount:
		t.Seen = strconv.FormatInt(c.count(s), 10)
	default:
		at, known := c.moment(s)
		if t.Unknown = !known; known {
			t.Seen = time.Unix(at, 0).In(s.Loc).Format(time.RFC3339)
		}
	}
	if c.counter != nil {
		if k := s.counter(c.counter); k != nil && k.Since != 0 {
			t.Since = time.Unix(k.Since, 0).UTC()
		}
	}
}

// seeValue tells the value that a condition looks at.
func (c *Condition) seeValue(v *repr.Value, loc *time.Location, t *Trace) {
	t.Seen, t.Unknown = v.Text(), v.IsUnknown()
	if v.Kind == repr.KindDate { // people read this, and moments stand so, too
		t.Seen = time.Unix(v.Num, 0).In(loc).Format(time.RFC3339)
	}
	t.Problem = c.mistyped(v, loc)
}

// SeeDate tells the date that a date rule looks at.
func (t *Trace) SeeDate(v *repr.Value, loc *time.Location) {
	c := Condition{source: fromStandard, test: testDayAgo}
	c.seeValue(v, loc, t)
}
