package beckon_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
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
