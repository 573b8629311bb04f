package beckon_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

// C4: an export says the same whether a store keeps an empty list or none.
func TestExportOfEmptyLists(t *testing.T) {
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	export := func(c beckon.Contact) beckon.ContactExport {
		t.Helper()
		if _, err := engine.Update(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		x, _, err := engine.Export(t.Context(), beckon.Identity{UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	none := export(beckon.Contact{UserID: "u"})
	if got := export(beckon.Contact{UserID: "u", Unsubscribed: []string{}}); !cmp.Equal(got, none) {
		t.Errorf("an empty list is exported otherwise than none:\n%s", cmp.Diff(none, got))
	}
}

// C4, X4: an export says whose audiences the contact matched.
func TestExportOfMatchedSeries(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.User("plan").Is("pro")},
		Blocks: []beckon.Block{{ID: "wait", Wait: beckon.Days(1)}},
	}}})
	for _, c := range []struct {
		plan string
		want []string
	}{{"free", nil}, {"pro", []string{"s"}}, {"free", nil}} {
		kit.Update(beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String(c.plan)}})
		x, _, err := kit.Engine.Export(t.Context(), beckon.Identity{UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(x.Matched, c.want) {
			t.Errorf("as %s: matched %q, want %q", c.plan, x.Matched, c.want)
		}
	}
}
