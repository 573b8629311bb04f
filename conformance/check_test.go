package conformance

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// An account is what processes said, and what was found of it.
type account struct {
	took map[string]map[string]bool // events that were acknowledged, by contact
	sent map[string]string          // deliveries that were returned: contact and message, by id
}

func newAccount() *account {
	return &account{took: map[string]map[string]bool{}, sent: map[string]string{}}
}

// add takes note of what a process has said.
func (a *account) add(tb testing.TB, lines []string) {
	tb.Helper()
	for _, line := range lines {
		words := strings.Fields(line)
		if words[0] != "took" {
			continue
		}
		who := words[1]
		if a.took[who] == nil {
			a.took[who] = map[string]bool{}
		}
		if a.took[who][words[2]] {
			tb.Errorf("event %s was acknowledged twice", words[2])
		}
		a.took[who][words[2]] = true
		for _, word := range words[3:] {
			message, id, _ := strings.Cut(word, "=")
			if a.sent[id] != "" {
				tb.Errorf("delivery %s was returned twice", id)
			}
			a.sent[id] = who + " " + message
		}
	}
}

// found is what a store has of a task's contacts.
type found struct {
	events         int
	capped, fourth int // sends
	ids            map[string]bool
}

// check compares what is stored of a task's contacts with what was said: all
// that was acknowledged is there, nothing is there in part, no cap is exceeded.
// It returns the sums.
func (a *account) check(tb testing.TB, kept beckon.Store, t task) found {
	tb.Helper()
	ctx := context.Background()
	sum := found{ids: map[string]bool{}}
	for i := range t.Contacts {
		who := fmt.Sprintf("%s-%d", t.Prefix, i)
		key := store.Key{Kind: store.KindUser, ID: who}
		log, err := kept.Events(ctx, key, store.EventCursor{}, 200_000)
		if err != nil {
			tb.Fatal(err)
		}
		events := map[string]bool{}
		for _, x := range log {
			events[x.EventID] = true
		}
		for event := range a.took[who] {
			if !events[event] {
				tb.Errorf("%s: the event %s was acknowledged and is not there", who, event)
			}
		}
		err = kept.Read(ctx, []store.Key{key}, func(r *store.Record) error {
			var count uint64
			for _, s := range r.Stats {
				count += s.Count
			}
			sends := map[string]int{}
			for _, s := range r.SendStats {
				sends[s.Message] += int(s.Count)
			}
			if int(count) != len(events) || len(log) != len(events) || r.EventSeq != count || len(r.Dedup) != len(events) {
				tb.Errorf("%s: %d counted, %d numbered, %d remembered, %d in the log, %d of them different", who, count, r.EventSeq, len(r.Dedup), len(log), len(events))
			}
			want, fourth := min(len(events), limit), 0
			if len(events) > 3 {
				fourth = 1
			}
			if sends["capped"] != want || sends["fourth"] != fourth || len(r.SendLog) != want+fourth {
				tb.Errorf("%s: after %d events sent %v, in the log %d; want %d and %d", who, len(events), sends, len(r.SendLog), want, fourth)
			}
			logged := map[string]bool{}
			for _, s := range r.SendLog {
				logged[s.ID], sum.ids[s.ID] = true, true
			}
			for id, what := range a.sent {
				if contact, message, _ := strings.Cut(what, " "); contact == who && !logged[id] {
					tb.Errorf("%s: the delivery of %s was returned and is not there", who, message)
				}
			}
			sum.events += len(events)
			sum.capped += sends["capped"]
			sum.fourth += sends["fourth"]
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return sum
}

// checkTotals compares the totals with what all contacts have.
func (f found) checkTotals(tb testing.TB, store beckon.Store) {
	tb.Helper()
	engine, err := beckon.New(store)
	if err != nil {
		tb.Fatal(err)
	}
	for message, sent := range map[string]int{"capped": f.capped, "fourth": f.fourth} {
		got, err := engine.Totals(context.Background(), message)
		if err != nil || got.Sent != int64(sent) || got.Judged != int64(f.events) {
			tb.Errorf("totals of %q: judged %d and sent %d, %v; the contacts have %d events and %d", message, got.Judged, got.Sent, err, f.events, sent)
		}
	}
}

func (f *found) add(g found) {
	f.events += g.events
	f.capped += g.capped
	f.fourth += g.fourth
}

// named returns the place as a client under a name sees it: the server can tell
// when it has gone.
func (p place) named(name string) place {
	between := "?"
	if strings.Contains(p.Address, "?") {
		between = "&"
	}
	switch p.Kind {
	case "postgres":
		p.Address += between + "application_name=" + name
	case "redis", "cluster":
		p.Address += between + "client_name=" + name
	}
	return p
}

// settle waits until the server has done with what a client that was killed has
// left it to do. A file has no server.
func (p place) settle(tb testing.TB, name string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var gone func() (bool, error)
	switch p.Kind {
	case "postgres":
		conn, err := pgx.Connect(ctx, p.Address)
		if err != nil {
			tb.Fatal(err)
		}
		defer func() { _ = conn.Close(ctx) }()
		gone = func() (bool, error) {
			var n int
			err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity, pg_sleep(0.001) WHERE application_name = $1", name).Scan(&n)
			return n == 0, err
		}
	case "redis":
		o, err := redis.ParseURL(p.Address)
		if err != nil {
			tb.Fatal(err)
		}
		client := redis.NewClient(o)
		defer func() { _ = client.Close() }()
		gone = func() (bool, error) { return without(ctx, client, name) }
	case "cluster":
		o, err := redis.ParseClusterURL(p.Address)
		if err != nil {
			tb.Fatal(err)
		}
		client := redis.NewClusterClient(o)
		defer func() { _ = client.Close() }()
		gone = func() (bool, error) {
			var left atomic.Int64
			err := client.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
				ok, err := without(ctx, node, name)
				if !ok {
					left.Add(1)
				}
				return err
			})
			return left.Load() == 0, err
		}
	default:
		return
	}
	for {
		if ok, err := gone(); err != nil {
			tb.Fatalf("the server still has clients that were killed: %v", err)
		} else if ok {
			return
		}
	}
}

// without reports whether a server has no client of that name.
func without(ctx context.Context, client *redis.Client, name string) (bool, error) {
	list, err := client.ClientList(ctx).Result()
	return !strings.Contains(list, " name="+name+" "), err
}
