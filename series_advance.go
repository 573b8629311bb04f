package beckon

import (
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A stride is how a walk is taken on.
type stride struct {
	past    bool  // only by what fell due before the occasion
	reached bool  // it has come to its block in this occasion
	judged  int64 // as of this instant the exit rule was asked
	before  walkState
}

// left reports whether a walk that goes on at an instant before the occasion was over
// by then, for the exit rule held as of it: a Due on time would have seen it.
func (d *decision) left(s *plan.Series, k *stride, at int64) bool {
	if !k.past || s.Exit == nil || at <= k.judged {
		return false
	}
	k.judged = at
	return d.asOf(s.Exit, k.before.record(), at)
}

// maxPassed is how many blocks a walk passes in one occasion. No walk goes round
// without a wait, so that only one that is far behind has as many before it.
const maxPassed = MaxBlocks * 4

// advance takes a walk as far as it goes, and reports whether it came so far: one
// that is thousands of blocks behind does not. A block that was reached late, because
// nothing happened when its time was up, counts from its due time (K).
func (d *decision) advance(s *plan.Series, w *store.Walk, k stride) (arrived bool) {
	k.before = walkState{d: d, rec: d.rec}
	for range maxPassed {
		b := &s.Blocks[s.Block(w.Block)]
		next, since := b.Next, w.Since
		switch {
		case b.Exit:
			d.end(w)
			return true
		case b.Rule != nil:
			way := d.settle(s, b, w, &k)
			switch way.is {
			case settledExit:
				d.end(w)
				return true
			case unsettled:
				return true
			}
			if next, since = b.No, way.at; way.is == settledYes {
				next = b.Yes
			}
		case b.Message != nil:
			if w.Due > d.in.now {
				return true // it waits for its window, and was told so when it was reached
			}
			// What has waited for its window is asked when that opens, but what a merge
			// has taken along was due before it.
			if w.Due > w.Since && !d.merged() && d.left(s, &k, w.Due) {
				d.end(w)
				return true
			}
			if d.in.what == onEve {
				w.Due = max(w.Due, w.Since)
				return true
			}
			opening, waits := d.deliver(s, b.Message, w, &k)
			if waits {
				w.Due = opening
				return true
			}
			since = max(w.Since, d.in.now)
			k.judged = since
		case b.Set != nil:
			p := d.profile()
			for _, a := range b.Set {
				d.assign(p, a)
			}
			k.before.sets = append(k.before.sets, b.Set...)
			d.scope.ForgetSegments() // the state after the occasion is another
		default:
			due := w.Since + b.Wait
			if d.in.now < due {
				w.Due = due
				return true
			}
			if d.left(s, &k, due) {
				d.end(w)
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

func (d *decision) end(w *store.Walk) { w.Done, w.Block, w.Due = true, "", 0 }
