package vet

import (
	"strconv"

	"github.com/beckon-go/beckon/internal/ojson"
)

// blocks tells of blocks of a series that no walk comes to from its beginning, each way in
// once, and of ways that no walk takes.
func (v *vetter) blocks(list []ojson.Node, path string, at owner) {
	places := make(map[string]int, len(list))
	for i := range list {
		places[text(&list[i], "id")] = i
	}
	ways := make([][]int, len(list))
	led := make([]bool, len(list)) // another block leads there
	for i := range list {
		b := &list[i]
		if b.Get("rule") != nil && b.Get("no") != nil && b.Get("within") == nil {
			v.add(at, path+".blocks["+strconv.Itoa(i)+"].no", UnreachableBlock, "without within the block waits on, and never takes this way", "say after what time it is taken (within)")
		}
		for _, id := range waysOf(b) {
			if to, known := places[id]; known {
				ways[i], led[to] = append(ways[i], to), led[to] || to != i
			}
		}
	}
	reached := make([]bool, len(list))
	var reach func(i int)
	reach = func(i int) {
		if reached[i] {
			return
		}
		reached[i] = true
		for _, to := range ways[i] {
			reach(to)
		}
	}
	tell := func(i int) {
		if !reached[i] {
			reach(i)
			v.add(at, path+".blocks["+strconv.Itoa(i)+"]", UnreachableBlock, "no way leads here from the first block: only who stands here already goes on", "")
		}
	}
	if len(list) > 0 {
		reach(0)
	}
	for i := range list { // those behind them have the same cause
		if !led[i] {
			tell(i)
		}
	}
	for i := range list { // they lead to each other
		tell(i)
	}
}

// waysOf returns the ids of the blocks that may come next.
func waysOf(b *ojson.Node) (ids []string) {
	for _, name := range []string{"next", "yes", "no"} {
		ids = append(ids, text(b, name))
	}
	each(b, "split", func(way *ojson.Node, _ string) { ids = append(ids, text(way, "next")) })
	return ids
}
