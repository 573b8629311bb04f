package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"unique"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/value"
)

// applied returns the record that changes, one after another, make of an empty
// one.
func applied(changes ...Changes) *Record {
	r := &Record{Key: Key{Kind: KindUser, ID: "u"}}
	for i := range changes {
		r.Apply(&changes[i])
	}
	return r
}

func TestApply(t *testing.T) {
	key := Key{Kind: KindUser, ID: "u"}
	a, b := unique.Make("a"), unique.Make("b")
	one, two := &Profile{Created: 1}, &Profile{Created: 2}
	for name, c := range map[string]struct {
		changes []Changes
		want    Record
	}{
		"nothing":      {[]Changes{{}}, Record{}},
		"totals alone": {[]Changes{{Totals: []Increment{{Message: "m", Name: "sent", N: 1}}}}, Record{}},
		"touch":        {[]Changes{{Touch: true}}, Record{Exists: true}},
		"events alone": {[]Changes{{Events: []LoggedEvent{{Seq: 1}}}}, Record{Exists: true}},
		"numbers of zero stay": {
			[]Changes{{LastSeen: 5, EventSeq: 6}, {Touch: true}},
			Record{Exists: true, LastSeen: 5, EventSeq: 6},
		},
		"statistics sorted and replaced": {
			[]Changes{{Stats: []Stats{{Name: b, Count: 1}}}, {Stats: []Stats{{Name: a, Count: 1}, {Name: b, Count: 2}}}},
			Record{Exists: true, Stats: []Stats{{Name: a, Count: 1}, {Name: b, Count: 2}}},
		},
		"sends by message, company, control": {
			[]Changes{{SendStats: []SendStats{{Message: "m", Company: "c", Count: 1}, {Message: "m", Control: true, Count: 2}, {Message: "m", Count: 3}, {Message: "l", Company: "z", Count: 4}}}},
			Record{Exists: true, SendStats: []SendStats{{Message: "l", Company: "z", Count: 4}, {Message: "m", Count: 3}, {Message: "m", Control: true, Count: 2}, {Message: "m", Company: "c", Count: 1}}},
		},
		"sends of nothing go, with a prior one they stay": {
			[]Changes{{SendStats: []SendStats{{Message: "m", Count: 1}, {Message: "n", Count: 1}}}, {SendStats: []SendStats{{Message: "m"}, {Message: "n", Prior: 5}, {Message: "o"}}}},
			Record{Exists: true, SendStats: []SendStats{{Message: "n", Prior: 5}}},
		},
		"the log appends, replaces, drops": {
			[]Changes{{SendLog: []SendLogEntry{{ID: "1", At: 1}, {ID: "2", At: 2}, {ID: "3", At: 3}}}, {SendLog: []SendLogEntry{{ID: "2", At: 9}, {ID: "4"}}, SendLogDrop: []string{"1", "none"}}},
			Record{Exists: true, SendLog: []SendLogEntry{{ID: "2", At: 9}, {ID: "3", At: 3}, {ID: "4"}}},
		},
		"the log sorted, stable": {
			[]Changes{{SendLog: []SendLogEntry{{ID: "1", At: 5}, {ID: "2", At: 3}, {ID: "3", At: 5}}, SortSendLog: true}},
			Record{Exists: true, SendLog: []SendLogEntry{{ID: "2", At: 3}, {ID: "1", At: 5}, {ID: "3", At: 5}}},
		},
		"counters sorted and replaced": {
			[]Changes{{Counters: []Counter{{Def: "b", Times: []int64{1, 2}}}}, {Counters: []Counter{{Def: "a"}, {Def: "b", Times: []int64{3, 4, 5}}}}},
			Record{Exists: true, Counters: []Counter{{Def: "a"}, {Def: "b", Times: []int64{3, 4, 5}}}},
		},
		"permits sorted and replaced": {
			[]Changes{{Permits: []Permits{{Throttler: "b", Count: 1, Newest: []Permit{{1, 1}}}}}, {Permits: []Permits{{Count: 2}, {Throttler: "b", Count: 2, Last: 5, Prior: 1, Newest: []Permit{{4, 2}, {5, 3}}}}}},
			Record{Exists: true, Permits: []Permits{{Count: 2}, {Throttler: "b", Count: 2, Last: 5, Prior: 1, Newest: []Permit{{4, 2}, {5, 3}}}}},
		},
		"repeats: the oldest leave first, then others come": {
			[]Changes{{Dedup: []Dedup{{At: 1}, {At: 2}}}, {DedupDrop: 1, Dedup: []Dedup{{At: 3}}}},
			Record{Exists: true, Dedup: []Dedup{{At: 2}, {At: 3}}},
		},
		"more repeats leave than there are": {
			[]Changes{{Dedup: []Dedup{{At: 1}}}, {DedupDrop: 9, Dedup: []Dedup{{At: 2}}}},
			Record{Exists: true, Dedup: []Dedup{{At: 2}}},
		},
		"the profile is replaced whole": {[]Changes{{Profile: one}, {Profile: two}, {Touch: true}}, Record{Exists: true, Profile: two}},
		"cleared, then the rest": {
			[]Changes{{LastSeen: 5, Profile: one, Dedup: []Dedup{{At: 1}}}, {Clear: true, EventSeq: 7}},
			Record{Exists: true, EventSeq: 7},
		},
		"deleted": {[]Changes{{LastSeen: 5, Profile: one}, {Delete: true}}, Record{}},
	} {
		c.want.Key = key
		if got := applied(c.changes...); string(AppendRecord(nil, got)) != string(AppendRecord(nil, &c.want)) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}

// A record's own memory takes what fits, and never the caller's.
func TestApplyMemory(t *testing.T) {
	given := []int64{1, 2, 3}
	r := applied(Changes{Counters: []Counter{{Def: "d", Times: given}}})
	own := &r.Counters[0].Times[0]
	given[0] = 99
	if r.Counters[0].Times[0] != 1 {
		t.Error("the record shares the times it was given")
	}
	// A window that slides: the new times are a part of the old ones.
	c := Changes{Counters: []Counter{{Def: "d", Times: r.Counters[0].Times[1:]}}}
	r.Apply(&c)
	if got := r.Counters[0].Times; !reflect.DeepEqual(got, []int64{2, 3}) || &got[0] != own {
		t.Errorf("times %v, in memory of their own: %v", got, &got[0] != own)
	}
	full := Changes{Counters: []Counter{{Def: "d", Times: []int64{7, 8, 9}}}}
	if n := testing.AllocsPerRun(10, func() { r.Apply(&full) }); n != 0 {
		t.Errorf("%v allocations for a row that is there", n)
	}
}

// So it is with permits.
func TestApplyPermitsMemory(t *testing.T) {
	given := []Permit{{1, 1}, {2, 2}, {3, 3}}
	r := applied(Changes{Permits: []Permits{{Newest: given}}})
	own := &r.Permits[0].Newest[0]
	given[0].At = 99
	if r.Permits[0].Newest[0].At != 1 {
		t.Error("the record shares the permits it was given")
	}
	c := Changes{Permits: []Permits{{Newest: r.Permits[0].Newest[1:]}}}
	r.Apply(&c)
	if got := r.Permits[0].Newest; !reflect.DeepEqual(got, []Permit{{2, 2}, {3, 3}}) || &got[0] != own {
		t.Errorf("permits %v, in memory of their own: %v", got, &got[0] != own)
	}
	full := Changes{Permits: []Permits{{Newest: []Permit{{7, 7}, {8, 8}, {9, 9}}}}}
	if n := testing.AllocsPerRun(10, func() { r.Apply(&full) }); n != 0 {
		t.Errorf("%v allocations for a row that is there", n)
	}
}

// Every section counts; what only says how to trim does not.
func TestChangesIsEmpty(t *testing.T) {
	for _, c := range []Changes{{}, {KeepEvents: 5}, {EventsFrom: 5}, {SortSendLog: true}, {NewSends: true}} {
		if !c.IsEmpty() || !c.SparesRecord() {
			t.Errorf("%+v is not empty", c)
		}
	}
	totals := Changes{Totals: []Increment{{}}}
	if totals.IsEmpty() || !totals.SparesRecord() {
		t.Error("totals are to be written, and leave the record as it is")
	}
	for i := range reflect.TypeFor[Changes]().NumField() {
		switch name := reflect.TypeFor[Changes]().Field(i).Name; name {
		case "KeepEvents", "EventsFrom", "SortSendLog", "Totals", "NewSends":
		default:
			var c Changes
			new(filler).fill(t, reflect.ValueOf(&c).Elem().Field(i), name)
			if c.IsEmpty() || c.SparesRecord() {
				t.Errorf("with %s set, nothing is to be written", name)
			}
		}
	}
}

// Reset leaves nothing but room: no text of one record reaches another's.
func TestChangesReset(t *testing.T) {
	var c Changes
	new(filler).fill(t, reflect.ValueOf(&c).Elem(), "Changes")
	stats, log, events := c.Stats, c.SendLog, c.Events
	c.Reset()
	if !c.IsEmpty() || c.KeepEvents != 0 || c.EventsFrom != 0 || c.SortSendLog {
		t.Errorf("after Reset: %+v", c)
	}
	if cap(c.Stats) == 0 || cap(c.Events) == 0 || cap(c.Totals) == 0 {
		t.Error("Reset gives the memory away")
	}
	for i := range reflect.TypeFor[Changes]().NumField() {
		if f := reflect.ValueOf(c).Field(i); !f.IsZero() && !(f.Kind() == reflect.Slice && f.Len() == 0) {
			t.Errorf("Reset leaves %s: %v", reflect.TypeFor[Changes]().Field(i).Name, f)
		}
	}
	if stats[0] != (Stats{}) || log[0].ID != "" || events[0].EventID != "" || events[0].Metadata != nil {
		t.Error("Reset keeps what was in it")
	}
	for _, n := range []int{1, 2} {
		for range n {
			c.Events = append(c.Events, LoggedEvent{EventID: "e"})
		}
		if c.Reset(); c.Events[:n][n-1].EventID != "" {
			t.Errorf("Reset keeps the last of %d events", n)
		}
	}
}

func TestNextDue(t *testing.T) {
	for _, c := range []struct {
		profile *Profile
		want    int64
	}{
		{nil, 0},
		{&Profile{}, 0},
		{&Profile{Holds: []Hold{{Due: 7}, {Due: 5}, {Due: 9}}}, 5},
		{&Profile{SeriesStates: []SeriesState{{Due: 0}, {Due: 8}, {Due: 6}}}, 6},
		{&Profile{Holds: []Hold{{Due: 5}}, SeriesStates: []SeriesState{{Due: 4}}}, 4},
		{&Profile{Holds: []Hold{{Due: 3}}, SeriesStates: []SeriesState{{}}}, 3},
		{&Profile{Holds: []Hold{{Due: 5}}, Rare: &Rare{Armed: []ArmedDate{{Due: 0}, {Due: 4}, {Due: 6}}}}, 4},
		{&Profile{Rare: &Rare{Armed: []ArmedDate{{Due: 0}}}}, 0},
	} {
		if got := (&Record{Profile: c.profile}).NextDue(); got != c.want {
			t.Errorf("%+v is next due at %d, want %d", c.profile, got, c.want)
		}
	}
}

func TestRecordEmail(t *testing.T) {
	with := func(k Kind, p Profile) *Record {
		p.Attributes = []Attribute{NewAttribute("email", value.String("a@x.test"))}
		return &Record{Key: Key{Kind: k}, Profile: &p}
	}
	for _, c := range []struct {
		r    *Record
		want string
	}{
		{&Record{Key: Key{Kind: KindUser}}, ""},
		{&Record{Key: Key{Kind: KindUser}, Profile: &Profile{}}, ""},
		{with(KindUser, Profile{}), "a@x.test"},
		{with(KindAnonymous, Profile{}), "a@x.test"},
		{with(KindCompany, Profile{}), ""},
		{with(KindUser, Profile{Forward: Key{Kind: KindUser, ID: "v"}}), ""},
	} {
		if got := c.r.Email(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.r.Key, got, c.want)
		}
	}
}

// E1: kinds first, in the order of identities, then ids.
func TestKeyCompare(t *testing.T) {
	sorted := []Key{{}, {Kind: KindUser, ID: ""}, {Kind: KindUser, ID: "a"}, {Kind: KindUser, ID: "b"}, {Kind: KindContact, ID: "a"}, {Kind: KindEmail, ID: "A"}, {Kind: KindAnonymous, ID: ""}}
	for i, a := range sorted {
		for j, b := range sorted {
			if got := a.Compare(b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%v and %v compare as %d", a, b, got)
			}
		}
		if a.IsZero() != (i == 0) {
			t.Errorf("IsZero of %v", a)
		}
	}
}

// New sends are not looked for in the whole log, but to write them twice is to
// write them once all the same.
func TestNewSendsTwice(t *testing.T) {
	r := &Record{SendLog: []SendLogEntry{{ID: "a", Sequence: 1}, {ID: "b", Sequence: 2}}}
	c := Changes{SendLog: []SendLogEntry{{ID: "c", Sequence: 3}, {ID: "d", Sequence: 4}}, SendLogDrop: []string{"a"}, NewSends: true}
	for range 3 {
		r.Apply(&c)
	}
	var ids string
	for i := range r.SendLog {
		ids += r.SendLog[i].ID
	}
	if ids != "bcd" {
		t.Errorf("the log is %q, want bcd", ids)
	}
	if c.Reset(); c.NewSends {
		t.Error("Reset leaves it set")
	}
}

// Many new sends enter at once, and to write them twice is to write them once, too.
func TestManyNewSendsTwice(t *testing.T) {
	r := &Record{SendLog: []SendLogEntry{{ID: "a", Sequence: 1}, {ID: "b", Sequence: 2}}}
	c := Changes{NewSends: true}
	for i := range 100 {
		c.SendLog = append(c.SendLog, SendLogEntry{ID: "n" + strconv.Itoa(i), Sequence: 1})
	}
	for range 3 {
		r.Apply(&c)
	}
	if want := append([]SendLogEntry{{ID: "a", Sequence: 1}, {ID: "b", Sequence: 2}}, c.SendLog...); !reflect.DeepEqual(r.SendLog, want) {
		t.Errorf("the log is %v", r.SendLog)
	}
}

// Rows of sends that go in in one pass, many, are what they are one by one, few:
// the later of two counts, and one that counts nothing leaves.
func TestPutRowsOfSends(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 1))
	row := func() SendStats {
		s := SendStats{Message: fmt.Sprint("m", random.IntN(30)), Company: []string{"", "acme"}[random.IntN(2)], Control: random.IntN(4) == 0}
		if random.IntN(3) > 0 {
			s.Count, s.Last = uint32(1+random.IntN(9)), int64(random.IntN(99))
		}
		if s.Count == 0 && random.IntN(2) == 0 {
			s.Prior = 7 // all released, and still something to know
		}
		return s
	}
	for range 300 {
		byKey := map[SendStats]SendStats{}
		put := func(rows []SendStats) {
			for _, s := range rows {
				key := SendStats{Message: s.Message, Company: s.Company, Control: s.Control}
				if byKey[key] = s; s.Count == 0 && s.Prior == 0 {
					delete(byKey, key)
				}
			}
		}
		many := func(n int) (rows []SendStats) {
			for range n {
				rows = append(rows, row())
			}
			return rows
		}
		var list []SendStats
		for range 4 {
			rows := many(random.IntN(3 * rows.Few))
			before := slices.Clone(rows)
			list = putRows(list, rows)
			put(rows)
			want := make([]SendStats, 0, len(byKey))
			for _, s := range byKey {
				want = append(want, s)
			}
			slices.SortFunc(want, SendStats.Compare)
			if !slices.Equal(list, want) {
				t.Fatalf("%d rows: %s", len(rows), cmp.Diff(want, list))
			}
			if !slices.Equal(rows, before) {
				t.Fatal("the rows of the changes were moved")
			}
		}
	}
}
