package suggest

// MostLooks is how many names a [Budget] has compared before it is used up.
const MostLooks = 100_000

// A Budget bounds what suggestions for one document cost: many unknown names among many
// known ones would cost their product. Names behind the bound are told like all others,
// only without a suggestion. The zero Budget is whole. It is not for concurrent use.
type Budget struct{ looks int }

// Spend reports whether one more name may be compared with so many known ones.
func (b *Budget) Spend(known int) bool {
	if b.Spent() {
		return false
	}
	b.looks += known
	return true
}

// Spent reports whether nothing is left.
func (b *Budget) Spent() bool { return b.looks >= MostLooks }

// Nearest is [Nearest] as far as the budget allows.
func (b *Budget) Nearest(name string, known []string) string {
	if !b.Spend(len(known)) {
		return ""
	}
	return Nearest(name, known)
}
