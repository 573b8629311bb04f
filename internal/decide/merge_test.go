package decide

import (
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// C2: merging adds what both have counted.
func TestMergeCounters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := rapid.IntRange(0, 5).Draw(t, "keep")
		times := rapid.SliceOfN(rapid.Int64Range(1, 99), 0, 8)
		var a, b, both store.Counter
		for _, at := range times.Draw(t, "a") {
			(&rule.CounterDef{Keep: keep}).Add(&a, at, nil)
			(&rule.CounterDef{Keep: keep}).Add(&both, at, nil)
		}
		for _, at := range times.Draw(t, "b") {
			(&rule.CounterDef{Keep: keep}).Add(&b, at, nil)
			(&rule.CounterDef{Keep: keep}).Add(&both, at, nil)
		}
		m := MergeCounters(a, b)
		if m.Count != both.Count || m.First != both.First || m.Last != both.Last || !slices.Equal(m.Times, both.Times) {
			t.Fatalf("%+v, not %+v", m, both)
		}
	})
	if m := MergeCounters(store.Counter{Count: math.MaxUint64}, store.Counter{Count: 2}); m.Count != math.MaxUint64 {
		t.Errorf("fault 58: %d", m.Count)
	}
}

// C2: what is pending in both is pending in the one, oldest first, however many; done
// twice it is the same.
func TestMergePending(t *testing.T) {
	made := func(start, step, n int) (list []store.Pending) {
		for i := range n {
			at := time.UnixMilli(int64(start + step*i))
			list = append(list, store.Pending{Until: int64(i), Delivery: store.Delivery{ID: strconv.Itoa(start + step*i), At: at}})
		}
		return list
	}
	for _, c := range []struct{ into, from int }{{0, 0}, {3, 0}, {0, 3}, {1, 2}, {40, 30}} {
		into, from := &store.Record{}, &store.Record{}
		into.Apply(&store.Changes{Pending: made(0, 2, c.into)})
		from.Apply(&store.Changes{Pending: made(1, 2, c.from)})
		var changes store.Changes
		m := Merger{Into: into, From: from, Changes: &changes}
		m.pending()
		after := &store.Record{Pending: into.Pending.Clone()}
		for range 2 {
			after.Apply(&changes)
			if after.Pending.Len() != c.into+c.from {
				t.Fatalf("%+v: %d are pending", c, after.Pending.Len())
			}
			last := time.UnixMilli(-1)
			for p := range after.Pending.All() {
				if !p.Delivery.At.After(last) || p.Delivery.ID != strconv.FormatInt(p.Delivery.At.UnixMilli(), 10) {
					t.Errorf("%+v: %s comes after %v", c, p.Delivery.ID, last)
				}
				last = p.Delivery.At
			}
		}
		if c.from == 0 && !changes.IsEmpty() {
			t.Errorf("%+v: %+v", c, changes)
		}
	}
}

// What is kept of a record, after its store has gone on with it, does not change.
func TestCloneRecordPending(t *testing.T) {
	rec := &store.Record{}
	rec.Apply(&store.Changes{Pending: []store.Pending{{Delivery: store.Delivery{ID: "a"}}, {Delivery: store.Delivery{ID: "b"}}}})
	kept := CloneRecord(rec)
	rec.Apply(&store.Changes{PendingDrop: []string{"a"}, Pending: []store.Pending{{Until: 9, Delivery: store.Delivery{ID: "b"}}}})
	if a, b := kept.Pending.Find("a"), kept.Pending.Find("b"); kept.Pending.Len() != 2 || a == nil || b == nil || b.Until != 0 {
		t.Errorf("%+v, %+v", a, b)
	}
}

// Of many deliveries that are acknowledged at once, as of a few, each counts once.
func TestDropPending(t *testing.T) {
	for _, n := range []int{3, rows.Few + 5} {
		rec := &store.Record{}
		var list []store.Delivery
		for i := range n {
			list = append(list, store.Delivery{ID: strconv.Itoa(i)})
			rec.Apply(&store.Changes{Pending: []store.Pending{{Delivery: list[i]}}})
		}
		for _, c := range []struct {
			name string
			list []store.Delivery
			all  bool
			left int
		}{
			{"all", list, true, 0},
			{"all but one", list[1:], true, 1},
			{"one twice", append(slices.Clone(list), list[0]), false, 0},
			{"one that is not there", append(slices.Clone(list), store.Delivery{ID: "x"}), false, 0},
		} {
			var changes store.Changes
			all := DropPending(rec, &changes, c.list)
			after := &store.Record{Pending: rec.Pending.Clone()}
			after.Apply(&changes)
			if all != c.all || after.Pending.Len() != c.left || len(changes.PendingDrop) != n-c.left {
				t.Errorf("%s of %d: %v, %d dropped, %d left", c.name, n, all, len(changes.PendingDrop), after.Pending.Len())
			}
		}
	}
}

// E1: letter case does not count, and by the option only that of the local part.
func TestEmailFold(t *testing.T) {
	folds, exact := Limits{}, Limits{ExactEmail: true}
	for _, c := range []struct {
		a, b        string
		same, exact bool
	}{
		{"ada@shop.example", "ada@shop.example", true, true},
		{"ada@shop.example", "ADA@shop.example", true, false},
		{"ada@shop.example", "ada@SHOP.example", true, true},
		{"Ada@shop.example", "Ada@Shop.Example", true, true},
		{"a@b@shop.example", "A@b@shop.example", true, false}, // the last one parts them
		{"a[@x", "a{@x", false, false},                        // they differ in the bit that letters differ in
		{"a@x", "a@y", false, false},
		{"a@x", "ab@x", false, false},
		{"\u212a@x", "k@x", false, false}, // no address, and no letter of ASCII
		{"", "", true, true},
	} {
		if got := folds.SameEmail(c.a, c.b); got != c.same {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
		if got := exact.SameEmail(c.a, c.b); got != c.exact {
			t.Errorf("exactly %q, %q: %v", c.a, c.b, got)
		}
		if store.FoldEmail(store.FoldEmail(c.b)) != store.FoldEmail(c.b) {
			t.Errorf("%q is folded twice", c.b)
		}
	}
	if n := testing.AllocsPerRun(100, func() { store.FoldEmail("ada.lovelace@shop.example") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
