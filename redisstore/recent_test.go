package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon/internal/recent"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
	"github.com/redis/go-redis/v9"
)

// A commandCounter counts the records that are loaded, and the commits.
type commandCounter struct {
	redis.Hook
	loads, commits atomic.Int64
}

func (c *commandCounter) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (c *commandCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (c *commandCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		for _, cmd := range commands {
			switch cmd.Name() {
			case "mget":
				c.loads.Add(int64(len(cmd.Args()) - 2)) // the last is of the namespace
			case "evalsha":
				c.commits.Add(1)
			}
		}
		return next(ctx, commands)
	}
}

// took returns how many commands there were since it was last asked.
func (c *commandCounter) took() string {
	return fmt.Sprintf("%d loads, %d commits", c.loads.Swap(0), c.commits.Swap(0))
}

// A step on what the same store has written loads nothing. What another has done since it sees
// all the same.
func TestRecent(t *testing.T) {
	client := single(t)
	mine, counter := open(t, client), new(commandCounter)
	client.AddHook(counter)
	others := open(t, single(t), redisstore.WithNamespace(mine.Namespace()))
	ctx, refused := t.Context(), errors.New("no")
	var saw int64
	see := func(rec *store.Record, _ *store.Changes) error { saw = rec.LastSeen; return nil }
	refuse := func(rec *store.Record, _ *store.Changes) error { saw = rec.LastSeen; return refused }
	totals := func(_ *store.Record, c *store.Changes) error {
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "held", N: 1})
		return nil
	}
	once := func(rec *store.Record, c *store.Changes) error { // or nothing, if another has been there
		if rec.LastSeen == 11 {
			c.LastSeen = 77
		}
		return nil
	}
	remove := func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil }
	theirs := func(d decide) {
		t.Helper()
		if err := step(ctx, others, user("u"), d); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		do    func() error
		took  string
		after int64
	}{
		{"the first", func() error { return step(ctx, mine, user("u"), count) }, "1 loads, 1 commits", 1},
		{"again", func() error { return step(ctx, mine, user("u"), count) }, "0 loads, 1 commits", 2},
		{"totals alone", func() error { return step(ctx, mine, user("u"), totals) }, "0 loads, 1 commits", 2},
		{"after totals", func() error { return step(ctx, mine, user("u"), count) }, "0 loads, 1 commits", 3},
		{"what writes nothing", func() error { return step(ctx, mine, user("u"), see) }, "1 loads, 0 commits", 3},
		{"after that", func() error { return step(ctx, mine, user("u"), count) }, "1 loads, 1 commits", 4},
		{"another was there", func() error { theirs(count); return step(ctx, mine, user("u"), count) }, "0 loads, 2 commits", 6},
		{"after another", func() error { return step(ctx, mine, user("u"), count) }, "0 loads, 1 commits", 7},
		{"what writes nothing after another", func() error {
			theirs(count)
			if err := step(ctx, mine, user("u"), see); err != nil || saw != 8 {
				t.Errorf("it saw %d, %v", saw, err)
			}
			return nil
		}, "1 loads, 0 commits", 8},
		{"keep it again", func() error { return step(ctx, mine, user("u"), count) }, "1 loads, 1 commits", 9},
		{"what is refused after another", func() error {
			theirs(count)
			if err := step(ctx, mine, user("u"), refuse); !errors.Is(err, refused) || saw != 10 {
				t.Errorf("it saw %d, %v", saw, err)
			}
			return nil
		}, "1 loads, 0 commits", 10},
		{"and again", func() error { return step(ctx, mine, user("u"), count) }, "1 loads, 1 commits", 11},
		{"another was there, and nothing is to be done", func() error { theirs(count); return step(ctx, mine, user("u"), once) }, "0 loads, 1 commits", 12},
		{"totals alone, not kept", func() error { return step(ctx, mine, user("u"), totals) }, "1 loads, 1 commits", 12},
		{"after these totals", func() error { return step(ctx, mine, user("u"), count) }, "0 loads, 1 commits", 13},
		{"another removed it", func() error { theirs(remove); return step(ctx, mine, user("u"), count) }, "0 loads, 2 commits", 1},
		{"removed", func() error { return step(ctx, mine, user("u"), remove) }, "0 loads, 1 commits", 0},
		{"after its removal", func() error { return step(ctx, mine, user("u"), count) }, "1 loads, 1 commits", 1},
		{"totals of nobody", func() error { return step(ctx, mine, user("v"), totals) }, "1 loads, 1 commits", 1},
		{"again of nobody", func() error { return step(ctx, mine, user("v"), totals) }, "1 loads, 1 commits", 1},
		{"some of a group", func() error {
			steps := []store.Step{{Key: user("u"), Decider: decide(count)}, {Key: user("w"), Decider: decide(count)}, {Key: user("u"), Decider: decide(refuse)}}
			if err := mine.Step(ctx, steps); err != nil || !errors.Is(steps[2].Err, refused) {
				t.Errorf("%v, %v", err, steps[2].Err)
			}
			return errors.Join(steps[0].Err, steps[1].Err)
		}, "1 loads, 2 commits", 2},
		{"some of a group write nothing", func() error {
			steps := []store.Step{{Key: user("u"), Decider: decide(count)}, {Key: user("w"), Decider: decide(see)}}
			return errors.Join(mine.Step(ctx, steps), steps[0].Err, steps[1].Err)
		}, "1 loads, 1 commits", 3},
		{"another of a group writes nothing", func() error {
			steps := []store.Step{{Key: user("x"), Decider: decide(count)}, {Key: user("u"), Decider: decide(see)}}
			return errors.Join(mine.Step(ctx, steps), steps[0].Err, steps[1].Err)
		}, "2 loads, 1 commits", 3},
		{"keep it once more", func() error { return step(ctx, mine, user("u"), totals) }, "1 loads, 1 commits", 3},
		{"that one again", func() error { return step(ctx, mine, user("w"), count) }, "1 loads, 1 commits", 3},
		{"all of a group", func() error {
			steps := []store.Step{{Key: user("u"), Decider: decide(count)}, {Key: user("w"), Decider: decide(count)}}
			return errors.Join(mine.Step(ctx, steps), steps[0].Err, steps[1].Err)
		}, "0 loads, 2 commits", 4},
	} {
		err := c.do()
		if took := counter.took(); err != nil || took != c.took {
			t.Errorf("%s: %s, %v; want %s", c.name, took, err, c.took)
		}
		if got := read(t, mine, user("u")); got != c.after {
			t.Errorf("%s: it was counted to %d, want %d", c.name, got, c.after)
		}
		counter.took()
	}
	if rows, size := mine.Recent(); rows != 3 || size < 3*200 || size > 3*600 {
		t.Errorf("%d are kept, in %d bytes", rows, size)
	}
}

// Where others write the same records, what was written is not kept for a time.
func TestRecentPays(t *testing.T) {
	client := single(t)
	mine, counter := open(t, client), new(commandCounter)
	client.AddHook(counter)
	others := open(t, single(t), redisstore.WithNamespace(mine.Namespace()))
	for i := range 2 * recent.Window {
		for _, s := range []*redisstore.Store{others, mine} {
			if err := step(t.Context(), s, user("u"), count); err != nil {
				t.Fatal(err)
			}
		}
		if loads := counter.loads.Swap(0); i > 0 && i <= recent.Window != (loads == 0) {
			t.Fatalf("step %d: %d loads", i, loads)
		}
	}
	if got := read(t, mine, user("u")); got != 4*recent.Window {
		t.Errorf("counted to %d", got)
	}
}

// Where most steps write nothing, likewise.
func TestRecentPaysForWrites(t *testing.T) {
	client := single(t)
	s, counter := open(t, client), new(commandCounter)
	client.AddHook(counter)
	nothing := func(*store.Record, *store.Changes) error { return nil }
	for range recent.Window {
		if err := errors.Join(step(t.Context(), s, user("u"), count), step(t.Context(), s, user("u"), nothing)); err != nil {
			t.Fatal(err)
		}
	}
	counter.took()
	if err := errors.Join(step(t.Context(), s, user("u"), count), step(t.Context(), s, user("u"), count)); err != nil || counter.took() != "2 loads, 2 commits" {
		t.Errorf("it is kept, %v", err)
	}
}

// Random histories over two stores decide on what a model has, and leave what it has.
func TestRecentModel(t *testing.T) {
	for seed := range uint64(4) {
		random, model := rand.New(rand.NewPCG(seed, 7)), memstore.New()
		stores := []*redisstore.Store{open(t, single(t))}
		stores = append(stores, open(t, single(t), redisstore.WithNamespace(stores[0].Namespace())))
		keys := []store.Key{user("a"), user("b"), user("c"), {Kind: store.KindThrottle, ID: "a"}}
		for i := range 1500 {
			var steps, same []store.Step
			var saw, want [][]byte
			for n := range 1 + random.IntN(4) {
				key, draw := keys[random.IntN(len(keys))], random.Uint64()
				saw, want = append(saw, nil), append(want, nil)
				steps = append(steps, store.Step{Key: key, Decider: decide(func(rec *store.Record, c *store.Changes) error {
					saw[n] = store.AppendRecord(nil, rec)
					return drawn(draw, rec, c)
				})})
				same = append(same, store.Step{Key: key, Decider: decide(func(rec *store.Record, c *store.Changes) error {
					want[n] = store.AppendRecord(nil, rec)
					return drawn(draw, rec, c)
				})})
			}
			if err := errors.Join(stores[random.IntN(2)].Step(t.Context(), steps), model.Step(t.Context(), same)); err != nil {
				t.Fatal(err)
			}
			for n := range steps {
				if !bytes.Equal(saw[n], want[n]) || !errors.Is(steps[n].Err, same[n].Err) {
					t.Fatalf("seed %d, group %d, step %d on %v saw\n%x, %v, want\n%x, %v", seed, i, n, steps[n].Key, saw[n], steps[n].Err, want[n], same[n].Err)
				}
			}
		}
	}
}

var errDrawn = errors.New("decided against it")

// drawn is a decision at random, the same for the same draw.
func drawn(draw uint64, rec *store.Record, c *store.Changes) error {
	random := rand.New(rand.NewPCG(draw, 1))
	some := func(of int) bool { return random.IntN(of) == 0 }
	switch {
	case some(6):
		return nil
	case some(8):
		c.LastSeen = 99
		return errDrawn
	case some(12):
		c.Delete = true
		return nil
	case some(12):
		c.Clear = true
	}
	if some(3) {
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "n", N: 1})
	}
	if some(2) {
		c.LastSeen, c.EventSeq = rec.LastSeen+1, rec.EventSeq+1
		c.Dedup, c.DedupDrop = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(draw)}, At: rec.LastSeen}), random.IntN(3)
	}
	if some(3) {
		c.SendLog = append(c.SendLog, store.SendLogEntry{ID: fmt.Sprint("d", random.IntN(9)), At: 1, Message: "m"})
	}
	if some(4) {
		c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", value.String(fmt.Sprint(draw%5, "@example.com")))}}
	}
	return nil
}
