package beckon_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z2: what an update says of companies is there when its own messages are judged; so Explain
// sees it, too, and writes nothing.
func TestExplainUpdateOfCompanies(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	engine := func() *beckon.Engine {
		e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Audience: beckon.Company("tier").Is("gold"),
			Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "x"},
		}}}); err != nil {
			t.Fatal(err)
		}
		return e
	}
	in := func(id, tier string) beckon.Membership {
		return beckon.Membership{CompanyID: id, Attributes: beckon.Attributes{"tier": beckon.String(tier)}}
	}
	many := beckon.Attributes{}
	for i := range beckon.MaxAttributes + 1 {
		many[fmt.Sprint("a", i)] = beckon.Number(i)
	}
	for name, c := range map[string]struct {
		before, of []beckon.Membership
		sent       bool
	}{
		"a company that is new":                      {nil, []beckon.Membership{in("c1", "gold")}, true},
		"one that was known":                         {[]beckon.Membership{in("c1", "tin")}, []beckon.Membership{in("c1", "gold")}, true},
		"one that was, and is no more":               {[]beckon.Membership{in("c1", "gold")}, []beckon.Membership{in("c1", "tin")}, false},
		"one of which nothing is said":               {[]beckon.Membership{in("c1", "gold")}, []beckon.Membership{{CompanyID: "c1"}}, true},
		"one that is named twice":                    {nil, []beckon.Membership{in("c1", "tin"), in("c1", "gold")}, true},
		"the second one, of two":                     {nil, []beckon.Membership{in("c1", "tin"), in("c2", "gold")}, false},
		"one that is left":                           {[]beckon.Membership{in("c1", "gold")}, []beckon.Membership{{CompanyID: "c1", Remove: true}}, false},
		"one of which more is said than can be kept": {nil, []beckon.Membership{{CompanyID: "c1", Attributes: many}}, false},
	} {
		e := engine()
		if c.before != nil {
			if _, err := e.Update(t.Context(), beckon.Contact{UserID: "u", Companies: c.before}); err != nil {
				t.Fatal(err)
			}
		}
		update := beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}, Companies: c.of}
		for range 2 { // the first writes nothing
			traces, explained := e.Explain(t.Context(), update)
			if explained == nil && (len(traces) != 1 || traces[0].Sent != c.sent) {
				t.Errorf("%s: %+v", name, traces)
			}
			if explained != nil && traces != nil {
				t.Errorf("%s: traces beside %v", name, explained)
			}
		}
		_, explained := e.Explain(t.Context(), update)
		res, err := e.Update(t.Context(), update)
		if !reflect.DeepEqual(err, explained) || len(res.Deliveries) == 1 != c.sent {
			t.Errorf("%s: sent %d, %v, explained %v", name, len(res.Deliveries), err, explained)
		}
	}
}
