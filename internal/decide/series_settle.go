package decide

import (
	"encoding/binary"
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A walkState is the state before the occasion, with what the walk itself has set on
// its way: what was due then was set by then.
type walkState struct {
	d    *Decision
	rec  *store.Record
	own  bool              // rec is a copy
	sets []store.Attribute // not in rec yet: few walks are late, and only those look

	turns map[*plan.Block][]int64 // of the rules that were asked of rec: a round comes back to them
}

func (s *walkState) record() *store.Record {
	if len(s.sets) == 0 {
		return s.rec
	}
	if !s.own {
		rec := *s.rec
		rec.Profile = CloneProfile(rec.Profile)
		s.rec, s.own = &rec, true
	}
	for _, a := range s.sets {
		if !s.rec.Profile.Attribute(a.Name.Value()).Equal(a.Value) {
			s.turns = nil
		}
		s.d.assign(s.rec.Profile, a)
	}
	s.sets = s.sets[:0]
	s.d.Scope.ForgetSegments()
	return s.rec
}

// turnsAfter returns the instants after another at which time alone may change what the rule
// of a block says of the record. To look for them goes through all events of the contact, so a
// walk does that once for a block: it never goes back in time.
func (s *walkState) turnsAfter(b *plan.Block, after int64) []int64 {
	rec := s.record()
	list, known := s.turns[b]
	if !known {
		list = s.d.turnsAfter(b.Rule, rec, after)
		if s.turns == nil {
			s.turns = make(map[*plan.Block][]int64)
		}
		s.turns[b] = list
	}
	i, found := slices.BinarySearch(list, after)
	if found {
		i++
	}
	return list[i:]
}

// A settled is what the rule of a block has come to.
type settled struct {
	is way
	at int64 // since when
}

type way uint8

const (
	unsettled way = iota
	settledYes
	settledNo
	settledExit // the exit rule of the series was met before
)

// settle judges the rule of the block at which a walk stands. If the block is not
// over, w.Due is the next instant at which time alone may change that.
//
// What the occasion finds to have come before it is judged as it would have
// been then, so that a late Due takes the way of one on time: as of each instant
// at which time alone could make the rule true, and as of the end of its time,
// over the state before the occasion. An occasion at the very second at which
// the time is up is late (X3), and so is one at which the walk comes here by what
// was due before it.
func (d *Decision) settle(s *plan.Series, b *plan.Block, w *store.SeriesState, k *stride) settled {
	now, due, timed := calendar.FloorSeconds(d.In.Now), w.Since+b.Within, b.Within != 0
	if k.past {
		at := w.Due
		if k.reached {
			at = w.Since
		}
		isPast := func(at int64) bool { return at != 0 && calendar.FloorSeconds(at) < now && (!timed || at < due) }
		if isPast(at) {
			if x := d.settleAt(s, b, k, at); x.is != unsettled {
				return x
			}
			for _, at := range k.before.turnsAfter(b, at) {
				if !isPast(at) {
					break
				}
				if x := d.settleAt(s, b, k, at); x.is != unsettled {
					return x
				}
			}
		}
		if timed && calendar.FloorSeconds(due) <= now {
			if x := d.settleAt(s, b, k, due); x.is != unsettled {
				return x
			}
			return settled{settledNo, due}
		}
		if d.In.Occasion != OnEve {
			if k.reached && d.asOf(b.Rule, k.before.record(), d.In.Now) {
				return settled{settledYes, d.In.Now}
			}
			return settled{}
		}
	} else if d.over(b.Rule) {
		return settled{settledYes, d.In.Now}
	}
	w.Due = d.nextTurn(b.Rule, d.Outcome(), d.In.Now)
	if timed && (w.Due == 0 || due < w.Due) {
		w.Due = due
	}
	return settled{}
}

// settleAt judges a block as of an instant that the occasion finds to have come before
// it: the exit rule first, as a Due on time would have.
func (d *Decision) settleAt(s *plan.Series, b *plan.Block, k *stride, at int64) settled {
	switch {
	case d.left(s, k, at):
		return settled{settledExit, at}
	case d.asOf(b.Rule, k.before.record(), at):
		return settled{settledYes, at}
	}
	return settled{}
}

// asOf evaluates a rule over a state before the occasion, as of an instant
// before it: the page that the contact is on now is not the page of then.
func (d *Decision) asOf(r *rule.Compiled, rec *store.Record, at int64) bool {
	now, page := d.Scope.Now, d.Scope.Page
	d.Scope.Now, d.Scope.Page = at, nil
	ok := d.evalFirst(r, rec)
	d.Scope.Now, d.Scope.Page = now, page
	return ok
}

// nextTurn returns the next instant at which time alone may change what a rule
// says of a record; zero if there is none.
func (d *Decision) nextTurn(r *rule.Compiled, rec *store.Record, after int64) int64 {
	before := d.Scope.Rec
	d.Scope.Rec, d.Scope.Recent = rec, d.Changes.Events // it is asked of the state after the occasion
	at := r.NextTurn(&d.Scope, after)
	d.Scope.Rec, d.Scope.Recent = before, nil
	d.needsMore()
	return at
}

// turnsAfter returns all such instants, in order.
func (d *Decision) turnsAfter(r *rule.Compiled, rec *store.Record, after int64) []int64 {
	before := d.Scope.Rec
	d.Scope.Rec = rec
	list := r.TurnsAfter(&d.Scope, after)
	d.Scope.Rec = before
	d.needsMore()
	return list
}

// A stride is how a walk is taken on.
type stride struct {
	past    bool  // only by what fell due before the occasion
	reached bool  // it has come to its block in this occasion
	judged  int64 // as of this instant the exit rule was asked
	before  walkState
}

// left reports whether a walk that goes on at an instant before the occasion was over
// by then, for the exit rule held as of it: a Due on time would have seen it.
func (d *Decision) left(s *plan.Series, k *stride, at int64) bool {
	if !k.past || s.Exit == nil || at <= k.judged {
		return false
	}
	k.judged = at
	return d.asOf(s.Exit, k.before.record(), at)
}

// maxPassed is how many blocks a walk passes in one occasion. No walk goes round
// without a wait, so that only one that is far behind has as many before it.
const maxPassed = plan.MaxBlocks * 4

// advance takes a walk as far as it goes, and reports whether it came so far: one
// that is thousands of blocks behind does not. A block that was reached late, because
// nothing happened when its time was up, counts from its due time (K).
func (d *Decision) advance(s *plan.Series, w *store.SeriesState, k stride) (arrived bool) {
	k.before = walkState{d: d, rec: d.Record}
	d.Scope.Entry = calendar.FloorSeconds(w.Entered)
	for range maxPassed {
		b := &s.Blocks[s.Block(w.Block)]
		next, since := b.Next, w.Since
		d.Out.Passed++
		switch {
		case b.Exit:
			d.end(w)
			return true
		case b.Rule != nil:
			d.Out.Passed += len(b.Rule.Conditions)
			way := d.settle(s, b, w, &k)
			switch way.is {
			case settledExit:
				d.exit(w)
				return true
			case unsettled:
				return true
			}
			if next, since = b.No, way.at; way.is == settledYes {
				next = b.Yes
			}
		case b.Message != nil:
			if w.Due > d.In.Now {
				return true // it waits for its window, and was told so when it was reached
			}
			// What has waited for its window is asked when that opens, but what a merge
			// has taken along was due before it.
			if w.Due > w.Since && !d.merged() && d.left(s, &k, w.Due) {
				d.exit(w)
				return true
			}
			if d.In.Occasion == OnEve {
				w.Due = max(w.Due, w.Since)
				return true
			}
			opening, waits := d.deliver(s, b.Message, w, &k)
			if waits {
				w.Due = opening
				return true
			}
			since = max(w.Since, d.In.Now)
			k.judged = since
		case b.Set != nil:
			p := d.profile()
			d.anchor(w)
			if slices.ContainsFunc(b.Set, isZone) {
				d.makeSure(p)
			}
			for _, a := range b.Set {
				if k.past && d.updates(a.Name.Value()) {
					continue // it was due before the update, which has the last word
				}
				was := p.Attribute(a.Name.Value())
				d.assign(p, a)
				d.setBehind(a.Name.Value(), was)
			}
			d.Out.set = true
			k.before.sets = append(k.before.sets, b.Set...)
			d.Scope.ForgetSegments() // the state after the occasion is another
		case b.Split != nil:
			next = b.Way(place(s, b, d.Record.Key))
		default:
			due := d.waitsUntil(b, w, &k)
			if d.In.Now < due {
				w.Due = due
				return true
			}
			if d.left(s, &k, due) {
				d.exit(w)
				return true
			}
			since = due
		}
		if next < 0 {
			d.end(w)
			return true
		}
		w.Block, w.Since, w.Due, k.reached = s.Blocks[next].ID, since, 0, true
	}
	w.Due = w.Since // the next Due goes on here
	return false
}

// waitsUntil returns when a block that waits is over, for a walk that has reached it: after
// a time, or at the next time of day in the zone that is the contact's then (X4).
func (d *Decision) waitsUntil(b *plan.Block, w *store.SeriesState, k *stride) int64 {
	if b.Until == nil {
		return w.Since + b.Wait
	}
	zone := d.In.State.Plan.Loc
	if b.Until.Contact {
		p := d.current()
		if k.past {
			p = k.before.record().Profile
		}
		if own := d.In.State.ZoneOf(p); own != nil {
			zone = own
		}
	}
	since := calendar.FloorSeconds(w.Since)
	if at := calendar.NextAt(since, b.Until.Clock, b.Until.Days, zone); at != since {
		return at * 1000
	}
	return w.Since // in the very second
}

// place is where a contact stands among those that come to a split, even over 0 to 1: each
// walk takes the same way.
func place(s *plan.Series, b *plan.Block, k store.Key) float64 {
	var scratch [128]byte
	kind := [1]byte{byte(k.Kind)}
	h := Hash16(scratch[:], "split", s.ID, b.ID, string(kind[:]), k.ID)
	return float64(binary.BigEndian.Uint64(h[:8])>>11) / (1 << 53)
}

// exit ends a walk by the series' exit rule.
func (d *Decision) exit(w *store.SeriesState) {
	d.end(w)
	w.Exits++
}

func (d *Decision) end(w *store.SeriesState) { w.Done, w.Block, w.Due = true, "", 0 }
