// Package walk counts where the walks of series stand, and finds where a walk goes on
// (X4).
package walk

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// The names of a series' totals. How many stand at a block is a total by its own name, see
// [Block].
const (
	Entered  = "entered"
	Finished = "finished"
	Exited   = "exited"

	standing = "at."
)

// mark begins the name under which a store keeps the totals and goals of a series, beside
// those of messages. No message has such a name: an id is without control characters.
const mark = "\x1e"

// Key returns the name under which a store keeps totals and goals of a series.
func Key(series string) string { return mark + series }

// Series returns the series that a name is of; ok is false for the id of a message.
func Series(key string) (id string, ok bool) { return strings.CutPrefix(key, mark) }

// Block returns the block whose standing walks a total counts.
func Block(total string) (id string, ok bool) { return strings.CutPrefix(total, standing) }

// Tally appends what a step has changed of the totals of series: before and after are the
// walks of one contact, by series. A walk from before such totals were kept, which has no
// entries, counts from its next one on.
func Tally(totals []store.Increment, before, after []store.SeriesState) []store.Increment {
	if slices.Equal(before, after) {
		return totals
	}
	for i, j := 0, 0; i < len(before) || j < len(after); {
		var b, a *store.SeriesState
		if i < len(before) {
			b = &before[i]
		}
		if j < len(after) {
			a = &after[j]
		}
		if b != nil && a != nil && b.Series != a.Series {
			if b.Series < a.Series {
				a = nil
			} else {
				b = nil
			}
		}
		if b != nil {
			i++
		}
		if a != nil {
			j++
		}
		if b == nil || a == nil || *b != *a {
			totals = difference(totals, b, a)
		}
	}
	return totals
}

// Gone appends what it changes that a contact is deleted: its walks are over.
func Gone(totals []store.Increment, walks []store.SeriesState) []store.Increment {
	for i := range walks {
		over := walks[i]
		over.Done, over.Block = true, ""
		totals = difference(totals, &walks[i], &over)
	}
	return totals
}

// difference appends the changes of one series. Before or after may be nil.
func difference(totals []store.Increment, before, after *store.SeriesState) []store.Increment {
	b, a := countsOf(before), countsOf(after)
	name := after
	if name == nil {
		name = before
	}
	key := Key(name.Series)
	add := func(total string, n int64) {
		if n != 0 {
			totals = append(totals, store.Increment{Message: key, Name: total, N: n})
		}
	}
	add(Entered, a.entered-b.entered)
	add(Finished, a.finished-b.finished)
	add(Exited, a.exited-b.exited)
	if a.stands != b.stands || a.block != b.block {
		if b.stands {
			add(standing+b.block, -1)
		}
		if a.stands {
			add(standing+a.block, 1)
		}
	}
	return totals
}

// A counts is what one contact adds to the totals of a series: it has entered as often as
// it has finished, left by the exit rule, and stands somewhere.
type counts struct {
	entered, finished, exited int64
	stands                    bool
	block                     string
}

func countsOf(w *store.SeriesState) (c counts) {
	if w == nil || w.Entries == 0 {
		return counts{}
	}
	c = counts{entered: int64(w.Entries), exited: int64(w.Exits), stands: !w.Done, block: w.Block}
	c.finished = c.entered - c.exited
	if c.stands {
		c.finished--
	}
	return c
}

// Join returns the walk of a contact that two have become: the first's. Entries add up,
// so that a limit of them holds. If the other's walk was not over, it ends.
func Join(winner, other store.SeriesState) store.SeriesState {
	winner.Entries, winner.Exits = winner.Entries+other.Entries, winner.Exits+other.Exits
	if winner.Done {
		winner.Entered = max(winner.Entered, other.Entered)
	}
	return winner
}
