package foresee

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// A course is what becomes of a record while nothing but time passes, and Due runs whenever
// something is due.
type course struct {
	f     *foresight
	rec   *store.Record
	now   int64 // Due has run up to then
	later int64 // it changes nothing before that, though something is due; 0: it may
	runs  int   // of Due, that are left
	waits int   // and of what waits, that these may look at
}

func (f *foresight) newCourse(rec *store.Record) *course {
	return &course{f: f, rec: rec, now: f.d.In.Now, runs: MaxLooks, waits: MaxWaits}
}

// due returns when Due next runs; 0 if nothing is due any more.
func (c *course) due() int64 {
	due := c.f.d.In.State.NextDue(c.rec, c.now)
	if due == 0 {
		return 0
	}
	return max(due, c.now, c.later)
}

// run runs Due at an instant. What it has decided is there until take.
func (c *course) run(at int64, setUp func(*decide.Decision)) error {
	if p := c.rec.Profile; p != nil {
		c.waits -= len(p.Holds) + len(p.SeriesStates) + len(p.Rarely().Armed)
	}
	if c.runs--; c.waits < 0 {
		c.runs = min(c.runs, MinLooks)
	}
	err := c.f.decide(c.rec, at, func(s *decide.Decision) {
		setUp(s)
		was := s.In
		s.In = decide.Given{
			State: was.State, Limits: was.Limits, Occasion: decide.OnDue, Outbox: was.Outbox, Explain: true, Foresees: true, Readings: was.Readings, Email: was.Email,
		}
	})
	c.waits -= c.f.at.Out.Passed // a walk that is far behind passes thousands of blocks
	c.now, c.later = at, 0
	return err
}

// take puts what Due has decided into the record. What is due then as it was before waits for
// an instant to come: it says which, or the next second is another.
func (c *course) take() {
	before := c.rec.Profile
	c.rec.Apply(&c.f.c)
	if due := c.f.d.In.State.NextDue(c.rec, c.now); due == 0 || due > c.now || !waitsAlike(before, c.rec.Profile) {
		return
	}
	e := earliest{after: c.now}
	e.offer((calendar.FloorSeconds(c.now) + 1) * 1000)
	c.f.at.Out.Held.Each(func(h decide.HeldOne) { e.offer(h.RetryAt) })
	c.later = e.at
}

// waitsAlike reports whether the same waits in two profiles of a contact.
func waitsAlike(a, b *store.Profile) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.EqualFunc(a.Holds, b.Holds, func(x, y store.Hold) bool {
		return x.Message == y.Message && x.Company == y.Company && x.Order == y.Order && x.Due == y.Due && x.Until == y.Until
	}) && slices.Equal(a.SeriesStates, b.SeriesStates) && slices.Equal(a.Rarely().Armed, b.Rarely().Armed) && a.Merged == b.Merged
}
