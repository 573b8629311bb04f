package memstore

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/store"
)

// The table finds what is in it and nothing else, through growth, removals and
// hashes that meet.
func TestSlab(t *testing.T) {
	for _, bits := range []uint32{0, 3, 1<<32 - 1} { // of the hash: all meet, many meet, few meet
		random := rand.New(rand.NewPCG(1, uint64(bits)))
		hash := func(id string) uint32 {
			var h uint32 = 2166136261
			for i := range len(id) {
				h = (h ^ uint32(id[i])) * 16777619
			}
			return h & bits
		}
		var s slab[entry, *entry]
		model := make(map[string]uint32) // places
		for i := range 6000 {
			id := fmt.Sprint(random.IntN(300))
			at, place, ok := s.find(hash(id), id)
			want, known := model[id]
			if ok != known || ok && (place != want || !s.isLive(place) || s.cell(place).id != id) {
				t.Fatalf("%d steps, %d bits: found %v in %d, want %v in %d", i, bits, ok, place, known, want)
			}
			switch {
			case !ok:
				at, model[id] = s.insert(hash(id), id)
				s.cell(model[id]).eventSeq = uint64(i) + 1
				if got, _, _ := s.find(hash(id), id); got != at {
					t.Fatalf("inserted in slot %d, found in %d", at, got)
				}
			case random.IntN(2) == 0:
				s.remove(at)
				delete(model, id)
				if s.isLive(place) || s.cell(place).eventSeq != 0 {
					t.Fatal("something stayed of a record")
				}
			case s.cell(place).eventSeq == 0:
				t.Fatal("a record was lost when others came")
			}
			if s.len() != len(model) {
				t.Fatalf("%d records, want %d", s.len(), len(model))
			}
		}
		if s.used > 301 {
			t.Errorf("%d places for 300 ids: they are not used again", s.used)
		}
		for id, place := range model {
			if _, got, ok := s.find(hash(id), id); !ok || got != place {
				t.Errorf("%q is lost", id)
			}
		}
	}
}

// An order holds what a sorted list would, over many blocks.
func TestOrdered(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	at := func(n int) spot {
		return spot{due: int64(n / 10), key: store.Key{Kind: store.KindUser, ID: fmt.Sprint(n % 10)}}
	}
	all := func(spot) bool { return true }
	var o ordered
	model := make(map[int]bool)
	for i := range 12_000 {
		n := random.IntN(4000)
		if i > 8000 {
			n = i % 4000 // empties whole blocks, in order
		}
		if add := i <= 8000 && random.IntN(4) > 0; add {
			o.insert(at(n))
			model[n] = true
		} else {
			o.remove(at(n))
			delete(model, n)
		}
		if i%1000 != 0 {
			continue
		}
		var want []spot
		for n := range model {
			want = append(want, at(n))
		}
		slices.SortFunc(want, spot.compare)
		if got := o.after(nil, spot{due: -1}, 1<<30, 0, all); !slices.Equal(got, want) {
			t.Fatalf("after %d changes: %d spots, want %d, or in another order", i, len(got), len(want))
		}
		from := at(random.IntN(4000))
		page, found := slices.BinarySearchFunc(want, from, spot.compare)
		if found {
			page++
		}
		want = want[page:]
		if got := o.after(nil, from, 7, 0, all); !slices.Equal(got, want[:min(7, len(want))]) {
			t.Fatalf("a page after %v: %v", from, got)
		}
	}
	for _, b := range o.blocks {
		if len(b) == 0 || len(b) > blockSize {
			t.Errorf("a block of %d", len(b))
		}
	}
	for n := range 4000 {
		o.remove(at(n))
	}
	if len(o.blocks) != 0 {
		t.Errorf("%d blocks are left of nothing", len(o.blocks))
	}
}

type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(r *store.Record, c *store.Changes) error { return d(r, c) }

func step(t *testing.T, s *Store, id string, d decide) {
	t.Helper()
	steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: id}, Decider: d}}
	if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
		t.Fatal(err, steps[0].Err)
	}
}

// When there are too many event names to number, contacts with further ones
// are kept all the same.
func TestNamesLimit(t *testing.T) {
	s := New()
	for i := range maxNames {
		if _, ok := s.names.number(unique.Make(fmt.Sprint("name", i))); !ok {
			t.Fatalf("name %d of %d has no number", i, maxNames)
		}
	}
	if _, ok := s.names.number(unique.Make("one more")); ok {
		t.Error("the limit does not hold")
	}
	if n, ok := s.names.number(unique.Make("name7")); !ok || n != 7 {
		t.Error("a name that has a number lost it")
	}
	count := func(name string) {
		step(t, s, "u", func(r *store.Record, c *store.Changes) error {
			row, _ := r.Stat(unique.Make(name))
			row.Count++
			c.Stats = append(c.Stats, row)
			return nil
		})
	}
	for _, name := range []string{"name1", "one more", "name2", "one more", "name1"} {
		count(name)
	}
	_ = s.Read(t.Context(), []store.Key{{Kind: store.KindUser, ID: "u"}}, func(r *store.Record) error {
		got := ""
		for _, row := range r.Stats {
			got += fmt.Sprint(row.Name.Value(), " ", row.Count, "; ")
		}
		if want := "name1 2; name2 1; one more 2; "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		return nil
	})
}

// A row that changes does so in its place, whichever it is, and the others stay.
func TestRowsChangeInTheirPlaces(t *testing.T) {
	s := New()
	var names []unique.Handle[string]
	for i := range 5 {
		names = append(names, unique.Make(fmt.Sprint("name", i)))
	}
	random := rand.New(rand.NewPCG(3, 4))
	want := make(map[unique.Handle[string]]store.Stats)
	for i := range 200 {
		step(t, s, "u", func(r *store.Record, c *store.Changes) error {
			for range random.IntN(3) + 1 {
				row := want[names[random.IntN(len(names))]]
				if row.Count == 0 {
					row.Name, row.First = names[random.IntN(len(names))], int64(i)
					row.Count = want[row.Name].Count
				}
				row.Count++
				row.Last = int64(i)
				if i == 150 {
					row.Count = 1 << 40 // and from here on in the wide form
				}
				want[row.Name] = row
				c.Stats = append(c.Stats, row)
			}
			return nil
		})
		_ = s.Read(t.Context(), []store.Key{{Kind: store.KindUser, ID: "u"}}, func(r *store.Record) error {
			if len(r.Stats) != len(want) {
				t.Fatalf("%d rows, want %d", len(r.Stats), len(want))
			}
			for _, row := range r.Stats {
				if row != want[row.Name] {
					t.Fatalf("after %d steps: %v, want %v", i, row, want[row.Name])
				}
			}
			return nil
		})
	}
}

// The memory of one large step is not kept.
func TestLargeChangesAreLetGo(t *testing.T) {
	s := New()
	step(t, s, "u", func(_ *store.Record, c *store.Changes) error {
		for i := range uint64(2 * roomy) {
			c.Events = append(c.Events, store.LoggedEvent{Seq: i + 1, At: int64(i)})
		}
		c.KeepEvents = 1
		return nil
	})
	w := s.work() // that of the step, unless the pool has lost it
	if n := cap(w.changes.Events); n > roomy {
		t.Errorf("room for %d events stayed", n)
	}
}

// A record that is no longer chosen when its turn comes is left out.
func TestScanLeavesOutWhatHasGone(t *testing.T) {
	s := New()
	// The index is told of a record that is not there, as it would be by a step
	// between taking the keys of a page and visiting them.
	s.index.move(store.Key{Kind: store.KindUser, ID: "gone"}, facets{}, facets{due: 5, email: "a", pending: 5, moving: true})
	step(t, s, "changed", func(_ *store.Record, c *store.Changes) error { c.Touch = true; return nil })
	s.index.move(store.Key{Kind: store.KindUser, ID: "changed"}, facets{}, facets{due: 5, email: "a", pending: 5, moving: true})
	for _, q := range []store.Query{{Due: 9}, {Email: "a"}, {Pending: 9}, {Moving: true}} {
		next, err := s.Scan(t.Context(), q, "", 10, func(r *store.Record) error {
			t.Errorf("%+v gave %+v", q, r)
			return nil
		})
		if next != "" || err != nil {
			t.Errorf("%+v: %q, %v", q, next, err)
		}
	}
}

// A context that ends during a page ends the page.
func TestScanCancelledMidway(t *testing.T) {
	for _, q := range []store.Query{{Kinds: []store.Kind{store.KindUser}}, {Pending: 9}} {
		s := New()
		for i := range 100 {
			step(t, s, fmt.Sprint(i), func(_ *store.Record, c *store.Changes) error {
				c.Pending = append(c.Pending, store.Pending{})
				return nil
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		next, err := s.Scan(ctx, q, "", 1000, func(*store.Record) error { seen++; cancel(); return nil })
		if err == nil || next != "" || seen == 100 {
			t.Errorf("%+v: %v after %d records, cursor %q", q, err, seen, next)
		}
	}
}

func TestCursors(t *testing.T) {
	for _, p := range []position{{}, {kind: 255, shard: shardCount - 1, place: min(math.MaxInt, 1<<31)}, {kind: 1, shard: 2, place: 3}} {
		if got, err := decodePosition(p.cursor()); err != nil || got != p {
			t.Errorf("%v came back as %v, %v", p, got, err)
		}
	}
	for _, c := range []store.Cursor{"\x01", "\x01\x02", "\x01\x02\x03\x04", "\x01\x40\x00", "\xff\x7f\x00\x00", "\x01\x01\xff\xff\xff\xff\xff\x01"} {
		if p, err := decodePosition(c); err == nil {
			t.Errorf("%q was taken for %v", c, p)
		}
	}
	for _, x := range []spot{{due: 5, key: store.Key{Kind: 1, ID: "a\x00\xff"}}, {due: -1, email: "e", key: store.Key{Kind: 255}}} {
		if got, err := decodeSpot(x.cursor(), x.email); err != nil || got != x {
			t.Errorf("%v came back as %v, %v", x, got, err)
		}
	}
	for _, c := range []store.Cursor{"\x01", "\xff"} {
		if x, err := decodeSpot(c, ""); err == nil {
			t.Errorf("%q was taken for %v", c, x)
		}
	}
}

// What is left of one step has no part in the next, also where that one changes
// nothing or outgrows its short form.
func TestStepsShareNothing(t *testing.T) {
	throttle := func(id string) store.Key { return store.Key{Kind: store.KindThrottle, ID: id} }
	user := store.Key{Kind: store.KindUser, ID: "u"}
	name := unique.Make("e")
	for _, c := range []struct {
		name  string
		steps []store.Key
		set   []func(c *store.Changes)
		of    store.Key
		check func(r *store.Record) bool
	}{
		{
			"the permits of a key that becomes wide",
			[]store.Key{throttle("a"), throttle("a"), throttle("b"), throttle("b")},
			[]func(c *store.Changes){
				func(c *store.Changes) {
					c.EventSeq, c.Permits = 2, append(c.Permits, store.Permits{Count: 2, Last: 20, Newest: newest(10, 1, 20, 2)})
				},
				func(c *store.Changes) { c.LastSeen = 5 },
				func(c *store.Changes) {
					c.EventSeq, c.Permits = 2, append(c.Permits, store.Permits{Count: 2, Last: 99, Newest: newest(98, 1, 99, 2)})
				},
				func(c *store.Changes) {},
			},
			throttle("a"),
			func(r *store.Record) bool {
				return r.LastSeen == 5 && len(r.Permits) == 1 && slices.Equal(r.Permits[0].Newest, newest(10, 1, 20, 2))
			},
		},
		{
			"the order of a log that another step asked for",
			[]store.Key{user, user},
			[]func(c *store.Changes){
				func(c *store.Changes) { c.SortSendLog = true },
				func(c *store.Changes) {
					c.SendLog = append(c.SendLog, store.SendLogEntry{ID: "x", At: 5}, store.SendLogEntry{ID: "y", At: 3})
				},
			},
			user,
			func(r *store.Record) bool {
				return len(r.SendLog) == 2 && r.SendLog[0].ID == "x" && r.SendLog[1].ID == "y"
			},
		},
		{
			"the rows that a record had before it was emptied",
			[]store.Key{user, user},
			[]func(c *store.Changes){
				func(c *store.Changes) {
					c.Stats = append(c.Stats, store.Stats{Name: name, Count: 7, First: 1, Last: 2})
				},
				func(c *store.Changes) {
					c.Clear, c.Stats = true, append(c.Stats, store.Stats{Name: name, Count: 1, First: 5, Last: 5})
				},
			},
			user,
			func(r *store.Record) bool {
				return len(r.Stats) == 1 && r.Stats[0] == (store.Stats{Name: name, Count: 1, First: 5, Last: 5})
			},
		},
	} {
		s := New()
		for i, key := range c.steps {
			steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, to *store.Changes) error { c.set[i](to); return nil })}}
			if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
				t.Fatal(err, steps[0].Err)
			}
		}
		err := s.Read(t.Context(), []store.Key{c.of}, func(r *store.Record) error {
			if !c.check(r) {
				t.Errorf("%s: got %+v", c.name, *r)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Many events enter a log at once as they do one by one.
func TestEventsEnterAtOnce(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	var n names
	n.init()
	name := unique.Make("e")
	for range 200 {
		var one, many eventLog
		for range 3 {
			var events []store.LoggedEvent
			for range manyEvents + 1 + dice.IntN(10) {
				events = append(events, store.LoggedEvent{At: int64(dice.IntN(20)), Seq: uint64(dice.IntN(4)), Name: name, EventID: fmt.Sprint(dice.IntN(1000))})
			}
			keep, from := dice.IntN(60), int64(dice.IntN(5))
			for i := range events {
				one.insert(&n, 0, &events[i])
			}
			one.add(&n, 0, nil, keep, from)
			many.add(&n, 0, events, keep, from)
			a, b := one.newest(&n, store.EventCursor{}, 100), many.newest(&n, store.EventCursor{}, 100)
			if !reflect.DeepEqual(a, b) || int(one.count) != len(a) || int(many.count) != len(b) {
				t.Fatalf("one by one %v, at once %v", a, b)
			}
		}
	}
}
