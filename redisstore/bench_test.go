package redisstore_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// measure runs op in a number of goroutines and reports how long it took them,
// waiting included, and the processor time of this process and of the server,
// which other work on the machine disturbs less.
func measure(b *testing.B, client *redis.Client, goroutines int, op func(goroutine, i int) error) {
	b.Helper()
	ours, theirs := processorTime(), serverTime(b, client)
	var next atomic.Int64
	took := make([][]time.Duration, goroutines)
	var wg sync.WaitGroup
	b.ResetTimer()
	for g := range goroutines {
		wg.Go(func() {
			for {
				i := int(next.Add(1))
				if i > b.N {
					return
				}
				start := time.Now() //nolint:forbidigo // a measurement
				if err := op(g, i); err != nil {
					b.Error(err)
					return
				}
				took[g] = append(took[g], time.Since(start)) //nolint:forbidigo // a measurement
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64((processorTime()-ours).Nanoseconds())/1e3/float64(b.N), "client-us/op")
	b.ReportMetric(float64((serverTime(b, client)-theirs).Nanoseconds())/1e3/float64(b.N), "server-us/op")
	all := slices.Concat(took...)
	slices.Sort(all)
	if len(all) > 0 {
		b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "steps/s")
		b.ReportMetric(float64(all[len(all)/2].Nanoseconds())/1e3, "p50-us")
		b.ReportMetric(float64(all[len(all)*99/100].Nanoseconds())/1e3, "p99-us")
	}
}

// serverTime returns the processor time that the server has used.
func serverTime(b *testing.B, client *redis.Client) time.Duration {
	b.Helper()
	info, err := client.Info(context.Background(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	var sum time.Duration
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			used, err := time.ParseDuration(value + "s")
			if err != nil {
				b.Fatal(err)
			}
			sum += used
		}
	}
	return sum
}

const contacts = 2000

// fill returns a contact what makes it 1 KB: 20 event names, sends, events
// remembered.
func fill(_ *store.Record, c *store.Changes) error {
	for i := range 20 {
		c.Stats = append(c.Stats, store.Stats{Name: unique.Make(fmt.Sprintf("event-name-%02d", i)), Count: 9, First: 1_700_000_000, Last: 1_700_000_000})
		c.Dedup = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(i)}, At: 1_700_000_000_000})
	}
	for i := range 4 {
		c.SendStats = append(c.SendStats, store.SendStats{Message: fmt.Sprint("message-", i), Count: 1, Last: 1_700_000_000_000})
		c.SendLog = append(c.SendLog, store.SendLogEntry{ID: fmt.Sprint("delivery-", i), At: 1_700_000_000_000, Message: fmt.Sprint("message-", i)})
	}
	return nil
}

// track is what an event changes that sends nothing.
func track(rec *store.Record, c *store.Changes) error {
	row := rec.Stats[7]
	row.Count++
	row.Last++
	c.Stats = append(c.Stats, row)
	c.EventSeq = rec.EventSeq + 1
	return nil
}

// trackLogged is track with the event in the log, and counted.
func trackLogged(rec *store.Record, c *store.Changes) error {
	c.Events = append(c.Events, store.LoggedEvent{Seq: rec.EventSeq + 1, Name: rec.Stats[7].Name, At: 1_700_000_000 + int64(rec.EventSeq)})
	c.KeepEvents, c.EventsFrom = 50, 1_600_000_000
	c.Totals = append(c.Totals, store.Increment{Message: "message-1", Name: "judged", N: 1})
	return track(rec, c)
}

// BenchmarkStep measures what steps of 64 goroutines on 2,000 contacts of 1 KB
// take of the processor, here and in the server, beside the least that the
// driver can do for each: one script call that reads and writes 1 KB, in shared
// pipelines. (What they take of time, for all stores, conformance/cmd/stores
// measures.)
//
// The process holds 64 MB besides, as a service does: with a heap of next to
// nothing the collector would run all the time, and be what is measured.
func BenchmarkStep(b *testing.B) {
	ballast := make([]byte, 64<<20)
	defer runtime.KeepAlive(ballast)
	client := single(b)
	ctx := context.Background()
	s := open(b, client)
	ids := make([]string, contacts)
	var steps []store.Step
	for i := range ids {
		ids[i] = fmt.Sprint("contact-", i)
		steps = append(steps, store.Step{Key: user(ids[i]), Decider: decide(fill)})
	}
	if err := s.Step(ctx, steps); err != nil {
		b.Fatal(err)
	}
	raw := rawCommit(b, client)
	shared := group.New(redisstore.Largest, 2, func(ctx context.Context, items []*group.Item[string, int]) {
		pipe := client.Pipeline()
		for _, it := range items {
			raw(ctx, pipe, it.Key)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			b.Error(err)
		}
	})
	// Prime steps visit all contacts, in no order that could help.
	pick := func(i int) string { return ids[i*1009%contacts] }
	run := func(name string, op func(g, i int) error) {
		b.Run(name, func(b *testing.B) { measure(b, client, 64, op) })
	}
	run("raw", func(_, i int) error { return shared.Do(ctx, []group.Item[string, int]{{Key: pick(i)}}) })
	run("track", func(_, i int) error { return step(ctx, s, user(pick(i)), track) })
	run("track-logged", func(_, i int) error { return step(ctx, s, user(pick(i)), trackLogged) })
}

// rawCommit returns a function that calls the least of scripts.
func rawCommit(b *testing.B, client *redis.Client) func(ctx context.Context, c redis.Scripter, id string) error {
	b.Helper()
	sha, err := client.ScriptLoad(context.Background(), `local v = redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1]) return v and 1 or 0`).Result()
	if err != nil {
		b.Fatal(err)
	}
	space, value := namespace(), make([]byte, 1024)
	return func(ctx context.Context, c redis.Scripter, id string) error {
		return c.EvalSha(ctx, sha, []string{space + id}, value).Err()
	}
}

// BenchmarkEmail looks contacts up by email, as an event does that names them
// by nothing else.
func BenchmarkEmail(b *testing.B) {
	for _, partitions := range []int{1, redisstore.DefaultPartitions, redisstore.DefaultClusterPartitions} {
		client := single(b)
		s := open(b, client, redisstore.WithPartitions(partitions))
		if err := step(context.Background(), s, user("u"), func(_ *store.Record, c *store.Changes) error {
			c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test"))}}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		for _, goroutines := range []int{1, 64} {
			b.Run(fmt.Sprintf("partitions=%d/%d", partitions, goroutines), func(b *testing.B) {
				measure(b, client, goroutines, func(int, int) error {
					n := 0
					_, err := s.Scan(context.Background(), store.Query{Email: "a@x.test"}, "", 10, func(*store.Record) error { n++; return nil })
					if err == nil && n != 1 {
						return fmt.Errorf("%d found", n)
					}
					return err
				})
			})
		}
	}
}
