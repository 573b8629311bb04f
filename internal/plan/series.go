package plan

import (
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
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
	Apart    int64  // milliseconds between an entry and the next; 0: none
	Entries  uint32 // at most so many; 0: any number
	Goal     *Goal
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
	Until         *TimeOfDay
	Split         []Share
	Next, Yes, No int
}

// A TimeOfDay is what a block waits for: the next of them.
type TimeOfDay struct {
	Clock   int64 // seconds from midnight
	Days    calendar.DaySet
	Contact bool // in the contact's own zone
}

// A Share is a part of the contacts that come to a split, and where it goes.
type Share struct {
	Below float64 // those with a place below it that an earlier share has not; places lie from 0 to 1
	Next  int
}

// Way returns where a contact with a place goes.
func (b *Block) Way(place float64) int {
	for i := range b.Split {
		if place < b.Split[i].Below {
			return b.Split[i].Next
		}
	}
	return b.Split[len(b.Split)-1].Next
}

// Block returns the place of a block; -1 if there is none of the name.
func (s *Series) Block(id string) int {
	if i, ok := s.Places[id]; ok {
		return i
	}
	return -1
}

// AtMessage reports whether a block is a message.
func (s *Series) AtMessage(id string) bool {
	i := s.Block(id)
	return i >= 0 && s.Blocks[i].Message != nil
}

// AtOnce are the blocks that may come next in the very instant in which a walk comes to this
// one. The way out of a rule is taken after its time.
func (b *Block) AtOnce() []int {
	if b.Wait > 0 {
		return nil
	}
	if b.Rule != nil {
		return []int{b.Yes}
	}
	if b.Split != nil {
		list := make([]int, len(b.Split))
		for i := range b.Split {
			list[i] = b.Split[i].Next
		}
		return list
	}
	return []int{b.Next}
}
