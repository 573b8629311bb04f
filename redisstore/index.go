package redisstore

import (
	"context"

	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A selection is a query by index: a stretch of the members of one index.
type selection struct {
	key    string // behind the tag
	prefix int    // bytes of a member before its kind and id
	least  string // members begin here
	most   string // and end before here; empty: at the end
	chosen func(facets) bool

	leases   bool             // of the index whose members have channels
	channels store.ChannelSet // of what is pending; zero: any
}

func selectionOf(q store.Query) selection {
	byTime := func(key string, until int64, at func(facets) int64) selection {
		return selection{
			key: key, prefix: instantSize, most: string(appendInstant(nil, until)) + "\xff", // behind all of this instant
			chosen: func(f facets) bool { return at(f) != 0 && at(f) <= until },
		}
	}
	switch {
	case q.Due != 0:
		return byTime(dueKey, q.Due, func(f facets) int64 { return f.due })
	case q.Pending != 0:
		x := byTime(pendingKey, q.Pending, func(f facets) int64 { return f.pending })
		x.leases, x.channels = true, q.Channels
		return x
	case q.Email != "":
		hash := emailHash(q.Email)
		return selection{
			key: emailKey, prefix: emailHashSize, least: hash, most: hash + "\xff", // behind all kinds
			chosen: func(f facets) bool { return f.email == q.Email },
		}
	}
	return selection{key: movingKey, chosen: func(f facets) bool { return f.moving }}
}

// contains reports whether a cursor may come from a scan of the selection.
func (x *selection) contains(member string) bool {
	return member >= x.least && (x.most == "" || member < x.most)
}

// keyOf returns the record that a member names, and on which channels something is pending
// in it; none if the member does not say. It reports whether it is a member of an index.
func (x *selection) keyOf(member string) (key store.Key, channels store.ChannelSet, ok bool) {
	if len(member) <= x.prefix {
		return store.Key{}, 0, false
	}
	kind, id := member[x.prefix], member[x.prefix+1:]
	if x.leases && kind&marked != 0 {
		end := len(id) - channelsSize
		if end < 0 || id[end] != channelsMark {
			return store.Key{}, 0, false
		}
		channels = store.ChannelSet(id[end+1])<<8 | store.ChannelSet(id[end+2])
		kind, id = kind&^marked, id[:end]
	}
	return store.Key{Kind: store.Kind(kind), ID: id}, channels, true
}

// past returns the cursor behind a member, and all that it might be with other channels.
func (x *selection) past(member string) store.Cursor {
	if end := len(member) - channelsSize; x.leases && end > instantSize && member[instantSize]&marked != 0 {
		member = member[:end+1] + "\xff\xff"
	}
	return store.Cursor(member)
}

func (s *Store) scanIndex(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	x := selectionOf(q)
	if after != "" && !x.contains(string(after)) || q.Until != "" && !x.contains(string(q.Until)) {
		return "", badCursor()
	}
	var keys []store.Key
	limit = min(limit, idsPage) // a page may be shorter: keys are held in memory
	m, err := s.merge(ctx, &x, string(after), limit)
	if err != nil {
		return "", err
	}
	last, ended := "", false
	for seen := 0; len(keys) < limit && seen < idsPage && len(m.heads) > 0; seen++ {
		if last, err = m.next(); err != nil {
			return "", err
		}
		if ended = q.Until != "" && last > string(q.Until); ended {
			break
		}
		switch key, channels, ok := x.keyOf(last); {
		case ok && x.channels != 0 && channels != 0 && x.channels&channels == 0:
		case ok:
			keys = append(keys, key)
		case q.Damaged == nil:
			return "", corrupt("is no entry of an index")
		default:
			q.Damaged(store.Key{}, store.Damaged(store.Key{}, nil, corrupt("is no entry of an index")))
		}
	}
	var next store.Cursor
	if len(m.heads) > 0 && !ended && last != string(q.Until) {
		next = x.past(last)
	}
	err = s.visit(ctx, keys, q.Damaged, fn, func(r *store.Record) bool { return x.chosen(facetsOf(r)) })
	if err != nil {
		return "", err
	}
	return next, nil
}

// A merging returns the members of an index in order, over all partitions.
type merging struct {
	store *Store
	ctx   context.Context // of one scan, which is all that a merging is for
	from  *selection
	size  int     // members asked of a partition at once
	heads []*head // a heap, by first member; none is empty
}

// A head is what is known of one partition.
type head struct {
	tag     string
	members []string
	more    bool // there may be more on the server
}

// merge asks all partitions for their first members behind after.
func (s *Store) merge(ctx context.Context, x *selection, after string, limit int) (*merging, error) {
	parts := len(s.layout.tags)
	// Twice its share, so that mostly none has to be asked again.
	m := &merging{store: s, ctx: ctx, from: x, size: min(limit, 2*(limit/parts)+8)}
	pipe := s.client.Pipeline()
	commands := make([]*redis.StringSliceCmd, parts)
	for p, tag := range s.layout.tags {
		commands[p] = m.ask(pipe, tag, after)
	}
	if err := s.exec(ctx, pipe); err != nil {
		return nil, err
	}
	for p, cmd := range commands {
		members, err := cmd.Result()
		if err != nil {
			return nil, unwritten(err)
		}
		if len(members) > 0 {
			m.heads = append(m.heads, &head{s.layout.tags[p], members, len(members) == m.size})
		}
	}
	for i := len(m.heads)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
	return m, nil
}

func (m *merging) ask(c redis.Cmdable, tag, after string) *redis.StringSliceCmd {
	by := redis.ZRangeBy{Min: "-", Max: "+", Count: int64(m.size)}
	if m.from.least != "" {
		by.Min = "[" + m.from.least
	}
	if after != "" {
		by.Min = "(" + after
	}
	if m.from.most != "" {
		by.Max = "(" + m.from.most
	}
	return c.ZRangeByLex(m.ctx, tag+m.from.key, &by)
}

// next takes the first of all members.
func (m *merging) next() (string, error) {
	h := m.heads[0]
	first := h.members[0]
	h.members = h.members[1:]
	if len(h.members) == 0 && h.more {
		pipe := m.store.client.Pipeline()
		cmd := m.ask(pipe, h.tag, first)
		if err := m.store.exec(m.ctx, pipe); err != nil {
			return "", err
		}
		members, err := cmd.Result()
		if err != nil {
			return "", unwritten(err)
		}
		h.members, h.more = members, len(members) == m.size
	}
	if len(h.members) == 0 {
		last := len(m.heads) - 1
		m.heads[0], m.heads = m.heads[last], m.heads[:last]
	}
	m.sink(0)
	return first, nil
}

// sink moves the head at i down to where no head below it comes first.
func (m *merging) sink(i int) {
	for {
		first := i
		for _, below := range [...]int{2*i + 1, 2*i + 2} {
			if below < len(m.heads) && m.heads[below].members[0] < m.heads[first].members[0] {
				first = below
			}
		}
		if first == i {
			return
		}
		m.heads[i], m.heads[first] = m.heads[first], m.heads[i]
		i = first
	}
}
