package beckonhttp

import (
	"context"
	"hash/maphash"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

// turns has calls that look who has an identity, and then give it to somebody, do so one after
// the other. Calls of other processes it does not see.
type turns [64]chan struct{}

func newTurns() *turns {
	t := new(turns)
	for i := range t {
		t[i] = make(chan struct{}, 1)
	}
	return t
}

//nolint:gochecknoglobals // it is the same for all
var turnSeed = maphash.MakeSeed()

// take waits for the turn of an identity. It ends with [call.leave], and before any function of
// the host is called: that may be slow, or ask the door itself. Where a store hangs, so does the
// call whose turn it is: the others wait for no longer than a call may take.
func (c *call) take(ctx context.Context, who beckon.Identity) error {
	id := strings.ToLower(wire.ContactID(who)) // an email is the same in other letters
	turn := c.room.turns[maphash.String(turnSeed, id)%uint64(len(c.room.turns))]
	select {
	case turn <- struct{}{}:
		c.inTurn = func() { <-turn }
		return nil
	case <-ctx.Done():
		return refuse(ErrUnavailable, "", "others ask for the same contact, and the store does not answer; try again")
	}
}

// leave ends the turn, if there is one.
func (c *call) leave() {
	if c.inTurn != nil {
		c.inTurn()
		c.inTurn = nil
	}
}
