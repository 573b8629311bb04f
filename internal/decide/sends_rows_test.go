package decide

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// The index of changed rows finds what a look through all of them finds: each row, the
// latest of a message, and the one before that.
func TestRowIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	for range 200 {
		d := Decision{Changes: &store.Changes{}}
		name := func() rowName {
			n := rowName{message: "m" + strconv.Itoa(random.IntN(30)), control: random.IntN(4) == 0}
			if random.IntN(2) == 0 {
				n.company = "c" + strconv.Itoa(random.IntN(4))
			}
			return n
		}
		for range rows.Few + random.IntN(80) {
			n := name()
			if d.changedRow(n) < 0 {
				d.Changes.SendStats = append(d.Changes.SendStats, store.SendStats{Message: n.message, Company: n.company, Control: n.control})
			}
		}
		list := d.Changes.SendStats
		for range 50 {
			n, want := name(), -1
			for i := range list {
				if nameOfRow(&list[i]) == n {
					want = i
				}
			}
			if got := d.changedRow(n); got != want {
				t.Fatalf("%v is at %d, want %d, of %v", n, got, want, list)
			}
			at, last := d.latestRow(n.message), lastRow(list, n.message)
			for ; at == last && at >= 0; at = d.rowBefore(at) {
				last = lastRow(list[:at], n.message)
				if before := d.rowBefore(at); before != last {
					t.Fatalf("before %d is %d, want %d", at, before, last)
				}
			}
			if at != last {
				t.Fatalf("the latest of %s is %d, want %d", n.message, at, last)
			}
		}
	}
}

// A list that sends fill has room for those that are likely to come, and no room for
// thousands that may be held.
func TestRoomForSends(t *testing.T) {
	d := Decision{}
	fill := func(judged, left, n int) (rooms int, list []int) {
		d.Out.progress = progress{judged: judged, left: left}
		for range n {
			full := len(list) == cap(list)
			if list = append(roomForSends(&d, list, 1), 0); full {
				rooms++
			}
			d.Out.progress.judged++
			d.Out.progress.left--
		}
		return rooms, list
	}
	if rooms, list := fill(0, 4000, 4000); rooms > 12 || cap(list) > 5000 {
		t.Errorf("4,000 of 4,000 took room %d times, in the end for %d", rooms, cap(list))
	}
	if _, list := fill(0, 100_000, 20); cap(list) > 100 {
		t.Errorf("20 of 100,000 took room for %d", cap(list))
	}
	if _, list := fill(5000, 5000, 40); cap(list) > 100 {
		t.Errorf("40 after 5,000 that were held took room for %d", cap(list))
	}
}
