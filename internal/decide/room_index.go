package decide

import (
	"slices"

	"github.com/beckon-go/beckon/store"
)

// A roomIndex finds what freeFrom asks of a record, again and again for all that waits in
// it: what it waits for by message, and what takes the room of caps. It is of one record, as
// it was before the occasion.
type roomIndex struct {
	waiting map[string][]int32 // what waits for room, by message; nil: not asked for yet
	taken   map[int32][]int64  // when the caps of a group were taken, in order
}

// of returns the places of the holds of a message that wait for room.
func (x *roomIndex) of(list []store.Hold, message string) []int32 {
	if x.waiting == nil {
		x.waiting = make(map[string][]int32)
		for i := range list {
			if list[i].Until != 0 {
				x.waiting[list[i].Message] = append(x.waiting[list[i].Message], int32(i))
			}
		}
	}
	return x.waiting[message]
}

// until returns when a group of caps was taken, up to an instant.
func (x *roomIndex) until(s *State, group int32, log []store.SendLogEntry, at int64) []int64 {
	times, known := x.taken[group]
	if !known {
		g := &s.Plan.Caps.Groups[group]
		for i := range log {
			if g.Takes(&log[i]) {
				times = append(times, log[i].At)
			}
		}
		slices.Sort(times)
		if x.taken == nil {
			x.taken = make(map[int32][]int64)
		}
		x.taken[group] = times
	}
	n, _ := slices.BinarySearch(times, at+1)
	return times[:n]
}
