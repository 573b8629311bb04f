package words

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/beckon-go/beckon"
)

// A Kind says what has become of a part of a program.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
	Moved   Kind = "moved" // the same, at another place of its list
)

// A Change is one difference between two programs.
type Change struct {
	Path   string `json:"path"`             // as faults have it: in the program after, or before if it was removed
	ID     string `json:"id,omitempty"`     // of the message, series, segment, cap, topic or event that it lies in
	Kind   Kind   `json:"kind"`             //
	Before string `json:"before,omitempty"` // what it said; empty if it was added
	After  string `json:"after,omitempty"`  // what it says; empty if it was removed
	Text   string `json:"text"`             // the change as a sentence without its end: the audience was everyone, now …
}

// String returns the change with its place, such as:
//
//	messages[2].audience (welcome): the audience was everyone, now contacts for whom the contact's plan is "pro"
func (c Change) String() string {
	place := c.Path
	if c.ID != "" {
		place += " (" + c.ID + ")"
	}
	return place + ": " + c.Text
}

// Diff returns what is different between two programs, in the order of their documents: none
// exactly if their JSON is the same. Messages, series, blocks, caps and topics are the
// same if their ids are, segments and events if their names are, wherever they stand; one
// that is at another place is moved. Where an edit changes what is left out to its default,
// or the other way, the change says that it is only written otherwise.
//
// Programs that no document can hold, such as those with a rule of NaN, are compared by what
// they say.
//
// A member that follows from others, such as the mode from the trigger, is a change of its
// own, if what it says has changed. Long texts are quoted where they differ.
func Diff(before, after beckon.Program) []Change {
	was, err := json.Marshal(before)
	now, fault := json.Marshal(after)
	if err == nil && fault == nil && bytes.Equal(was, now) {
		return nil
	}
	var d differ
	d.members(programParts(&before), programParts(&after))
	return d.changes
}

type differ struct{ changes []Change }

// members compares the parts of two things of one shape.
func (d *differ) members(before, after []*node) {
	for i := range after {
		d.part(before[i], after[i])
	}
}

// part compares two forms of one part.
func (d *differ) part(before, after *node) {
	if before.text == after.text && before.same(after) {
		return
	}
	found := len(d.changes)
	switch {
	case after.list:
		d.entries(before.of(), after.of())
	case before.of != nil && after.of != nil:
		d.members(before.of(), after.of())
	case before.text != after.text:
		was, now := before.text, after.text
		switch {
		case before.long && after.long:
			was, now = excerpts(before.text, after.text)
		case before.long:
			was = excerpt(before.text)
		case after.long:
			now = excerpt(after.text)
		}
		d.add(after, Changed, was, now, after.about+after.verb(" was ", " were ")+was+", now "+now)
	}
	if len(d.changes) == found {
		d.otherwise(before, after)
	}
}

// otherwise notes a part that says the same in other JSON.
func (d *differ) otherwise(before, after *node) {
	old, fresh := docOf(before.value), docOf(after.value)
	was, now := written(old), written(fresh)
	if len(old) > maxExcerpt || len(fresh) > maxExcerpt {
		was, now = excerpts(old, fresh)
	}
	d.add(after, Changed, was, now, after.about+after.verb(" says", " say")+" the same, and"+after.verb(" was ", " were ")+was+", now "+now)
}

// written says how a part is written.
func written(doc string) string {
	if doc == "" {
		return "left out"
	}
	return "written as " + doc
}

// entries compares lists, whose entries are found by their keys.
func (d *differ) entries(before, after []*node) {
	places := make(map[string]int, len(before))
	for i, key := range keysOf(before) {
		places[key] = i
	}
	same := make([]int, len(after)) // where each was, or -1
	var kept []int
	for i, key := range keysOf(after) {
		place, ok := places[key]
		if !ok {
			same[i] = -1
			continue
		}
		delete(places, key)
		same[i] = place
		kept = append(kept, place)
	}
	staying := longestRising(kept)
	for i, place := range same {
		n := after[i]
		if place < 0 {
			says := n.written()
			d.add(n, Added, "", says, n.about+" is new: "+says)
			continue
		}
		if !staying[place] {
			was, now := strconv.Itoa(place+1), strconv.Itoa(i+1)
			d.add(n, Moved, "at place "+was, "at place "+now, n.about+" was at place "+was+", now at place "+now)
		}
		d.part(before[place], n)
	}
	var gone []int
	for _, place := range places {
		gone = append(gone, place)
	}
	slices.Sort(gone)
	for _, place := range gone {
		n := before[place]
		says := n.written()
		d.add(n, Removed, says, "", n.about+" is gone: "+says)
	}
}

// written is what a part says, of a long text the beginning.
func (n *node) written() string {
	if n.long {
		return excerpt(n.text)
	}
	return n.says()
}

func (d *differ) add(n *node, kind Kind, before, after, text string) {
	d.changes = append(d.changes, Change{Path: n.path, ID: n.id, Kind: kind, Before: before, After: after, Text: text})
}

// keysOf returns the keys of parts; one that stands again is told from the first by how
// often it stood before.
func keysOf(list []*node) []string {
	keys, seen := make([]string, len(list)), map[string]int{}
	for i, n := range list {
		keys[i] = strconv.Itoa(seen[n.key]) + " " + n.key
		seen[n.key]++
	}
	return keys
}

// longestRising returns the numbers of a longest rising part of a list of different ones: the
// entries that have kept their order. All others have moved.
func longestRising(list []int) map[int]bool {
	ends := []int{}                  // by length, the place of the least last number
	before := make([]int, len(list)) // the place of the one before, in the longest part that ends here
	for i, n := range list {
		length, _ := slices.BinarySearchFunc(ends, n, func(place, n int) int { return list[place] - n })
		if before[i] = -1; length > 0 {
			before[i] = ends[length-1]
		}
		if length == len(ends) {
			ends = append(ends, i)
		} else {
			ends[length] = i
		}
	}
	rising := make(map[int]bool, len(ends))
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = before[i] {
			rising[list[i]] = true
		}
	}
	return rising
}
