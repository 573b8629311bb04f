package beckon

import "math"

// inlineHeld is how many rows of held candidates a Result carries without
// allocating.
const inlineHeld = 8

// A held is a Held in the compact form in which decisions note it, without a
// pointer; or a row of them, for candidates that stand together are often held
// together.
type held struct {
	retryAt int64  // Unix milliseconds; 0 is never
	at      uint32 // the place of the message in the plan; from named on, of a heldName in the result
	more    uint16 // so many behind it are held as well, for the same
	why     why
}

const named = 1 << 31

// A heldName is what few of those that are held need: a company, or the name of
// a message that the plan does not have.
type heldName struct {
	message string
	company string
	reason  Reason
}

// A heldList is the candidates that one decision has held.
type heldList struct {
	messages []*messagePlan // the plan's, by place
	n        int            // candidates
	rows     int
	room     int // so many candidates were expected
	inline   [inlineHeld]held
	overflow []held
	names    []heldName
}

// reset empties l. It keeps no memory, which a caller may hold, unless nobody
// but the decision ever saw it.
func (l *heldList) reset(messages []*messagePlan, keep bool) {
	l.messages, l.n, l.rows, l.room = messages, 0, 0, 0 // what inline has is not looked at
	if keep {
		l.overflow, l.names = l.overflow[:0], l.names[:0]
	} else {
		l.overflow, l.names = nil, nil
	}
}

// expect says how many candidates may come, so that there is one allocation at
// most.
func (l *heldList) expect(n int) { l.room = n }

func (l *heldList) add(h held) {
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
			l.overflow = make([]held, 0, max(l.room-l.n, 0)+1)
		}
		l.overflow = append(l.overflow, h)
	}
	l.rows++
}

// joins reports whether h continues the row.
func (r *held) joins(h held) bool {
	return r.at+uint32(r.more)+1 == h.at && r.why == h.why && r.retryAt == h.retryAt && h.at < named &&
		int(r.more)+int(h.more) < math.MaxUint16
}

// hold notes a candidate of a message that the plan has.
func (l *heldList) hold(m *messagePlan, company string, w why, retryAt int64) {
	if company != "" {
		l.holdNamed(heldName{m.id, company, w.reason()}, w, retryAt)
		return
	}
	l.add(held{retryAt: retryAt, at: uint32(m.place), why: w})
}

// holdMany notes n candidates from a place on, held forever.
func (l *heldList) holdMany(place, n int, w why) {
	for ; n > math.MaxUint16; n-- {
		l.add(held{at: uint32(place), why: w})
		place++
	}
	l.add(held{at: uint32(place), more: uint16(n - 1), why: w})
}

// holdNamed notes any other.
func (l *heldList) holdNamed(name heldName, w why, retryAt int64) {
	l.add(held{retryAt: retryAt, at: named | uint32(len(l.names)), why: w})
	l.names = append(l.names, name)
}

func (l *heldList) row(i int) *held {
	if i < inlineHeld {
		return &l.inline[i]
	}
	return &l.overflow[i-inlineHeld]
}
