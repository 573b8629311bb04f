package sqlstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// What is written while a page looks for its hits races with nothing.
func TestHitsBesideWrites(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	crowd(t, s, 1_000)
	sqlstore.SetHits(s, 2, 4)
	var all sync.WaitGroup
	var over atomic.Bool
	all.Go(func() {
		defer over.Store(true)
		for range 30 {
			crowd(t, s, 100)
		}
	})
	filters := []*store.Filter{
		{Kind: store.FilterText, Name: "team", Texts: []string{"team 7"}},                                                                                               // by an index
		{Kind: store.FilterAny, Of: []*store.Filter{{Kind: store.FilterText, Name: "team", Texts: []string{"team 7"}}, {Kind: store.FilterKey, Kinds: contactKinds()}}}, // by none
	}
	for i := 0; i < 1000 && !over.Load(); i++ {
		if _, err := s.Scan(t.Context(), store.Query{Kinds: contactKinds(), Filter: filters[i%2]}, "", 3, func(*store.Record) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
}

// A cutOff ends the context of the first statement with a beginning, if it is set.
type cutOff struct{ set atomic.Bool }

func (c *cutOff) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.HasPrefix(data.SQL, "SELECT count(*) FROM (SELECT 1 FROM (") && c.set.CompareAndSwap(true, false) {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		return ended
	}
	return ctx
}

func (c *cutOff) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A search that fails says nothing of how the next scan finds its rows.
func TestHitsOfFailedSearch(t *testing.T) {
	t.Parallel()
	cut := new(cutOff)
	s := openTraced(t, cut)
	crowd(t, s, 1_000)
	sqlstore.SetHits(s, 2, 4)
	q := store.Query{Kinds: contactKinds(), Filter: &store.Filter{Kind: store.FilterText, Name: "team", Texts: []string{"team 7"}}}
	cut.set.Store(true)
	if _, err := s.Scan(t.Context(), q, "", 3, func(*store.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := sqlstore.KeptHits(s); n != 0 {
		t.Errorf("of a search that failed %d are kept", n)
	}
	if at, err := s.Scan(t.Context(), q, "", 3, func(*store.Record) error { return nil }); err != nil || !strings.HasPrefix(string(at), "i") {
		t.Errorf("the next goes on at %q: %v", at, err)
	}
}
