package rule

import (
	"fmt"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A14: what depends on the triggering event is counted of the recent events, with each
// statistic, in a window and without one.
func TestAgainstTheTriggeringEvent(t *testing.T) {
	at := func(ago time.Duration) int64 { return testTime.Add(-ago).Unix() }
	logged := func(name string, ago time.Duration, fields ...value.Field) store.LoggedEvent {
		return store.LoggedEvent{Name: unique.Make(name), At: at(ago), Arrived: at(ago) * 1000, Metadata: fields}
	}
	cart := func(id string) value.Field { return value.Field{Key: "cart", Value: value.String(id)} }
	price := func(n int64) value.Field { return value.Field{Key: "Price", Value: value.Number(n)} }
	events := []store.LoggedEvent{ // newest first
		logged("add", time.Hour, cart("c1"), price(30)),
		logged("pay", time.Hour, cart("c1")),
		logged("add", 2*time.Hour, cart("c2"), price(7)),
		logged("add", 26*time.Hour, cart("c1"), price(10)),
		logged("add", 50*time.Hour),
	}
	rec := func() *store.Record {
		r := &store.Record{}
		for _, name := range []string{"add", "pay"} { // sorted
			r.Stats = append(r.Stats, store.Stats{Name: unique.Make(name), Count: 9, First: at(90 * time.Hour), Last: at(time.Hour)})
		}
		return r
	}
	const same = `"where":{"metadata":"cart","op":"is","value":{"trigger":"CART"}}`
	for _, c := range []struct {
		doc     string
		trigger value.Fields
		want    bool
	}{
		{`{"event":"add","stat":"count","op":"is","value":2,` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"count","op":"is","value":1,` + same + `}`, value.Fields{cart("c2")}, true},
		{`{"event":"add","stat":"count","op":"is","value":0,` + same + `}`, value.Fields{cart("c3")}, true},
		{`{"event":"add","stat":"count","op":"is","value":0,` + same + `}`, nil, true}, // unknown
		{`{"event":"add","stat":"count","op":"is","value":3,"where":{"metadata":"cart","op":"is_not","value":{"trigger":"cart"}}}`, value.Fields{cart("c2")}, true},
		{`{"event":"add","stat":"count","op":"is","value":4,"where":{"metadata":"cart","op":"is_not","value":{"trigger":"cart"}}}`, nil, true},
		{`{"event":"add","stat":"count","op":"is","value":1,"within":"1d",` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"count","op":"is","value":0,"within":"1h",` + same + `}`, value.Fields{cart("c1")}, true}, // what is exactly as old is out
		{`{"event":"add","stat":"count","op":"is","value":1,"within":"3601s",` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"last","op":"less_than_ago","value":"61m",` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"first","op":"more_than_ago","value":"25h",` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"first","op":"is_unknown",` + same + `}`, value.Fields{cart("c3")}, true},
		{`{"event":"add","stat":"sum","of":"price","op":"is","value":40,` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"max","of":"price","op":"is","value":30,"within":"1d",` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"distinct","of":"price","op":"is","value":2,` + same + `}`, value.Fields{cart("c1")}, true},
		{`{"event":"add","stat":"count","op":"at_least","value":1,"where":{"metadata":"price","op":"less_than","value":{"trigger":"price"}}}`, value.Fields{price(8)}, true},
		{`{"event":"add","stat":"count","op":"at_least","value":1,"where":{"metadata":"price","op":"less_than","value":{"trigger":"price"}}}`, value.Fields{price(7)}, false},
		{`{"not":{"event":"pay","stat":"count","op":"at_least","value":1,` + same + `}}`, value.Fields{cart("c2")}, true},
		{`{"event":"never","stat":"count","op":"is","value":0,` + same + `}`, value.Fields{cart("c1")}, true},
	} {
		set := &CounterSet{}
		r := compileTest(t, c.doc, OfAudience, &Compiler{Counters: set})
		if len(set.List()) != 0 || len(LacksFilters(r, map[*CounterDef]bool{}, map[*Segment]bool{})) != 0 {
			t.Errorf("%s is counted", c.doc)
		}
		s := &Scope{Rec: rec(), Now: testTime.UnixMilli(), Loc: time.UTC, Fields: c.trigger, Log: &Log{Events: events}, LogSince: 77}
		if got := r.Eval(s); got != c.want || s.NeedEvents {
			t.Errorf("%s of %v: %v, needs events: %v", c.doc, c.trigger, got, s.NeedEvents)
		}
	}
	r := compileTest(t, `{"event":"add","stat":"count","op":"is","value":2,`+same+`}`, OfAudience, nil)
	s := &Scope{Rec: rec(), Now: testTime.UnixMilli(), Loc: time.UTC, Fields: value.Fields{cart("c1")}, Log: &Log{Events: events}, LogSince: 77}
	if got := r.Explain(s); !got.Matched || got.Seen != "2" || got.Since.Unix() != 77 {
		t.Errorf("%+v", got)
	}
	// Without the events it says that it needs them, unless there are none of the name.
	s = &Scope{Rec: rec(), Now: testTime.UnixMilli(), Loc: time.UTC, Fields: value.Fields{cart("c1")}}
	if r.Eval(s); !s.NeedEvents {
		t.Error("it does not ask for the events")
	}
	if s = (&Scope{Rec: &store.Record{}, Loc: time.UTC}); r.Eval(s) || s.NeedEvents {
		t.Error("it asks for events that never were")
	}
	if r.Conditions[0].ForEachEvent() != 1 {
		t.Error("a budget has to know what each event is looked at with")
	}
	plain := compileTest(t, `{"event":"add","stat":"count","op":"is","value":2,"where":{"metadata":"cart","op":"is","value":"c1"}}`, OfAudience, nil)
	if plain.Conditions[0].ForEachEvent() != 0 {
		t.Error("what a counter knows is answered by the counter")
	}
}

// A14, A7: days and spans in such a where are those of the moment at which an event arrived.
func TestTriggeringEventAndDays(t *testing.T) {
	r := compileTest(t, `{"event":"e","stat":"count","op":"is","value":1,"where":{"all":[{"metadata":"d","op":"less_than_ahead","value":"1h"},{"metadata":"k","op":"is","value":{"trigger":"k"}}]}}`, OfAudience, nil)
	for _, ahead := range []time.Duration{0, 59 * time.Minute, time.Hour} {
		arrived := testTime.Add(-48 * time.Hour)
		events := []store.LoggedEvent{{Name: unique.Make("e"), At: arrived.Unix(), Arrived: arrived.UnixMilli(), Metadata: value.Fields{
			{Key: "d", Value: value.Date(arrived.Add(ahead))}, {Key: "k", Value: value.String("x")},
		}}}
		s := &Scope{Rec: lastDid(0), Now: testTime.UnixMilli(), Loc: time.UTC, Fields: value.Fields{{Key: "k", Value: value.String("x")}}, Log: &Log{Events: events}}
		s.Rec.Stats[0].Name = unique.Make("e")
		if got := r.Eval(s); got != (ahead < time.Hour) {
			t.Errorf("%s ahead as it arrived: %v", fmt.Sprint(ahead), got)
		}
	}
}
