package beckonhttp

import (
	"hash/maphash"
	"strings"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

// turns has calls that look who has an identity, and then give it to somebody, do so one after
// the other. Calls of other processes it does not see.
type turns [64]sync.Mutex

//nolint:gochecknoglobals // it is the same for all
var turnSeed = maphash.MakeSeed()

// take waits for the turn of an identity. It ends with [call.leave], and before any function of
// the host is called: that may be slow, or ask the door itself.
func (c *call) take(who beckon.Identity) {
	id := strings.ToLower(wire.ContactID(who)) // an email is the same in other letters
	lock := &c.room.turns[maphash.String(turnSeed, id)%uint64(len(c.room.turns))]
	lock.Lock()
	c.inTurn = lock.Unlock
}

// leave ends the turn, if there is one.
func (c *call) leave() {
	if c.inTurn != nil {
		c.inTurn()
		c.inTurn = nil
	}
}
