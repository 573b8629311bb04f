package beckon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// Acknowledge takes deliveries out of the outbox: they were made. ID and Contact suffice,
// whatever the lease. What is not pending is left, so a repeat is safe. A step of the store
// takes 256 contacts. What fails for one keeps no other; the error is an
// [UnacknowledgedError]. (Z1)
func (e *Engine) Acknowledge(ctx context.Context, deliveries ...Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	var failed UnacknowledgedError
	for len(deliveries) > 0 {
		most := min(len(deliveries), together)
		groups, places := make([][]Delivery, 0, most), make(map[Identity]int, most)
		n := 0
		for ; n < len(deliveries); n++ {
			who := deliveries[n].Contact
			at, known := places[who]
			if !known {
				if len(groups) == together {
					break
				}
				places[who] = len(groups)
				groups = append(groups, deliveries[n:n+1:n+1]) // mostly it stays alone
				continue
			}
			groups[at] = append(groups[at], deliveries[n])
		}
		deliveries = deliveries[n:]
		if down := e.acknowledge(ctx, groups, &failed); down != nil {
			failed.add(deliveries, down)
			break
		}
	}
	if failed.Failed == nil {
		return nil
	}
	return &failed
}

// mostFailed is how many contacts may fail one after the other before the store is taken
// to be down.
const mostFailed = 8

// acknowledge takes deliveries out of the outbox, those of each contact together. Nearly
// all are found under the first name of their contact, in one step; the others are
// looked for. It returns an error if there is no use in going on.
func (e *Engine) acknowledge(ctx context.Context, groups [][]Delivery, failed *UnacknowledgedError) (down error) {
	drop := func(rec *store.Record, c *store.Changes, i int) bool { return decide.DropPending(rec, c, groups[i]) }
	found := make([]bool, len(groups))
	steps, of := make([]contactStep, 0, len(groups)), make([]int, 0, len(groups)) // the group of each step
	for i, g := range groups {
		if keys := e.keysOf(g[0].Contact); len(groups) > 1 && len(keys) == 1 && keys[0].Kind != store.KindEmail {
			of = append(of, i)
			steps = append(steps, contactStep{key: keys[0], about: g, decide: func(rec *store.Record, c *store.Changes) error {
				// One that goes by no other name can be nowhere else.
				found[i] = drop(rec, c, i) || goesBy(g[0].Contact) == 1
				return nil
			}})
		}
	}
	e.stepEach(ctx, steps)
	row := 0
	note := func(g []Delivery, err error) {
		if row++; err == nil {
			row, down = 0, nil
			return
		}
		failed.add(g, err)
		if row >= mostFailed || ctx.Err() != nil {
			down = err
		}
	}
	for i := range steps {
		if note(groups[of[i]], steps[i].err); steps[i].err != nil {
			found[of[i]] = true // not to be looked for
		}
	}
	for i, g := range groups {
		if found[i] {
			continue
		}
		if down != nil {
			failed.add(g, down)
			continue
		}
		_, err := e.stepOnDelivery(ctx, g, func(rec *store.Record, c *store.Changes) (bool, error) {
			return drop(rec, c, i), nil
		})
		note(g, err)
	}
	return down
}

// An UnacknowledgedError says which deliveries [Engine.Acknowledge] has not taken out of
// the outbox, or perhaps not. It wraps some of the errors.
type UnacknowledgedError struct {
	Failed map[string]error // why, by the delivery's ID; not empty
}

func (e *UnacknowledgedError) add(list []Delivery, err error) {
	if e.Failed == nil && len(list) > 0 {
		e.Failed = make(map[string]error)
	}
	for i := range list {
		e.Failed[list[i].ID] = err
	}
}

// Error names the first few deliveries, and one reason.
func (e *UnacknowledgedError) Error() string {
	ids := slices.Sorted(maps.Keys(e.Failed))
	if len(ids) == 0 {
		return "no delivery failed"
	}
	var b strings.Builder
	if len(ids) == 1 {
		b.WriteString("a delivery was not acknowledged: ")
	} else {
		fmt.Fprintf(&b, "%d deliveries were not acknowledged: ", len(ids))
	}
	for i, id := range ids[:min(len(ids), mostFailed)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(fault.Quote(id))
	}
	if more := len(ids) - mostFailed; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String() + ": " + e.Failed[ids[0]].Error()
}

// Unwrap returns errors of the deliveries, each text once, no more than a few.
func (e *UnacknowledgedError) Unwrap() (errs []error) {
	var texts rows.Once[string]
	for _, id := range slices.Sorted(maps.Keys(e.Failed)) {
		if err := e.Failed[id]; len(errs) < mostFailed && texts.Add(err.Error()) {
			errs = append(errs, err)
		}
	}
	return errs
}

// goesBy returns by how many names an identity goes.
func goesBy(who Identity) (n int) {
	for _, name := range [...]string{who.UserID, who.ID, who.Email, who.AnonymousID} {
		if name != "" {
			n++
		}
	}
	return n
}
