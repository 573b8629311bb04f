package scenario

// match pairs as many wants with as many gots as there can be, by augmenting
// paths: a want that names little must not take the only partner of one that
// names much. It returns those left over on both sides. A want fits none but those
// of its bucket; without among that is all of them.
func match(wants, gots int, among func(want int) *bucket, fits func(want, got int) bool) (wanted, came []int) {
	if among == nil {
		all := allOf(gots)
		among = func(int) *bucket { return all }
	}
	m := &matching{among: among, fits: fits, partner: make([]int, gots), tried: make([]int, gots)}
	for j := range m.partner {
		m.partner[j] = -1
	}
	for i := range wants {
		m.search++
		m.path = m.path[:0]
		if m.augment(i) {
			continue
		}
		wanted = append(wanted, i)
		for _, j := range m.path {
			m.tried[j] = dead
		}
	}
	for j, i := range m.partner {
		if i < 0 {
			came = append(came, j)
		}
	}
	return wanted, came
}

// dead marks a got that a search which failed has tried: no later one gets further by it.
const dead = -1

// A matching is what was paired so far.
type matching struct {
	among   func(want int) *bucket
	fits    func(want, got int) bool
	partner []int // of each got: its want, or -1; one that has a want keeps one
	tried   []int // of each got: the last search that tried it, or dead
	path    []int // the gots that this search has tried
	search  int
}

// A bucket is gots that a want may fit, in order. Wants that name the same share it, and
// what one of them has found of its beginning.
type bucket struct {
	gots   []int
	taken  int // so many at the beginning have a want
	dead   int // so many are dead
	tried  int // so many were tried in the search
	search int
}

func allOf(gots int) *bucket {
	b := &bucket{gots: make([]int, gots)}
	for j := range b.gots {
		b.gots[j] = j
	}
	return b
}

// augment finds a partner for a want, and others for those that it moves.
func (m *matching) augment(i int) bool {
	b := m.among(i)
	for b.taken < len(b.gots) && m.partner[b.gots[b.taken]] >= 0 {
		b.taken++
	}
	for _, j := range b.gots[b.taken:] { // one that is free moves no other
		if m.partner[j] < 0 && m.fits(i, j) {
			m.partner[j] = i
			return true
		}
	}
	for at := m.untried(b, 0); at < len(b.gots); at = m.untried(b, at+1) {
		j := b.gots[at]
		if m.partner[j] < 0 || m.tried[j] == dead || m.tried[j] == m.search || !m.fits(i, j) {
			continue
		}
		m.tried[j], m.path = m.search, append(m.path, j)
		if m.augment(m.partner[j]) {
			m.partner[j] = i
			return true
		}
	}
	return false
}

// untried returns where in a bucket to go on from a place: what is tried at its beginning is
// passed over at once.
func (m *matching) untried(b *bucket, at int) int {
	for b.dead < len(b.gots) && m.tried[b.gots[b.dead]] == dead {
		b.dead++
	}
	if b.search != m.search {
		b.search, b.tried = m.search, b.dead
	}
	for b.tried = max(b.tried, b.dead); b.tried < len(b.gots) && (m.tried[b.gots[b.tried]] == m.search || m.tried[b.gots[b.tried]] == dead); {
		b.tried++
	}
	return max(at, b.tried)
}

// A named is a field that a want names, and what is to stand there.
type named struct{ field, text string }

// bucketsOf returns the bucket of each want: of the fields that it names the one whose text the
// fewest gots have. Of a got, text returns what stands in a field.
func bucketsOf(gots int, names func(want int) []named, text func(got int, field string) string) func(want int) *bucket {
	all, none, fields := allOf(gots), &bucket{}, map[string]map[string]*bucket{}
	return func(want int) *bucket {
		best := all
		for _, n := range names(want) {
			by, known := fields[n.field]
			if !known {
				by = map[string]*bucket{}
				for j := range gots {
					t := text(j, n.field)
					if by[t] == nil {
						by[t] = &bucket{}
					}
					by[t].gots = append(by[t].gots, j)
				}
				fields[n.field] = by
			}
			if by[n.text] == nil {
				return none
			}
			if len(by[n.text].gots) < len(best.gots) {
				best = by[n.text]
			}
		}
		return best
	}
}
