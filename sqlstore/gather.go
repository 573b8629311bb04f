package sqlstore

import (
	"slices"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// A pageMemory is memory that pages use one after another, those of later scans, too.
type pageMemory struct {
	raw   rawRow
	data  []byte // stats, state and id of all rows
	rows  []rawEnd
	row   row // that is shown
	names column.Names
	each  map[store.Kind]int // how long a row of the last page was; by kind, 0 in a scan of another way
}

func newPageMemory() *pageMemory {
	return &pageMemory{names: column.Names{Brief: true}, each: make(map[store.Kind]int)}
}

// atOnce returns how many rows the next page of a kind should have: a power of two, so that
// statements are few.
func (m *pageMemory) atOnce(kind store.Kind) int {
	each := m.each[kind]
	if each == 0 {
		return maxPage
	}
	n := longestPage
	for n > maxPage/8 && n*each > pageBytes {
		n /= 2
	}
	return n
}

// measure takes in how long the rows of a page are.
func (m *pageMemory) measure(kind store.Kind) {
	if len(m.rows) > 0 {
		m.each[kind] = len(m.data)/len(m.rows) + 1
	}
}

// A rawEnd is a row whose last three columns are in pageMemory.data.
type rawEnd struct {
	numbers   [3]int64
	at        int64
	kind      int16
	stats     int // where each ends
	state, id int
}

// at puts row i of the page into m.raw.
func (m *pageMemory) at(i int) *rawRow {
	start, r := 0, &m.rows[i]
	if i > 0 {
		start = m.rows[i-1].id
	}
	m.raw = rawRow{numbers: [6]int64{r.numbers[0], r.numbers[1], r.numbers[2]}, at: r.at, kind: r.kind, stats: m.data[start:r.stats], state: m.data[r.stats:r.state], id: m.data[r.state:r.id]}
	return &m.raw
}

// A gathering takes in the rows of a page as they are read.
type gathering struct {
	page    *page
	counted bool // the first column is how many rows the filter left out
	leftOut int64
	*pageMemory
}

// gather begins the gathering of a page.
func (p *page) gather(counted bool) gathering {
	p.mem.data, p.mem.rows = p.mem.data[:0], p.mem.rows[:0]
	return gathering{page: p, counted: counted, pageMemory: p.mem}
}

// columns returns where the columns of each row go. What they then show of texts is
// the driver's until the next row.
func (g *gathering) columns(view func(*[]byte) any) []any {
	n := &g.raw.numbers
	columns := []any{&n[0], &n[1], &n[2], view(&g.raw.stats), view(&g.raw.state), &g.raw.kind, view(&g.raw.id)}
	if len(g.page.query.Kinds) == 0 {
		columns = append(columns, &g.raw.at)
	}
	if g.counted {
		columns = append([]any{&g.leftOut}, columns...)
	}
	return columns
}

// add takes in the row that is in the columns. One of version 0 stands for none:
// it is there for its count alone.
func (g *gathering) add() error {
	raw := &g.raw
	if raw.numbers[0] == 0 {
		return nil
	}
	r := rawEnd{numbers: [3]int64(raw.numbers[:3]), at: raw.at, kind: raw.kind}
	g.data = append(g.data, raw.stats...)
	r.stats = len(g.data)
	g.data = append(g.data, raw.state...)
	r.state = len(g.data)
	g.data = append(g.data, raw.id...)
	r.id = len(g.data)
	g.rows = append(g.rows, r)
	return nil
}

// call counts what was left out and calls fn for the rows that are what was
// asked for: the column email has but the beginning of a long address.
func (g *gathering) call(fn func(*store.Record) error) (rows int, last position, err error) {
	if g.counted {
		*g.page.query.LeftOut += g.leftOut
	}
	g.measure(g.page.kinds[0])
	for i := range g.rows {
		if err := g.page.show(g.at(i), fn); err != nil {
			return 0, last, err
		}
	}
	if n := len(g.rows); n > 0 {
		raw := g.at(n - 1)
		last = position{at: raw.at, kind: store.Kind(raw.kind), id: slices.Clone(raw.id)}
	}
	if p := g.page; p.upto != nil && len(g.rows) < p.limit { // the page has all up to there
		last = position{kind: p.kinds[0], id: p.upto}
	}
	return len(g.rows), last, nil
}

// show calls fn with the record of a row, if it is what was asked for.
func (p *page) show(raw *rawRow, fn func(*store.Record) error) error {
	r := &p.mem.row
	key := store.Key{Kind: store.Kind(raw.kind), ID: columnName(raw.id)}
	switch err := r.decode(key, raw.id, raw, &p.mem.names); {
	case err != nil && p.query.Damaged == nil:
		return wrap("scan", err)
	case err != nil:
		p.query.Damaged(key, err)
		return nil
	}
	if email := p.query.Email; email != "" && r.rec.Email() != email {
		return nil
	}
	return fn(&r.rec)
}
