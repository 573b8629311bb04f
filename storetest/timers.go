package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// A timer is an order of records by an instant of theirs.
type timer struct {
	name  string
	set   func(c *store.Changes, at int64) // the record has the instant, none if at is 0
	query func(until int64) store.Query
	at    func(*store.Record) int64
}

func due() timer {
	return timer{
		name: "due",
		set: func(c *store.Changes, at int64) {
			c.Profile = &store.Profile{Created: 1}
			if at != 0 {
				c.Profile.Holds = []store.Hold{{Message: "m", Due: at}, {Message: "n", Due: at + 1_000_000}}
			}
		},
		query: func(until int64) store.Query { return store.Query{Due: until} },
		at:    (*store.Record).NextDue,
	}
}

// In the order by pending the first lease to end decides, wherever it stands.
func pending() timer {
	return timer{
		name: "pending",
		set: func(c *store.Changes, at int64) {
			if at == 0 {
				c.PendingDrop = append(c.PendingDrop, "a", "b")
				return
			}
			c.Pending = append(c.Pending, leased("a", at+1_000_000), leased("b", at))
		},
		query: func(until int64) store.Query { return store.Query{Pending: until} },
		at:    (*store.Record).NextPending,
	}
}

// time sets an instant of a record.
func (e *env) time(key store.Key, by timer, at int64) {
	e.Helper()
	e.step(key, always(func(c *store.Changes) { by.set(c, at) }))
}

func inOrder(e *env, by timer) {
	const records = 120
	random := rand.New(rand.NewPCG(3, 4))
	want := make(map[store.Key]int64)
	for i := range records {
		key := user(fmt.Sprint(i))
		e.time(key, by, random.Int64N(1000)+1) // is replaced
		at := random.Int64N(50) * 10
		e.time(key, by, at)
		want[key] = at
	}
	for _, until := range []int64{1, 10, 245, 490, 10_000} {
		for _, page := range []int{1, 13, 1000} {
			got := e.scan(by.query(until), page)
			if !slices.IsSortedFunc(got, func(a, b *store.Record) int { return int(by.at(a) - by.at(b)) }) {
				e.Errorf("%s until %d: not the earliest first", by.name, until)
			}
			count := 0
			for _, at := range want {
				if at != 0 && at <= until {
					count++
				}
			}
			if len(got) != count {
				e.Errorf("%s until %d: %d records, want %d", by.name, until, len(got), count)
			}
			for _, r := range got {
				if by.at(r) != want[r.Key] || by.at(r) > until {
					e.Errorf("%s until %d: found %v at %d", by.name, until, r.Key, by.at(r))
				}
			}
		}
	}
}

// What is due is found, done and found no more: page by page, as Due and
// workers of the outbox do it.
func whileDone(e *env, by timer) {
	const records = 60
	for i := range records {
		e.time(user(fmt.Sprint(i)), by, int64(i%7+1))
	}
	done := make(map[store.Key]int)
	var at store.Cursor
	for range records + 1 {
		var page []store.Key
		next, err := e.store.Scan(e.ctx, by.query(100), at, 7, func(r *store.Record) error {
			page = append(page, clone(r).Key)
			return nil
		})
		if err != nil {
			e.Fatalf("Scan: %v", err)
		}
		for _, key := range page {
			done[key]++
			// Every other one is put off, beyond what is asked for or not at all.
			e.time(key, by, int64(len(done)%2)*1000)
		}
		if at = next; at == "" {
			break
		}
	}
	for i := range records {
		if n := done[user(fmt.Sprint(i))]; n != 1 {
			e.Errorf("record %d was %s %d times", i, by.name, n)
		}
	}
	if got := e.scan(by.query(100), 10); len(got) != 0 {
		e.Errorf("still %s: %v", by.name, keys(got))
	}
	if got := e.scan(by.query(1000), 10); len(got) != records/2 {
		e.Errorf("%d were put off, want %d", len(got), records/2)
	}
}
