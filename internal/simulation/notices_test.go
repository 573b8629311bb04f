package simulation

import (
	"slices"
	"testing"
)

// A shakyStore that does what no store may do is noticed: the simulation can fail.
func TestNotices(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulation over each broken store takes 3 s")
	}
	for _, c := range []struct {
		name  string
		fault storeFault
		kinds []string // one of which is broken then
	}{
		{"commits that are dropped", dropsCommits, []string{countBroken, repeatBroken, totalsBroken, distanceBroken, maximumBroken, twiceBroken}},
		{"steps that are carried out twice", stepsTwice, []string{totalsBroken, repeatBroken, pendingBroken, clockBroken}},
		{"commits without their profile", tearsCommits, []string{holdBroken, pendingBroken, walkBroken, twiceBroken}},
		{"steps that are not isolated", isolatesNot, []string{countBroken, repeatBroken, distanceBroken, maximumBroken, twiceBroken, holdBroken, pendingBroken}},
		{"who is due is not found", hidesDue, []string{lateBroken, holdBroken, walkBroken}},
		{"what is pending is not found", hidesPending, []string{pendingBroken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := 0
			const worlds = 10
			for s := range uint64(worlds) {
				d := dialsOf(s+1, 5)
				d.fault = c.fault
				d.ignored = slices.DeleteFunc(promises(), func(kind string) bool { return slices.Contains(c.kinds, kind) })
				w := simulate(t, d)
				if w.broken != nil {
					found++
				}
			}
			t.Logf("noticed in %d of %d worlds", found, worlds)
			if found == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}
