package sqlstore

import (
	"slices"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// A pageMemory is memory that pages use one after another, those of later scans, too.
type pageMemory struct {
	rawRows
	raw   rawRow
	found foundPlace
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

// rawRows are rows as they were read.
type rawRows struct {
	data []byte // stats, state and id of all of them
	rows []rawEnd
	kept []rawKept // of rows; none if rows are not kept for steps
}

// A rawEnd is a row whose last three columns are in rawRows.data.
type rawEnd struct {
	seen, seq int64
	at        int64
	kind      int64
	stats     int // where each ends
	state, id int
}

// A rawKept is what else a step loads of a row.
type rawKept struct {
	version int64
	log     [3]int64
	placed
}

func (l *rawRows) empty() { l.data, l.rows, l.kept = l.data[:0], l.rows[:0], l.kept[:0] }

// add takes in a row. One without a state stands for none: it is there for its count alone.
func (l *rawRows) add(raw *rawRow) {
	if len(raw.state) == 0 {
		return
	}
	r := rawEnd{seen: raw.numbers[1], seq: raw.numbers[2], at: raw.at, kind: raw.kind}
	l.data = append(l.data, raw.stats...)
	r.stats = len(l.data)
	l.data = append(l.data, raw.state...)
	r.state = len(l.data)
	l.data = append(l.data, raw.id...)
	r.id = len(l.data)
	l.rows = append(l.rows, r)
}

// at returns row i. It is good until the next is added after empty.
func (l *rawRows) at(i int) rawRow {
	start, r := 0, &l.rows[i]
	if i > 0 {
		start = l.rows[i-1].id
	}
	return rawRow{numbers: [6]int64{1: r.seen, 2: r.seq}, at: r.at, kind: r.kind, stats: l.data[start:r.stats], state: l.data[r.stats:r.state], id: l.data[r.state:r.id]}
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
	p.mem.empty()
	p.mem.raw, p.mem.names.Only = rawRow{kind: int64(p.kind())}, p.only()
	return gathering{page: p, counted: counted, pageMemory: p.mem}
}

// columns returns where the columns of each row go. What they then show of texts is
// the driver's until the next row.
func (g *gathering) columns(view func(*[]byte) any) []any {
	var columns []any
	for _, name := range g.page.columns() {
		switch name {
		case "last_seen":
			columns = append(columns, &g.raw.numbers[1])
		case "event_seq":
			columns = append(columns, &g.raw.numbers[2])
		case "stats":
			columns = append(columns, view(&g.raw.stats))
		case "state":
			columns = append(columns, view(&g.raw.state))
		case "id":
			columns = append(columns, view(&g.raw.id))
		case "kind":
			columns = append(columns, &g.raw.kind)
		case "version":
			columns = append(columns, &g.raw.numbers[0])
		case "log_count":
			columns = append(columns, &g.raw.numbers[3])
		case "log_keep":
			columns = append(columns, &g.raw.numbers[4])
		case "log_from":
			columns = append(columns, &g.raw.numbers[5])
		case "place":
			columns = append(columns, &g.found.at)
		case "row_marks":
			columns = append(columns, &g.found.marks)
		case "row_channels":
			columns = append(columns, &g.found.channels)
		case "due":
			columns = append(columns, &g.found.due)
		case "pending":
			columns = append(columns, &g.found.pending)
		default: // the instant
			columns = append(columns, &g.raw.at)
		}
	}
	if g.counted {
		columns = append([]any{&g.leftOut}, columns...)
	}
	return columns
}

// add takes in the row that is in the columns.
func (g *gathering) add() error {
	rows := len(g.rows)
	g.rawRows.add(&g.raw)
	if g.page.keep && len(g.rows) > rows {
		n := &g.raw.numbers
		g.kept = append(g.kept, rawKept{version: n[0], log: [3]int64(n[3:]), placed: g.found.placed()})
	}
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
		raw := g.at(i)
		if err := g.page.show(&raw, fn); err != nil {
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
	key := store.Key{Kind: store.Kind(raw.kind), ID: columnName(raw.id)}
	rec, err := raw.record(key, raw.id, &p.mem.names, nil)
	if err != nil {
		err = store.Damaged(key, nil, err)
		if p.query.Damaged == nil {
			return wrap("scan", err)
		}
		p.query.Damaged(key, err)
		return nil
	}
	if email := p.query.Email; email != "" && rec.Email() != email {
		return nil
	}
	return fn(rec)
}
