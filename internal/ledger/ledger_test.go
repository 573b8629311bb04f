package ledger_test

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/store"
)

func sent(message string, sequence uint32, at int64) store.Decided {
	return store.Decided{Message: message, Sequence: sequence, Last: at}
}

func held(message string, r store.Reason, at int64) store.Decided {
	return store.Decided{Message: message, Reason: r, Last: at}
}

// add makes a list of decisions, one after the other.
func add(most int, list ...store.Decided) (l ledger.List) {
	for _, x := range list {
		l = l.Add(x, most)
	}
	return l
}

type row struct {
	message string
	reason  store.Reason
	first   int64
	last    int64
	count   uint32
}

func rowsOf(l ledger.List) (list []row) {
	for _, x := range l {
		list = append(list, row{x.Message, x.Reason, x.First, x.Last, x.Count})
	}
	return list
}

// A hold that comes again is counted where it stands, unless the message was sent
// meanwhile, or the program, the company or the cap is another.
func TestAddCountsAgain(t *testing.T) {
	t.Parallel()
	other, capped := held("m", store.ReasonThrottled, 7), held("m", store.ReasonCapped, 8)
	other.Program, capped.Cap = 2, "day"
	day, week := capped, capped
	week.Cap, week.Last = "week", 9
	far := held("m", store.ReasonThrottled, 10)
	far.Company = "acme"
	got := rowsOf(add(50,
		held("m", store.ReasonThrottled, 1), held("m", store.ReasonAudience, 2), held("m", store.ReasonThrottled, 3), held("n", store.ReasonThrottled, 4),
		sent("m", 1, 5), held("m", store.ReasonThrottled, 6), other, day, week, far, held("n", store.ReasonThrottled, 11), held("m", store.ReasonThrottled, 5)))
	want := []row{
		{"m", store.ReasonAudience, 2, 2, 1},
		{"m", store.ReasonThrottled, 1, 3, 2},
		{"m", "", 5, 5, 1},
		{"m", store.ReasonThrottled, 7, 7, 1},
		{"m", store.ReasonCapped, 8, 8, 1},
		{"m", store.ReasonCapped, 9, 9, 1},
		{"m", store.ReasonThrottled, 10, 10, 1},
		{"n", store.ReasonThrottled, 4, 11, 2},
		{"m", store.ReasonThrottled, 5, 5, 2}, // the clock has stepped back
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// What is kept is bounded, and one kind of decision does not push out the newest of another.
func TestAddKeepsOfEachKind(t *testing.T) {
	t.Parallel()
	var list []store.Decided
	for i := range int64(10) {
		list = append(list, sent("m", uint32(i+1), i))
	}
	for i := range int64(10) {
		list = append(list, held(string(rune('a'+i)), store.ReasonCapped, 10+i))
	}
	for i := range int64(100) {
		list = append(list, held("early"+string(rune('a'+i)), store.ReasonAudience, 20+i))
	}
	for most, want := range map[int][3]int{0: {}, 1: {0, 0, 1}, 2: {1, 0, 1}, 8: {4, 2, 2}, 9: {4, 2, 3}, 200: {10, 10, 100}} {
		var got [3]int
		l := add(most, list...)
		for _, x := range l {
			switch {
			case ledger.IsSent(&x):
				got[0]++
			case !ledger.IsEarly(x.Reason):
				got[1]++
			default:
				got[2]++
			}
		}
		if got != want || most > 0 && l[len(l)-1].Last != 119 {
			t.Errorf("of at most %d there are %v, want %v", most, got, want)
		}
		if i := slices.IndexFunc(l, func(x store.Decided) bool { return ledger.IsSent(&x) }); i >= 0 && most < 200 && l[i].Last != int64(10-want[0]) {
			t.Errorf("of at most %d the oldest send is of %d", most, l[i].Last)
		}
	}
}

// What is given back, refused, redated or judged again is found by what it is.
func TestChanges(t *testing.T) {
	t.Parallel()
	l := add(9, sent("m", 1, 1), sent("n", 1, 2), sent("m", 2, 3), held("m", store.ReasonCapped, 4), held("m", store.ReasonCapped, 5))
	l = l.Release("m", 1)
	l = l.Release("m", 9)
	l.Refuse("n", 1)
	l.Refuse("n", 9)
	l.Redate("m", 2, 6)
	l.Redate("o", 2, 6)
	l = l.Withdraw("m", "", store.ReasonCapped)
	l = l.Withdraw("m", "acme", store.ReasonCapped)
	want := []row{{"n", store.ReasonUnsubscribed, 2, 2, 1}, {"m", "", 6, 6, 1}, {"m", store.ReasonCapped, 4, 5, 1}}
	if got := rowsOf(l); !reflect.DeepEqual(got, want) || l[0].Sequence != 0 {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	if l = l.Withdraw("m", "", store.ReasonCapped); len(l) != 2 {
		t.Errorf("what was held once is withdrawn once: %v", rowsOf(l))
	}
}

func genList(t *rapid.T, label string) (l ledger.List) {
	at := int64(0)
	for range rapid.IntRange(0, 12).Draw(t, label) {
		at += int64(rapid.IntRange(0, 3).Draw(t, "after"))
		x := store.Decided{
			Message: rapid.SampledFrom([]string{"m", "n"}).Draw(t, "message"), Last: at, Program: uint64(rapid.IntRange(0, 1).Draw(t, "program")),
			Reason: rapid.SampledFrom([]store.Reason{"", store.ReasonCapped, store.ReasonAudience, store.ReasonThrottled}).Draw(t, "reason"),
		}
		if x.Reason == "" {
			x.Sequence = uint32(len(l) + 1)
		}
		l = l.Add(x, 500)
	}
	return l
}

// In whatever order contacts are joined, the same is kept, each decision once, and no more
// than there may be.
func TestMergeInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genList(t, "a"), genList(t, "b"), genList(t, "c")
		most := rapid.IntRange(0, 20).Draw(t, "most")
		none := func(string) uint32 { return 0 }
		merge := func(x, y ledger.List) ledger.List {
			return ledger.Merge(slices.Clone(x), slices.Clone(y), none, most)
		}
		left, right := merge(merge(a, b), c), merge(a, merge(b, c))
		if len(left) != min(most, len(a)+len(b)+len(c)) || len(right) != len(left) {
			t.Fatalf("%d and %d of %d, at most %d", len(left), len(right), len(a)+len(b)+len(c), most)
		}
		if other := merge(c, merge(b, a)); !slices.Equal(left, right) || !slices.Equal(left, other) {
			t.Fatalf("not the same:\n%v\n%v", rowsOf(left), rowsOf(right))
		}
		if !slices.IsSortedFunc(left, func(x, y store.Decided) int { return cmp.Compare(x.Last, y.Last) }) {
			t.Fatalf("not by their instants: %v", rowsOf(left))
		}
	})
}

// Two decisions of one instant that differ in anything have one order, whichever came first.
func TestMergeOrdersByAll(t *testing.T) {
	t.Parallel()
	base := store.Decided{Message: "m", Company: "c", Sequence: 1, First: 1, Last: 2, Count: 1, Program: 1, Occasion: "event", Event: "e"}
	for name, change := range map[string]func(*store.Decided){
		"message": func(x *store.Decided) { x.Message = "n" }, "company": func(x *store.Decided) { x.Company = "d" }, "first": func(x *store.Decided) { x.First = 2 },
		"cap": func(x *store.Decided) { x.Cap = "z" }, "count": func(x *store.Decided) { x.Count = 2 }, "program": func(x *store.Decided) { x.Program = 2 },
		"occasion": func(x *store.Decided) { x.Occasion = "visit" }, "event": func(x *store.Decided) { x.Event = "f" },
		"reason": func(x *store.Decided) { x.Reason, x.Sequence = store.ReasonCapped, 0 }, "sequence": func(x *store.Decided) { x.Sequence = 2 },
	} {
		other := base
		change(&other)
		none := func(string) uint32 { return 0 }
		one, two := ledger.Merge(ledger.List{base}, ledger.List{other}, none, 9), ledger.Merge(ledger.List{other}, ledger.List{base}, none, 9)
		if len(one) != 2 || !slices.Equal(one, two) {
			t.Errorf("%s: %+v and %+v", name, one, two)
		}
	}
}

// A hold has no number, and is not taken for a send.
func TestHoldsHaveNoNumber(t *testing.T) {
	t.Parallel()
	l := add(9, held("m", store.ReasonCapped, 4))
	l.Refuse("m", 0)
	l.Redate("m", 0, 9)
	if l = l.Release("m", 0); len(l) != 1 || l[0].Reason != store.ReasonCapped || l[0].Last != 4 {
		t.Errorf("%+v", l)
	}
}

// A hold that was counted as often as can be stays so.
func TestCountEnds(t *testing.T) {
	t.Parallel()
	l := add(9, held("m", store.ReasonCapped, 4))
	l[0].Count = math.MaxUint32
	if l = l.Add(held("m", store.ReasonCapped, 5), 9); len(l) != 1 || l[0].Count != math.MaxUint32 || l[0].Last != 5 {
		t.Errorf("%+v", l)
	}
}

// The numbers of the other count on from those of the contact that stays.
func TestMergeNumbers(t *testing.T) {
	t.Parallel()
	l := ledger.Merge(add(9, sent("m", 1, 2)), add(9, sent("m", 1, 1), held("m", store.ReasonAudience, 3)), func(string) uint32 { return 1 }, 9)
	if len(l) != 3 || l[0].Sequence != 2 || l[1].Sequence != 1 || l[2].Sequence != 0 {
		t.Errorf("%+v", l)
	}
}

// Pinned: hosts keep what a program is named by.
func TestProgram(t *testing.T) {
	t.Parallel()
	if got := ledger.Program(ledger.ProgramOf([]byte(`{"messages":[]}`))); got != "5e4ce7b36ba3" {
		t.Errorf("the program is %s", got)
	}
	if got := ledger.Program(0); got != "" {
		t.Errorf("no program is %q", got)
	}
}
