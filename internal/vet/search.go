package vet

// maxLooks is how many conditions are looked at, one for each combination of outcomes in
// which its rule is. A rule that would need more may hold and may not, as far as is said.
const maxLooks = 2_000_000

// can reports whether the tree can come to a verdict: in some worlds of its subjects.
func can(t *tree, verdict bool) bool { return look(t, verdict, false) }

// canUnseen reports whether the tree can hold where no page is known.
func canUnseen(t *tree) bool { return look(t, true, true) }

func look(t *tree, verdict, pageless bool) bool {
	s := search{left: maxLooks, pageless: pageless}
	t.subjects(&s, map[*subject]bool{})
	return s.find(t, verdict, 0)
}

// A search goes through the outcomes of one subject after the other.
type search struct {
	order    []*subject
	left     int
	pageless bool // no page is known
}

func (t *tree) subjects(s *search, seen map[*subject]bool) {
	for _, x := range t.of {
		x.subjects(s, seen)
	}
	if t.leaf == nil {
		return
	}
	sub := t.leaf.subject
	if seen[sub] {
		return
	}
	seen[sub] = true
	if sub.judge(); len(sub.outcomes) > 0 || sub.unseen != nil && s.pageless {
		s.order = append(s.order, sub)
	}
}

func (s *search) find(t *tree, verdict bool, next int) bool {
	if s.left < 0 {
		return true
	}
	switch known, value := s.eval(t); {
	case known:
		return value == verdict
	case next == len(s.order):
		return true
	}
	sub := s.order[next]
	outcomes := sub.outcomes
	if s.pageless && sub.unseen != nil {
		outcomes = []*outcome{sub.unseen}
	}
	for _, o := range outcomes {
		sub.chosen = o
		if s.fits(sub, o, s.order[:next]) && s.find(t, verdict, next+1) {
			sub.chosen = nil
			return true
		}
	}
	sub.chosen = nil
	return false
}

// fits reports whether an outcome goes with those chosen before it.
func (s *search) fits(sub *subject, o *outcome, before []*subject) bool {
	if sub.stat == "" {
		return true
	}
	for _, other := range before {
		if with := other.chosen; other.stat != "" && (clash(sub, o, other, with) || clash(other, with, sub, o)) {
			return false
		}
	}
	return true
}

// eval returns what the outcomes chosen so far say of a tree.
func (s *search) eval(t *tree) (known, value bool) {
	switch t.kind {
	case condition:
		o := t.leaf.subject.chosen
		s.left--
		return o != nil, o != nil && o.verdict[t.leaf.at] == '1'
	case not:
		known, value = s.eval(t.of[0])
		return known, !value
	}
	known = true
	s.left-- // also of an empty group
	for _, x := range t.of {
		k, v := s.eval(x)
		if k && v == (t.kind == any) {
			return true, v
		}
		known = known && k
	}
	return known, t.kind == all
}
