package beckon

import "slices"

// needs reports whether a cap of the group may still count an entry of the log:
// it is among the newest, as many as the greatest maximum, that the group counts.
// Whether it is within the window is not asked, for the clock may step back.
func (g *capGroup) needs(log, made []Sent, i int) bool {
	if !g.takes(&log[i]) {
		return false
	}
	newer := 0
	for _, list := range [...][]Sent{log[i+1:], made} {
		for j := range list {
			if g.takes(&list[j]) {
				if newer++; newer >= g.most {
					return false
				}
			}
		}
	}
	return true
}

// room returns how many more sends at now all caps of the group have room for,
// after those at times, which are in order and not in the future. The window
// is (now - within, now].
func (g *capGroup) room(times []int64, now int64) int {
	room := g.most
	for i := range g.caps {
		first, _ := slices.BinarySearch(times, g.caps[i].from(now))
		room = min(room, g.caps[i].max-(len(times)-first))
	}
	return room
}

// freeAt returns the instant from which all caps of the group have room, after
// those at times and so many made at now, if nothing else is sent until then.
func (g *capGroup) freeAt(times []int64, made int, now int64) (retryAt int64) {
	for i := range g.caps {
		c := &g.caps[i]
		first, _ := slices.BinarySearch(times, c.from(now))
		if len(times)-first+made < c.max {
			continue
		}
		// The place that frees last is that of the newest send but max - 1.
		at := now
		if made < c.max {
			at = times[len(times)-(c.max-made)]
		}
		retryAt = max(retryAt, addMillis(at, c.within))
	}
	return retryAt
}
