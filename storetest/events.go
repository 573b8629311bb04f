package storetest

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// eventCases are about the log of a contact's events (E9).
func eventCases() []testCase {
	return []testCase{
		{name: "events/newest first", run: eventOrder},
		{name: "events/whole", run: eventWhole},
		{name: "events/pages", run: eventPages},
		{name: "events/limits", run: eventLimits},
		{name: "events/at the limit", run: eventsAtLimit},
		{name: "events/written twice", run: eventsTwice},
	}
}

// log writes events of given times into the log; Seq counts on.
func (e *env) log(key store.Key, keep int, from int64, times ...int64) {
	e.Helper()
	e.step(key, func(r *store.Record, c *store.Changes) error {
		for i, at := range times {
			c.Events = append(c.Events, store.LoggedEvent{Seq: r.EventSeq + uint64(i) + 1, Name: name("e"), At: at})
		}
		c.EventSeq = r.EventSeq + uint64(len(times))
		c.KeepEvents, c.EventsFrom = keep, from
		return nil
	})
}

// logged returns the log as "at/seq", newest first.
func logged(events []store.LoggedEvent) []string {
	var out []string
	for _, x := range events {
		out = append(out, fmt.Sprintf("%d/%d", x.At, x.Seq))
	}
	return out
}

func (e *env) wantLog(what string, got []store.LoggedEvent, want ...string) {
	e.Helper()
	if l := logged(got); !slices.Equal(l, want) {
		e.Errorf("%s: %v, want %v", what, l, want)
	}
}

// By time, not by arrival: a late event takes its place. Within one second the
// later one is the newer.
func eventOrder(e *env) {
	key := user("u")
	e.log(key, 100, 0, 50)
	e.log(key, 100, 0, 20, 70)
	e.log(key, 100, 0, 50, 10)
	e.wantLog("all", e.events(key, store.EventCursor{}, 100), "70/3", "50/4", "50/1", "20/2", "10/5")
	e.wantLog("nobody", e.events(user("v"), store.EventCursor{}, 100))
	e.wantLog("of another kind", e.events(store.Key{Kind: store.KindContact, ID: "u"}, store.EventCursor{}, 100))
}

func eventWhole(e *env) {
	key := user("u")
	want := fullEvent(3, 77)
	e.step(key, always(func(c *store.Changes) {
		c.Events, c.KeepEvents = append(c.Events, want, store.LoggedEvent{Seq: 1, Name: name("bare"), At: 1}), 10
	}))
	got := e.events(key, store.EventCursor{}, 10)
	if len(got) != 2 || !reflect.DeepEqual(store.AppendLoggedEvent(nil, &got[0]), store.AppendLoggedEvent(nil, &want)) {
		e.Errorf("got %+v, want %+v", got, want)
	}
	// What is handed out is the caller's.
	if len(got) > 0 {
		got[0].EventID = "changed"
		if again := e.events(key, store.EventCursor{}, 10); again[0].EventID != want.EventID {
			e.Errorf("the log follows the caller's memory")
		}
	}
}

func eventPages(e *env) {
	key := user("u")
	e.log(key, 100, 0, 30, 10, 30, 20, 30)
	all := e.events(key, store.EventCursor{}, 100)
	for size := 1; size <= 6; size++ {
		var got []store.LoggedEvent
		var mark store.EventCursor
		for range 7 {
			page := e.events(key, mark, size)
			if len(page) > size {
				e.Errorf("a page of %d has %d events", size, len(page))
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			last := page[len(page)-1]
			mark = store.EventCursor{At: last.At, Seq: last.Seq}
		}
		e.wantLog(fmt.Sprintf("pages of %d", size), got, logged(all)...)
	}
	e.wantLog("before what is not there", e.events(key, store.EventCursor{At: 25, Seq: 9}, 10), "20/4", "10/2")
	e.wantLog("before the middle of a second", e.events(key, store.EventCursor{At: 30, Seq: 3}, 10), "30/1", "20/4", "10/2")
	e.wantLog("before the first", e.events(key, store.EventCursor{At: 10, Seq: 2}, 10))
}

func eventLimits(e *env) {
	key := user("u")
	e.log(key, 3, 0, 10, 20, 30, 40)
	e.wantLog("the newest 3", e.events(key, store.EventCursor{}, 100), "40/4", "30/3", "20/2")
	e.log(key, 3, 0, 5)
	e.wantLog("one older than all", e.events(key, store.EventCursor{}, 100), "40/4", "30/3", "20/2")
	e.log(key, 3, 0, 25)
	e.wantLog("one in between", e.events(key, store.EventCursor{}, 100), "40/4", "30/3", "25/6")
	e.log(key, 3, 30, 35)
	e.wantLog("from 30 on, that second included", e.events(key, store.EventCursor{}, 100), "40/4", "35/7", "30/3")
	e.log(key, 10, 40, 10)
	e.wantLog("from 40 on", e.events(key, store.EventCursor{}, 100), "40/4")
	// Only a step that brings events trims.
	e.step(key, always(func(c *store.Changes) { c.LastSeen, c.KeepEvents, c.EventsFrom = 1, 0, 1000 }))
	e.wantLog("after a step without events", e.events(key, store.EventCursor{}, 100), "40/4")
	e.log(key, 0, 0, 50)
	e.wantLog("keeping none", e.events(key, store.EventCursor{}, 100))
	e.log(key, 5, 0, 60)
	e.wantLog("and beginning again", e.events(key, store.EventCursor{}, 100), "60/10")
}

// A log that is full goes on forever, with late events among the others.
func eventsAtLimit(e *env) {
	const keep = 10
	key := user("u")
	var model []store.LoggedEvent
	for i := range int64(300) {
		at := i
		if i%7 == 3 {
			at -= 4
		}
		e.log(key, keep, 0, at)
		model = append(model, store.LoggedEvent{Seq: uint64(i) + 1, At: at})
		slices.SortFunc(model, func(a, b store.LoggedEvent) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.Seq, a.Seq)) })
		model = model[:min(keep, len(model))]
	}
	e.wantLog("the newest", e.events(key, store.EventCursor{}, 1000), logged(model)...)
}

// To write an event twice is to write it once.
func eventsTwice(e *env) {
	key := user("u")
	for _, id := range []string{"a", "b"} {
		e.step(key, always(func(c *store.Changes) {
			c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, Name: name("e"), At: 5, EventID: id}, store.LoggedEvent{Seq: 2, Name: name("e"), At: 5}), 10
		}))
	}
	got := e.events(key, store.EventCursor{}, 10)
	e.wantLog("written twice", got, "5/2", "5/1")
	if len(got) == 2 && got[1].EventID != "b" {
		e.Errorf("the event is the one first written, not the one that replaced it")
	}
}
