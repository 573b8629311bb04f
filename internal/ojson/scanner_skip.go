package ojson

// A Mark is a place before a value, to which Rewind goes back.
type Mark struct{ pos, depth, bad int }

// Mark returns the place before the next value, which Kind has just told.
func (s *Scanner) Mark() Mark { return Mark{pos: s.pos, depth: s.depth, bad: s.bad} }

// Rewind goes back to the place of m, in a container that has not been left
// since. An error stays: what was read up to it is read again with the same
// error.
func (s *Scanner) Rewind(m Mark) {
	if s.err == nil {
		s.pos, s.depth, s.bad, s.fresh = m.pos, m.depth, m.bad, false
	}
}

// Skip takes the next value, whatever it is, checks it like any other and
// returns nothing. It allocates nothing.
func (s *Scanner) Skip() {
	// Iterative: the open containers are bits, so nesting costs no stack.
	for base := s.depth; ; {
		switch s.Kind() {
		case Object, Array:
			s.Enter()
		case String:
			s.quoted()
		case Number:
			s.number()
		case Bool:
			s.Bool()
		case Null:
			s.Null()
		default:
			s.unexpected("a value")
		}
		for s.depth > base && !s.Next() && s.err == nil {
			continue // a container ended; its own container goes on
		}
		if s.err != nil || s.depth == base {
			return
		}
		if s.open[s.depth>>3]&(1<<(s.depth&7)) != 0 {
			s.quoted()
			s.colon()
		}
	}
}

// End checks that nothing but white space is left.
func (s *Scanner) End() {
	s.space()
	if s.err == nil && s.pos < len(s.src) {
		s.unexpected("the end of the body")
	}
}
