package scenario

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// As many pairs are found as by searches that remember nothing, within buckets or without,
// and each want that was not paired has nobody to be paired with.
func TestMatchAgainstPlainSearches(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	moved := 0
	for range 3000 {
		wants, gots := random.IntN(14), random.IntN(14)
		texts := func(n int) (list []string) {
			for range n {
				list = append(list, strconv.Itoa(random.IntN(3)))
			}
			return list
		}
		messages, users := texts(gots), texts(gots)
		fields := make([][]named, wants)
		for i := range fields {
			if random.IntN(4) == 0 {
				fields[i] = append(fields[i], named{"message", strconv.Itoa(random.IntN(4))})
			}
			if random.IntN(4) == 0 {
				fields[i] = append(fields[i], named{"user", strconv.Itoa(random.IntN(4))})
			}
		}
		text := func(j int, field string) string {
			if field == "user" {
				return users[j]
			}
			return messages[j]
		}
		no := make([]bool, 14*14) // by what no field says
		for k := range no {
			no[k] = random.IntN(3) > 0
		}
		fits := func(i, j int) bool {
			for _, n := range fields[i] {
				if text(j, n.field) != n.text {
					return false
				}
			}
			return !no[14*i+j]
		}

		partner := slices.Repeat([]int{-1}, gots)
		var augment func(i int, tried []bool) bool
		augment = func(i int, tried []bool) bool {
			for j := range gots {
				if !fits(i, j) || tried[j] {
					continue
				}
				tried[j] = true
				if partner[j] >= 0 {
					moved++
				}
				if partner[j] < 0 || augment(partner[j], tried) {
					partner[j] = i
					return true
				}
			}
			return false
		}
		pairs := 0
		for i := range wants {
			if augment(i, make([]bool, gots)) {
				pairs++
			}
		}

		among := bucketsOf(gots, func(i int) []named { return fields[i] }, text)
		wanted, came := match(wants, gots, among, fits)
		alone, left := match(wants, gots, nil, fits)
		if len(wanted) != wants-pairs || len(came) != gots-pairs {
			t.Fatalf("%d of %d and %d are paired; left over are %v and %v", pairs, wants, gots, wanted, came)
		}
		if !slices.Equal(wanted, alone) || !slices.Equal(came, left) {
			t.Fatalf("with buckets %v and %v are left over, without %v and %v", wanted, came, alone, left)
		}
	}
	if moved < 1000 {
		t.Errorf("%d were moved: the test does not reach what it is for", moved)
	}
}
