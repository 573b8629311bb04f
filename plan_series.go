package beckon

import (
	"unique"

	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A seriesPlan is one series, compiled.
type seriesPlan struct {
	id       string
	status   planStatus
	triggers bool // an event starts it; else its rule alone
	event    unique.Handle[string]
	where    *rule.Compiled
	audience *rule.Compiled
	exit     *rule.Compiled
	reenter  bool
	blocks   []blockPlan
	places   map[string]int // of the blocks in the list, by id; the first of a name
}

// A blockPlan is one block. next, yes and no are places in the list, -1 for
// the end of the walk.
type blockPlan struct {
	id            string
	wait          int64 // milliseconds
	rule          *rule.Compiled
	within        int64 // milliseconds; 0: until it matches
	message       *messagePlan
	set           []store.Attribute
	exit          bool
	next, yes, no int
}

// block returns the place of a block; -1 if there is none of the name.
func (s *seriesPlan) block(id string) int {
	if i, ok := s.places[id]; ok {
		return i
	}
	return -1
}

// ways are the blocks that may come next.
func (b *blockPlan) ways() []int {
	if b.rule != nil {
		return []int{b.yes, b.no}
	}
	return []int{b.next}
}
