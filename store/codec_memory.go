package store

// A transient is the memory of a record that is used again for the next.
type transient struct {
	coder  coder
	record Record
	rows   rowMemory
}

func (t *transient) reset() {
	t.record = Record{}
	t.rows.reset()
	c := &t.coder
	c.body, c.at, c.err = "", 0, nil
}

// A rowMemory is where the rows of one record come from. It has those that nearly
// every contact has; the others are made anew.
type rowMemory struct {
	profile    Profile
	stats      rowSlab[Stats]
	sendStats  rowSlab[SendStats]
	sendLog    rowSlab[SendLogEntry]
	counters   rowSlab[Counter]
	dedup      rowSlab[Dedup]
	pending    rowSlab[Pending]
	attributes rowSlab[Attribute]
	numbers    rowSlab[int64]
	texts      rowSlab[string]
}

func (m *rowMemory) reset() {
	m.profile = Profile{}
	m.stats.reset()
	m.sendStats.reset()
	m.sendLog.reset()
	m.counters.reset()
	m.dedup.reset()
	m.pending.reset()
	m.attributes.reset()
	m.numbers.reset()
	m.texts.reset()
}

// rowsOf returns n zero rows. m may be nil.
func rowsOf[T any](m *rowMemory, n int) []T {
	if m == nil {
		return make([]T, n)
	}
	var slab any
	switch any((*T)(nil)).(type) {
	case *Stats:
		slab = &m.stats
	case *SendStats:
		slab = &m.sendStats
	case *SendLogEntry:
		slab = &m.sendLog
	case *Counter:
		slab = &m.counters
	case *Dedup:
		slab = &m.dedup
	case *Pending:
		slab = &m.pending
	case *Attribute:
		slab = &m.attributes
	case *int64:
		slab = &m.numbers
	case *string:
		slab = &m.texts
	}
	if s, ok := slab.(*rowSlab[T]); ok {
		return s.take(n)
	}
	return make([]T, n)
}

// newOf returns a zero T. m may be nil.
func newOf[T any](m *rowMemory) *T {
	if m != nil {
		if p, ok := any(&m.profile).(*T); ok {
			return p
		}
	}
	return new(T)
}

// A rowSlab is memory for rows of one type. What is not in use is zero.
type rowSlab[T any] struct {
	all  []T
	used int
}

// maxRowsKept is how many rows of one type are kept for the next record: one that is
// very large does not leave its memory to all that follow.
const maxRowsKept = 4096

func (s *rowSlab[T]) take(n int) []T {
	if n > len(s.all)-s.used {
		s.all, s.used = make([]T, max(n, 2*len(s.all), 16)), 0 // who has the old one keeps it
	}
	rows := s.all[s.used : s.used+n : s.used+n]
	s.used += n
	return rows
}

func (s *rowSlab[T]) reset() {
	if len(s.all) > maxRowsKept {
		s.all = nil
	} else {
		clear(s.all[:s.used])
	}
	s.used = 0
}
