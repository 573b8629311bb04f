package rows

import "slices"

// Once is what came, each once, in the order in which it came.
type Once[K comparable] struct {
	List []K
	has  map[K]struct{} // those of List, if they are many
}

// fewKeys is how many are looked through one by one.
const fewKeys = 8

// Add takes one in, and reports whether it is a new one.
func (s *Once[K]) Add(k K) bool {
	if s.has == nil && len(s.List) < fewKeys {
		if slices.Contains(s.List, k) {
			return false
		}
		s.List = append(s.List, k)
		return true
	}
	if s.has == nil {
		s.has = make(map[K]struct{})
		for _, x := range s.List {
			s.has[x] = struct{}{}
		}
	}
	if _, known := s.has[k]; known {
		return false
	}
	s.has[k] = struct{}{}
	s.List = append(s.List, k)
	return true
}
