package simulation

import (
	"context"
	"time"

	"github.com/beckon-go/beckon/store"
)

// settle ends a world in peace: nothing fails any more, every process is new,
// has the whole program and a good clock. Then clients send again what they have
// had no answer for, and time goes by, until all that waits and all that is
// pending has had its turn. What is left then was lost.
func (w *world) settle() {
	w.calm, w.down = true, false
	w.note("the world settles")
	for i, p := range w.processes {
		if p != nil {
			p.dead = true
		}
		w.processes[i] = nil
	}
	for i := range w.processes {
		w.start(i, 0)
	}
	w.pause(20 * time.Minute) // what was under way comes to an end, and who was to come up is
	for _, p := range w.processes {
		for p.running.name != "whole" && !w.over {
			w.publish(p, true)
		}
	}
	for _, a := range sorted(w.book.accepts) {
		for a.perhaps && !a.settled && !w.over {
			w.attempt(a)
		}
	}
	w.audit()
	for end := time.Now().Add(settled); !w.over; w.pause(w.untilDue()) {
		ends := !time.Now().Before(end) // a series that goes round always has something due again
		w.due()
		if w.dials.has(outbox) {
			if w.dials.has(rounds) {
				w.round()
			}
			w.work()
		}
		if ends {
			break
		}
	}
	w.audit()
	w.nothingLeft()
}

// settled is how long a world settles: longer than anything waits.
const settled = 9 * 24 * time.Hour

// untilDue is how long it takes until something is due, an hour at most.
func (w *world) untilDue() time.Duration {
	next := time.Now().Add(time.Hour).UnixMilli()
	for _, p := range w.people {
		if err := w.memory.Read(context.Background(), []store.Key{p.key}, func(rec *store.Record) error {
			if due := rec.NextDue(); due != 0 {
				next = min(next, due)
			}
			return nil
		}); err != nil {
			w.fail(storeBroken, "%v", err)
		}
	}
	return max(5*time.Minute, time.Until(time.UnixMilli(next)))
}

// audit compares what the store has with what the world has seen: every event
// that was accepted is counted once (E4, E7), and totals are what was committed
// (Z2).
func (w *world) audit() {
	if w.over {
		return
	}
	ctx := context.Background()
	seen := map[*person]bool{}
	for _, p := range w.people {
		if seen[p] || p.left {
			continue
		}
		var counted, surely, perhaps map[string]int = map[string]int{}, map[string]int{}, map[string]int{}
		whole := true
		group := map[*person]bool{}
		for _, q := range w.people {
			if !w.perhapsOne(p, q) {
				continue
			}
			seen[q], group[q] = true, true
			if err := w.memory.Read(ctx, []store.Key{q.key}, func(rec *store.Record) error {
				if rec.Profile != nil && !rec.Profile.Moving.IsZero() {
					whole = false
				}
				for i := range rec.Stats {
					counted[rec.Stats[i].Name.Value()] += int(rec.Stats[i].Count)
				}
				return nil
			}); err != nil {
				w.fail(storeBroken, "%v", err)
			}
		}
		for _, a := range w.book.accepts {
			switch {
			case !group[a.person]:
			case a.sure:
				surely[a.event.Name]++
			case a.perhaps:
				perhaps[a.event.Name]++
			}
		}
		for _, name := range eventNames {
			if n := counted[name]; whole && (n < surely[name] || n > surely[name]+perhaps[name]) {
				w.fail(countBroken, "%s of %v is counted %d times; %d were surely taken, %d perhaps", name, p, n, surely[name], perhaps[name])
			}
		}
	}
	for _, m := range w.universe.messages {
		list, err := w.memory.Totals(ctx, m.id)
		if err != nil {
			w.fail(storeBroken, "%v", err)
		}
		for _, x := range list {
			if n := w.book.totals[totalKey{m.id, x.Name}]; n != x.Count {
				w.fail(totalsBroken, "%s of %s is %d in the store; %d were committed", x.Name, m.id, x.Count, n)
			}
		}
	}
}

// nothingLeft checks that everything has had its turn. What waits for a message that never has
// an hour waits on (S4), from one end of its quiet hours to the next.
func (w *world) nothingLeft() {
	now := time.Now().UnixMilli()
	for _, x := range w.book.queue {
		if x.ended == "" && !x.person.left && w.universe.opens(x.message) {
			w.fail(holdBroken, "%s of %s has waited for %v since long ago, due %v", x.message, x.event, x.person, time.UnixMilli(x.due).Sub(w.began))
		}
	}
	for _, m := range w.book.sends {
		if m.pending && m.ended.IsZero() && !m.person.left && !m.released && !w.comesAround(m.message, m.read) {
			w.fail(pendingBroken, "%s for %v, decided at %v, handed out: %v, was never dealt with", m.message.id, m.person, m.read.Sub(w.began), m.seen)
		}
	}
	for _, p := range w.people {
		if err := w.memory.Read(context.Background(), []store.Key{p.key}, func(rec *store.Record) error {
			if rec.Profile == nil || p.left {
				return nil
			}
			if !rec.Profile.Moving.IsZero() {
				w.fail(lateBroken, "the merge of %v into %v was never finished", p, rec.Profile.Moving)
			}
			for _, x := range rec.Profile.SeriesStates {
				if !x.Done && x.Due != 0 && x.Due <= now {
					w.fail(walkBroken, "the walk of %v through %s stands at %s, due %v", p, x.Series, x.Block, time.UnixMilli(x.Due).Sub(w.began))
				}
			}
			for _, x := range rec.Profile.Rarely().Armed {
				if x.Due != 0 && x.Due <= now {
					w.fail(lateBroken, "for %v the date of %s is due since %v", p, x.Message, time.UnixMilli(x.Due).Sub(w.began))
				}
			}
			for _, h := range rec.Profile.Holds {
				if w.universe.opens(h.Message) || h.Due <= now {
					w.fail(holdBroken, "for %v there still wait %d, one for %s", p, len(rec.Profile.Holds), h.Message)
				}
			}
			for x := range rec.Pending.All() {
				if x.Dead != nil || w.comesAround(w.universe.byID[x.Delivery.Message], x.Delivery.At) {
					continue
				}
				w.fail(pendingBroken, "for %v there still are pending %d, one is %s", p, rec.Pending.Len(), x.Delivery.Message)
			}
			return nil
		}); err != nil {
			w.fail(storeBroken, "%v", err)
		}
	}
}
