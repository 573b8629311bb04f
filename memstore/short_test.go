package memstore

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/beckon-go/beckon/store"
)

// Whatever is done to the record of a throttle key, kept in short or not, it
// reads as any other record to which the same was done.
func TestShortRecordsReadAsOthers(t *testing.T) {
	shorts := 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		one := func(n int) bool { return random.IntN(n) == 0 }
		s := New()
		id := strings.Repeat("k", random.IntN(2*maxShortID)+1)
		if one(4) {
			id = "k" // and so that more of them are short
		}
		keys := [2]store.Key{{Kind: store.KindThrottle, ID: id}, {Kind: store.KindUser, ID: id}}
		now := random.Int64N(1 << 40)
		for i := range 60 {
			now += int64(random.IntN(100_000))
			if one(50) {
				now += math.MaxUint32
			}
			choice := random.Uint64()
			var text [2]string
			for j, key := range keys {
				steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
					change(rand.New(rand.NewPCG(choice, 2)), r, c, now)
					return nil
				})}}
				if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
					t.Fatal(err, steps[0].Err)
				}
				err := s.Read(t.Context(), []store.Key{key}, func(r *store.Record) error {
					own := *r
					own.Key = store.Key{}
					text[j] = fmt.Sprintf("%q", store.AppendRecord(nil, &own))
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if text[0] != text[1] {
				t.Fatalf("seed %d, change %d:\n%s\nwant\n%s", seed, i, text[0], text[1])
			}
			sh := s.shard(keys[0])
			if f := sh.find(keys[0], hashOf(s.seed, id)); f.short != nil && f.e == nil {
				shorts++
			}
			if n := len(sh.wide); n > 1 || n == 1 && !sh.throttles.cell(0).isWide() {
				t.Fatalf("seed %d: %d records stand apart", seed, n)
			}
		}
	}
	if shorts < 1500 {
		t.Errorf("only %d of 18000 times was the record kept in short", shorts)
	}
}

// change makes up changes, mostly as a throttler does.
func change(random *rand.Rand, r *store.Record, c *store.Changes, now int64) {
	one := func(n int) bool { return random.IntN(n) == 0 }
	row := store.Permits{}
	if len(r.Permits) > 0 {
		row = r.Permits[0]
		row.Newest = append([]store.Permit(nil), row.Newest...)
	}
	if one(40) {
		row.Throttler = "another"
	}
	switch n := len(row.Newest); {
	case n >= 1 && one(6): // released
		at := random.IntN(n)
		row.Newest = append(row.Newest[:at:at], row.Newest[at+1:]...)
		row.Count--
		row.Last = now
		if len(row.Newest) > 0 {
			row.Last = row.Newest[len(row.Newest)-1].At
		}
	case one(30):
		row.Newest = append(row.Newest, store.Permit{At: now, Sequence: random.Uint64()}) // no next number
	case one(30):
		row.Count, row.Prior = random.Uint64()>>random.IntN(64), now
	default:
		if n >= 8 && !one(10) {
			row.Prior = row.Newest[0].At
			row.Newest = row.Newest[1:]
		}
		c.EventSeq = r.EventSeq + 1
		if one(300) {
			c.EventSeq += random.Uint64N(1 << 33)
		}
		row.Count++
		row.Last = now
		row.Newest = append(row.Newest, store.Permit{At: now, Sequence: c.EventSeq})
	}
	c.Permits = append(c.Permits, row)
	switch random.IntN(60) {
	case 0:
		c.LastSeen = now
	case 1:
		c.Clear = true
	case 2:
		*c = store.Changes{Delete: true}
	case 3:
		c.SendStats = append(c.SendStats, store.SendStats{Message: "m", Count: 1})
	case 4:
		c.Profile = &store.Profile{Created: now}
	case 5:
		c.Permits = append(c.Permits, store.Permits{Throttler: "z", Newest: []store.Permit{{At: 1, Sequence: 2}}})
	case 6:
		*c = store.Changes{Touch: true}
	case 7:
		c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, At: now}), 10
	case 8:
		*c = store.Changes{Clear: true}
	case 9:
		c.Counters = append(c.Counters, store.Counter{Def: "z", Times: []int64{1, 2}})
	case 10:
		c.Pending = append(c.Pending, store.Pending{Until: now, Delivery: store.Delivery{ID: "d"}})
	case 11:
		c.PendingDrop = append(c.PendingDrop, "d")
	}
}

// newest returns permits, given as instants with their sequences.
func newest(pairs ...int64) (list []store.Permit) {
	for ; len(pairs) > 0; pairs = pairs[2:] {
		list = append(list, store.Permit{At: pairs[0], Sequence: uint64(pairs[1])})
	}
	return list
}

// What takes most of the memory stays as small as it is.
func TestSizes(t *testing.T) {
	for name, c := range map[string]struct{ is, most uintptr }{
		"a throttle key":               {unsafe.Sizeof(short{}), 88},
		"a record":                     {unsafe.Sizeof(entry{}), 64},
		"a profile's place":            {unsafe.Sizeof(kept{}), 48},
		"a row of statistics":          {unsafe.Sizeof(stat{}), 16},
		"what not every record has":    {unsafe.Sizeof(extra{}), 192},         // these two are sizes that the
		"what is rarely touched of it": {unsafe.Sizeof(store.Profile{}), 352}, // allocator has
	} {
		if c.is > c.most {
			t.Errorf("%s takes %d bytes, want at most %d", name, c.is, c.most)
		}
	}
}

// What is just beyond the room of a number does not fit, what just fits does.
func TestShortBounds(t *testing.T) {
	names := new(throttlers)
	names.init()
	const last, seq = 1 << 40, 1 << 30
	for _, c := range []struct {
		name string
		row  store.Permits
		seq  uint64
		ok   bool
	}{
		{"one permit", store.Permits{Count: 1, Last: last, Newest: newest(last, 1)}, 1, true},
		{"a sequence", store.Permits{Count: math.MaxUint32, Last: last, Prior: last}, math.MaxUint32, true},
		{"too great a sequence", store.Permits{Count: math.MaxUint32 + 1, Last: last, Prior: last}, math.MaxUint32 + 1, false},
		{"released", store.Permits{Count: seq - math.MaxUint16, Last: last, Prior: last}, seq, true},
		{"too many released", store.Permits{Count: seq - math.MaxUint16 - 1, Last: last, Prior: last}, seq, false},
		{"more counted than given", store.Permits{Count: 2, Last: last, Prior: last}, 1, false},
		{"the newest far behind", store.Permits{Count: seq, Last: last, Prior: last, Newest: newest(last, seq-15)}, seq, true},
		{"the newest too far behind", store.Permits{Count: seq, Last: last, Prior: last, Newest: newest(last, seq-16)}, seq, false},
		{"the newest ahead", store.Permits{Count: seq, Last: last, Prior: last, Newest: newest(last, seq+1)}, seq, false},
		{"the newest is not the last", store.Permits{Count: 1, Last: last, Newest: newest(last-1, 1)}, 1, false},
		{"old", store.Permits{Count: 2, Last: last, Newest: newest(last-math.MaxUint32, 1, last, 2)}, 2, true},
		{"too old", store.Permits{Count: 2, Last: last, Newest: newest(last-math.MaxUint32-1, 1, last, 2)}, 2, false},
		{"a hole", store.Permits{Count: 2, Last: last, Newest: newest(last, 1, last, 3)}, 3, false},
		{"nine", store.Permits{Count: 9, Last: 9, Newest: newest(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9)}, 9, false},
		{"Prior without need", store.Permits{Count: 1, Last: last, Prior: 1, Newest: newest(last, 1)}, 1, false},
	} {
		var p short
		p.name("k")
		if ok := p.pack(c.seq, &c.row, names); ok != c.ok {
			t.Errorf("%s: %v, want %v", c.name, ok, c.ok)
			continue
		}
		if !c.ok {
			if p.state != 0 || p.last != 0 || p.text() != "k" {
				t.Errorf("%s: what does not fit has left something", c.name)
			}
			continue
		}
		w := new(work)
		p.unpack(w, names)
		if got := w.record.Permits[0]; w.record.EventSeq != c.seq || fmt.Sprint(got) != fmt.Sprint(c.row) || p.text() != "k" {
			t.Errorf("%s: came back as %v, %d", c.name, got, w.record.EventSeq)
		}
	}
}

// Events of a throttle key, which has none, are kept all the same while its
// record would fit.
func TestShortKeepsEvents(t *testing.T) {
	s := New()
	key := store.Key{Kind: store.KindThrottle, ID: "k"}
	for i := range uint64(3) {
		steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Permits = append(c.Permits, store.Permits{Count: i, Last: 1, Prior: 1})
			c.EventSeq = i + 1
			if i == 1 {
				c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 7, At: 9}), 10
			}
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
	events, err := s.Events(t.Context(), key, store.EventCursor{}, 10)
	if err != nil || len(events) != 1 || events[0].Seq != 7 {
		t.Errorf("%v, %v", events, err)
	}
}

// More names of throttlers than have numbers are kept, and found again.
func TestThrottlerNamesLimit(t *testing.T) {
	s := New()
	for _, round := range []int{0, 1} {
		for i := range 300 {
			name := fmt.Sprint("name", i)
			steps := []store.Step{{Key: store.Key{Kind: store.KindThrottle, ID: name}, Decider: decide(func(r *store.Record, c *store.Changes) error {
				if round == 1 && (len(r.Permits) != 1 || r.Permits[0].Throttler != name) {
					t.Errorf("%s has %v", name, r.Permits)
				}
				c.Permits, c.EventSeq = append(c.Permits, store.Permits{Throttler: name}), 1
				return nil
			})}}
			if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
				t.Fatal(err, steps[0].Err)
			}
		}
	}
	if n := len(*s.throttlers.list.Load()); n != math.MaxUint8+1 {
		t.Errorf("%d names have numbers", n)
	}
}

// A scan sees short and long ids, each once, while both come and go.
func TestScanOfThrottleKeys(t *testing.T) {
	s := New()
	touch := func(id string, c store.Changes) {
		steps := []store.Step{{Key: store.Key{Kind: store.KindThrottle, ID: id}, Decider: decide(func(_ *store.Record, out *store.Changes) error {
			*out = c
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
	long := strings.Repeat("l", maxShortID)
	for i := range 500 {
		touch(fmt.Sprint(i), store.Changes{EventSeq: 1, Permits: []store.Permits{{Count: 1}}})
		touch(fmt.Sprint(long, i), store.Changes{Touch: true})
	}
	seen := map[string]int{}
	q := store.Query{Kinds: []store.Kind{store.KindThrottle}}
	for cursor, page := store.Cursor(""), 0; page == 0 || cursor != ""; page++ {
		var err error
		cursor, err = s.Scan(t.Context(), q, cursor, 7, func(r *store.Record) error { seen[r.Key.ID]++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		touch(fmt.Sprint("more", page), store.Changes{Touch: true})
		touch(fmt.Sprint(long, "more", page), store.Changes{Touch: true})
	}
	for i := range 500 {
		if a, b := seen[fmt.Sprint(i)], seen[fmt.Sprint(long, i)]; a != 1 || b != 1 {
			t.Errorf("%d was seen %d times, the long one %d", i, a, b)
		}
	}
	if n, err := s.Size(t.Context(), q.Kinds); err != nil || n != int64(s.Len()) || n < 1000 {
		t.Errorf("Size gives %d, %v; Len %d", n, err, s.Len())
	}
	before := s.Snapshot()
	for i := range 500 {
		touch(fmt.Sprint(i), store.Changes{Delete: true})
		touch(fmt.Sprint(long, i), store.Changes{Delete: true})
	}
	if bytes.Contains(s.Snapshot(), []byte(long+"499")) || !bytes.Contains(before, []byte(long+"499")) {
		t.Error("a snapshot does not show what there is")
	}
}
