package beckon_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func lenient(t *testing.T, opts ...beckon.Option) *beckon.Engine {
	t.Helper()
	engine, err := beckon.New(memstore.New(), append(opts, beckon.WithLenientMetadata())...)
	if err != nil {
		t.Fatal(err)
	}
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, Trigger: &beckon.Trigger{Event: "a"},
		Content: beckon.Content{Subject: `s {{ event.gone | fallback: "none" }} {{ event.k20 | fallback: "none" }} {{ event.k21 | fallback: "none" }}`, Body: "b"},
	}}}
	if err := engine.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	return engine
}

func saidOf(res beckon.Result, err error) []string {
	var out []string
	var list beckon.ErrorList
	errors.As(err, &list)
	for _, e := range list {
		out = append(out, "error "+string(e.Code)+" "+e.Field)
	}
	for _, w := range res.Warnings {
		out = append(out, string(w.Code)+" "+w.Field)
	}
	return out
}

// M4: leniently, nested values and null are dropped with a warning each, and
// nothing else is.
func TestLenientMetadata(t *testing.T) {
	many := func(last string) string { // 19 keys before it
		var b strings.Builder
		for i := range 19 {
			fmt.Fprintf(&b, `"k%d":1,`, i+1)
		}
		return b.String() + last
	}
	for _, c := range []struct {
		metadata string
		want     []string
	}{
		{`{"a":{"b":1}}`, []string{"metadata_value_dropped metadata.a"}},
		{`{"a":{},"b":[],"c":[1],"d":null,"e":1}`, []string{"metadata_value_dropped metadata.a", "metadata_value_dropped metadata.b", "metadata_value_dropped metadata.c", "metadata_value_dropped metadata.d"}},
		{`{"a":{"url":"https://h.example/"}}`, []string{"metadata_value_dropped metadata.a"}},
		{`{"a":{"amount":1,"currency":"eur","x":1}}`, []string{"metadata_value_dropped metadata.a"}},
		{`{"a":{"url":"https://h.example/","value":[]}}`, []string{"metadata_value_dropped metadata.a"}},
		{`{"a":{"url":"https://h.example/","value":"x"},"b":{"amount":1,"currency":"eur"}}`, nil},
		{`{"stripe_customer":{"id":"cus_1"},"a_date":[1]}`, []string{"metadata_value_dropped metadata.stripe_customer", "metadata_value_dropped metadata.a_date"}},

		// All else stays an error.
		{`{"a":{"url":"javascript:x","value":"x"}}`, []string{"error metadata_url_invalid metadata.a"}},
		{`{"a":{"url":"javascript:x","value":1}}`, []string{"error metadata_url_invalid metadata.a", "error metadata_value_nested metadata.a"}},
		{`{"a":{"amount":1.5,"currency":"eur"}}`, []string{"error metadata_amount_invalid metadata.a"}},
		{`{"a":{"amount":1,"currency":"euros"}}`, []string{"error metadata_currency_unknown metadata.a"}},
		{`{"a.b":{},"c":null}`, []string{"error metadata_key_invalid metadata.a.b"}},
		{`{"a":null,"A":1}`, []string{"error metadata_key_duplicate metadata.A"}},
		{`{"a":"` + strings.Repeat("x", 256) + `","b":[]}`, []string{"error metadata_string_too_long metadata.a"}},
		{`{"a":["` + "\xff" + `"]}`, []string{"error text_not_utf8 metadata.a"}},
		{`[1]`, []string{"error type_invalid metadata"}},
		{`[]`, nil},

		// A dropped value's key counts among the 20.
		{`{` + many(`"gone":[],"k21":1`) + `}`, []string{"metadata_value_dropped metadata.gone", "metadata_key_dropped metadata.k21"}},
		{`{` + many(`"k20":1,"k21":{},"k22":null`) + `}`, []string{"metadata_key_dropped metadata.k21", "metadata_key_dropped metadata.k22"}},
	} {
		body := `{"event_name":"a","user_id":"u1","metadata":` + c.metadata + `}`
		engine := lenient(t)
		res, err := engine.TrackJSON(t.Context(), strings.NewReader(body))
		if got := saidOf(res, err); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.metadata, got, c.want)
		}
		// An event that was read without an engine is judged in the same way.
		event, _ := beckon.ParseEvent(strings.NewReader(body))
		before := fmt.Sprint(event.Metadata)
		res, err = engine.Track(t.Context(), event)
		if got := saidOf(res, err); !slices.Equal(got, c.want) {
			t.Errorf("ParseEvent, %s\n got %q\nwant %q", c.metadata, got, c.want)
		}
		if fmt.Sprint(event.Metadata) != before {
			t.Errorf("%s: the caller's event was changed", c.metadata)
		}
	}
}

// M4, M1: what is dropped is as if it had not been sent, except for its place.
func TestLenientMetadataIsGone(t *testing.T) {
	engine := lenient(t)
	var b strings.Builder
	for i := range 18 {
		fmt.Fprintf(&b, `"k%d":1,`, i+1)
	}
	body := `{"event_name":"a","user_id":"u1","metadata":{` + b.String() + `"gone":[1],"k20":20,"k21":21}}`
	res, err := engine.TrackJSON(t.Context(), strings.NewReader(body))
	if err != nil || len(res.Deliveries) != 1 {
		t.Fatal(res, err)
	}
	if got := res.Deliveries[0].Subject; got != "s none 20 none" {
		t.Errorf("subject %q", got)
	}
	events, err := engine.RecentEvents(t.Context(), beckon.Identity{UserID: "u1"}, nil, 1)
	if err != nil || len(events) != 1 || len(events[0].Metadata) != 19 {
		t.Fatal(events, err)
	}
	if _, ok := events[0].Metadata.Get("gone"); ok {
		t.Error("the dropped key is recorded")
	}
	// In Go a list and the zero Value are what an array and null are in JSON.
	res, err = engine.Track(t.Context(), beckon.Event{Name: "a", UserID: "u1", Metadata: beckon.Fields{{Key: "x", Value: beckon.List("a")}, {Key: "y"}, {Key: "z", Value: beckon.Number(1)}}})
	if got := saidOf(res, err); !slices.Equal(got, []string{"metadata_value_dropped metadata.x", "metadata_value_dropped metadata.y"}) {
		t.Errorf("%q", got)
	}
}

// M4: PHP's empty array is empty metadata, whatever the options.
func TestEmptyArrayAsMetadata(t *testing.T) {
	for _, c := range []struct {
		metadata string
		ok       bool
	}{{`[]`, true}, {"[ \n]", true}, {`[null]`, false}, {`[{}]`, false}, {`[`, false}, {`[}`, false}, {`[]]`, false}} {
		event, err := beckon.ParseEvent(strings.NewReader(`{"event_name":"a","metadata":` + c.metadata + `,"user_id":"u1"}`))
		if (err == nil) != c.ok || c.ok && (len(event.Metadata) != 0 || event.UserID != "u1") {
			t.Errorf("%s: %v, %v", c.metadata, event, err)
		}
	}
}
