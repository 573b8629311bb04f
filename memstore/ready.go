package memstore

import "github.com/beckon-go/beckon/store"

// The profiles of one contact in readyPart of a shard's are ready, and at least readyLeast
// of them. The profiles of the others are packed.
const (
	readyPart  = 6
	readyLeast = 256
)

// secondChances are how many profiles that were used may stay when one has to go. So a
// step has little to look at, however large the ring is.
const secondChances = 8

// A kept is the profile of a record. A profile that was shown is never modified and its
// memory never used again, because deciders may keep it: to pack it is to let go of it.
type kept struct {
	profile *store.Profile // nil if it is packed
	row     row            // empty if it was not packed since it was put
	rest    *store.Profile // what of it is not in row, mostly nothing
	place   uint32         // one more than its place in the ring; 0: it is not there
	used    bool           // since the hand was here
}

// show returns the profile; nil if there is none.
func (k *kept) show(n *names) *store.Profile {
	switch {
	case k == nil:
		return nil
	case k.profile == nil:
		return n.unpackProfile(k.row, k.rest)
	}
	return k.profile
}

// useProfile makes p, which k has shown to a step, ready for the next ones. What a scan
// or a read is shown is not made ready: else one scan would push out what is in use.
func (sh *shard) useProfile(s *Store, k *kept, p *store.Profile) {
	switch {
	case k.place != 0:
		if !k.used { // to write costs more than to look
			k.used = true
		}
	case k.row != "":
		k.profile = p
		sh.ready.add(&s.attributes, k, sh.mostReady(s.leastReady))
	}
}

// keepProfile replaces the profile of a record of that kind.
func (sh *shard) keepProfile(s *Store, kind store.Kind, m *extra, p *store.Profile) {
	if m.profile == nil {
		m.profile = new(kept)
	}
	k := m.profile
	k.profile, k.row, k.rest = p, "", nil
	switch {
	case !kind.IsContact(): // there are few of them, and they are read all the time
	case k.place != 0:
		k.used = true
	default:
		sh.ready.add(&s.attributes, k, sh.mostReady(s.leastReady))
	}
}

// forgetProfile lets go of the profile of an entry, which goes away.
func (sh *shard) forgetProfile(e *entry) {
	if e.more != nil && e.more.profile != nil {
		sh.ready.remove(e.more.profile)
	}
}

// mostReady returns how many profiles may be ready.
func (sh *shard) mostReady(least int) int {
	contacts := 0
	for kind := range sh.slabs {
		if store.Kind(kind).IsContact() {
			contacts += sh.slabs[kind].len()
		}
	}
	return max(least, contacts/readyPart)
}

// A ring has the contacts of a shard whose profiles are ready. One that comes takes the
// place of one that was not used while the hand went round.
type ring struct {
	list []*kept
	hand int
	next follower
}

// add takes in k, which is not in the ring. There may be most of them.
func (r *ring) add(n *names, k *kept, most int) {
	k.used = false
	if len(r.list) < most {
		r.list = append(r.list, k)
		k.place = uint32(len(r.list))
		return
	}
	at := r.release(n)
	r.list[at], k.place = k, uint32(at+1)
	if len(r.list) > most { // the shard has fewer contacts than it had
		r.vacate(r.release(n))
	}
}

// release packs a profile that was not used of late, and returns its place, which
// another has to take.
func (r *ring) release(n *names) int {
	for chances := secondChances; ; chances-- {
		if r.hand >= len(r.list) {
			r.hand = 0
		}
		at := r.hand
		r.hand++
		k := r.list[at]
		if k.used && chances > 0 {
			k.used = false
			continue
		}
		if k.row != "" {
			k.profile = nil
		} else if row, rest, ok := n.packProfile(k.profile, &r.next); ok {
			k.profile, k.row, k.rest = nil, row, rest
		} // else it stays as it is, beside the ring
		k.place = 0
		return at
	}
}

// remove takes k out, if it is there.
func (r *ring) remove(k *kept) {
	if k.place != 0 {
		r.vacate(int(k.place - 1))
		k.place = 0
	}
}

// vacate lets the last of the ring take a place.
func (r *ring) vacate(at int) {
	last := len(r.list) - 1
	if k := r.list[last]; at != last {
		r.list[at], k.place = k, uint32(at+1)
	}
	r.list[last] = nil
	r.list = r.list[:last]
}
