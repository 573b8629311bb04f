package sqlstore

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// taken reports whether a row is there, and takes it.
func taken(k *recentRows, id string) bool {
	u := &unit{key: store.Key{Kind: store.KindUser, ID: id}, id: []byte(id)}
	k.take([]*unit{u}, time.Time{})
	return u.recent != nil
}

// What is kept of a page takes what its texts are long, and not twice that. A page that is
// longer than a generation is not kept: a row of it would hold on to all the others.
func TestRecentPage(t *testing.T) {
	const rows, size = 64, 10_000
	var g gathering
	g.pageMemory = newPageMemory()
	for i := range rows {
		g.rawRows.add(&rawRow{kind: int64(store.KindUser), id: fmt.Append(nil, i), state: make([]byte, size)})
		g.kept = append(g.kept, rawKept{})
	}
	least := uint64(math.MaxUint64)
	for range 5 { // others may allocate meanwhile
		var before, after runtime.MemStats
		k := newRecentRows()
		runtime.ReadMemStats(&before)
		k.read(&g, time.Now()) //nolint:forbidigo // as the code does
		runtime.ReadMemStats(&after)
		if least = min(least, after.TotalAlloc-before.TotalAlloc); !taken(k, "0") || !taken(k, "63") {
			t.Fatal("a page is not kept")
		}
	}
	if least > rows*size*3/2 {
		t.Errorf("%d bytes are taken to keep %d", least, rows*size)
	}
	k := newRecentRows()
	k.Most = rows*size - 1
	if k.read(&g, time.Now()); taken(k, "0") || taken(k, "63") { //nolint:forbidigo // likewise
		t.Error("a page that is longer than a generation is kept")
	}
}

// A row that a step has written takes about what it is said to take.
func TestRecentTakes(t *testing.T) {
	const rows, at = 500, 1_800_000_000
	var names []unique.Handle[string]
	for i := range 20 {
		names = append(names, unique.Make(fmt.Sprintf("event-name-%02d", i)))
	}
	for _, c := range []struct {
		name string
		fill func(r *store.Record, i int)
		then store.Changes
	}{
		{name: "of little", fill: func(r *store.Record, _ int) {
			r.Stats = append(r.Stats, store.Stats{Name: names[0], Count: 1, First: at, Last: at})
		}},
		{name: "of a contact", fill: func(r *store.Record, i int) {
			for k, name := range names {
				r.Stats = append(r.Stats, store.Stats{Name: name, Count: uint64(k), First: at, Last: at})
				r.SendStats = append(r.SendStats, store.SendStats{Message: fmt.Sprintf("message-%02d", k), Count: 1, Last: at * 1000})
			}
			for k := range 10 {
				r.Dedup = append(r.Dedup, store.Dedup{Hash: [16]byte{byte(i), byte(k)}, At: at * 1000})
			}
			p := &store.Profile{Created: at * 1000, Companies: []string{fmt.Sprint("company-", i)}}
			for k := range 10 {
				p.Attributes = append(p.Attributes, store.NewAttribute(fmt.Sprint("attribute-", k), value.String(fmt.Sprint("value ", i, " of ", k))))
			}
			r.Profile = p
		}},
		{name: "of many small rows", fill: func(r *store.Record, i int) {
			for k := range 50 {
				r.SendStats = append(r.SendStats, store.SendStats{Message: fmt.Sprintf("%02d", k), Count: 1, Last: 1})
				r.Counters = append(r.Counters, store.Counter{Def: fmt.Sprintf("%02d", k), Count: 1, Times: []int64{1, 2, int64(i)}})
				r.SendLog = append(r.SendLog, store.SendLogEntry{ID: fmt.Sprint(k), At: 1, Message: "m"})
			}
		}},
		{name: "of instants", fill: func(r *store.Record, i int) {
			times, newest := make([]int64, 300), make([]store.Permit, 300)
			for k := range times {
				times[k], newest[k] = int64(k), store.Permit{At: int64(k), Sequence: uint64(i)}
			}
			r.Counters = append(r.Counters, store.Counter{Def: "d", Count: 300, Times: times})
			r.Permits = append(r.Permits, store.Permits{Throttler: "t", Count: 300, Newest: newest})
		}},
		{name: "of what waits", fill: func(r *store.Record, i int) {
			r.Profile = &store.Profile{}
			for k := range 20 {
				r.Profile.Holds = append(r.Profile.Holds, store.Hold{Message: fmt.Sprintf("%02d", k), Due: int64(i + 1), Order: uint64(k)})
				r.Profile.SeriesStates = append(r.Profile.SeriesStates, store.SeriesState{Series: fmt.Sprintf("%02d", k), Block: "b", Since: 1, Due: 1})
			}
		}},
		{name: "of a long text that has left", fill: func(r *store.Record, i int) {
			r.SendStats = append(r.SendStats, store.SendStats{Message: "m", Count: 1, Last: at * 1000})
			r.Pending = store.NewPendingList(store.Pending{Delivery: store.Delivery{ID: "d", Body: fmt.Sprintf("%020000d", i)}})
		}, then: store.Changes{PendingDrop: []string{"d"}}},
		{name: "of a long text", fill: func(r *store.Record, i int) {
			r.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("a", value.String(fmt.Sprintf("%05000d", i)))}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var takes, said int64
			for range 5 { // others may allocate meanwhile
				if takes, said = recentTakes(t, rows, c.fill, &c.then); takes <= said*5/4 && takes >= said/4 {
					return
				}
			}
			t.Errorf("%d rows take %d bytes, said are %d", rows, takes, said)
		})
	}
}

// recentTakes returns how many bytes rows take that are kept, and how many are said.
func recentTakes(t *testing.T, rows int, fill func(r *store.Record, i int), then *store.Changes) (takes, said int64) {
	t.Helper()
	k, units, decoder := newRecentRows(), make([]*unit, rows), new(column.Names)
	for i := range units {
		key := store.Key{Kind: store.KindUser, ID: fmt.Sprintf("contact-%08d", i)}
		full := &store.Record{Key: key, Exists: true}
		fill(full, i)
		raw := rawRow{numbers: [6]int64{1}, stats: column.AppendStats(nil, full.Stats), state: (&row{rec: *full}).appendState(nil, []byte(key.ID))}
		u := &unit{key: key, id: []byte(key.ID), won: true, part: partEvents}
		if err := u.decode(key, u.id, &raw, decoder); err != nil {
			t.Fatal(err)
		}
		u.rec.Apply(then)
		u.form.Changed(then)
		u.wrote = wroteRow{version: 2, state: len(u.appendState(nil, u.id))}
		units[i] = u
	}
	k.written(units, time.Now()) //nolint:forbidigo // as the code does
	clear(units)
	said = int64(k.Bytes())
	full := heap()
	k.Clear()
	return full - heap(), said
}

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A row that was read for a run and written since holds on to nothing of the page that it
// was on.
func TestRecentLeavesPage(t *testing.T) {
	const rows, size = 64, 100_000
	least := int64(math.MaxInt64)
	for range 5 { // others may allocate meanwhile
		before, k := heap(), newRecentRows()
		func() {
			var g gathering
			g.pageMemory = newPageMemory()
			for i := range rows {
				g.rawRows.add(&rawRow{kind: int64(store.KindUser), id: fmt.Append(nil, i), state: make([]byte, size)})
				g.kept = append(g.kept, rawKept{})
			}
			now := time.Now() //nolint:forbidigo // as the code does
			k.read(&g, now)
			u := &unit{key: store.Key{Kind: store.KindUser, ID: "7"}, id: []byte("7"), won: true, part: partEvents, wrote: wroteRow{version: 1}}
			if k.take([]*unit{u}, time.Time{}); u.recent == nil {
				t.Fatal("a page is not kept")
			}
			k.Clear()
			k.written([]*unit{u}, now)
		}()
		least = min(least, heap()-before)
		if !taken(k, "7") {
			t.Fatal("what was written is not kept")
		}
	}
	if least > size {
		t.Errorf("%d bytes are in use for one row", least)
	}
}

// A page is cleaned up before a row is written that was written before and not loaded since.
func TestCrowds(t *testing.T) {
	written, read := &recentRow{row: row{version: 1}}, &recentRow{numbers: [6]int64{1}}
	for _, c := range []struct {
		name string
		u    unit
		want bool
	}{
		{"loaded", unit{changed: true}, false},
		{"read for a run", unit{changed: true, recent: read}, false},
		{"written before", unit{changed: true, recent: written}, true},
		{"written before, and not now", unit{recent: written}, false},
	} {
		if got := c.u.crowds(); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
