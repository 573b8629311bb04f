package throttle

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/store"
)

// A Permit is the answer to one question.
type Permit struct {
	Allowed bool
	Reason  store.Reason // why not: max_reached, throttled or capped (a limit), the first that applies
	RetryAt time.Time    // when it would be allowed if nothing else is taken meanwhile; zero if allowed, or never
	// Remaining is how many more the maximum and the limits leave at this
	// instant, whatever the distance; after a Take without the one taken.
	// -1: there is neither a maximum nor a limit.
	Remaining int
	Sequence  uint64 // grows with every permit of a key; none is used twice. 0 if none was taken

	name, key string // what the ID is made of; empty if none was taken
}

// ID returns what [Throttler.Release] takes: unique over all keys, the same each
// time, and empty if no permit was taken. It tells nothing of the key to who
// does not know it, but is no secret: who knows the key can make it. It is made
// when it is asked for, so that a Take whose permit is never given back does not
// pay for it.
func (p Permit) ID() string {
	if p.Sequence == 0 {
		return ""
	}
	return idOf(p.name, p.key, p.Sequence)
}

// idOf names the permit with that sequence: a hash, which tells nothing
// of the key and is no longer for a longer one, and the sequence, by which a
// release finds the permit. The lengths keep name and key apart.
func idOf(name, key string, sequence uint64) string {
	var scratch [256]byte // on the stack, and enough for most
	b := scratch[:0]
	for _, s := range [...]string{"beckon throttle 1", name, key} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, sequence))
	id := hex.AppendEncode(b[:0], sum[:16])
	return string(strconv.AppendUint(append(id, '-'), sequence, 10))
}

// sequenceOf returns the sequence that an id of idOf names; 0 if it
// is none of this name and key.
func sequenceOf(name, key, id string) uint64 {
	_, digits, _ := strings.Cut(id, "-")
	sequence, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || idOf(name, key, sequence) != id {
		return 0
	}
	return sequence
}
