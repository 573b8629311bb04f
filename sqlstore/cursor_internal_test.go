package sqlstore

import (
	"testing"

	"github.com/beckon-go/beckon/store"
)

// Filters that differ have sums that differ: none of the ids is not all of them.
func TestSumOf(t *testing.T) {
	kinds := []store.Kind{store.KindUser}
	sums := map[int64]int{}
	for i, f := range []*store.Filter{
		nil,
		{},
		{Kind: store.FilterKey, Kinds: kinds},
		{Kind: store.FilterKey, Kinds: kinds, Texts: []string{}},
		{Kind: store.FilterKey, Kinds: kinds, Texts: []string{""}},
		{Kind: store.FilterAny},
		{Kind: store.FilterAny, Of: []*store.Filter{{}}},
		{Kind: store.FilterText, Name: "a", Texts: []string{"b"}},
		{Kind: store.FilterText, Name: "b", Texts: []string{"a"}},
	} {
		if before, twice := sums[sumOf(f)]; twice {
			t.Errorf("filters %d and %d have one sum", before, i)
		}
		sums[sumOf(f)] = i
	}
}

// A cursor says how rows are found only for the filter that it is of. Cursors of earlier
// versions do not say what filter that was.
func TestCursorOfAnotherFilter(t *testing.T) {
	q := store.Query{Kinds: []store.Kind{store.KindUser}}
	pro := &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"pro"}}
	free := &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"free"}}
	for i, c := range []struct {
		sum    int64
		filter *store.Filter
		want   byte
	}{
		{sumOf(pro), pro, wayByIndex}, {sumOf(pro), free, wayKinds}, {sumOf(pro), nil, wayKinds}, {0, pro, wayKinds}, {0, nil, wayKinds},
	} {
		p := page{query: q}
		p.query.Filter = c.filter
		if _, _, err := p.begin(encodeCursor(&q, wayByIndex, position{at: c.sum, kind: store.KindUser, id: []byte("u")})); err != nil || p.way != c.want {
			t.Errorf("cursor %d: the way is %c, want %c; %v", i, p.way, c.want, err)
		}
	}
}
