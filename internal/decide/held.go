package decide

import (
	"math"
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// InlineHeld is how many rows of held candidates a list has without allocating.
const InlineHeld = 8

// A heldRow is one held candidate in a compact form, without a pointer; or a row of
// them, for candidates that stand together are often held together.
type heldRow struct {
	retryAt int64  // Unix milliseconds; 0 is never
	at      uint32 // the place of the message in the plan; from named on, of a heldName in the list
	by      uint32 // the place of the cap that held it; 0: none did
	more    uint16 // so many behind it are held as well, for the same
	reason  plan.Reason
}

const named = 1 << 31

// A HeldName is what few of those that are held need: a company, or the name of
// a message that the plan does not have.
type HeldName struct {
	Message string
	Company string
}

// A HeldList is the candidates that one decision has held.
type HeldList struct {
	Plan     *plan.Plan
	Count    int // candidates
	Rows     int
	room     int // so many candidates were expected
	inline   [InlineHeld]heldRow
	Overflow []heldRow
	names    []HeldName
}

// Expect says how many candidates may come, so that there is one allocation at
// most.
func (l *HeldList) Expect(n int) { l.room = n }

func (l *HeldList) add(h *heldRow) {
	l.Count += 1 + int(h.more)
	if l.Rows > 0 {
		if last := l.row(l.Rows - 1); last.joins(h) {
			last.more += 1 + h.more
			return
		}
	}
	if l.Rows < InlineHeld {
		// One by one: what was just written in parts is slow to read whole.
		to := &l.inline[l.Rows]
		to.retryAt, to.at, to.by, to.more, to.reason = h.retryAt, h.at, h.by, h.more, h.reason
	} else {
		if cap(l.Overflow) == 0 {
			l.Overflow = make([]heldRow, 0, max(l.room-l.Count, 0)+1)
		}
		l.Overflow = append(l.Overflow, *h)
	}
	l.Rows++
}

// joins reports whether h continues the row.
func (r *heldRow) joins(h *heldRow) bool {
	return r.at+uint32(r.more)+1 == h.at && r.reason == h.reason && r.retryAt == h.retryAt && r.by == h.by && h.at < named &&
		int(r.more)+int(h.more) < math.MaxUint16
}

// Hold notes a candidate of a message that the plan has. by is the place of the cap that
// held it, 0 if none did.
func (l *HeldList) Hold(m *plan.Message, company string, w plan.Reason, retryAt int64, by int) {
	row := heldRow{retryAt: retryAt, at: uint32(m.Place), by: uint32(by), reason: w}
	if company != "" {
		l.addNamed(HeldName{m.ID, company}, row)
		return
	}
	l.add(&row)
}

// HoldMany notes n candidates from a place on, held forever.
func (l *HeldList) HoldMany(place, n int, w plan.Reason) {
	for ; n > math.MaxUint16; n-- {
		l.add(&heldRow{at: uint32(place), reason: w})
		place++
	}
	l.add(&heldRow{at: uint32(place), more: uint16(n - 1), reason: w})
}

// HoldNamed notes a candidate of a message that the plan does not have.
func (l *HeldList) HoldNamed(name HeldName, w plan.Reason) { l.addNamed(name, heldRow{reason: w}) }

func (l *HeldList) addNamed(name HeldName, row heldRow) {
	row.at = named | uint32(len(l.names))
	l.add(&row)
	l.names = append(l.names, name)
}

func (l *HeldList) row(i int) *heldRow {
	if i < InlineHeld {
		return &l.inline[i]
	}
	return &l.Overflow[i-InlineHeld]
}

// A HeldOne is one candidate of a list.
type HeldOne struct {
	Message, Company string
	Reason           plan.Reason
	RetryAt          int64  // Unix milliseconds; 0 is never
	Cap              string // the ID of the cap that held it
}

// Each calls fn with all of them, in the order in which they were noted.
func (l *HeldList) Each(fn func(HeldOne)) {
	for i := range l.Rows {
		h := l.row(i)
		one := HeldOne{Reason: h.reason, RetryAt: h.retryAt}
		if h.by != 0 {
			one.Cap = l.Plan.Caps.ID(int(h.by))
		}
		if h.at >= named {
			one.Message, one.Company = l.names[h.at-named].Message, l.names[h.at-named].Company
			fn(one)
			continue
		}
		for _, m := range l.Plan.ByPlace[h.at:][:1+int(h.more)] {
			one.Message = m.ID
			fn(one)
		}
	}
}

// LookedAt is one candidate that a look has found held.
type LookedAt struct {
	index  int // of the message in its plan
	reason plan.Reason
}

// HeldCounts gathers, over a run, the totals of what was held where nothing
// was written for the contact: a sweep's non-matches are not written one by
// one. It is by the index of the message; reasons are few, so that a list is
// faster than a map.
type HeldCounts [][]heldCount

type heldCount struct {
	Reason plan.Reason
	Count  int64
}

// Add counts what a look at one contact has held.
func (h HeldCounts) Add(list []LookedAt) {
next:
	for _, x := range list {
		rows := h[x.index]
		for i := range rows {
			if rows[i].Reason == x.reason {
				rows[i].Count++
				continue next
			}
		}
		h[x.index] = append(rows, heldCount{x.reason, 1})
	}
}

// Each calls fn with all counts, by the index of the message.
func (h HeldCounts) Each(fn func(message int, reason plan.Reason, n int64)) {
	for i, rows := range h {
		for _, x := range rows {
			fn(i, x.Reason, x.Count)
		}
	}
}

// Take adds what others have gathered under the same plan.
func (h HeldCounts) Take(others HeldCounts) {
	for i, rows := range others {
	next:
		for _, x := range rows {
			for k := range h[i] {
				if h[i][k].Reason == x.Reason {
					h[i][k].Count += x.Count
					continue next
				}
			}
			h[i] = append(h[i], x)
		}
	}
}

// AddAll adds what was held of n contacts, for each of them the same.
func (h HeldCounts) AddAll(list []LookedAt, n int64) {
	h.Add(list)
	for _, x := range list {
		for i := range h[x.index] {
			if row := &h[x.index][i]; row.Reason == x.reason {
				row.Count += n - 1
			}
		}
	}
}

// CompareIncrements orders increments by message, then by name.
func CompareIncrements(a, b store.Increment) int {
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

// A heldFor is the event of what had waited and was held again.
type heldFor struct {
	at   int // its place in the list of held candidates
	name unique.Handle[string]
}

// noteEvent notes that the candidates held from a place on were about an event.
func (d *Decision) noteEvent(from int, h *store.Hold) {
	if d.In.Limits.Decisions == 0 || h.Event.Arrived == 0 {
		return
	}
	for at := from; at < d.Out.Held.Count; at++ {
		d.Out.heldFor = append(d.Out.heldFor, heldFor{at, h.Event.Name})
	}
}

// keepDecided keeps what was decided, where the host has asked for it. A look only finds
// out whether there is anything to keep.
func (d *Decision) keepDecided() {
	most := d.In.Limits.Decisions
	if most == 0 || d.In.Explain || d.Out.Held.Count == 0 && len(d.Out.Deliveries) == 0 {
		return
	}
	var own *store.Rare
	add := func(x store.Decided) {
		if own == nil {
			own = d.profile().Own()
		}
		own.Decided = ledger.List(own.Decided).Add(x, most)
	}
	all := store.Decided{Occasion: d.In.Occasion.Name(), Last: d.In.Now, Program: d.In.State.Plan.Number}
	if d.In.Occasion == OnTrack {
		all.Event = intern.Text(d.In.Name)
	}
	at, noted := -1, d.Out.heldFor
	run := d.In.Occasion == OnSweep || d.In.Occasion == OnSend
	d.Out.Held.Each(func(h HeldOne) {
		at++
		x := all
		x.Message, x.Company, x.Reason, x.Cap = h.Message, h.Company, store.Reason(h.Reason.Text()), h.Cap
		if len(noted) > 0 && noted[0].at == at {
			x.Event, noted = intern.Text(noted[0].name), noted[1:]
		}
		switch {
		case run && (ledger.IsEarly(x.Reason) || ledger.List(d.current().Rarely().Decided).Has(&x)):
			// Each run would find the same, of most contacts.
		case d.In.Looks:
			d.Out.Keeps = true
		default:
			add(x)
		}
	})
	if d.In.Looks {
		return
	}
	for i := range d.Out.Deliveries {
		x, sent := all, &d.Out.Deliveries[i]
		x.Message, x.Company, x.Sequence = sent.Message, sent.CompanyID, uint32(sent.Sequence)
		if i < len(d.Out.Origins) {
			if h := d.Out.Origins[i].hold; h != nil {
				x.Event = intern.Text(h.Event.Name)
			}
		}
		add(x)
	}
}
