package sqlstore

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/store"
)

// hits are the ids of rows that PostgreSQL's index has for a filter, in their order, as far
// as the pages of a scan have not come to them. The index has no order: without them each
// page would have to find all of them again.
type hits struct {
	ids     [][]byte
	more    bool // behind the last of them there may be others
	inOrder bool // they are too many: the pages are better read in the order of keys
	found   time.Time

	// Guarded by keptHits.mu.
	of    hitsOf
	after []byte   // they are those behind this id
	taken bool     // by a page that is under way
	wrote [][]byte // of rows that the store has written meanwhile: the index may have them now
}

// hitsOf tells the hits of one filter from those of others.
type hitsOf struct {
	filter *store.Filter
	sum    int64
	kind   store.Kind
}

const (
	maxHits     = 1 << 15 // that are found at once
	maxHitLists = 8       // scans whose hits are kept
	maxHitWrote = 1 << 12 // rows written meanwhile
	// hitsFor is how long hits are kept: what other processes write meanwhile may not be
	// among them. What the store itself writes is.
	hitsFor = 5 * time.Second
)

// keptHits are the hits of the scans that are under way.
type keptHits struct {
	some, most int // see search; constants, except in tests

	mu    sync.Mutex
	lists []*hits
}

func newKeptHits() *keptHits { return &keptHits{some: leastByIndex, most: maxHits} }

// take returns the hits behind an id, those that were kept if there are any: the parts of a
// shared run go on with those of the part before. They are the page's own until it calls keep.
func (k *keptHits) take(of hitsOf, after []byte) *hits {
	if k == nil {
		return new(hits)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lists = slices.DeleteFunc(k.lists, func(h *hits) bool {
		return !h.taken && time.Since(h.found) >= hitsFor //nolint:forbidigo // how old memory is decides nothing
	})
	var best *hits
	for _, h := range k.lists {
		if !h.taken && h.of == of && h.goesOn(after) && (best == nil || bytes.Compare(h.after, best.after) > 0) {
			best = h
		}
	}
	if best == nil {
		best = &hits{of: of, after: after}
		k.lists = append(k.lists, best)
	} else if !best.inOrder {
		best.merge()
		best.drop(after)
	}
	best.taken = true
	return best
}

// keep keeps what a page has left of its hits for the page behind an id; nil: for none.
func (k *keptHits) keep(h *hits, behind []byte) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.Index(k.lists, h)
	if i < 0 {
		return
	}
	k.lists = slices.Delete(k.lists, i, i+1)
	h.taken = false
	switch {
	case h.inOrder:
		h.wrote = nil
	case behind == nil:
		return
	default:
		if h.drop(behind); len(h.ids) == 0 && h.more {
			return
		}
	}
	if len(k.lists) >= maxHitLists {
		if i := slices.IndexFunc(k.lists, func(h *hits) bool { return !h.taken }); i >= 0 {
			k.lists = slices.Delete(k.lists, i, i+1)
		}
	}
	k.lists = append(k.lists, h)
}

// written takes in what a group may have written, before anybody is told.
func (k *keptHits) written(units []*unit) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lists) == 0 {
		return
	}
	for _, u := range units {
		if !u.changed || u.rows() == partEvents { // which no index notices
			continue
		}
		for _, h := range k.lists {
			// Of what is taken its page may be finding out whether it is in order.
			if h.of.kind == u.key.Kind && (h.taken || !h.inOrder) && bytes.Compare(u.id, h.after) > 0 {
				h.wrote = append(h.wrote, bytes.Clone(u.id))
			}
		}
	}
	k.lists = slices.DeleteFunc(k.lists, func(h *hits) bool { return len(h.wrote) > maxHitWrote })
}

// goesOn reports whether the hits say what comes next behind an id.
func (h *hits) goesOn(after []byte) bool {
	ends := h.more && bytes.Compare(h.ids[len(h.ids)-1], after) <= 0
	return bytes.Compare(h.after, after) <= 0 && !ends
}

// upTo returns the ids up to one; nil: all.
func (h *hits) upTo(id []byte) [][]byte {
	if id == nil {
		return h.ids
	}
	i, found := slices.BinarySearchFunc(h.ids, id, bytes.Compare)
	if found {
		i++
	}
	return h.ids[:i]
}

// drop forgets the ids up to one; nil: none.
func (h *hits) drop(id []byte) {
	if h.after = id; id != nil {
		h.ids = h.ids[len(h.upTo(id)):]
	}
}

// merge takes rows that were written meanwhile among the ids, as far as they are to come. What
// is behind the last id, if there may be more, is found when those are.
func (h *hits) merge() {
	wrote := slices.DeleteFunc(h.wrote, func(id []byte) bool {
		return bytes.Compare(id, h.after) <= 0 || h.more && bytes.Compare(id, h.ids[len(h.ids)-1]) > 0
	})
	if h.wrote = nil; len(wrote) > 0 {
		h.ids = inOrder(append(slices.Clone(h.ids), wrote...))
	}
}

// inOrder sorts ids, each once.
func inOrder(ids [][]byte) [][]byte {
	slices.SortFunc(ids, bytes.Compare)
	return slices.CompactFunc(ids, bytes.Equal)
}

// findHits finds the ids by which a page with a filter is read, or that it is better read
// in the order of keys: if it is the first of its kind, that is found out, too.
func (p *pgReader) findHits(ctx context.Context, pg *page) error {
	pg.hits, pg.ids, pg.upto = nil, nil, nil
	if pg.query.Filter == nil || pg.way == wayInOrder {
		return nil
	}
	h := p.hits.take(hitsOf{filter: pg.query.Filter, sum: pg.sum, kind: pg.kinds[0]}, pg.behind())
	if h.found.IsZero() {
		if err := p.search(ctx, pg, h); err != nil {
			p.hits.keep(h, nil)
			return err
		}
	}
	if h.inOrder {
		pg.way = wayInOrder
		p.hits.keep(h, nil)
		return nil
	}
	ids := h.upTo(pg.end())
	pg.way, pg.hits, pg.ids = wayByIndex, h, ids[:min(max(pg.limit, maxPage), len(ids))] // some are not what is asked for
	if len(pg.ids) < len(ids) || h.more && len(ids) == len(h.ids) {
		pg.upto = pg.ids[len(pg.ids)-1]
	}
	return nil
}

// keepHits keeps what is left of the hits when so many rows of a page were shown, up to one.
func (p *pgReader) keepHits(pg *page, rows int, last []byte) {
	switch {
	case pg.hits == nil:
		return
	case last != nil && (pg.upto != nil || rows == pg.limit):
	default: // the page has all up to its end, or failed
		last = pg.end()
	}
	p.hits.keep(pg.hits, last)
}

// search finds the hits of a page, to the end of its kind. Where they are few, one statement
// returns them all; if that has more, there may be too many.
func (p *pgReader) search(ctx context.Context, pg *page, h *hits) error {
	w := filterWriter{dialect: postgresDialect, namespace: p.namespace, kinds: pg.kinds, after: pg.behind()}
	// A transaction of the host keeps none: there each page finds its own.
	some, most, whole := leastByIndex, pg.limit, pg.whole
	if p.hits != nil {
		some, most, whole = p.hits.some, p.hits.most, p.hits.most
	} else {
		w.upto = pg.end()
	}
	h.found = time.Now() //nolint:forbidigo // how old memory is decides nothing
	arms, rank := w.indexed(pg.query.Filter)
	if h.inOrder = rank == byNothing; h.inOrder {
		return nil
	}
	found, err := p.ids(ctx, w.someHitsSQL(arms, some+1))
	if err != nil {
		return err
	}
	if len(found) <= some {
		h.ids = inOrder(found)
		return nil
	}
	if pg.way == wayKinds {
		way, err := w.way(ctx, pg.query.Filter, whole, p.count)
		if err != nil {
			return err
		}
		if h.inOrder = way == wayInOrder; h.inOrder {
			return nil
		}
	}
	h.ids, err = p.ids(ctx, w.firstHitsSQL(arms, most))
	h.more = len(h.ids) == most
	return err
}

// someHitsSQL returns the statement that finds n ids of the arms, whichever come first: some
// may be there twice.
func (w *filterWriter) someHitsSQL(arms []arm, n int) (s pageSQL) {
	w.arg = s.arg(postgresDialect)
	s.text = fmt.Sprintf("SELECT id FROM (%s) AS u LIMIT %d", w.found(arms, "id"), n)
	return s
}

// firstHitsSQL returns the statement that finds the first n ids of the arms.
func (w *filterWriter) firstHitsSQL(arms []arm, n int) (s pageSQL) {
	w.arg = s.arg(postgresDialect)
	s.text = fmt.Sprintf("SELECT DISTINCT id FROM (%s) AS u ORDER BY id LIMIT %d", w.found(arms, "id"), n)
	return s
}

// ids returns the ids that a statement finds.
func (p *pgReader) ids(ctx context.Context, s pageSQL) ([][]byte, error) {
	rows, err := p.query(ctx, s.text, s.args...)
	if err != nil {
		return nil, err
	}
	var (
		data []byte
		ends []int
		id   []byte
	)
	if _, err = pgx.ForEachRow(rows, []any{pgView(&id)}, func() error {
		data = append(data, id...)
		ends = append(ends, len(data))
		return nil
	}); err != nil {
		return nil, err
	}
	ids, from := make([][]byte, len(ends)), 0
	for i, end := range ends {
		ids[i], from = data[from:end:end], end
	}
	return ids, nil
}
