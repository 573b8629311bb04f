package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A wire is what the connections of a client go through. When lose is set, the
// next answer that arrives is thrown away with its connection; what lose holds
// is called first, once.
type wire struct {
	lose atomic.Pointer[func()]
}

type wiredConn struct {
	net.Conn
	wire *wire
}

func (c wiredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if fn := c.wire.lose.Swap(nil); fn != nil && err == nil {
		(*fn)()
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

// wired returns a client of a server over a wire.
func wired(tb testing.TB, address string, retries int) (*redis.Client, *wire) {
	tb.Helper()
	o, err := redis.ParseURL(address)
	if err != nil {
		tb.Fatal(err)
	}
	w := new(wire)
	o.MaxRetries = retries
	o.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		return wiredConn{c, w}, err
	}
	return closed(tb, redis.NewClient(o)), w
}

// losing is count, but the answer to its commit gets lost; meanwhile is called
// after the commit and before the client notices.
func losing(w *wire, meanwhile func()) decide {
	return func(rec *store.Record, c *store.Changes) error {
		w.lose.Store(&meanwhile)
		return count(rec, c)
	}
}

func total(tb testing.TB, s *redisstore.Store) int64 {
	tb.Helper()
	totals, err := s.Totals(context.Background(), "m")
	if err != nil {
		tb.Fatal(err)
	}
	if len(totals) == 0 {
		return 0
	}
	return totals[0].Count
}

// A commit whose answer gets lost is sent again, whether or not the client
// repeats what it reads, and counts once all the same.
func TestAnswerLost(t *testing.T) {
	for _, retries := range []int{-1, 3} {
		client, w := wired(t, server.URL(t), retries)
		s := open(t, client)
		for i := range int64(3) {
			if err := step(t.Context(), s, user("u"), losing(w, func() {})); err != nil {
				t.Fatal(err)
			}
			if n := read(t, s, user("u")); n != i+1 || total(t, s) != i+1 {
				t.Fatalf("counted %d times, in the totals %d; want %d", n, total(t, s), i+1)
			}
		}
	}
}

// Whether a lost commit was written cannot be told any more if another came
// after it, or if it was one of totals alone, or a removal: it is not done
// again, and the caller is told. The other steps of the call are not lost.
func TestAnswerLostForGood(t *testing.T) {
	client, w := wired(t, server.URL(t), 3)
	name := redisstore.WithNamespace(namespace())
	s, other := open(t, client, name), open(t, single(t), name)
	steps := []store.Step{
		{Key: user("refused"), Decider: decide(func(*store.Record, *store.Changes) error { return io.ErrNoProgress })},
		{Key: user("u"), Decider: losing(w, func() {
			if err := step(t.Context(), other, user("u"), count); err != nil {
				t.Error(err)
			}
		})},
		{Key: user("u"), Decider: decide(func(*store.Record, *store.Changes) error { return io.ErrNoProgress })},
		{Key: user("fine"), Decider: decide(count)},
	}
	err := s.Step(t.Context(), steps)
	var typed *beckon.Error
	if !errors.Is(err, redisstore.ErrUnknownOutcome) || !errors.As(err, &typed) || read(t, s, user("u")) != 2 || total(t, s) != 3 || read(t, s, user("fine")) != 1 {
		t.Errorf("%v; counted %d times, in the totals %d, want 2 and 3", err, read(t, s, user("u")), total(t, s))
	}
	// What the third was told rests on what may not be.
	if !errors.Is(steps[0].Err, io.ErrNoProgress) || steps[1].Err != nil || steps[2].Err != nil || steps[3].Err != nil {
		t.Errorf("the steps: %v, %v, %v, %v", steps[0].Err, steps[1].Err, steps[2].Err, steps[3].Err)
	}
	err = step(t.Context(), s, user("u"), func(rec *store.Record, c *store.Changes) error {
		defer func() { c.LastSeen = 0 }()
		return losing(w, func() {})(rec, c)
	})
	if !errors.Is(err, redisstore.ErrUnknownOutcome) || total(t, s) != 4 {
		t.Errorf("totals alone: %v; counted %d, want 4", err, total(t, s))
	}
	err = step(t.Context(), s, user("u"), func(rec *store.Record, c *store.Changes) error {
		err := losing(w, func() {})(rec, c)
		c.LastSeen, c.Delete = 0, true
		return err
	})
	if !errors.Is(err, redisstore.ErrUnknownOutcome) || read(t, s, user("u")) != 0 || total(t, s) != 5 {
		t.Errorf("a removal: %v; counted %d, in the totals %d", err, read(t, s, user("u")), total(t, s))
	}
}

// A server that is not there is no riddle: nothing was written.
func TestServerAway(t *testing.T) {
	node := testserver.StartRedis(t, "appendonly=yes")
	client, _ := wired(t, node.URL(), -1)
	s := open(t, client)
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Fatal(err)
	}
	if err := node.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_ = step(ctx, s, user("u"), count) // the connection that was open is found broken
	steps := []store.Step{{Key: user("u"), Decider: decide(count)}}
	err := s.Step(ctx, steps)
	if !errors.Is(err, redisstore.ErrUnavailable) || !errors.Is(steps[0].Err, redisstore.ErrUnavailable) {
		t.Errorf("Step: %v, %v", err, steps[0].Err)
	}
	_, events := s.Events(ctx, user("u"), store.EventCursor{}, 1)
	_, totals := s.Totals(ctx, "m")
	_, size := s.Size(ctx, []store.Kind{store.KindUser})
	_, now := s.Now(ctx)
	_, scan := s.Scan(ctx, store.Query{Kinds: []store.Kind{store.KindUser}}, "", 1, nil)
	_, due := s.Scan(ctx, store.Query{Due: 1}, "", 1, nil)
	_, again := redisstore.New(ctx, client)
	for i, err := range []error{err, events, totals, size, now, scan, due, again, s.Read(ctx, []store.Key{user("u")}, nil)} {
		if !errors.Is(err, redisstore.ErrUnavailable) {
			t.Errorf("call %d: %v", i, err)
		}
		if strings.Contains(fmt.Sprint(err), node.Password()) {
			t.Errorf("call %d: the error has the password", i)
		}
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	if err := step(ctx, s, user("u"), count); err != nil {
		t.Errorf("when the server is back: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if err := step(ctx, s, user("u"), count); !errors.Is(err, beckon.ErrClosed) {
		t.Errorf("with a closed client: %v", err)
	}
}

func TestScriptForgotten(t *testing.T) {
	client := single(t)
	s := open(t, client)
	for i := range int64(3) {
		err := step(t.Context(), s, user("u"), func(rec *store.Record, c *store.Changes) error {
			if err := client.ScriptFlush(t.Context()).Err(); err != nil {
				t.Error(err)
			}
			return count(rec, c)
		})
		if err != nil || read(t, s, user("u")) != i+1 {
			t.Fatalf("%v; counted %d times, want %d", err, read(t, s, user("u")), i+1)
		}
	}
}

// A server that was told to write through before it answers loses nothing that
// a step has reported, however often it is killed under load. Callers get typed
// errors meanwhile and carry on.
func TestServerKilledUnderLoad(t *testing.T) {
	const callers, kills = 8, 4
	node := testserver.StartRedis(t, "appendonly=yes", "appendfsync=always")
	o, err := redis.ParseURL(node.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := closed(t, redis.NewClient(o))
	s := open(t, client)
	var done, unknown [callers]int64
	var all atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := step(t.Context(), s, user(fmt.Sprint(c)), count)
				switch {
				case err == nil:
					done[c]++
					all.Add(1)
				case errors.Is(err, redisstore.ErrUnknownOutcome):
					unknown[c]++
				case !errors.Is(err, redisstore.ErrUnavailable):
					t.Errorf("an error that is not typed: %v", err)
				}
			}
		})
	}
	for range kills {
		for before := all.Load(); all.Load() < before+200; {
			yield()
		}
		if err := node.Kill(); err != nil {
			t.Error(err)
		}
		if err := node.Start(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
	var sum, most int64
	for c := range callers {
		n := read(t, s, user(fmt.Sprint(c)))
		if n < done[c] || n > done[c]+unknown[c] {
			t.Errorf("caller %d: %d steps reported and %d not known, %d found", c, done[c], unknown[c], n)
		}
		sum += n
		most += unknown[c]
	}
	if n := total(t, s); n != sum {
		t.Errorf("the records say %d, the totals %d", sum, n)
	}
	t.Logf("%d steps reported, %d not known, %d found", all.Load(), most, sum)
}

// A full server refuses, says so, changes nothing, and can still be read.
func TestServerFull(t *testing.T) {
	node := testserver.StartRedis(t)
	client, _ := wired(t, node.URL(), 0)
	s := open(t, client)
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Fatal(err)
	}
	if err := client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	err := step(t.Context(), s, user("u"), count)
	if !errors.Is(err, redisstore.ErrFull) || read(t, s, user("u")) != 1 || total(t, s) != 1 {
		t.Errorf("%v; counted %d times, in the totals %d; want 1", err, read(t, s, user("u")), total(t, s))
	}
	if err := client.ConfigSet(t.Context(), "maxmemory", "0").Err(); err != nil {
		t.Fatal(err)
	}
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Errorf("when there is memory again: %v", err)
	}
}

// Every kind of commit is refused before its first write, also those whose first
// write is one that Redis allows when memory is short; but what only takes away is
// not.
func TestServerFullAtEveryCommit(t *testing.T) {
	node := testserver.StartRedis(t)
	client, _ := wired(t, node.URL(), 0)
	s := open(t, client, redisstore.WithPartitions(1))
	holds := func(c *store.Changes, due int64) {
		c.Pending = append(c.Pending, store.Pending{Until: due})
		c.Profile = &store.Profile{
			Holds:      []store.Hold{{Message: "m", Due: due}},
			Attributes: []store.Attribute{store.NewAttribute("email", beckon.String(fmt.Sprint(due, "@x.test")))},
		}
	}
	event := func(c *store.Changes, seq uint64) {
		c.EventSeq, c.KeepEvents = seq, 2
		c.Events = append(c.Events, store.LoggedEvent{Seq: seq, At: int64(seq)})
	}
	total := func(c *store.Changes) {
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
	}
	before := func(c *store.Changes) {
		c.LastSeen = 1
		holds(c, 1)
		event(c, 1)
		event(c, 2)
		total(c)
	}
	kinds := map[string]struct {
		fresh bool // the record is not there yet
		fine  bool // takes no memory
		do    func(c *store.Changes)
	}{
		"the record alone":       {do: func(c *store.Changes) { c.LastSeen = 2 }},
		"a new record":           {fresh: true, do: func(c *store.Changes) { c.LastSeen = 2 }},
		"a new record with more": {fresh: true, do: before},
		"an index entry moves":   {do: func(c *store.Changes) { holds(c, 2) }},
		"a lease is longer":      {do: func(c *store.Changes) { c.Pending = append(c.Pending, store.Pending{Until: 3}) }},
		"an index entry goes":    {do: func(c *store.Changes) { c.Profile = &store.Profile{} }},
		"a delivery goes":        {do: func(c *store.Changes) { c.PendingDrop = append(c.PendingDrop, "") }},
		"an event":               {do: func(c *store.Changes) { event(c, 3) }},
		"an event again":         {do: func(c *store.Changes) { event(c, 2) }},
		"the log goes": {do: func(c *store.Changes) {
			event(c, 3)
			c.KeepEvents = 0
		}},
		"cleared":               {do: func(c *store.Changes) { c.Clear, c.Touch, c.LastSeen = true, true, 2 }},
		"totals alone":          {do: total},
		"deleted with totals":   {do: func(c *store.Changes) { c.Delete = true; total(c) }},
		"deleted":               {fine: true, do: func(c *store.Changes) { c.Delete = true }},
		"deleted, not there":    {fresh: true, fine: true, do: func(c *store.Changes) { c.Delete = true }},
		"nothing to be written": {fine: true, do: func(*store.Changes) {}},
	}
	contents := func() string {
		t.Helper()
		all := make(map[string]string)
		keys, err := client.Keys(t.Context(), "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			data, err := client.Dump(t.Context(), key).Result()
			if err != nil {
				t.Fatal(err)
			}
			all[key] = data
		}
		return fmt.Sprint(all) // in the order of keys
	}
	memory := func(limit string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "maxmemory", limit).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range kinds {
		key := user(name)
		if !c.fresh {
			if err := step(t.Context(), s, key, func(_ *store.Record, c *store.Changes) error { before(c); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		was := contents()
		memory("1")
		err := step(t.Context(), s, key, func(_ *store.Record, ch *store.Changes) error { c.do(ch); return nil })
		now := contents()
		memory("0")
		switch {
		case c.fine && err != nil:
			t.Errorf("%s: %v", name, err)
		case !c.fine && !errors.Is(err, redisstore.ErrFull):
			t.Errorf("%s: %v, want %v", name, err, redisstore.ErrFull)
		case !c.fine && was != now:
			t.Errorf("%s: something was written", name)
		}
		if err := step(t.Context(), s, key, func(_ *store.Record, ch *store.Changes) error { c.do(ch); return nil }); err != nil {
			t.Errorf("%s, when there is memory again: %v", name, err)
		}
	}
	// A namespace that is there can be opened and read.
	memory("1")
	again, err := redisstore.New(t.Context(), client, redisstore.WithNamespace(s.Namespace()))
	if err != nil {
		t.Fatal(err)
	}
	if n := read(t, again, user("the record alone")); n != 2 {
		t.Errorf("read %d, want 2", n)
	}
}

// Who may not write is told so, and nothing is written.
func TestReadOnly(t *testing.T) {
	node := testserver.StartRedis(t)
	client, _ := wired(t, node.URL(), 0)
	s := open(t, client)
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Command("REPLICAOF 127.0.0.1 1"); err != nil {
		t.Fatal(err)
	}
	err := step(t.Context(), s, user("u"), count)
	if !errors.Is(err, redisstore.ErrReadOnly) || read(t, s, user("u")) != 1 {
		t.Errorf("%v; counted %d times, want 1", err, read(t, s, user("u")))
	}
}

// Damaged data is an error of those who need it, and of nobody else.
func TestDamaged(t *testing.T) {
	client := single(t)
	space := namespace()
	s := open(t, client, redisstore.WithNamespace(space), redisstore.WithPartitions(1))
	event := func(_ *store.Record, c *store.Changes) error {
		c.Events, c.KeepEvents, c.LastSeen = append(c.Events, store.LoggedEvent{Seq: 1, At: 1}), 10, 1
		return nil
	}
	for _, id := range []string{"cut", "short", "other", "well"} {
		if err := step(t.Context(), s, user(id), event); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := client.Keys(t.Context(), "*"+strings.ReplaceAll(space, ":", "%3A")+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	find := func(end string) string {
		for _, k := range keys {
			if strings.HasSuffix(k, end) {
				return k
			}
		}
		t.Fatalf("no key ends with %q: %q", end, keys)
		return ""
	}
	whole, err := client.Get(t.Context(), find("}r1:well")).Result()
	if err != nil {
		t.Fatal(err)
	}
	for end, value := range map[string]string{"}r1:cut": whole[:len(whole)-1], "}r1:short": "1234567", "}r1:other": whole} {
		if err := client.Set(t.Context(), find(end), value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	steps := make([]store.Step, 0, 4)
	for _, id := range []string{"cut", "short", "other", "well"} {
		steps = append(steps, store.Step{Key: user(id), Decider: decide(count)})
	}
	if err := s.Step(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	for i := range steps {
		if got := errors.Is(steps[i].Err, store.ErrDataCorrupt); got != (i < 3) || i == 3 && steps[i].Err != nil {
			t.Errorf("%s: %v", steps[i].Key.ID, steps[i].Err)
		}
	}
	if err := s.Read(t.Context(), []store.Key{user("cut")}, nil); !errors.Is(err, store.ErrDataCorrupt) {
		t.Errorf("Read: %v", err)
	}
	for _, member := range []string{"short", "long enough, but\x01no event"} {
		if err := client.ZAdd(t.Context(), find("}e1:well"), redis.Z{Member: member}).Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Events(t.Context(), user("well"), store.EventCursor{}, 2); !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("Events with %q: %v", member, err)
		}
		if err := client.ZRem(t.Context(), find("}e1:well"), member).Err(); err != nil {
			t.Fatal(err)
		}
	}
	tag := strings.TrimSuffix(find("}r1:well"), "r1:well")
	if err := client.HSet(t.Context(), tag+"t:n", "sent", "many").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Totals(t.Context(), "n"); !errors.Is(err, store.ErrDataCorrupt) {
		t.Errorf("Totals: %v", err)
	}
	if err := client.ZAdd(t.Context(), tag+"d", redis.Z{Member: "short"}).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Scan(t.Context(), store.Query{Due: 1 << 62}, "", 1, nil); !errors.Is(err, store.ErrDataCorrupt) {
		t.Errorf("Scan: %v", err)
	}
}
