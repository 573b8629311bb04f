package sqlstore

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A position is a place in a scan: behind a row of some kind and id, and, in a
// scan by time, of some instant. A scan by kinds has there the sum of its filter, or how
// many rows it has shown (see countsLate).
type position struct {
	at   int64
	kind store.Kind
	id   []byte // as the column has it
}

func badCursor() error {
	return &beckon.Error{Code: store.ErrQueryInvalid, Field: "cursor", Message: "the cursor is of another scan"}
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

// sumOf tells filters apart: the way to find rows that the first page of a scan has found
// out is good for one filter alone, and a scan may go on with another. No filter has 0.
func sumOf(f *store.Filter) int64 {
	if f == nil {
		return 0
	}
	h := fnv.New64a()
	writeFilter(h, f)
	return int64(h.Sum64()) //nolint:gosec // a sum has no sign
}

// writeFilter writes to a hash, which takes everything.
func writeFilter(w io.Writer, f *store.Filter) {
	_, _ = fmt.Fprintf(w, "%d %q %v %d %t %q %q %q %t %t %t %d %d %q %d %d\n", f.Kind, f.Name, f.Kinds, f.Types, f.Texts == nil, f.Texts, f.Low, f.High,
		f.Above, f.Below, f.True, f.From, f.To, f.Def, f.Keep, len(f.Of))
	for _, g := range f.Of {
		writeFilter(w, g)
	}
}
