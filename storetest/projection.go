package storetest

import (
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A record is shown with all that a projection names, whatever the store leaves out of it.
func scanProjection(e *env) {
	for kind := store.KindUser; kind <= store.KindAnonymous; kind++ {
		for _, id := range []string{"a", "b"} {
			e.step(store.Key{Kind: kind, ID: id}, always(func(c *store.Changes) {
				changeAll(c, int64(kind))
				p := *c.Profile
				p.Attributes = []store.Attribute{
					store.NewAttribute("email", beckon.String(id+"@x.test")),
					store.NewAttribute("n", beckon.Number(int(kind))), store.NewAttribute("text", beckon.List("x", id)),
				}
				p.Forward, p.Moving = store.Key{}, store.Key{}
				c.Profile = &p
			}))
		}
	}
	for _, only := range []*store.Projection{
		{},
		{Attributes: []string{"text", "none"}},
		{Attributes: []string{"email", "n", "text"}, Seen: true},
		{Stats: true},
		{Sends: true, Attributes: []string{"n"}},
		{Counters: true},
		{Seen: true, Stats: true, Sends: true, Counters: true},
	} {
		for _, q := range []store.Query{
			{Kinds: []store.Kind{store.KindUser}},
			{Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}},
			{Kinds: []store.Kind{store.KindUser}, Filter: &store.Filter{Kind: store.FilterText, Name: "email", Texts: []string{"a@x.test", "b@x.test"}}, LeftOut: new(int64)},
			{Email: "a@x.test"},
		} {
			q.Only = only
			want := 2 * len(q.Kinds)
			if want == 0 { // one of each kind
				want = 4
			}
			got := e.scan(q, 1)
			if len(q.Kinds) > 0 {
				if walked, ok := e.walked(store.Query{Kinds: q.Kinds, Filter: q.Filter, Only: only}); ok {
					got, want = append(got, walked...), 2*want
				}
			}
			if len(got) != want {
				e.Errorf("only %+v of %+v: %d records, want %d", *only, q, len(got), want)
			}
			for _, r := range got {
				if shown, all := projected(r, only), projected(e.read(r.Key), only); !same(shown, all) {
					e.Errorf("only %+v of %+v shows\n%+v, there is\n%+v", *only, q, shown, all)
				}
			}
		}
	}
}

// projected returns what a projection names of a record, and nothing else.
func projected(r *store.Record, only *store.Projection) *store.Record {
	p := &store.Record{Key: r.Key, Exists: r.Exists}
	if r.Profile != nil {
		profile := *r.Profile
		profile.Attributes = nil
		for _, a := range r.Profile.Attributes {
			if slices.Contains(only.Attributes, a.Name.Value()) {
				profile.Attributes = append(profile.Attributes, a)
			}
		}
		p.Profile = &profile
	}
	if only.Seen {
		p.LastSeen, p.EventSeq = r.LastSeen, r.EventSeq
	}
	if only.Stats {
		p.Stats = r.Stats
	}
	if only.Sends {
		p.SendStats, p.SendLog = r.SendStats, r.SendLog
	}
	if only.Counters {
		p.Counters = r.Counters
	}
	return p
}
