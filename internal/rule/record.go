package rule

import (
	"math"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/store"
)

// AddToCounter counts an event at a Unix second. Of the times the newest keep stay,
// oldest first, wherever a late event belongs among them. It changes the array
// behind k.Times, so k must own it, and allocates only when that is full.
func AddToCounter(k *store.Counter, at int64, keep int) {
	if k.Count == 0 || at < k.First {
		k.First = at
	}
	if k.Count == 0 || at > k.Last {
		k.Last = at
	}
	if k.Count < math.MaxUint64 {
		k.Count++
	}
	k.Keep = max(k.Keep, keep)
	if keep = k.Keep; keep == 0 {
		return
	}
	i := searchAfter(k.Times, at)
	if len(k.Times) < keep {
		k.Times = slices.Insert(k.Times, i, at)
		return
	}
	if i == 0 {
		return // older than all that are kept
	}
	copy(k.Times, k.Times[1:i])
	k.Times[i-1] = at
}

// countWithin counts the times in (now − within, now], both in milliseconds,
// as far as they are kept. Recorded times lie ahead of now only where the
// clock has stepped back since; they count as now, as sends do (F6): left out,
// they would stand in the place of older ones that have been forgotten.
func countWithin(k *store.Counter, now, within int64) int {
	// The times are whole seconds: t*1000 > now − within is the same as
	// t > floor of that.
	return len(k.Times) - searchAfter(k.Times, calendar.FloorSeconds(now-within))
}

// searchAfter returns the number of times that are not after t.
func searchAfter(times []int64, t int64) int {
	i, _ := slices.BinarySearch(times, t+1)
	return i
}

// CountsEvent reports whether events of the name may enter the counter.
func CountsEvent(k *store.Counter, event string) bool {
	rest, ok := strings.CutPrefix(k.Def, event)
	return ok && (rest == "" || rest[0] == '\n')
}

// ContactKinds are the kinds of records that are contacts.
func ContactKinds() []store.Kind {
	return []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}
}

// SendsOf returns the record's rows of a message.
func SendsOf(r *store.Record, message string) []store.Sends {
	from, _ := slices.BinarySearchFunc(r.Sends, message, compareMessage)
	to := from
	for to < len(r.Sends) && r.Sends[to].Message == message {
		to++
	}
	return r.Sends[from:to]
}

func compareMessage(s store.Sends, message string) int { return strings.Compare(s.Message, message) }
