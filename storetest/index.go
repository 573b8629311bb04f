package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/beckon-go/beckon"
)

// indexCases are about scans by what is in a record.
func indexCases() []testCase {
	return []testCase{
		{"index/due in order", dueOrder},
		{"index/due while it is done", dueDone},
		{"index/email", emailIndex},
		{"index/pending and moving", flagIndex},
		{"index/follows every change", indexFollows},
	}
}

// hold gives a profile with something due at an instant, if that is not zero.
func hold(due int64) beckon.Profile {
	if due == 0 {
		return beckon.Profile{Created: 1}
	}
	return beckon.Profile{Holds: []beckon.Hold{{Message: "m", Due: due}, {Message: "n", Due: due + 1_000_000}}}
}

func dueOrder(e *env) {
	const records = 120
	random := rand.New(rand.NewPCG(3, 4))
	want := make(map[beckon.Key]int64)
	for i := range records {
		key := user(fmt.Sprint(i))
		e.profile(key, hold(random.Int64N(1000)+1)) // is replaced
		due := random.Int64N(50) * 10
		e.profile(key, hold(due))
		want[key] = due
	}
	for _, until := range []int64{1, 10, 245, 490, 10_000} {
		for _, page := range []int{1, 13, 1000} {
			got := e.scan(beckon.Query{Due: until}, page)
			if !slices.IsSortedFunc(got, func(a, b *beckon.Record) int { return int(a.NextDue() - b.NextDue()) }) {
				e.Errorf("due until %d: not the earliest first", until)
			}
			count := 0
			for _, due := range want {
				if due != 0 && due <= until {
					count++
				}
			}
			if len(got) != count {
				e.Errorf("due until %d: %d records, want %d", until, len(got), count)
			}
			for _, r := range got {
				if r.NextDue() != want[r.Key] || r.NextDue() > until {
					e.Errorf("due until %d: found %v, due at %d", until, r.Key, r.NextDue())
				}
			}
		}
	}
}

// What is due is found, done and found no more: page by page, as Due does it.
func dueDone(e *env) {
	const records = 60
	for i := range records {
		e.profile(user(fmt.Sprint(i)), hold(int64(i%7+1)))
	}
	done := make(map[beckon.Key]int)
	var at beckon.Cursor
	for range records + 1 {
		var page []beckon.Key
		next, err := e.store.Scan(e.ctx, beckon.Query{Due: 100}, at, 7, func(r *beckon.Record) error {
			page = append(page, clone(r).Key)
			return nil
		})
		if err != nil {
			e.Fatalf("Scan: %v", err)
		}
		for _, key := range page {
			done[key]++
			// Every other one is put off, beyond what is asked for or not at all.
			e.profile(key, hold(int64(len(done)%2)*1000))
		}
		if at = next; at == "" {
			break
		}
	}
	for i := range records {
		if n := done[user(fmt.Sprint(i))]; n != 1 {
			e.Errorf("record %d was due %d times", i, n)
		}
	}
	if got := e.scan(beckon.Query{Due: 100}, 10); len(got) != 0 {
		e.Errorf("still due: %v", keys(got))
	}
	if got := e.scan(beckon.Query{Due: 1000}, 10); len(got) != records/2 {
		e.Errorf("%d were put off, want %d", len(got), records/2)
	}
}

func withEmail(address string) beckon.Profile {
	return beckon.Profile{Attributes: []beckon.Attribute{beckon.NewAttribute("email", beckon.String(address))}}
}

// found gives the ids that a query finds, sorted.
func (e *env) found(q beckon.Query) []string {
	e.Helper()
	var ids []string
	for _, k := range keys(e.scan(q, 2)) {
		ids = append(ids, k.ID)
	}
	slices.Sort(ids)
	return ids
}

func emailIndex(e *env) {
	want := func(address string, ids ...string) {
		e.Helper()
		if got := e.found(beckon.Query{Email: address}); !slices.Equal(got, ids) {
			e.Errorf("contacts with %q: %v, want %v", address, got, ids)
		}
	}
	e.profile(user("1"), withEmail("a@x.test"))
	e.profile(user("2"), withEmail("a@x.test"))
	e.profile(user("3"), withEmail("a@x.test"))
	e.profile(user("4"), withEmail("A@x.test"))
	e.profile(user("5"), withEmail("a@x.testa"))
	e.profile(user("6"), withEmail(""))
	e.profile(beckon.Key{Kind: beckon.KindCompany, ID: "7"}, withEmail("a@x.test")) // no contact
	want("a@x.test", "1", "2", "3")
	want("A@x.test", "4")
	want("nobody@x.test")
	e.profile(user("2"), withEmail("b@x.test"))
	want("a@x.test", "1", "3")
	want("b@x.test", "2")
	e.profile(user("1"), beckon.Profile{Forward: user("2")}) // leads elsewhere
	want("a@x.test", "3")
	e.remove(user("3"))
	want("a@x.test")
	// A step that is not about the profile leaves the index as it is.
	e.step(user("2"), always(func(c *beckon.Changes) { c.LastSeen = 1 }))
	want("b@x.test", "2")
}

func flagIndex(e *env) {
	want := func(q beckon.Query, ids ...string) {
		e.Helper()
		if got := e.found(q); !slices.Equal(got, ids) {
			e.Errorf("%+v: %v, want %v", q, got, ids)
		}
	}
	pending, moving := beckon.Query{Pending: true}, beckon.Query{Moving: true}
	e.profile(user("1"), beckon.Profile{Pending: []beckon.Pending{{}}})
	e.profile(user("2"), beckon.Profile{Moving: user("1")})
	e.profile(user("3"), beckon.Profile{Moving: user("1"), Pending: []beckon.Pending{{}, {}}})
	e.profile(user("4"), beckon.Profile{})
	e.touch(user("5"))
	want(pending, "1", "3")
	want(moving, "2", "3")
	e.profile(user("3"), beckon.Profile{Forward: user("1")})
	e.profile(user("4"), beckon.Profile{Pending: []beckon.Pending{{}}})
	want(pending, "1", "4")
	want(moving, "2")
	e.remove(user("1"))
	e.remove(user("2"))
	want(pending, "4")
	want(moving)
}

// After any changes the indices say what the records say.
func indexFollows(e *env) {
	random := rand.New(rand.NewPCG(5, 6))
	models := make(map[beckon.Key]*beckon.Record)
	for i := range 600 {
		key := user(fmt.Sprint(random.IntN(40)))
		var c beckon.Changes
		switch random.IntN(6) {
		case 0:
			c.Delete = true
		case 1:
			c.LastSeen = int64(i + 1)
		default:
			p := withEmail(fmt.Sprint(random.IntN(3)))
			p.Holds = hold(random.Int64N(5)).Holds
			p.Pending = make([]beckon.Pending, random.IntN(2))
			if random.IntN(2) == 0 {
				p.Moving = user("x")
			}
			c.Profile = &p
		}
		if models[key] == nil {
			models[key] = &beckon.Record{Key: key}
		}
		models[key].Apply(&c)
		e.step(key, always(func(to *beckon.Changes) { to.Delete, to.LastSeen, to.Profile = c.Delete, c.LastSeen, c.Profile }))
		if i%20 != 0 {
			continue
		}
		for _, q := range []beckon.Query{{Due: 3}, {Due: 9}, {Email: "1"}, {Pending: true}, {Moving: true}} {
			var ids []string
			for k, r := range models {
				if r.Profile != nil && (q.Due != 0 && r.NextDue() != 0 && r.NextDue() <= q.Due || q.Email != "" && r.Email() == q.Email ||
					q.Pending && len(r.Profile.Pending) > 0 || q.Moving && !r.Profile.Moving.IsZero()) {
					ids = append(ids, k.ID)
				}
			}
			slices.Sort(ids)
			if got := e.found(q); !slices.Equal(got, ids) {
				e.Fatalf("after %d steps, %+v: %v, want %v", i+1, q, got, ids)
			}
		}
	}
}
