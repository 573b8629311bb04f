package storetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// indexCases are about scans by what is in a record.
func indexCases() []testCase {
	return []testCase{
		{name: "index/due in order", run: func(e *env) { inOrder(e, due()) }},
		{name: "index/due while it is done", run: func(e *env) { whileDone(e, due()) }},
		{name: "index/pending in order", run: func(e *env) { inOrder(e, pending()) }},
		{name: "index/pending while it is done", run: func(e *env) { whileDone(e, pending()) }},
		{name: "index/email", run: emailIndex},
		{name: "index/pending and moving", run: flagIndex},
		{name: "index/pending by channel", run: channelIndex},
		{name: "index/follows every change", run: indexFollows},
	}
}

func withEmail(address string) store.Profile {
	return store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", beckon.String(address))}}
}

// found returns the ids that a query finds, sorted.
func (e *env) found(q store.Query) []string {
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
		if got := e.found(store.Query{Email: address}); !slices.Equal(got, ids) {
			e.Errorf("contacts with %q: %v, want %v", address, got, ids)
		}
	}
	e.profile(user("1"), withEmail("a@x.test"))
	e.profile(user("2"), withEmail("a@x.test"))
	e.profile(user("3"), withEmail("a@x.test"))
	e.profile(user("4"), withEmail("A@x.test"))
	e.profile(user("5"), withEmail("a@x.testa"))
	e.profile(user("6"), withEmail(""))
	e.profile(store.Key{Kind: store.KindCompany, ID: "7"}, withEmail("a@x.test")) // no contact
	// Letter case does not count, neither in the record nor in the question.
	want("a@x.test", "1", "2", "3", "4")
	want("A@X.test", "1", "2", "3", "4")
	want("nobody@x.test")
	e.profile(user("4"), withEmail("a@X.TEST")) // to another spelling, and away
	want("a@x.test", "1", "2", "3", "4")
	e.profile(user("4"), withEmail("c@x.test"))
	want("C@x.test", "4")
	// An identity that is an address in other letters than the folded ones is found
	// by it, unless it goes by another address.
	own := store.Key{Kind: store.KindEmail, ID: "Own@x.test"}
	e.profile(own, store.Profile{Created: 1})
	want("own@x.test", "Own@x.test")
	e.profile(own, withEmail("other@x.test"))
	want("own@x.test")
	want("other@x.test", "Own@x.test")
	e.profile(own, store.Profile{Forward: user("2")})
	want("own@x.test", "Own@x.test")
	e.remove(own)
	e.profile(store.Key{Kind: store.KindEmail, ID: "own@x.test"}, store.Profile{Forward: user("2")})
	want("own@x.test") // found by its key
	e.profile(user("2"), withEmail("b@x.test"))
	want("a@x.test", "1", "3")
	want("b@x.test", "2")
	e.profile(user("1"), store.Profile{Forward: user("2")}) // leads elsewhere
	want("a@x.test", "3")
	e.remove(user("3"))
	want("a@x.test")
	// A step that is not about the profile leaves the index as it is.
	e.step(user("2"), always(func(c *store.Changes) { c.LastSeen = 1 }))
	want("b@x.test", "2")
}

// What is pending of a channel is found by it. A store may show more, and shows nothing
// whose lease has not ended.
func channelIndex(e *env) {
	row := func(id string, until int64, channel beckon.Channel) store.Pending {
		p := leased(id, until)
		p.Delivery.Channel = channel
		return p
	}
	pend := func(id string, rows ...store.Pending) {
		e.Helper()
		e.step(user(id), always(func(c *store.Changes) { c.Pending = append(c.Pending, rows...) }))
	}
	want := func(channels store.ChannelSet, ids ...string) {
		e.Helper()
		all := e.found(store.Query{Pending: 10})
		got := e.found(store.Query{Pending: 10, Channels: channels})
		for _, id := range ids {
			if !slices.Contains(got, id) {
				e.Errorf("channels %b: %v, want %v among them", channels, got, ids)
			}
		}
		for _, id := range got {
			if !slices.Contains(all, id) {
				e.Errorf("channels %b: %v, and without channels %v", channels, got, all)
			}
		}
	}
	mail, banner, own := store.ChannelSetOf(beckon.Email), store.ChannelSetOf(beckon.Banner), store.ChannelSetOf(store.Custom("x"))
	pend("1", row("a", 5, beckon.Banner))
	pend("2", row("a", 5, beckon.Banner), row("b", 5, beckon.Email))
	pend("3", row("a", 5, store.Custom("letter")))
	pend("4", row("a", 50, beckon.Email))
	want(mail, "2")
	want(banner, "1", "2")
	want(own, "3")
	want(mail|own, "2", "3")
	want(store.AllChannels, "1", "2", "3")
	// A row changes its lease, another leaves, another comes.
	pend("4", row("a", 5, beckon.Email))
	want(mail, "2", "4")
	e.step(user("2"), always(func(c *store.Changes) { c.PendingDrop = append(c.PendingDrop, "a") }))
	want(mail, "2", "4")
	pend("1", row("b", 500, beckon.SMS))
	want(store.ChannelSetOf(beckon.SMS), "1") // its banner is free
	pend("1", row("c", 5, beckon.Push))
	want(store.ChannelSetOf(beckon.Push), "1")
	// What else changes leaves it as it is.
	e.profile(user("2"), store.Profile{Created: 5})
	e.step(user("2"), always(func(c *store.Changes) { c.LastSeen = 5 }))
	want(mail, "2", "4")
}

func flagIndex(e *env) {
	want := func(q store.Query, ids ...string) {
		e.Helper()
		if got := e.found(q); !slices.Equal(got, ids) {
			e.Errorf("%+v: %v, want %v", q, got, ids)
		}
	}
	pending, moving := store.Query{Pending: 1}, store.Query{Moving: true}
	later, all := store.Query{Pending: 50}, store.Query{Pending: math.MaxInt64}
	pend := func(id string, rows ...store.Pending) {
		e.Helper()
		e.step(user(id), always(func(c *store.Changes) { c.Pending = append(c.Pending, rows...) }))
	}
	drop := func(id string, ids ...string) {
		e.Helper()
		e.step(user(id), always(func(c *store.Changes) { c.PendingDrop = append(c.PendingDrop, ids...) }))
	}
	pend("1", leased("a", 0)) // without a profile, too
	e.profile(user("2"), store.Profile{Moving: user("1")})
	e.profile(user("3"), store.Profile{Moving: user("1")})
	pend("3", leased("a", 0), leased("b", 0))
	e.profile(user("4"), store.Profile{})
	e.touch(user("5"))
	want(pending, "1", "3")
	want(moving, "2", "3")
	e.step(user("3"), always(func(c *store.Changes) { c.Clear, c.Profile = true, &store.Profile{Forward: user("1")} }))
	pend("4", leased("a", 0), leased("b", 0))
	want(pending, "1", "4")
	want(moving, "2")
	// What else changes leaves it as it is.
	e.profile(user("4"), store.Profile{Created: 5})
	e.step(user("4"), always(func(c *store.Changes) { c.LastSeen = 5 }))
	want(pending, "1", "4")
	// One of two is acknowledged, and the other is leased for longer.
	e.step(user("4"), always(func(c *store.Changes) {
		c.PendingDrop, c.Pending = append(c.PendingDrop, "a"), append(c.Pending, leased("b", 51))
	}))
	want(pending, "1")
	want(later, "1")
	pend("4", leased("b", 50))
	want(pending, "1")
	want(later, "1", "4")
	// The first lease to end is acknowledged, the other is not.
	pend("4", leased("c", 70))
	drop("4", "b", "none")
	want(later, "1")
	pend("4", leased("c", 50))
	e.remove(user("1"))
	e.remove(user("2"))
	want(later, "4")
	// What is given up is never free, and is found all the same.
	given := leased("c", math.MaxInt64)
	given.Dead = &store.GivenUp{At: 1, Reason: "r"}
	pend("4", given)
	want(later)
	want(store.Query{Pending: math.MaxInt64 - 1})
	want(all, "4")
	pend("4", leased("d", 50))
	want(later, "4")
	drop("4", "d", "c")
	want(later)
	want(all)
	want(moving)
}

// After any changes the indices say what the records say.
func indexFollows(e *env) {
	random := rand.New(rand.NewPCG(5, 6))
	models := make(map[store.Key]*store.Record)
	for i := range 600 {
		key := user(fmt.Sprint(random.IntN(40)))
		var c store.Changes
		switch random.IntN(6) {
		case 0:
			c.Delete = true
		case 1:
			c.LastSeen = int64(i + 1)
		default:
			p := withEmail(fmt.Sprint(random.IntN(3)))
			due().set(&c, random.Int64N(5))
			p.Holds = c.Profile.Holds
			if random.IntN(2) == 0 {
				p.Moving = user("x")
			}
			if c.Profile = &p; random.IntN(2) == 0 {
				c.Profile = nil
			}
			pending().set(&c, random.Int64N(5))
		}
		if models[key] == nil {
			models[key] = &store.Record{Key: key}
		}
		models[key].Apply(&c)
		e.step(key, always(func(to *store.Changes) {
			to.Delete, to.LastSeen, to.Profile, to.Pending, to.PendingDrop = c.Delete, c.LastSeen, c.Profile, append(to.Pending, c.Pending...), append(to.PendingDrop, c.PendingDrop...)
		}))
		if i%20 != 0 {
			continue
		}
		for _, q := range []store.Query{{Due: 3}, {Due: 9}, {Email: "1"}, {Pending: 1}, {Pending: 3}, {Moving: true}} {
			var ids []string
			for k, r := range models {
				if q.Due != 0 && r.NextDue() != 0 && r.NextDue() <= q.Due || q.Email != "" && r.Email() == q.Email ||
					q.Pending != 0 && r.NextPending() != 0 && r.NextPending() <= q.Pending || q.Moving && r.Profile != nil && !r.Profile.Moving.IsZero() {
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
