package rule

import (
	"reflect"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// A rule names all of a record that it looks at, and nothing else.
func TestProjection(t *testing.T) {
	counters := store.Projection{Seen: true, Stats: true, Counters: true}
	with := func(p store.Projection, attributes ...string) store.Projection {
		p.Attributes = attributes
		return p
	}
	for doc, want := range map[string]store.Projection{
		`{"user":"a","op":"is","value":1}`:                                                                                             with(store.Projection{}, "a"),
		`{"user":"a","op":"is","value":{"user":"b"}}`:                                                                                  with(store.Projection{}, "a", "b"),
		`{"user":"a","op":"is","value":{"company":"b"}}`:                                                                               with(store.Projection{}, "a"),
		`{"company":"a","op":"is","value":{"user":"b"}}`:                                                                               with(store.Projection{}, "b"),
		`{"user":"name","op":"is","value":"x"}`:                                                                                        with(store.Projection{}, "name"),
		`{"user":"created_at","op":"is_unknown"}`:                                                                                      with(store.Projection{}, "created_at"),
		`{"user":"last_seen_at","op":"is_unknown"}`:                                                                                    with(store.Projection{Seen: true}, "last_seen_at"),
		`{"user":"last_contacted_at","op":"is_unknown"}`:                                                                               with(store.Projection{Sends: true}, "last_contacted_at"),
		`{"user":"a","op":"after","value":{"user":"last_contacted_at"}}`:                                                               with(store.Projection{Sends: true}, "a", "last_contacted_at"),
		`{"company":"a","op":"is","value":1}`:                                                                                          {},
		`{"page":"url","op":"contains","value":"x"}`:                                                                                   {},
		`{"message":"m","stat":"sent_count","op":"at_least","value":1}`:                                                                {Sends: true},
		`{"message":"m","stat":"last_sent","op":"less_than_ago","value":"1d"}`:                                                         {Sends: true},
		`{"event":"e","stat":"count","op":"at_least","value":1}`:                                                                       {Stats: true},
		`{"event":"e","stat":"first","op":"is_unknown"}`:                                                                               {Stats: true},
		`{"event":"e","stat":"last","op":"less_than_ago","value":"1d"}`:                                                                {Stats: true},
		`{"event":"e","stat":"count","within":"1d","op":"at_least","value":1}`:                                                         counters,
		`{"event":"e","stat":"last","where":{"metadata":"k","op":"is","value":1},"op":"is_unknown"}`:                                   counters,
		`{"event":"e","stat":"sum","of":"k","op":"at_least","value":1}`:                                                                counters,
		`{"event":"e","stat":"distinct","of":"k","op":"at_least","value":1}`:                                                           counters,
		`{"all":[{"user":"b","op":"is","value":1},{"not":{"any":[{"user":"a","op":"is_unknown"},{"user":"b","op":"is","value":2}]}}]}`: with(store.Projection{}, "a", "b"),
		`{"all":[{"segment":"outer"},{"segment":"outer"}]}`:                                                                            with(store.Projection{Stats: true}, "in a segment"),
	} {
		c := &Compiler{Segments: map[string]Rule{"outer": anyOf(inSegment("inner"), did("e").AtLeast(1)), "inner": user("in a segment").Is(1)}}
		got := *ProjectionOf(compileTest(t, doc, OfContact, c))
		names := map[string]bool{}
		for _, name := range got.Attributes {
			if names[name] {
				t.Errorf("%s names %s twice", doc, name)
			}
			names[name] = true
		}
		wanted := map[string]bool{}
		for _, name := range want.Attributes {
			wanted[name] = true
		}
		got.Attributes, want.Attributes = nil, nil
		if !reflect.DeepEqual(names, wanted) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s looks at %v %+v, want %v %+v", doc, names, got, wanted, want)
		}
	}
	if got := *ProjectionOf(nil); !reflect.DeepEqual(got, store.Projection{}) {
		t.Errorf("no rule looks at %+v", got)
	}
}
