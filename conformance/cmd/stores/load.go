package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/store"
)

const (
	hot  = 4  // contacts that all goroutines want at once
	many = 64 // goroutines of that, and of the target
)

// goroutines are how many call at once.
func goroutines() []int { return []int{1, many, 512} }

// A figure is one measurement.
type figure struct {
	rate     float64 // calls that did not fail, per second
	p50, p99 time.Duration
	failed   int
	err      error // of one that failed
}

// An operation is what one of the callers does.
type operation func(caller int, random *rand.Rand) error

// A figure is measured in parts. Those that are compared take turns: other work on the
// machine, and what the database does on its own, comes and goes within a second.
const (
	leastParts = 4
	partTime   = 100 * time.Millisecond // of a part, about
)

// loadInTurn measures operations, each for as long as d in all, and stops at the first part
// that has a failure. The first part of each is not counted: what has just filled the store, and
// what others have done to it, is still being written out.
func loadInTurn(callers int, d time.Duration, ops ...operation) []figure {
	loads, parts := make([]loaded, len(ops)), max(leastParts, d/partTime)
	for part := range parts + 1 {
		if part == 1 {
			clear(loads)
		}
		for i, op := range ops {
			if loads[i].load(callers, d/parts, op); loads[i].err != nil {
				return figuresOf(loads)
			}
		}
	}
	return figuresOf(loads)
}

// A loaded is what calls of an operation came to.
type loaded struct {
	times  []time.Duration // of those that did not fail
	took   time.Duration
	failed int
	err    error // of one that failed
}

// load calls op in so many goroutines, each again as soon as it returns, for as
// long as d. A goroutine ends with its first failure.
func (l *loaded) load(callers int, d time.Duration, op operation) {
	times, errs := make([][]time.Duration, callers), make([]error, callers)
	var all sync.WaitGroup
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(c), uint64(began.UnixNano())))
			for start := began; start.Sub(began) < d && errs[c] == nil; {
				errs[c] = op(c, random)
				end := time.Now()
				if errs[c] == nil {
					times[c] = append(times[c], end.Sub(start))
				}
				start = end
			}
		})
	}
	all.Wait()
	l.took += time.Since(began)
	for _, err := range errs {
		if err != nil {
			l.failed++
			l.err = err
		}
	}
	l.times = append(l.times, slices.Concat(times...)...)
}

func figuresOf(loads []loaded) (list []figure) {
	for _, l := range loads {
		f := figure{failed: l.failed, err: l.err}
		if n := len(l.times); n > 0 {
			slices.Sort(l.times)
			f.rate = float64(n) / l.took.Seconds()
			f.p50, f.p99 = l.times[n/2], l.times[n*99/100]
		}
		list = append(list, f)
	}
	return list
}

// begin opens the store, in a namespace of its own, and fills it. Each turn has new contacts:
// events widen them, and the driver's rows stay as they are.
func (b *bench) begin(ctx context.Context, turn, contacts int, row *row) (err error) {
	if err := b.end(); err != nil {
		return err
	}
	if b.store, b.leave, err = b.open(ctx, "turn"+strconv.Itoa(turn)); err != nil {
		return err
	}
	if row.bytes, err = fill(ctx, b.store, contacts); err != nil {
		return err
	}
	b.tracks, err = tracking(ctx, b.store)
	return err
}

// turn measures everything once.
func (b *bench) turn(ctx context.Context, s settings, row *row) error {
	for _, callers := range goroutines() {
		names, ops := []string{"step", "track"}, []operation{steps(ctx, b.store, callers, s.contacts), b.tracks(callers, s.contacts)}
		if b.least != nil {
			names, ops = append(names, "driver"), append(ops, b.driver(ctx, callers, s.contacts))
		}
		d := s.time / 2
		if callers == many {
			d = 2 * s.time // the target: the longer, the less its ratio varies
		}
		for i, f := range loadInTurn(callers, d, ops...) {
			row.note(names[i], callers, f)
			if f.err != nil {
				return fmt.Errorf("%d goroutines: %w", callers, f.err)
			}
		}
	}
	// A failure here is a finding, not the end.
	for name, op := range map[string]operation{"hot step": steps(ctx, b.store, many, hot), "hot track": b.tracks(many, hot)} {
		row.note(name, many, loadInTurn(many, s.time, op)[0])
	}
	return ctx.Err()
}

// driver returns what the driver does at its least for the same callers, grouped
// as steps are.
func (b *bench) driver(ctx context.Context, callers, contacts int) operation {
	type item = group.Item[string, struct{}]
	q := group.New(b.largest, b.flights, func(_ context.Context, items []*item) {
		ids := make([]string, len(items))
		for i, it := range items {
			ids[i] = it.Key
		}
		slices.Sort(ids)
		err := b.least(ctx, slices.Compact(ids))
		for _, it := range items {
			it.Err = err
		}
	})
	lists := make([][1]item, callers)
	return func(c int, random *rand.Rand) error {
		lists[c][0] = item{Key: contact(random.IntN(contacts))}
		return q.Do(ctx, lists[c][:])
	}
}

// steps returns single steps of a store on random contacts out of so many.
func steps(ctx context.Context, kept beckon.Store, callers, among int) operation {
	names := eventNames()
	deciders, lists := make([]counting, callers), make([][1]store.Step, callers)
	return func(c int, random *rand.Rand) error {
		d := &deciders[c]
		d.name, d.at = names[random.IntN(len(names))], d.at+1
		d.hash[0]++
		lists[c][0] = store.Step{Key: store.Key{Kind: store.KindUser, ID: contact(random.IntN(among))}, Decider: d}
		return errors.Join(kept.Step(ctx, lists[c][:]), lists[c][0].Err)
	}
}

// counting counts one event of a contact: a statistic, the event's hash, the
// last visit. Each goroutine has its own.
type counting struct {
	name unique.Handle[string]
	hash [16]byte
	at   int64
}

func (d *counting) Decide(r *store.Record, c *store.Changes) error {
	s, _ := r.Stat(d.name)
	s.Count, s.Last = s.Count+1, d.at
	c.Stats = append(c.Stats, s)
	c.LastSeen, c.EventSeq = d.at*1000, r.EventSeq+1
	c.Dedup, c.DedupDrop = append(c.Dedup, store.Dedup{Hash: d.hash, At: d.at * 1000}), 1
	return nil
}

// tracking returns whole events through an engine with the settings it has by
// itself: each is new, enters the log, and finds two messages, one held by its
// audience and one that was sent before.
func tracking(ctx context.Context, store beckon.Store) (func(callers, among int) operation, error) {
	engine, err := beckon.New(store)
	if err != nil {
		return nil, err
	}
	var messages []beckon.Message
	for i, name := range eventNames() {
		message := func(id string, audience beckon.Rule) beckon.Message {
			return beckon.Message{
				ID: fmt.Sprintf("%s-%d", id, i), Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On(name.Value()),
				Audience: audience, Content: beckon.Content{Body: "Hello"},
			}
		}
		messages = append(messages, message("held", beckon.User("plan").Is("free")), message("once", beckon.User("plan").Is("pro")))
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: messages}); err != nil {
		return nil, err
	}
	return func(callers, among int) operation {
		ids, names, load := make([]int, callers), eventNames(), time.Now().UnixNano()
		return func(c int, random *rand.Rand) error {
			ids[c]++
			_, err := engine.Track(ctx, beckon.Event{
				Name: names[random.IntN(len(names))].Value(), UserID: contact(random.IntN(among)),
				EventID:  strconv.FormatInt(load, 36) + "-" + strconv.Itoa(c) + "-" + strconv.Itoa(ids[c]),
				Metadata: beckon.Fields{{Key: "file_name", Value: beckon.String("cat.mp4")}, {Key: "duration", Value: beckon.Number(12)}},
			})
			return err
		}
	}, nil
}

func contact(i int) string { return fmt.Sprintf("contact-%08d", i) }

func eventNames() []unique.Handle[string] {
	var names []unique.Handle[string]
	for i := range 15 {
		names = append(names, unique.Make(fmt.Sprintf("event-name-%02d", i)))
	}
	return names
}

// decide is a decision written as a function.
type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(r *store.Record, c *store.Changes) error { return d(r, c) }

// fill makes the contacts, and says how many bytes one has in the form in which
// it is kept.
func fill(ctx context.Context, kept beckon.Store, contacts int) (size int, err error) {
	names := eventNames()
	lately := time.Now().UnixMilli()
	d := decide(func(r *store.Record, c *store.Changes) error {
		for i, name := range names {
			c.Stats = append(c.Stats, store.Stats{Name: name, Count: 9, First: 1_700_000_000, Last: lately / 1000})
			c.SendStats = append(c.SendStats, store.SendStats{Message: fmt.Sprintf("once-%d", i), Count: 1, Last: lately})
		}
		for i := range 10 {
			c.Dedup = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(i)}, At: lately})
		}
		c.Profile = &store.Profile{Attributes: []store.Attribute{
			store.NewAttribute("email", beckon.String(r.Key.ID+"@example.test")), store.NewAttribute("plan", beckon.String("pro")),
		}}
		return nil
	})
	for i := 0; i < contacts; {
		var list []store.Step
		for ; i < contacts && len(list) < 1000; i++ {
			list = append(list, store.Step{Key: store.Key{Kind: store.KindUser, ID: contact(i)}, Decider: d})
		}
		if err := kept.Step(ctx, list); err != nil {
			return 0, err
		}
		for i := range list {
			if list[i].Err != nil {
				return 0, list[i].Err
			}
		}
	}
	err = kept.Read(ctx, []store.Key{{Kind: store.KindUser, ID: contact(0)}}, func(r *store.Record) error {
		size = len(store.AppendRecord(nil, r))
		return nil
	})
	return size, err
}
