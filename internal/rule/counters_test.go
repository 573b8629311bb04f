package rule

import (
	"math"
	"slices"
	"strconv"
	"testing"
	"time"
	"unique"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A7: a window of W is (now − W, now], to the millisecond of now.
func TestWindowEdges(t *testing.T) {
	at := testTime.Unix()
	var set CounterSet
	k := &Compiler{Counters: &set}
	rule := compileTest(t, `{"event":"x","stat":"count","op":"at_least","value":1,"within":"60s"}`, OfContact, k)
	def := set.of(unique.Make("x"))[0]
	if def.Def != "x" || def.Keep != 1 || def.Where != nil {
		t.Fatalf("%+v", def)
	}
	counter := store.Counter{Def: def.Def}
	def.Add(&counter, at, nil)
	s := &Scope{Rec: &store.Record{Counters: []store.Counter{counter}}, Loc: time.UTC}
	for _, c := range []struct {
		now  int64
		want bool
	}{
		{at*1000 - 1, true}, // it lies ahead, for the clock stepped back: it counts as now
		{at * 1000, true},
		{at*1000 + 1, true},
		{at*1000 + 59_999, true},
		{at*1000 + 60_000, false}, // exactly a minute old is out
		{at*1000 + 60_001, false},
	} {
		s.Now = c.now
		if got := rule.Eval(s); got != c.want {
			t.Errorf("%d ms after: %v", c.now-at*1000, got)
		}
	}
	// In a window a day is 24 hours, whatever the clock does (A6).
	dublin := zoneTest(t, "Europe/Dublin")
	rule = compileTest(t, `{"event":"x","stat":"count","op":"at_least","value":1,"within":"1d"}`, OfContact, &Compiler{Loc: dublin})
	then := instantTest(t, "2026-03-28T12:00:00Z")
	s.Rec.Counters[0].Times[0] = then.Unix()
	s.Now = then.Add(24*time.Hour - time.Millisecond).UnixMilli()
	if !rule.Eval(s) {
		t.Error("not within 24 hours")
	}
	s.Now++
	if rule.Eval(s) {
		t.Error("24 hours old and within a day")
	}
}

// A7: counters in bounded memory answer as a list of all times would, in
// whatever order events arrive and whatever the operator.
func TestCountersAgreeWithAList(t *testing.T) {
	ops := []Operator{operatorIs, operatorIsNot, operatorGreaterThan, operatorLessThan, operatorAtLeast, operatorAtMost, operatorBetween}
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom(ops).Draw(t, "op")
		n := rapid.IntRange(0, 6).Draw(t, "n")
		high := n + rapid.IntRange(0, 3).Draw(t, "more")
		r := Rule{Event: "x", Stat: statisticCount, Op: op, Value: operandFor(n), Within: calendar.Seconds(10)}
		if op == operatorBetween {
			r.Value = operandFor([]int{n, high})
		}
		var set CounterSet
		var faults fault.List
		c := &Compiler{Loc: time.UTC, Counters: &set, Faults: &faults}
		rule := Compile(ref(r), c, OfContact, "")
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		def := set.of(unique.Make("x"))[0]
		counter := store.Counter{Def: "x"}
		var all []int64
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			at := rapid.Int64Range(1, 40).Draw(t, "at")
			def.Add(&counter, at, nil)
			all = append(all, at)
		}
		if len(counter.Times) > def.Keep || !slices.IsSorted(counter.Times) {
			t.Fatalf("%d times kept of %d: %v", len(counter.Times), def.Keep, counter.Times)
		}
		if len(all) > 0 && (counter.First != slices.Min(all) || counter.Last != slices.Max(all) || counter.Count != uint64(len(all))) {
			t.Fatalf("%+v of %v", counter, all)
		}
		// Nothing lies in the future: what does would push out what counts,
		// which is why a recorded time is never later than now (K).
		now := rapid.Int64Range(40, 60).Draw(t, "now")*1000 + rapid.Int64Range(0, 999).Draw(t, "ms")
		in := 0
		for _, at := range all {
			if at*1000 > now-10_000 && at*1000 <= now {
				in++
			}
		}
		want := map[Operator]bool{
			operatorIs: in == n, operatorIsNot: in != n, operatorGreaterThan: in > n, operatorLessThan: in < n, operatorAtLeast: in >= n, operatorAtMost: in <= n,
			operatorBetween: in >= n && in <= high,
		}[op]
		s := &Scope{Rec: &store.Record{Counters: []store.Counter{counter}}, Now: now, Loc: time.UTC}
		if got := rule.Eval(s); got != want {
			t.Fatalf("%s %d: %v with %d of %v in the window", op, n, got, in, all)
		}
	})
}

// A7: how many times must be kept.
func TestTimesKept(t *testing.T) {
	for doc, want := range map[string]int{
		`"op":"at_least","value":3`:                3,
		`"op":"greater_than","value":3`:            4,
		`"op":"is","value":3`:                      4,
		`"op":"is_not","value":3`:                  4,
		`"op":"at_most","value":3`:                 4,
		`"op":"less_than","value":3`:               3,
		`"op":"between","value":[1,3]`:             4,
		`"op":"at_least","value":0`:                0,
		`"op":"less_than","value":0`:               0,
		`"op":"is","value":1.5`:                    0,
		`"op":"at_least","value":10000`:            10000,
		`"op":"at_most","value":1e300`:             0,
		`"op":"between","value":[0,1000000000000]`: -1,
	} {
		var set CounterSet
		r, faults := Parse([]byte(`{"event":"x","stat":"count","within":"1h",` + doc + `}`))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		Compile(&r, &Compiler{Loc: time.UTC, Counters: &set, Faults: &faults}, OfContact, "r")
		if want < 0 {
			if len(faults) != 1 || faults[0].Path != "r.value" {
				t.Errorf("%s: %v", doc, faults)
			}
			continue
		}
		if defs := set.of(unique.Make("x")); len(faults) > 0 || defs[0].Keep != want {
			t.Errorf("%s: keeps %d, %v", doc, defs[0].Keep, faults)
		}
	}
}

// A7: one counter serves all rules that mean the same events.
func TestCountersAreShared(t *testing.T) {
	var set CounterSet
	compile := func(doc string, loc *time.Location) *CounterDef {
		r := compileTest(t, doc, OfContact, &Compiler{Counters: &set, Loc: loc})
		return r.Conditions[0].counter
	}
	where := func(where string) string {
		return `{"event":"Bought.It","stat":"count","op":"at_least","value":1,"where":` + where + `}`
	}
	a := compile(where(`{"all":[{"metadata":"Price","op":"is","value":10},{"metadata":"b","op":"in","value":["x","y"]}]}`), nil)
	for _, same := range []string{
		`{"all":[{"metadata":"b","op":"in","value":["y","x"]},{"metadata":"price","op":"is","value":1.0e1}]}`,
		`{"all":[{"all":[{"op":"is","metadata":"PRICE","value":10.00}]},{"metadata":"b","op":"in","value":["x","y"]}]}`,
	} {
		if b := compile(where(same), nil); b != a {
			t.Errorf("%s: %q, not %q", same, b.Def, a.Def)
		}
	}
	for _, other := range []string{
		`{"any":[{"metadata":"b","op":"in","value":["y","x"]},{"metadata":"price","op":"is","value":10}]}`,
		`{"metadata":"price","op":"is","value":"10"}`,
		`{"metadata":"price","op":"between","value":[1,10]}`,
		`{"metadata":"price","op":"between","value":[1,11]}`,
		`{"not":{"metadata":"price","op":"is","value":10}}`,
	} {
		if b := compile(where(other), nil); b == a {
			t.Errorf("%s: shares %q", other, b.Def)
		}
	}
	// Days in a where are days of the workspace: in another zone other events.
	day := where(`{"metadata":"due_date","op":"on","value":"2026-01-02"}`)
	if compile(day, time.UTC) == compile(day, zoneTest(t, "Europe/Dublin")) {
		t.Error("one counter for two zones")
	}
	// The longest need wins, and a where without a window needs no times.
	plain := compile(`{"event":"y","stat":"count","op":"at_least","value":2,"within":"1h"}`, nil)
	if again := compile(`{"event":"Y","stat":"count","op":"at_least","value":7,"within":"9h"}`, nil); again != plain || plain.Keep != 7 {
		t.Errorf("%+v, %+v", plain, again)
	}
	if a.Keep != 0 || a.Event != unique.Make("bought-it") {
		t.Errorf("%+v", a)
	}
	long := compile(where(`{"metadata":"price","op":"in","value":["`+string(make([]byte, 0))+`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}`), nil)
	if len(long.Def) > len("bought-it\n")+maxDefLength {
		t.Errorf("a long definition: %q", long.Def)
	}
	if (*CounterSet)(nil).of(unique.Make("y")) != nil {
		t.Error("no set has counters")
	}
}

// A7: events that satisfy a where, counted on arrival or from the log.
func TestCountersWithWhere(t *testing.T) {
	var set CounterSet
	k := &Compiler{Counters: &set}
	count := compileTest(t, `{"event":"x","stat":"count","op":"is","value":2,"where":{"metadata":"N","op":"at_least","value":5}}`, OfContact, k)
	first := compileTest(t, `{"event":"x","stat":"first","op":"on","value":"2026-01-02","where":{"metadata":"n","op":"at_least","value":5}}`, OfContact, k)
	last := compileTest(t, `{"event":"x","stat":"last","op":"is_unknown","where":{"metadata":"n","op":"at_least","value":5}}`, OfContact, k)
	name := unique.Make("x")
	defs := set.of(name)
	if len(defs) != 1 {
		t.Fatalf("%d counters for one definition", len(defs))
	}
	day := instantTest(t, "2026-01-02T00:00:00Z").Unix()
	var log []store.LoggedEvent
	for i, n := range []int{4, 5, 9} {
		at := day + int64(i)
		log = append(log, store.LoggedEvent{Name: name, At: at, Arrived: at * 1000, Metadata: value.Fields{{Key: "n", Value: value.Number(n)}}})
	}
	log = append(log, store.LoggedEvent{Name: unique.Make("y"), At: day, Metadata: value.Fields{{Key: "n", Value: value.Number(9)}}})

	s := &Scope{Rec: &store.Record{Stats: []store.Stats{{Name: name, Count: 3}}}, Now: testTime.UnixMilli(), Loc: time.UTC}
	if count.Eval(s); !s.NeedEvents {
		t.Fatal("a counter that is not there is not asked for")
	}
	s.NeedEvents = false
	s.Built = []store.Counter{BuildCounter(defs[0], &Log{Events: log}, 0, time.UTC)}
	if !count.Eval(s) || !first.Eval(s) || last.Eval(s) || s.NeedEvents {
		t.Errorf("built %+v", s.Built[0])
	}
	if trace := count.Explain(s); trace.Seen != "2" || !trace.Since.IsZero() {
		t.Errorf("%+v", trace)
	}
	s.Built[0].Since = day
	if trace := first.Explain(s); trace.Seen != "2026-01-02T00:00:01Z" || trace.Since.Unix() != day {
		t.Errorf("%+v", trace)
	}
	// A contact that never did x needs no log.
	s = &Scope{Rec: &store.Record{}, Loc: time.UTC}
	if count.Eval(s) || first.Eval(s) || !last.Eval(s) || s.NeedEvents {
		t.Error("asked for a log in which nothing can be")
	}
}

// A7: dates in a where are judged as of the event's arrival, so that the log
// comes to what counting on arrival came to.
func TestWhereIsJudgedAsOfArrival(t *testing.T) {
	var set CounterSet
	compileTest(t, `{"event":"x","stat":"count","op":"is","value":2,"where":{"metadata":"due_date","op":"less_than_ago","value":"1d"}}`, OfContact, &Compiler{Counters: &set})
	def := set.of(unique.Make("x"))[0]
	at := testTime.Unix()
	e := store.LoggedEvent{Name: unique.Make("x"), At: at, Arrived: at * 1000, Metadata: value.Fields{{Key: "due_date", Value: value.Date(testTime.Add(-time.Hour))}}}
	if !def.AdmitsLogged(&e, time.UTC) {
		t.Error("an hour before arrival is not less than a day ago")
	}
	e.Arrived += 86_400_000
	if def.AdmitsLogged(&e, time.UTC) {
		t.Error("25 hours before arrival is less than a day ago")
	}
}

// A7: a counter that keeps too few times is filled from the log, and loses
// nothing that the log no longer has.
func TestGrowCounter(t *testing.T) {
	name := unique.Make("x")
	def := &CounterDef{Def: "x", Event: name, Keep: 3}
	log := func(times ...int64) (l []store.LoggedEvent) {
		for _, at := range times {
			l = append(l, store.LoggedEvent{Name: name, At: at})
		}
		return l
	}
	old := store.Counter{Def: "x", Keep: 1, Count: 9, First: 1, Last: 30, Times: []int64{30}}
	s := &Scope{Rec: &store.Record{Counters: []store.Counter{old}}}
	if s.counter(def); !s.NeedEvents {
		t.Error("one time is not enough for three")
	}
	grown := GrowCounter(old, def, &Log{Events: log(10, 20, 30, 25)}, 10, time.UTC)
	if grown.Count != 9 || grown.First != 1 || grown.Last != 30 || !slices.Equal(grown.Times, []int64{20, 25, 30}) || grown.Since != 10 {
		t.Errorf("%+v", grown)
	}
	s = &Scope{Rec: &store.Record{Counters: []store.Counter{grown}}}
	if s.counter(def); s.NeedEvents {
		t.Error("grown, and yet not enough")
	}
	if lost := GrowCounter(old, def, &Log{}, 10, time.UTC); lost.Count != 9 || !slices.Equal(lost.Times, []int64{30}) || lost.Keep != 3 {
		t.Errorf("%+v", lost)
	}
	if all := GrowCounter(store.Counter{Def: "x", Keep: 1, Count: 2, First: 10, Last: 20, Times: []int64{20}}, def, &Log{Events: log(10, 20)}, 0, time.UTC); all.Since != 0 || !slices.Equal(all.Times, []int64{10, 20}) {
		t.Errorf("%+v", all)
	}
	// All there ever was is kept: that is enough for any need.
	s = &Scope{Rec: &store.Record{Counters: []store.Counter{{Def: "x", Keep: 2, Count: 1, Times: []int64{5}}}}}
	if s.counter(def); s.NeedEvents {
		t.Error("asked for a log to find one event that is there")
	}
}

// A7: what a counter missed is added to a copy of what it has.
func TestCaughtUp(t *testing.T) {
	name := unique.Make("x")
	def := &CounterDef{Def: "x", Event: name, Keep: 2}
	old := store.Counter{Def: "x", Keep: 2, Count: 2, First: 1, Last: 2, Times: []int64{1, 2}, Missed: 3}
	log := []store.LoggedEvent{{Seq: 4, Name: name, At: 9}, {Seq: 3, Name: name, At: 3}, {Seq: 2, Name: name, At: 2}}
	if k := CaughtUp(old, def, &Log{Events: log}, 4, 5, time.UTC); k.Count != 4 || !slices.Equal(k.Times, []int64{3, 9}) || k.Missed != 0 || k.Since != 0 {
		t.Errorf("%+v", k)
	}
	if !slices.Equal(old.Times, []int64{1, 2}) {
		t.Errorf("what the record has was changed: %v", old.Times)
	}
	for event, want := range map[string]bool{"x": true, "xy": false, "": false, "y": false} {
		for _, def := range []string{"x", "x\n{}"} {
			if k := (store.Counter{Def: def}); CountsEvent(&k, event) != want {
				t.Errorf("an event %q enters %q: want %v", event, def, want)
			}
		}
	}
	if k := (store.Counter{Def: "xy"}); CountsEvent(&k, "x") {
		t.Error("an event enters the counter of one whose name begins as its own")
	}
}

// Fault 58: a count stops at its end.
func TestCounterSaturates(t *testing.T) {
	k := store.Counter{Count: math.MaxUint64, First: 1, Last: 1}
	if (&CounterDef{}).Add(&k, 5, nil); k.Count != math.MaxUint64 || k.Last != 5 {
		t.Errorf("%+v", k)
	}
}

func TestCounterAddAllocatesNothing(t *testing.T) {
	k := store.Counter{Times: make([]int64, 0, 8)}
	at := int64(0)
	if n := testing.AllocsPerRun(100, func() { at++; (&CounterDef{Keep: 8}).Add(&k, at, nil) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if k.Times[7] != at || len(k.Times) != 8 {
		t.Error(strconv.Itoa(len(k.Times)))
	}
}

// A6, A7: which events a counter counts depends on the zone if their where is
// about days, and only then: then another zone has another counter.
func TestCounterOfAnotherZone(t *testing.T) {
	for where, zoned := range map[string]bool{
		`{"metadata":"at","op":"exactly_ago","value":"1d"}`:                                                    true,
		`{"metadata":"at","op":"on","value":"2026-03-29"}`:                                                     true,
		`{"all":[{"metadata":"k","op":"is","value":"v"},{"metadata":"at","op":"after","value":"2026-03-29"}]}`: true,
		`{"metadata":"at","op":"less_than_ago","value":"90m"}`:                                                 false,
		`{"metadata":"k","op":"is","value":"v"}`:                                                               false,
	} {
		defs := map[string]bool{}
		for _, zone := range []string{"Europe/Dublin", "Asia/Tokyo"} {
			var set CounterSet
			compileTest(t, `{"event":"x","stat":"count","op":"at_least","value":1,"where":`+where+`}`, OfContact, &Compiler{Loc: zoneTest(t, zone), Counters: &set})
			defs[set.of(unique.Make("x"))[0].Def] = true
		}
		if got := len(defs) == 2; got != zoned {
			t.Errorf("%s: another counter in another zone: %v, want %v", where, got, zoned)
		}
	}
}
