package scenario

// match pairs as many wants with as many gots as there can be, by augmenting
// paths: a want that names little must not take the only partner of one that
// names much. It returns those left over on both sides.
func match(wants, gots int, fits func(want, got int) bool) (wanted, came []int) {
	partner := make([]int, gots) // of each got: its want, or -1
	for j := range partner {
		partner[j] = -1
	}
	var tried []bool
	var augment func(i int) bool
	augment = func(i int) bool {
		for j := range gots { // one that is free moves no other
			if partner[j] < 0 && fits(i, j) {
				partner[j] = i
				return true
			}
		}
		if tried == nil {
			tried = make([]bool, gots)
		}
		for j := range gots {
			if partner[j] < 0 || tried[j] || !fits(i, j) {
				continue
			}
			tried[j] = true
			if augment(partner[j]) {
				partner[j] = i
				return true
			}
		}
		return false
	}
	for i := range wants {
		tried = nil
		if !augment(i) {
			wanted = append(wanted, i)
		}
	}
	for j, i := range partner {
		if i < 0 {
			came = append(came, j)
		}
	}
	return wanted, came
}
