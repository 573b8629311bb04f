package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A meeting compares what two programs do: instant by instant, since two steps at the same
// time may send the same in another order.
type meeting struct {
	sends [2][]send // of the instant at hand, by program
	held  [2][]beckon.Held
	// Of the instant at hand: how many steps about one contact there were, and whether another
	// has decided something.
	single int
	mixed  bool

	d              Difference
	added, removed map[store.Key]struct{}
	shown          map[shown]int
}

// A send is what two programs are compared by.
type send struct {
	who     store.Key
	message string
	at      int64 // Unix milliseconds
}

func (a *send) compare(b *send) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.message, b.message), a.who.Compare(b.who))
}

// A shown is what there are examples of.
type shown struct {
	message string
	change  Change
}

func (m *meeting) init() {
	m.d = Difference{Added: map[string]int64{}, Removed: map[string]int64{}, Examples: []Example{}}
	m.added, m.removed, m.shown = map[store.Key]struct{}{}, map[store.Key]struct{}{}, map[shown]int{}
}

// note takes in what one program made of a step.
func (m *meeting) note(side int, out *Outcome) {
	for i := range out.Deliveries {
		d := &out.Deliveries[i]
		m.sends[side] = append(m.sends[side], send{keyOf(&d.Contact), d.Message, d.At.UnixMilli()})
	}
	switch {
	case out.single:
		if m.held[side] = out.Held; side == 0 {
			m.single++
		}
	case len(out.Deliveries)+len(out.Held) > 0:
		m.mixed = true
	}
}

// end takes in what the sends of an instant differ in.
func (m *meeting) end() {
	a, b := m.sends[0], m.sends[1]
	if !slices.Equal(a, b) {
		slices.SortFunc(a, func(x, y send) int { return x.compare(&y) })
		slices.SortFunc(b, func(x, y send) int { return x.compare(&y) })
		for len(a)+len(b) > 0 {
			switch c := compareFirst(a, b); {
			case c < 0:
				m.take(&a[0], Removed)
				a = a[1:]
			case c > 0:
				m.take(&b[0], Added)
				b = b[1:]
			default:
				a, b = a[1:], b[1:]
			}
		}
	}
	m.sends[0], m.sends[1], m.held = m.sends[0][:0], m.sends[1][:0], [2][]beckon.Held{}
	m.single, m.mixed = 0, false
}

// compareFirst compares the first of each list; what has ended comes last.
func compareFirst(a, b []send) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return a[0].compare(&b[0])
}

// take takes in one delivery that only one program makes.
func (m *meeting) take(x *send, change Change) {
	counts, contacts, other := m.d.Added, m.added, 0
	if change == Removed {
		counts, contacts, other = m.d.Removed, m.removed, 1
	}
	counts[x.message]++
	contacts[x.who] = struct{}{}
	kind := shown{x.message, change}
	if m.shown[kind] == MaxExamples {
		return
	}
	m.shown[kind]++
	m.d.Examples = append(m.d.Examples, Example{
		Contact: x.who.ID, Message: x.message, At: time.UnixMilli(x.at).UTC(), Change: change, Held: m.reason(other, x.message),
	})
}

// reason returns why a program held a message, if only one contact had anything to do with
// the instant: else it is not known whose it is.
func (m *meeting) reason(side int, message string) beckon.Reason {
	if m.single != 1 || m.mixed {
		return ""
	}
	i := slices.IndexFunc(m.held[side], func(h beckon.Held) bool { return h.Message == message })
	if i < 0 {
		return ""
	}
	return m.held[side][i].Reason
}

// difference returns what was taken in so far. settle makes contacts of the identities of
// one program.
func (m *meeting) difference(settle func(side int, identities map[store.Key]struct{}) map[store.Key]struct{}) *Difference {
	d := m.d
	removed, added := settle(0, m.removed), settle(1, m.added)
	d.AddedContacts, d.RemovedContacts, d.Contacts = len(added), len(removed), len(removed)
	for x := range added {
		if _, both := removed[x]; !both {
			d.Contacts++
		}
	}
	return &d
}
