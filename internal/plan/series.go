package plan

import (
	"unique"

	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// MaxBlocks is how many blocks a series may have.
const MaxBlocks = 1000

// A Series is a graph of blocks that contacts walk through.
type Series struct {
	ID       string
	Status   Status
	Triggers bool // an event starts it; else its rule alone
	Event    unique.Handle[string]
	Where    *rule.Compiled
	Audience *rule.Compiled
	Exit     *rule.Compiled
	Reenter  bool
	Blocks   []Block
	Places   map[string]int // of the blocks in the list, by id; the first of a name
}

// A Block is one step of a series. Next, Yes and No are places in the list, -1 for
// the end of the walk.
type Block struct {
	ID            string
	Wait          int64 // milliseconds
	Rule          *rule.Compiled
	Within        int64 // milliseconds; 0: until it matches
	Message       *Message
	Set           []store.Attribute
	Exit          bool
	Next, Yes, No int
}

// Block returns the place of a block; -1 if there is none of the name.
func (s *Series) Block(id string) int {
	if i, ok := s.Places[id]; ok {
		return i
	}
	return -1
}

// Ways are the blocks that may come next.
func (b *Block) Ways() []int {
	if b.Rule != nil {
		return []int{b.Yes, b.No}
	}
	return []int{b.Next}
}
