package simulation

import (
	"math/rand/v2"
	"time"
)

// turnBack has series go round: a rule leads by its no, and a wait by its next, to a block that
// may lie before it. Its dice are its own: without it a world is what it was.
func (u *universe) turnBack(r *rand.Rand, d *dials) {
	if !d.has(returns) {
		return
	}
	for _, s := range u.series {
		blocks := s["blocks"].([]object)
		for i, b := range blocks {
			to := blocks[r.IntN(i+1)]["id"]
			switch {
			case r.IntN(2) > 0:
			case b["rule"] != nil:
				b["within"], b["no"] = pick(r, "2h", "12h", "1d"), to
			case b["wait"] != nil && r.IntN(2) == 0:
				b["wait"], b["next"] = pick(r, "6h", "1d"), to
			}
		}
		for i, b := range blocks {
			if form, ok := b["message"].(object); ok {
				m := u.byID[form["id"].(string)]
				if m.every = around(blocks, i); m.every > 0 {
					m.once = false
				}
			}
		}
	}
}

// around returns the shortest time from a block back to it; 0 if no way leads there.
func around(blocks []object, from int) time.Duration {
	place := map[any]int{}
	for i, b := range blocks {
		place[b["id"]] = i
	}
	const far = 1 << 62
	left := make([]time.Duration, len(blocks)) // the least time until a walk has left a block
	for i := range left {
		left[i] = far
	}
	least := time.Duration(far)
	reach := func(name any, at time.Duration) bool {
		i, ok := place[name]
		if !ok {
			return false
		}
		if i == from {
			least = min(least, at)
		}
		if at >= left[i] {
			return false
		}
		left[i] = at
		return true
	}
	reach(blocks[from]["next"], 0)
	for changed := true; changed; {
		changed = false
		for i, b := range blocks {
			if left[i] == far || i == from {
				continue
			}
			changed = reach(b["yes"], left[i]) || changed
			changed = reach(b["no"], left[i]+lasts(b["within"])) || changed
			changed = reach(b["next"], left[i]+lasts(b["wait"])) || changed
		}
	}
	if least == far {
		return 0
	}
	return least
}

// lasts returns how long a duration of a document is; 0 for none.
func lasts(x any) time.Duration {
	s, _ := x.(string)
	if n := len(s) - 1; n > 0 && s[n] == 'd' {
		d, err := time.ParseDuration(s[:n] + "h")
		if err != nil {
			panic(err)
		}
		return 24 * d
	}
	d, err := time.ParseDuration(s)
	if err != nil && s != "" {
		panic(err)
	}
	return d
}

// comesAround reports whether a delivery is of a series that goes round, and is of late: such come
// for as long as a world lasts, and the last have not had their turn when it ends.
func (w *world) comesAround(m *message, at time.Time) bool {
	return m != nil && m.series != "" && m.every > 0 && time.Since(at) < 24*time.Hour
}
