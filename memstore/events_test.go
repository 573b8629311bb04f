package memstore

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unique"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// eventFields are events that differ in what they have, each field at the ends of what it
// holds.
func eventFields() []store.LoggedEvent {
	name, long := unique.Make("uploaded"), strings.Repeat("é", 200)
	list := []store.LoggedEvent{
		{Name: name},
		{Name: name, Seq: math.MaxUint64, At: math.MaxInt64 / 1000, Arrived: math.MaxInt64},
		{Name: name, Seq: 1, At: math.MinInt64 / 1000, Arrived: math.MinInt64},
		{Name: name, At: -1, Arrived: -999},
		{Name: name, At: 1_700_000_000, Arrived: 1_700_000_000_123},
		{Name: unique.Make("")},
		{Name: unique.Make(long)},
		{Name: name, EventID: "e"},
		{Name: name, EventID: long},
		{Name: name, CompanyID: "c"},
		{Name: name, Source: store.SourceREST},
		{Name: name, CompanyID: long, Source: store.SourceIntegration},
		{Name: name, Import: true},
		{Name: name, Page: &store.Page{}},
		{Name: name, Page: &store.Page{URL: long, Seconds: value.NumberLiteral("3.10")}},
		{Name: name, Metadata: value.Fields{}},
	}
	all := store.LoggedEvent{Seq: 300, Name: name, At: 5, Arrived: 6, EventID: "e", CompanyID: "c", Source: "s", Import: true, Page: &store.Page{URL: "u"}}
	for _, a := range values() {
		f := value.Field{Key: a.Name.Value(), Value: a.Value}
		list = append(list, store.LoggedEvent{Name: name, Metadata: value.Fields{f}})
		all.Metadata = append(all.Metadata, f, value.Field{})
	}
	return append(list, all)
}

// Every field of an event comes back, with the name in the statistics of the contact, in the
// store alone, and nowhere.
func TestEventsComeBack(t *testing.T) {
	if fields := reflect.TypeFor[store.LoggedEvent]().NumField(); fields != 10 {
		t.Fatalf("an event has %d fields: is the new one packed?", fields)
	}
	var free, full names
	free.init()
	full.init()
	crowd := make([]unique.Handle[string], maxNames)
	for i := range crowd {
		crowd[i] = unique.Make(fmt.Sprint("other-", i))
	}
	full.list.Store(&crowd)
	for i, want := range eventFields() {
		number, ok := free.number(want.Name)
		if !ok {
			t.Fatal("no number")
		}
		for _, c := range []struct {
			name  string
			n     *names
			guess uint32
		}{{"guessed", &free, number}, {"not guessed", &free, number + 1}, {"no number", &full, 0}} {
			packed := appendEvent([]byte("before"), c.n, c.guess, &want)[len("before"):]
			if got := unpackEvent(c.n, packed); !reflect.DeepEqual(got, want) {
				t.Errorf("%d, %s: it came back as %+v, want %+v", i, c.name, got, want)
			}
			if len(packed) > sizeOf(&want) {
				t.Errorf("%d, %s: it takes %d bytes, %d were thought the most", i, c.name, len(packed), sizeOf(&want))
			}
			if sizeAt(packed) != len(packed) || sizeBefore(packed) != len(packed) {
				t.Errorf("%d, %s: its frames say %d and %d, it has %d bytes", i, c.name, sizeAt(packed), sizeBefore(packed), len(packed))
			}
			if seq, at := placeOf(packed); seq != want.Seq || at != want.At {
				t.Errorf("%d, %s: its place is %d, %d", i, c.name, seq, at)
			}
		}
	}
}

// A log has what a sorted list would have, whatever comes in which order.
func TestEventLogModel(t *testing.T) {
	fields := eventFields()
	rapid.Check(t, func(t *rapid.T) {
		var n names
		n.init()
		var log eventLog
		var model []store.LoggedEvent
		place := rapid.Custom(func(t *rapid.T) int64 {
			return rapid.OneOf(rapid.Int64Range(0, 12), rapid.SampledFrom([]int64{-5, -1, math.MaxUint32 - 1, math.MaxUint32, math.MaxUint32 + 7})).Draw(t, "at")
		})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			var events []store.LoggedEvent
			for range rapid.OneOf(rapid.IntRange(1, 2), rapid.IntRange(manyEvents, manyEvents+3)).Draw(t, "events") {
				event := fields[rapid.IntRange(0, len(fields)-1).Draw(t, "fields")]
				event.At, event.Seq = place.Draw(t, "at"), rapid.Uint64Range(0, 3).Draw(t, "seq")
				events = append(events, event)
			}
			keep, from := rapid.IntRange(-1, 30).Draw(t, "keep"), place.Draw(t, "from")
			log.add(&n, 0, events, keep, from)

			for _, event := range events {
				model = slices.DeleteFunc(model, func(x store.LoggedEvent) bool { return compareEvents(x, event) == 0 })
				model = append(model, event)
			}
			slices.SortFunc(model, compareEvents)
			model = model[max(0, len(model)-max(keep, 0)):]
			model = slices.DeleteFunc(model, func(x store.LoggedEvent) bool { return x.At < from })

			checkMarks(t, &log)
			before := store.EventCursor{At: place.Draw(t, "before"), Seq: rapid.Uint64Range(0, 3).Draw(t, "seq")}
			if rapid.Bool().Draw(t, "first") {
				before = store.EventCursor{}
			}
			limit := rapid.IntRange(0, 40).Draw(t, "limit")
			var want []store.LoggedEvent
			for _, x := range slices.Backward(model) {
				if len(want) < limit && (before == store.EventCursor{} || compareEvents(x, store.LoggedEvent{At: before.At, Seq: before.Seq}) < 0) {
					want = append(want, x)
				}
			}
			if got := log.newest(&n, before, limit); !reflect.DeepEqual(got, want) || int(log.count) != len(model) {
				t.Fatalf("%d events, want %d: %+v, want %+v", log.count, len(model), got, want)
			}
		}
	})
}

// checkMarks checks that each mark of a log is where an event begins, or began.
func checkMarks(t *rapid.T, l *eventLog) {
	if l.count == 0 {
		return
	}
	begins, last := map[int]bool{}, 0
	for at := l.head(); at < len(l.data); at += sizeAt(l.data[at:]) {
		if back := l.marked(at); at-back >= l.head() && back > 0 && !begins[at-back] {
			t.Fatalf("the event at %d marks %d, where none begins", at, at-back)
		} else if back > marksApart && back != last {
			t.Fatalf("the event at %d has a mark of %d bytes, the one before it has %d", at, back, last)
		}
		begins[at], last = true, sizeAt(l.data[at:])
	}
}

// A place that is far from the end is found by marks.
func TestMarksAreFarApart(t *testing.T) {
	var n names
	n.init()
	var l eventLog
	for i := range 10_000 {
		l.add(&n, 0, []store.LoggedEvent{{At: int64(i), EventID: "an id"}}, math.MaxInt32, 0)
	}
	marks := 0
	for at := len(l.data) - sizeBefore(l.data); l.marked(at) > 0; at -= l.marked(at) {
		if marks++; l.marked(at) > marksApart {
			t.Fatalf("a mark of %d bytes", l.marked(at))
		}
	}
	if most := 2*len(l.data)/marksApart + 2; marks > most || marks < most/4 {
		t.Errorf("%d marks in %d bytes", marks, len(l.data))
	}
}

// At its limit a log takes events in the memory that it has.
func TestFullEventLogDoesNotAllocate(t *testing.T) {
	var n names
	n.init()
	var log eventLog
	events := []store.LoggedEvent{{Name: unique.Make("uploaded"), EventID: "some id", Metadata: value.Fields{{Key: "size", Value: value.Number(5)}}}}
	add := func() {
		events[0].At, events[0].Seq = events[0].At+1, events[0].Seq+1
		log.add(&n, 0, events, 100, 0)
	}
	for range 1_000 {
		add()
	}
	if got := testing.AllocsPerRun(1_000, add); got != 0 {
		t.Errorf("%v allocations", got)
	}
	if most := 2 * 100 * sizeOf(&events[0]); cap(log.data) > most {
		t.Errorf("100 events of at most %d bytes are in %d", sizeOf(&events[0]), cap(log.data))
	}
}

// Those that stay move when enough have left, not with every event: also in a log that has
// no room but that of the few which have left, as one that was filled at once may be.
func TestFullEventLogMovesSeldom(t *testing.T) {
	const keep, gone = 1_000, 3
	var n names
	n.init()
	var log eventLog
	one := func(i int) store.LoggedEvent { return store.LoggedEvent{At: int64(i), EventID: "an id"} }
	var events []store.LoggedEvent
	for i := range keep + gone {
		events = append(events, one(i))
	}
	log.add(&n, 0, events, keep, 0)
	log.data = slices.Clip(log.data)

	moves := 0
	for i := range keep {
		head := log.head()
		log.add(&n, 0, []store.LoggedEvent{one(keep + gone + i)}, keep, 0)
		if log.head() <= head { // the oldest has left, so it is further on if nothing moved
			moves++
		}
	}
	if moves == 0 || moves > 6 {
		t.Errorf("%d events moved %d times when as many entered", keep, moves)
	}
}
