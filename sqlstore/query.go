package sqlstore

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// A position is a place in a scan: behind a row of some kind and id, and, in a
// scan by time, of some instant.
type position struct {
	at   int64
	kind store.Kind
	id   []byte // as the column has it
}

// A page is what of a scan is read at once.
type page struct {
	query store.Query
	kinds []store.Kind // in a scan by kinds: the one, or all without an order
	after *position    // nil: from the beginning
	until *position    // nil: to the end
	upto  []byte       // in SQLite, if the page ends before the kind does: with this id
	limit int          // of rows; the greatest int is none, and then they are in no order
	whole int          // how many rows are wanted at once, in one page or another
	way   byte         // of a scan by kinds with a filter: how its rows are found
	mem   *pageMemory
}

// How many rows are read at once: as many as are pageBytes long, going by those of the
// kind that were read before, but at most longestPage. If none was, maxPage.
const (
	maxPage     = 256
	longestPage = 4096
	pageBytes   = 2 << 20
)

// scan implements Store.Scan on whatever reads pages.
func scan(ctx context.Context, r reader, mem *pageMemory, q store.Query, cursor store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := q.Validate(limit); err != nil {
		return "", err
	}
	q.Email = store.FoldEmail(q.Email)
	p := page{query: q, whole: min(limit, longestPage), way: wayKinds, mem: mem}
	kinds := []store.Kind{0} // the index scans have one order for all kinds
	if len(q.Kinds) > 0 {
		kinds = distinct(q.Kinds)
	}
	if cursor != "" {
		after, ok := decodeCursor(&q, cursor)
		if !ok {
			return "", badCursor()
		}
		p.after = &after
		if len(q.Kinds) > 0 {
			kinds = kinds[slices.Index(kinds, after.kind):]
			p.way = cursor[0]
		}
	}
	if q.Until != "" {
		until, ok := decodeCursor(&q, q.Until)
		if !ok {
			return "", badCursor()
		}
		p.until = &until
	}
	var last position
	for i, kind := range kinds {
		if p.until != nil && kind > p.until.kind && len(q.Kinds) > 0 {
			break
		}
		p.kinds = []store.Kind{kind}
		if i > 0 {
			p.after, p.way = nil, wayKinds
		}
		if i > 0 && q.Filter != nil {
			// To look for what the filter holds for costs much more where there is nothing.
			first, _, err := r.skip(ctx, &p, 1)
			if err != nil {
				return "", wrap("scan", err)
			}
			if first.kind == 0 {
				continue
			}
		}
		for {
			if limit == 0 { // there may be more
				return encodeCursor(&q, p.way, last), nil
			}
			p.limit = min(limit, p.mem.atOnce(kind))
			n, end, err := r.page(ctx, &p, fn)
			if err != nil {
				return "", err
			}
			limit -= n
			if n < p.limit && p.upto == nil {
				break
			}
			last = end
			p.after = &last
		}
		// The next kind begins at its beginning; a scan that ends here goes on
		// behind the last row of this one.
		last = position{kind: kind, id: endOfKind()}
	}
	return "", nil
}

func badCursor() error {
	return &beckon.Error{Code: store.ErrQueryInvalid, Field: "cursor", Message: "the cursor is of another scan"}
}

// skip implements Store.Skip on whatever reads pages: it looks at keys alone.
func skip(ctx context.Context, r reader, q store.Query, cursor store.Cursor, n int) (store.Cursor, error) {
	if err := q.Validate(n); err != nil {
		return "", err
	}
	q.Email = store.FoldEmail(q.Email)
	p, kinds := page{query: q}, []store.Kind{0}
	if len(q.Kinds) > 0 {
		kinds = distinct(q.Kinds)
	}
	if cursor != "" {
		after, ok := decodeCursor(&q, cursor)
		if !ok {
			return "", badCursor()
		}
		p.after = &after
		if len(q.Kinds) > 0 {
			kinds = kinds[slices.Index(kinds, after.kind):]
		}
	}
	for _, kind := range kinds {
		p.kinds = []store.Kind{kind}
		at, there, err := r.skip(ctx, &p, n)
		if err != nil {
			return "", wrap("skip", err)
		}
		if there {
			return encodeCursor(&q, wayKinds, at), nil
		}
		p.after = nil
	}
	return "", nil
}

// skipSQL returns the statement of the n-th key of a page, if another one follows.
func (p *page) skipSQL(d dialect, namespace string, n int) pageSQL {
	var s pageSQL
	where, order := p.where(namespace, s.arg(d))
	s.text = fmt.Sprintf("SELECT at, kind, id, count(*) OVER () FROM (SELECT %s AS at, kind, id FROM beckon_records WHERE %s ORDER BY %s LIMIT 2 OFFSET %d) AS u ORDER BY at, kind, id LIMIT 1",
		p.instant(), where, order, n-1)
	return s
}

// walk implements Store.Walk on whatever reads pages.
func walk(ctx context.Context, r reader, mem *pageMemory, q store.Query, fn func(*store.Record) error) error {
	if err := q.Validate(1); err != nil {
		return err
	}
	streams, ok := r.(streamer)
	if ok = ok && len(q.Kinds) > 0 && q.LeftOut == nil && q.Until == ""; ok {
		var err error
		if ok, err = streams.streamed(ctx); err != nil {
			return err
		}
	}
	if !ok {
		_, err := scan(ctx, r, mem, q, "", math.MaxInt, fn)
		return err
	}
	p := page{query: q, kinds: distinct(q.Kinds), limit: math.MaxInt, whole: math.MaxInt, way: wayKinds, mem: mem}
	return streams.stream(ctx, &p, fn)
}

// distinct returns kinds in order, each once.
func distinct(kinds []store.Kind) []store.Kind {
	return slices.Compact(slices.Sorted(slices.Values(kinds)))
}

// A streamer is a reader that can also show rows while it reads others.
type streamer interface {
	// streamed reports whether it should, for as large as the table is.
	streamed(ctx context.Context) (bool, error)
	// stream calls fn for all rows of the page's kinds, in any order.
	stream(ctx context.Context, p *page, fn func(*store.Record) error) error
}

// endOfKind is behind every id of a kind.
func endOfKind() []byte { return []byte{longMark, 0xff} }

// A cursor is the way of the query, the instant, the kind and the id.

func encodeCursor(q *store.Query, way byte, p position) store.Cursor {
	if len(q.Kinds) == 0 {
		way = wayOf(q)
	}
	b := binary.AppendVarint([]byte{way}, p.at)
	b = append(b, byte(p.kind))
	return store.Cursor(append(b, p.id...))
}

func decodeCursor(q *store.Query, c store.Cursor) (p position, ok bool) {
	b := []byte(c)
	if ofKinds := b[0] == wayKinds || b[0] == wayInOrder || b[0] == wayByIndex; b[0] != wayOf(q) && (!ofKinds || len(q.Kinds) == 0) {
		return p, false
	}
	at, size := binary.Varint(b[1:])
	if size <= 0 || len(b) <= 1+size {
		return p, false
	}
	p = position{at: at, kind: store.Kind(b[1+size]), id: b[2+size:]}
	return p, len(q.Kinds) == 0 || slices.Contains(q.Kinds, p.kind)
}

// wayOf tells by what a query chooses.
func wayOf(q *store.Query) byte {
	switch {
	case len(q.Kinds) > 0:
		return 'k'
	case q.Due != 0:
		return 'd'
	case q.Pending != 0:
		return 'p'
	case q.Email != "":
		return 'e'
	}
	return 'm'
}

// where returns the condition and the order of a page. arg adds an argument and
// returns its place-holder.
func (p *page) where(namespace string, arg func(any) string) (where, order string) {
	q := &p.query
	where = "namespace = " + arg(namespace)
	order = "kind, id"
	column := ""
	switch wayOf(q) {
	case 'k':
		where += " AND kind " + (&filterWriter{arg: arg}).isKind(p.kinds)
		if p.after != nil {
			where += " AND id > " + arg(p.after.id)
		}
		if p.until != nil && slices.Contains(p.kinds, p.until.kind) {
			where += " AND id <= " + arg(p.until.id)
		}
		return where, "id"
	case 'd':
		column = "next_due"
		where += " AND next_due <= " + arg(q.Due)
	case 'p':
		column = "next_pending"
		where += " AND next_pending <= " + arg(q.Pending)
		if q.Channels != 0 {
			where += fmt.Sprintf(" AND ((marks & %d) <> 0 OR (marks & %d) = 0)", q.Channels<<markChannels, store.AllChannels<<markChannels)
		}
	case 'e':
		where += " AND email = " + arg(emailColumn(q.Email))
	case 'm':
		where += " AND (marks & 1) <> 0"
	}
	if column != "" {
		order = column + ", " + order
	}
	bound := func(is string, at *position) {
		if at == nil {
			return
		}
		where += " AND (" + order + ") " + is + " ("
		if column != "" {
			where += arg(at.at) + ", "
		}
		where += arg(int16(at.kind)) + ", " + arg(at.id) + ")"
	}
	bound(">", p.after)
	bound("<=", p.until)
	return where, order
}

// instant returns the column that a scan by time goes by; for others, nothing.
func (p *page) instant() string {
	switch wayOf(&p.query) {
	case 'd':
		return "next_due"
	case 'p':
		return "next_pending"
	}
	return "0"
}

// columns are those of a page: of a row what a record needs, and where it is in the scan.
func (p *page) columns() string {
	const columns = "version, last_seen, event_seq, stats, state, kind, id"
	if len(p.query.Kinds) > 0 { // not by time
		return columns
	}
	return columns + ", " + p.instant()
}

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
