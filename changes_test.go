package beckon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

// T7: the builders are the document, and leave what they begin with alone.
func TestChangeBuilders(t *testing.T) {
	plan := beckon.OnChange("plan")
	upgrade := plan.From(beckon.String("free")).To(beckon.String("pro")).Where(beckon.Metadata("to").HasAnyValue())
	for _, c := range []struct {
		trigger *beckon.Trigger
		doc     string
	}{
		{plan, `{"attribute":"plan"}`},
		{upgrade, `{"where":{"metadata":"to","op":"has_any_value"},"attribute":"plan","from":"free","to":"pro"}`},
		{plan.From(beckon.Value{}), `{"attribute":"plan","from":null}`},
		{plan.To(beckon.NumberLiteral("1.50")), `{"attribute":"plan","to":1.50}`},
		{plan.To(beckon.List("a", "b")), `{"attribute":"plan","to":["a","b"]}`},
	} {
		got, err := json.Marshal(c.trigger)
		if err != nil || string(got) != c.doc {
			t.Errorf("%s, %v, want %s", got, err, c.doc)
		}
		var back beckon.Trigger
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != c.doc {
			t.Errorf("read and written again: %s, %v", again, err)
		}
	}
}

// T7, D9, Z1: the outbox keeps what an update sends, its goal counts, an import only
// records, and an update that is refused triggers nothing.
func TestChangesAreOccasions(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "plan", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Frequency: beckon.EachTime(), Content: beckon.Content{Body: "{{ event.to }}"},
		Goal: &beckon.Goal{Rule: beckon.User("plan").Is("team"), Within: beckon.Days(1)},
	}}}, beckon.WithOutbox())
	pro := func(plan string) beckon.Contact {
		return beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String(plan)}}
	}
	free := pro("free")
	for fault, err := range kit.Engine.Import(t.Context(), func(yield func(beckon.ImportItem, error) bool) { yield(beckon.ImportItem{Contact: &free}, nil) }) {
		t.Fatal(fault, err)
	}
	kit.UpdateErr(beckon.Contact{UserID: "u1", Timezone: "Nowhere", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}, beckon.ErrTimezoneUnknown)
	for _, plan := range []string{"pro", "team"} {
		kit.Update(pro(plan)).WantBody("plan", plan)
	}
	if totals := kit.Totals("plan"); totals.Sent != 2 || totals.Converted != 1 {
		t.Errorf("%+v", totals)
	}
	var pending []string
	kit.At(noon.Add(time.Hour))
	for d, err := range kit.Engine.Pending(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		pending = append(pending, d.Body)
	}
	if diff := cmp.Diff([]string{"pro", "team"}, pending); diff != "" {
		t.Error(diff)
	}
}

// Z2: an update is explained, and changes nothing by it.
func TestExplainUpdate(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{
		{ID: "any", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "Now {{ event.to }}"}},
		{ID: "narrow", Status: beckon.Live, Trigger: beckon.OnChange("plan").Where(beckon.Metadata("from").Is("free")), Content: beckon.Content{Body: "x"}},
	}})
	pro := beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}
	for range 2 {
		traces, err := kit.Engine.Explain(t.Context(), pro)
		if err != nil || len(traces) != 2 {
			t.Fatalf("%v, %v", traces, err)
		}
		if x := traces[0]; x.Message != "any" || !x.Sent || x.Body != "Now pro" || x.Where.Seen != "unknown → pro" || x.Audience.Seen != "pro" {
			t.Errorf("%+v", x)
		}
		if x := traces[1]; x.Message != "narrow" || x.Reason != beckon.ReasonFilter || !x.Where.Unknown {
			t.Errorf("%+v", x)
		}
	}
	kit.Update(pro).Want("any", "sent")
	if traces, err := kit.Engine.Explain(t.Context(), pro); err != nil || len(traces) != 0 {
		t.Errorf("without a change: %v, %v", traces, err)
	}
	if _, err := kit.Engine.Explain(t.Context(), beckon.Contact{}); err == nil {
		t.Error("nobody was explained")
	}
}

// TestChangesAgainstModel: over random updates a trigger fires exactly at the changes that
// a map of attributes sees. (T7, K2)
func TestChangesAgainstModel(t *testing.T) {
	ctx := context.Background()
	values := map[string]beckon.Value{
		"unknown": {}, "free": beckon.String("free"), "pro": beckon.String("pro"), "one": beckon.Number(1), "text": beckon.String("1"),
		"list": beckon.List("a", "b"), "turned": beckon.List("b", "a"), "true": beckon.Bool(true),
	}
	spellings := map[string]beckon.Value{"one": beckon.NumberLiteral("1.00")} // the same value, written otherwise
	names := rapid.SampledFrom([]string{"unknown", "free", "pro", "one", "text", "list", "turned", "true"})
	rapid.Check(t, func(t *rapid.T) {
		type trigger struct{ attribute, from, to string } // from and to: "" is any
		var triggers []trigger
		var program beckon.Program
		for i := range rapid.IntRange(1, 6).Draw(t, "messages") {
			x := trigger{attribute: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "attribute")}
			on := beckon.OnChange(x.attribute)
			if rapid.Bool().Draw(t, "from?") {
				x.from = names.Draw(t, "from")
				on = on.From(values[x.from])
			}
			if rapid.Bool().Draw(t, "to?") {
				x.to = names.Draw(t, "to")
				on = on.To(values[x.to])
			}
			triggers = append(triggers, x)
			program.Messages = append(program.Messages, beckon.Message{
				ID: fmt.Sprint("m", i), Status: beckon.Live, Trigger: on, Frequency: beckon.EachTime(), Content: beckon.Content{Body: "{{ event.from }}>{{ event.to }}"},
			})
		}
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return modelStart }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
		has := map[string]string{"a": "unknown", "b": "unknown"}
		for range rapid.IntRange(1, 20).Draw(t, "updates") {
			contact, was := beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{}}, map[string]string{"a": has["a"], "b": has["b"]}
			for _, attribute := range []string{"a", "b"} {
				if rapid.Bool().Draw(t, "set?") {
					has[attribute] = names.Draw(t, "value")
					contact.Attributes[attribute] = values[has[attribute]]
					if other, ok := spellings[has[attribute]]; ok && rapid.Bool().Draw(t, "spelling") {
						contact.Attributes[attribute] = other
					}
				}
			}
			res, err := engine.Update(ctx, contact)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for i, x := range triggers {
				if from, to := was[x.attribute], has[x.attribute]; from != to && (x.from == "" || x.from == from) && (x.to == "" || x.to == to) {
					want = append(want, fmt.Sprint("m", i))
				}
			}
			for _, d := range res.Deliveries {
				got = append(got, d.Message)
			}
			if diff := cmp.Diff(want, got); diff != "" || len(res.Held()) > 0 {
				t.Fatalf("from %v to %v (-model +engine), held %v:\n%s", was, has, res.Held(), diff)
			}
		}
	})
}
