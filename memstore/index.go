package memstore

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/beckon-go/beckon/store"
)

// facets are what of a record is indexed. The zero facets are in no index.
type facets struct {
	due      int64
	email    string
	pending  int64            // when the first lease ends
	channels store.ChannelSet // of what is pending
	moving   bool
}

func facetsOf(r *store.Record) facets {
	if r.Profile == nil {
		return leasesOf(r)
	}
	f := leasesOf(r)
	f.due, f.email, f.moving = r.NextDue(), r.Email(), !r.Profile.Moving.IsZero()
	return f
}

// leasesOf returns the facets that do not follow from the profile.
func leasesOf(r *store.Record) facets {
	return facets{pending: r.NextPending(), channels: r.PendingChannels()}
}

// An index finds records by what is in their profiles, or pending. It is one for all
// shards, so that the earliest of all is found at once; a step takes its
// lock, inside that of its shard, only if it changes what is indexed.
type index struct {
	mu                          sync.Mutex
	due, email, pending, moving ordered
}

// A spot is a place in one of the orders of an index.
type spot struct {
	due      int64            // in the order by due time, and by the end of leases
	channels store.ChannelSet // of what is pending, there; it does not change the place
	email    string           // in the order by email
	key      store.Key
}

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.email, b.email), a.key.Compare(b.key))
}

// move brings the index up to date with a record that had one set of facets and
// now has another.
func (x *index) move(key store.Key, from, to facets) {
	if from == to {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.due.move(spot{due: from.due, key: key}, from.due != 0, spot{due: to.due, key: key}, to.due != 0)
	if to.email != from.email {
		to.email = strings.Clone(to.email) // the given one may be a part of a much longer text
	}
	x.email.move(spot{email: from.email, key: key}, from.email != "", spot{email: to.email, key: key}, to.email != "")
	x.pending.move(spot{due: from.pending, channels: from.channels, key: key}, from.pending != 0, spot{due: to.pending, channels: to.channels, key: key}, to.pending != 0)
	x.moving.move(spot{key: key}, from.moving, spot{key: key}, to.moving)
}

// blockSize is how many spots are together: so many move at most when one
// comes or goes.
const blockSize = 256

// An ordered is a sorted set of spots, in blocks that are never empty.
type ordered struct {
	blocks [][]spot
}

func (o *ordered) move(from spot, was bool, to spot, is bool) {
	if was == is && from == to {
		return
	}
	if was {
		o.remove(from)
	}
	if is {
		o.insert(to)
	}
}

// seek returns the first place at or after s: a block, a position in it, and
// whether s itself is there. The block may be one past the last.
func (o *ordered) seek(s spot) (block, at int, found bool) {
	block, _ = slices.BinarySearchFunc(o.blocks, s, func(b []spot, s spot) int { return b[len(b)-1].compare(s) })
	if block == len(o.blocks) {
		return block, 0, false
	}
	at, found = slices.BinarySearchFunc(o.blocks[block], s, spot.compare)
	return block, at, found
}

func (o *ordered) insert(s spot) {
	block, at, found := o.seek(s)
	switch {
	case found:
		return
	case len(o.blocks) == 0:
		o.blocks = [][]spot{{s}}
		return
	case block == len(o.blocks): // after all others
		block--
		at = len(o.blocks[block])
	}
	b := slices.Insert(o.blocks[block], at, s)
	o.blocks[block] = b
	if len(b) > blockSize {
		half := len(b) / 2
		o.blocks[block] = slices.Clip(b[:half])
		o.blocks = slices.Insert(o.blocks, block+1, slices.Clone(b[half:]))
		clear(b[half:])
	}
}

func (o *ordered) remove(s spot) {
	block, at, found := o.seek(s)
	if !found {
		return
	}
	if b := slices.Delete(o.blocks[block], at, at+1); len(b) > 0 {
		o.blocks[block] = b
		return
	}
	o.blocks = slices.Delete(o.blocks, block, block+1)
}

// after appends to dst the spots behind s, at most n and while ok, of some channels if they
// are not zero.
func (o *ordered) after(dst []spot, s spot, n int, channels store.ChannelSet, ok func(spot) bool) []spot {
	block, at, found := o.seek(s)
	if found {
		at++
	}
	for ; block < len(o.blocks); block, at = block+1, 0 {
		for _, x := range o.blocks[block][at:] {
			if n == 0 || !ok(x) {
				return dst
			}
			if channels != 0 && x.channels&channels == 0 {
				continue
			}
			dst = append(dst, x)
			n--
		}
	}
	return dst
}
