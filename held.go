package beckon

import (
	"math"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// inlineHeld is how many rows of held candidates a list has without allocating.
const inlineHeld = 8

// A heldRow is one held candidate in a compact form, without a pointer; or a row of
// them, for candidates that stand together are often held together.
type heldRow struct {
	retryAt int64  // Unix milliseconds; 0 is never
	at      uint32 // the place of the message in the plan; from named on, of a heldName in the list
	more    uint16 // so many behind it are held as well, for the same
	reason  plan.Reason
}

const named = 1 << 31

// A heldName is what few of those that are held need: a company, or the name of
// a message that the plan does not have.
type heldName struct {
	message string
	company string
}

// A heldList is the candidates that one decision has held.
type heldList struct {
	messages []*plan.Message // the plan's, by place
	n        int             // candidates
	rows     int
	room     int // so many candidates were expected
	inline   [inlineHeld]heldRow
	overflow []heldRow
	names    []heldName
}

// expect says how many candidates may come, so that there is one allocation at
// most.
func (l *heldList) expect(n int) { l.room = n }

func (l *heldList) add(h heldRow) {
	l.n += 1 + int(h.more)
	if l.rows > 0 {
		if last := l.row(l.rows - 1); last.joins(h) {
			last.more += 1 + h.more
			return
		}
	}
	if l.rows < inlineHeld {
		l.inline[l.rows] = h
	} else {
		if cap(l.overflow) == 0 {
			l.overflow = make([]heldRow, 0, max(l.room-l.n, 0)+1)
		}
		l.overflow = append(l.overflow, h)
	}
	l.rows++
}

// joins reports whether h continues the row.
func (r *heldRow) joins(h heldRow) bool {
	return r.at+uint32(r.more)+1 == h.at && r.reason == h.reason && r.retryAt == h.retryAt && h.at < named &&
		int(r.more)+int(h.more) < math.MaxUint16
}

// hold notes a candidate of a message that the plan has.
func (l *heldList) hold(m *plan.Message, company string, w plan.Reason, retryAt int64) {
	if company != "" {
		l.holdNamed(heldName{m.ID, company}, w, retryAt)
		return
	}
	l.add(heldRow{retryAt: retryAt, at: uint32(m.Place), reason: w})
}

// holdMany notes n candidates from a place on, held forever.
func (l *heldList) holdMany(place, n int, w plan.Reason) {
	for ; n > math.MaxUint16; n-- {
		l.add(heldRow{at: uint32(place), reason: w})
		place++
	}
	l.add(heldRow{at: uint32(place), more: uint16(n - 1), reason: w})
}

// holdNamed notes any other.
func (l *heldList) holdNamed(name heldName, w plan.Reason, retryAt int64) {
	l.add(heldRow{retryAt: retryAt, at: named | uint32(len(l.names)), reason: w})
	l.names = append(l.names, name)
}

func (l *heldList) row(i int) *heldRow {
	if i < inlineHeld {
		return &l.inline[i]
	}
	return &l.overflow[i-inlineHeld]
}

// each calls fn with all of them, in the order in which they were noted. Instants are
// Unix milliseconds, 0 is none.
func (l *heldList) each(fn func(message, company string, reason plan.Reason, retryAt int64)) {
	for i := range l.rows {
		h := l.row(i)
		if h.at >= named {
			x := &l.names[h.at-named]
			fn(x.message, x.company, h.reason, h.retryAt)
			continue
		}
		for _, m := range l.messages[h.at:][:1+int(h.more)] {
			fn(m.ID, "", h.reason, h.retryAt)
		}
	}
}

// lookedAt is one candidate that a look has found held.
type lookedAt struct {
	index  int // of the message in its plan
	reason plan.Reason
}

// heldCounts gathers, over a run, the totals of what was held where nothing
// was written for the contact: a sweep's non-matches are not written one by
// one. It is by the index of the message; reasons are few, so that a list is
// faster than a map.
type heldCounts [][]heldCount

type heldCount struct {
	reason plan.Reason
	n      int64
}

func (h heldCounts) add(list []lookedAt) {
next:
	for _, x := range list {
		rows := h[x.index]
		for i := range rows {
			if rows[i].reason == x.reason {
				rows[i].n++
				continue next
			}
		}
		h[x.index] = append(rows, heldCount{x.reason, 1})
	}
}

// addAll adds what was held of n contacts, for each of them the same.
func (h heldCounts) addAll(list []lookedAt, n int64) {
	h.add(list)
	for _, x := range list {
		for i := range h[x.index] {
			if row := &h[x.index][i]; row.reason == x.reason {
				row.n += n - 1
			}
		}
	}
}

func compareIncrements(a, b store.Increment) int {
	switch {
	case a.Message < b.Message:
		return -1
	case a.Message > b.Message:
		return 1
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}
