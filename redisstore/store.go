package redisstore

import (
	"context"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/internal/recent"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A Store is a [beckon.Store] in Redis or Redis Cluster. Make one with [New];
// the zero Store is not usable. All methods are safe for concurrent use, and
// any number of stores, in any number of processes, may work on one namespace.
type Store struct {
	client   redis.UniversalClient
	cluster  bool // a command can only have keys of one slot
	options  options
	layout   *layout
	settings string // of the namespace when the store was opened
	sha      string // by which the server knows commitScript
	queue    *group.Queue[store.Key, *store.Step]
	items    sync.Pool // of *[]item
	batches  sync.Pool // of *batch
	recent   *recent.Rows[*recentValue]
	readers  sync.Pool // of *decoder
}

type item = group.Item[store.Key, *store.Step]

var (
	_ beckon.Store  = (*Store)(nil)
	_ store.Sizer   = (*Store)(nil)
	_ store.Skipper = (*Store)(nil)

	_ store.Overlapper = (*Store)(nil)
)

// Step implements [beckon.Store]. Concurrent calls share round trips: two, one to load
// and one to commit, for all steps of a group; one, if the records are such as this Store has
// written within the last ten seconds; up to about 96 MiB of them are kept. Steps on one
// record are decided one after the other and committed together.
//
// A step's Err is what Decide returned, [store.ErrDataCorrupt],
// [store.ErrDataVersion], [ErrFull], [ErrBusy], or [ErrUnavailable] if nothing was
// written because the server could not be reached. The error returned is that of ctx,
// [ErrUnavailable], or [ErrUnknownOutcome] if the connection broke during a commit:
// then steps without an Err may have been committed or not.
//
// When ctx ends, a caller that waits for its turn, or for a group that another caller
// leads, returns at once. A caller that leads a group returns when the client does, at
// the latest after its ReadTimeout. The others of the group are not disturbed. Step
// calls no Decider after it has returned.
func (s *Store) Step(ctx context.Context, steps []store.Step) error {
	if err := ctx.Err(); err != nil {
		for i := range steps {
			steps[i].Err = err
		}
		return err
	}
	pooled, ok := s.items.Get().(*[]item)
	if !ok {
		pooled = new([]item)
	}
	items := (*pooled)[:0]
	for i := range steps {
		steps[i].Err = nil
		items = append(items, item{Key: steps[i].Key, Value: &steps[i]})
	}
	if err := s.queue.Do(ctx, items); err != nil {
		return err // a group under way may still use items
	}
	clear(items)
	*pooled = items
	s.items.Put(pooled)
	return nil
}

// Read implements [beckon.Store]: all keys in one round trip a hundred.
func (s *Store) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	return s.each(ctx, keys, false, nil, fn)
}

// each is Read, or brief: then a record is good until fn returns. For records that
// cannot be read it calls damaged, if that is not nil, and goes on.
func (s *Store) each(ctx context.Context, keys []store.Key, brief bool, damaged func(store.Key, error), fn func(*store.Record) error) error {
	d, ok := s.readers.Get().(*decoder)
	if !ok {
		d = new(decoder)
	}
	defer s.readers.Put(d)
	d.brief = brief
	for len(keys) > 0 {
		page := keys[:min(len(keys), readPage)]
		keys = keys[len(page):]
		values, err := s.load(ctx, page)
		if err != nil {
			return err
		}
		for i, key := range page {
			rec, _, err := d.decode(key, values[i])
			if err != nil && damaged != nil {
				damaged(key, err)
				continue
			}
			if err != nil {
				return err
			}
			if err := fn(rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPage is how many records are asked for at once: enough to hide the round
// trip, few enough to hold them in memory whatever their size.
const readPage = 100

// load returns the values under the keys of records, empty for absent ones.
func (s *Store) load(ctx context.Context, keys []store.Key) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = recordKey(s.layout.tag(key), key)
	}
	values := make([]string, len(keys))
	for i, v := range s.get(ctx, names) {
		if v.err != nil {
			return nil, v.err
		}
		values[i] = v.data
	}
	return values, nil
}

// A value is what is stored under a key; no data if there is nothing.
type value struct {
	data string
	err  error
}

// get gets what is stored under some keys in one round trip: from a single
// server by one command, which costs both sides less than one for each key.
func (s *Store) get(ctx context.Context, names []string) []value {
	values := make([]value, len(names))
	pipe := s.client.Pipeline()
	if s.cluster {
		commands := make([]*redis.StringCmd, len(names))
		for i, name := range names {
			commands[i] = pipe.Get(ctx, name)
		}
		gone := s.exec(ctx, pipe)
		for i, cmd := range commands {
			data, err := cmd.Result()
			if err != nil && !isNil(err) {
				err = unwritten(err)
			} else {
				err = gone
			}
			values[i] = value{data, err}
		}
		return values
	}
	cmd := pipe.MGet(ctx, append(names, s.layout.meta)...)
	_, _ = pipe.Exec(ctx)
	list, err := cmd.Result()
	switch {
	case err != nil:
		err = unwritten(err)
	case list[len(names)] != s.settings:
		err = s.changed(nil)
	}
	if err != nil {
		for i := range values {
			values[i].err = err
		}
		return values
	}
	for i, v := range list[:len(names)] {
		if text, ok := v.(string); ok {
			values[i].data = text
		}
	}
	return values
}

// Events implements [beckon.Store], in one round trip. A limit below 1 returns none.
func (s *Store) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if err := ctx.Err(); err != nil || limit < 1 {
		return nil, err
	}
	newest := "+"
	if before != (store.EventCursor{}) {
		newest = "(" + string(eventPlace(before.At, before.Seq))
	}
	log := eventsKey(s.layout.tag(key), key)
	pipe := s.client.Pipeline()
	cmd := pipe.ZRevRangeByLex(ctx, log, &redis.ZRangeBy{Min: "-", Max: newest, Count: int64(limit)})
	gone := s.exec(ctx, pipe)
	members, err := cmd.Result()
	if err != nil {
		return nil, unwritten(err)
	}
	if gone != nil {
		return nil, gone
	}
	var events []store.LoggedEvent
	for _, m := range members {
		mark := placeOf(m)
		e, err := store.LoggedEvent{}, corrupt("is no event")
		if len(m) > eventPlaceSize {
			e, err = store.DecodeLoggedEventUnder(key, []byte(m[eventPlaceSize:]))
		}
		if err == nil && (e.At != mark.At || e.Seq != mark.Seq) {
			err = corrupt("is another event's")
		}
		if err != nil {
			return events, store.Damaged(key, &mark, err)
		}
		events = append(events, e)
	}
	return events, nil
}

// Totals implements [beckon.Store]. It asks every partition, in one round trip.
func (s *Store) Totals(ctx context.Context, message string) ([]store.Total, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pipe := s.client.Pipeline()
	commands := make([]*redis.MapStringStringCmd, len(s.layout.tags))
	for p, tag := range s.layout.tags {
		commands[p] = pipe.HGetAll(ctx, totalsKey(tag, message))
	}
	if err := s.exec(ctx, pipe); err != nil {
		return nil, err
	}
	return sum(commands)
}

// Overlaps implements [store.Overlapper]: a scan and a step each have a connection, and the
// scan's records are decoded here while the server carries out the step.
func (s *Store) Overlaps() bool { return true }

// Size implements [store.Sizer]: it asks every partition how many records of
// each kind it has, in one round trip.
func (s *Store) Size(ctx context.Context, kinds []store.Kind) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	pipe := s.client.Pipeline()
	var commands []*redis.IntCmd
	for _, kind := range distinct(kinds) {
		for _, tag := range s.layout.tags {
			commands = append(commands, pipe.ZCard(ctx, kindKey(tag, kind)))
		}
	}
	if err := s.exec(ctx, pipe); err != nil {
		return 0, err
	}
	var n int64
	for _, cmd := range commands {
		if err := cmd.Err(); err != nil {
			return 0, unwritten(err)
		}
		n += cmd.Val()
	}
	return n, nil
}

// Now returns the time of a server; in a cluster it is always the server with the
// namespace's settings. Processes whose clocks differ may use it for
// [beckon.WithClock]. Do not ask before each decision: ask now and then how far your
// own clock is off, and add the difference.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	got, err := s.client.Eval(ctx, clockScript, []string{s.layout.meta}).Int64Slice()
	if err != nil {
		return time.Time{}, unwritten(err)
	}
	if len(got) != 2 {
		return time.Time{}, fail(ErrUnavailable, "Redis gave no time", nil)
	}
	return time.Unix(got[0], got[1]*int64(time.Microsecond)), nil
}
