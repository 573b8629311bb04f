package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/beckon-go/beckon/internal/rows"
)

// Whatever comes, changes and leaves, few or many, with an index or without, a list has
// what a slice would have, in that order.
func TestPendingListIsAList(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 5))
		most := []int{4, rows.Few + 3, 300}[seed%3]
		r := &Record{}
		var model []Pending
		indexed := 0
		for i := range 600 {
			var c Changes
			id := func() string { return fmt.Sprint(random.IntN(2 * most)) }
			grows := i/100%2 == 0 // and shrinks then, to nothing at times
			for range random.IntN(5) {
				if len(model) > 0 && (!grows || random.IntN(3) == 0) {
					drop := model[random.IntN(len(model))].Delivery.ID
					if random.IntN(2) == 0 {
						drop = model[0].Delivery.ID // in order
					}
					c.PendingDrop = append(c.PendingDrop, drop)
				}
				if grows || random.IntN(4) == 0 {
					p := Pending{Until: random.Int64N(20) - 2, Delivery: Delivery{ID: id(), Attempt: i}}
					if random.IntN(5) == 0 {
						p.Until, p.Dead = math.MaxInt64, &GivenUp{At: int64(i)}
					}
					c.Pending = append(c.Pending, p)
				}
			}
			if random.IntN(9) == 0 {
				c.PendingDrop = append(c.PendingDrop, "none")
			}
			r.Apply(&c)
			model = slices.DeleteFunc(model, func(p Pending) bool { return slices.Contains(c.PendingDrop, p.Delivery.ID) })
			for _, p := range c.Pending {
				if at := slices.IndexFunc(model, func(x Pending) bool { return x.Delivery.ID == p.Delivery.ID }); at >= 0 {
					model[at] = p
				} else {
					model = append(model, p)
				}
			}
			if r.Pending.index.isBuilt() {
				indexed++
			}
			if i%2 == 0 {
				checkPending(t, r, model, random)
			}
			if t.Failed() {
				t.Fatalf("seed %d, change %d: %+v", seed, i, c)
			}
		}
		if most > rows.Few+3 && indexed < 100 {
			t.Errorf("seed %d: an index was there after %d of 600 changes", seed, indexed)
		}
	}
}

// checkPending compares what is pending in a record with a slice.
func checkPending(t *testing.T, r *Record, model []Pending, random *rand.Rand) {
	t.Helper()
	if r.Pending.Len() != len(model) {
		t.Errorf("%d pending, want %d", r.Pending.Len(), len(model))
	}
	ids := func(of func(yield func(*Pending) bool)) (list []string) {
		for p := range of {
			list = append(list, fmt.Sprint(p.Delivery.ID, "/", p.Delivery.Attempt, "/", p.Until))
		}
		return list
	}
	dead := func(yield func(*Pending) bool) {
		for i := range model {
			if model[i].Dead != nil && !yield(&model[i]) {
				return
			}
		}
	}
	if got, want := ids(r.Pending.Dead()), ids(dead); !slices.Equal(got, want) || r.Pending.DeadLen() != len(want) {
		t.Errorf("given up are %v, %d of them, want %v", got, r.Pending.DeadLen(), want)
	}
	of := func(at int64) func(yield func(*Pending) bool) {
		return func(yield func(*Pending) bool) {
			for i := range model {
				if model[i].Until <= at && !yield(&model[i]) {
					return
				}
			}
		}
	}
	if got, want := ids(r.Pending.All()), ids(of(math.MaxInt64)); !slices.Equal(got, want) {
		t.Errorf("all are %v, want %v", got, want)
	}
	at := random.Int64N(20) - 2
	if got, want := ids(r.Pending.Free(at)), ids(of(at)); !slices.Equal(got, want) {
		t.Errorf("free at %d are %v, want %v", at, got, want)
	}
	for range r.Pending.All() {
		break // and nothing more is asked
	}
	next := int64(0)
	for i := range model {
		if until := max(model[i].Until, 1); next == 0 || until < next {
			next = until
		}
		if p := r.Pending.Find(model[i].Delivery.ID); p == nil || p.Delivery.Attempt != model[i].Delivery.Attempt || p.Until != model[i].Until {
			t.Errorf("%s is found as %+v", model[i].Delivery.ID, p)
		}
	}
	if got := r.NextPending(); got != next {
		t.Errorf("the first lease ends at %d, want %d", got, next)
	}
	if p := r.Pending.Find("none"); p != nil {
		t.Errorf("found %+v", p)
	}
	plain := &Record{Exists: r.Exists, Pending: NewPendingList(slices.Clone(model)...)}
	if string(AppendRecord(nil, r)) != string(AppendRecord(nil, plain)) {
		t.Error("it has another form than the same rows")
	}
}

// The zero list is empty, and so is one that all have left: it holds no memory.
func TestPendingListEmpty(t *testing.T) {
	var r Record
	r.Apply(&Changes{PendingDrop: []string{"a"}})
	for range 2 {
		if r.Pending.list != nil || r.Pending.index != nil || r.Pending.Len() != 0 || r.NextPending() != 0 || r.Pending.Find("") != nil || r.Pending.Clone().list != nil {
			t.Fatalf("%+v", r.Pending)
		}
		for p := range r.Pending.All() {
			t.Errorf("yields %+v", p)
		}
		r.Apply(&Changes{Pending: []Pending{{Delivery: Delivery{ID: "a"}}}})
		r.Apply(&Changes{PendingDrop: []string{"a"}})
	}
	if NewPendingList().list != nil || NewPendingList([]Pending{}...).list != nil {
		t.Error("a list of nothing is not the zero list")
	}
	r.Apply(&Changes{Pending: []Pending{{Delivery: Delivery{ID: "a"}}}})
	r.Apply(&Changes{Clear: true})
	if r.Pending.Len() != 0 {
		t.Error("it is not cleared")
	}
}

// Changes of a record do not reach a clone, nor what they were made of.
func TestPendingListClone(t *testing.T) {
	given := make([]Pending, 40)
	for i := range given {
		given[i].Delivery.ID = fmt.Sprint(i)
	}
	var r Record
	r.Apply(&Changes{Pending: given})
	for range 10 { // until there is an index
		r.Apply(&Changes{Pending: given[:1]})
	}
	c := r.Pending.Clone()
	r.Apply(&Changes{PendingDrop: []string{"3"}, Pending: []Pending{{Until: 9, Delivery: Delivery{ID: "4"}}}})
	if c.Len() != 40 || c.Find("3") == nil || c.Find("4").Until != 0 || given[4].Until != 0 {
		t.Error("the changes reach it")
	}
	if again := r.Pending.Clone(); again.Len() != 39 || again.Find("3") != nil || again.Find("4").Until != 9 {
		t.Error("a clone of a list that some have left has another content")
	}
}

// A change of a row costs no more however many there are: each looks at a few places of
// the index. A record that is decoded for a change or two gets none.
func TestPendingListIndex(t *testing.T) {
	decoded := &Record{Pending: NewPendingList(make([]Pending, 5000)...)}
	i := 0
	for p := range decoded.Pending.All() {
		p.Delivery.ID = fmt.Sprint(i)
		i++
	}
	decoded.Apply(&Changes{PendingDrop: []string{"4000", "4001"}})
	if decoded.Pending.index.isBuilt() {
		t.Error("there is an index after two changes")
	}
	if n := testing.AllocsPerRun(10, func() { decoded.Apply(&Changes{PendingDrop: []string{"none"}}) }); n > 40 {
		t.Errorf("%v allocations", n)
	}
	if !decoded.Pending.index.isBuilt() {
		t.Fatal("there is no index after ten")
	}
	row := []Pending{{Until: 7, Delivery: Delivery{ID: "17"}}}
	c := Changes{Pending: row}
	if n := testing.AllocsPerRun(100, func() { decoded.Apply(&c) }); n != 0 {
		t.Errorf("%v allocations for a row that is there", n)
	}
	// Most leave: the rest is moved together, and few need no index.
	for i := range 4995 {
		decoded.Apply(&Changes{PendingDrop: []string{fmt.Sprint(i)}})
		if n := len(decoded.Pending.list); n > 2*decoded.Pending.Len()+1 {
			t.Fatalf("%d places for %d rows", n, decoded.Pending.Len())
		}
	}
	if l := decoded.Pending; l.index != nil || len(l.list) != 5 || cap(l.list) > 32 {
		t.Errorf("%d rows in %d places with room for %d, an index: %v", l.Len(), len(l.list), cap(l.list), l.index != nil)
	}
}

// The channels of what is pending follow every change, whether or not rows have an index.
func TestPendingChannels(t *testing.T) {
	t.Parallel()
	channels := []Channel{Chat, Post, Email, Banner, Push, SMS, Carousel, ProductTour, Survey, Workflow, Custom("a"), Custom("b"), ""}
	if all := ChannelSetOf(channels...); all != AllChannels || all>>channelBits != 0 {
		t.Errorf("all channels are %b, want %b", all, AllChannels)
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		var r Record
		model := map[string]Pending{}
		most := 1 << random.IntN(9)
		for i := range 400 {
			var c Changes
			id := fmt.Sprint(random.IntN(most))
			if _, there := model[id]; there && random.IntN(2) == 0 {
				c.PendingDrop = []string{id}
				delete(model, id)
			} else {
				p := Pending{Delivery: Delivery{ID: id, Channel: channels[random.IntN(1+i/100*3)]}}
				if random.IntN(4) == 0 {
					p.Dead, p.Until = &GivenUp{}, math.MaxInt64
				}
				c.Pending, model[id] = []Pending{p}, p
			}
			r.Apply(&c)
			var want ChannelSet
			for _, p := range model {
				if p.Dead == nil {
					want |= ChannelSetOf(p.Delivery.Channel)
				}
			}
			clone := Record{Pending: r.Pending.Clone()}
			if got := r.PendingChannels(); got != want || clone.PendingChannels() != want {
				t.Fatalf("after %d changes, of %d rows: %b, a clone %b, want %b", i, most, got, clone.PendingChannels(), want)
			}
		}
	}
}
