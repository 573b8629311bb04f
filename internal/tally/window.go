package tally

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/repr"
)

// A Window is what a kind of a window keeps: times in Unix seconds, oldest first, and
// beside each of them what stands for its value.
type Window struct {
	Times  []int64
	Values string
}

// An item is one value of a window.
type item struct {
	at   int64
	text string
}

func (x item) compare(y item) int {
	if x.at != y.at {
		if x.at < y.at {
			return -1
		}
		return 1
	}
	return strings.Compare(x.text, y.text)
}

// size returns how long the first of the values is.
func (k Kind) size(values string) int {
	if k == Different {
		return min(hashSize, len(values))
	}
	r := reader{data: values}
	r.currency()
	r.skipNumber()
	return min(r.at, len(values))
}

// items returns what the window has.
func (k Kind) items(w Window) []item {
	list := make([]item, 0, len(w.Times)+1)
	for _, at := range w.Times {
		n := k.size(w.Values)
		list = append(list, item{at, w.Values[:n]})
		w.Values = w.Values[n:]
	}
	return list
}

// windowOf returns the newest keep of a list, in the memory of times. gone is the time of
// the newest that is not among them.
func windowOf(list []item, times []int64, keep int) (w Window, gone int64, went bool) {
	if over := len(list) - keep; over > 0 {
		gone, went = list[over-1].at, true
		list = list[over:]
	}
	var b strings.Builder
	w.Times = times[:0]
	for _, x := range list {
		w.Times = append(w.Times, x.at)
		b.WriteString(x.text)
	}
	w.Values = b.String()
	return w, gone, went
}

// Enter returns the window with a value more, in the memory of its times. Of many the
// newest keep stay. gone is the time of the newest that does not, if one went.
func (k Kind) Enter(w Window, keep int, at int64, v *repr.Value) (_ Window, gone int64, went bool) {
	var buf [64]byte
	x := item{at, string(k.appendItem(buf[:0], v))}
	n := len(w.Times)
	switch {
	case k == Different || n > 0 && w.Times[n-1] >= at:
	case n < keep: // nearly always
		return Window{append(w.Times, at), w.Values + x.text}, 0, false
	case n == keep && n > 0:
		gone = w.Times[0]
		copy(w.Times, w.Times[1:])
		w.Times[n-1] = at
		return Window{w.Times, w.Values[k.size(w.Values):] + x.text}, gone, true
	}
	return windowOf(k.put(k.items(w), x), w.Times, keep)
}

// put puts one more into a list. A different value stands at its newest time only.
func (k Kind) put(list []item, x item) []item {
	if k == Different {
		if i := slices.IndexFunc(list, func(y item) bool { return y.text == x.text }); i >= 0 {
			if list[i].at >= x.at {
				return list
			}
			list = slices.Delete(list, i, i+1)
		}
	}
	i, _ := slices.BinarySearchFunc(list, x, item.compare)
	return slices.Insert(list, i, x)
}

func (k Kind) appendItem(b []byte, v *repr.Value) []byte {
	if k == Different {
		hash := hashOf(v)
		return append(b, hash[:]...)
	}
	n, _ := NumberOf(v)
	return n.append(appendCurrency(b, currencyOf(v)))
}

// Merge returns the newest keep of two windows, in memory of its own, as Enter does.
func (k Kind) Merge(a, b Window, keep int) (_ Window, gone int64, went bool) {
	list := append(k.items(a), k.items(b)...)
	slices.SortFunc(list, item.compare)
	if k == Different {
		newest := make(map[string]int64, len(list))
		for _, x := range list {
			newest[x.text] = x.at // the last is the newest
		}
		last := "" // of two at one time, which stand side by side
		list = slices.DeleteFunc(list, func(x item) bool {
			if newest[x.text] != x.at || last == x.text {
				return true
			}
			last = x.text
			return false
		})
	}
	return windowOf(list, nil, keep)
}
