package memstore

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// WithLeastReady lets a test have hardly any profile ready.
func WithLeastReady(n int) Option { return optionFunc(func(s *Store) { s.leastReady = n }) }

// together returns keys of contacts that are in one shard.
func together(s *Store, n int) (keys []store.Key) {
	for i := 0; len(keys) < n; i++ {
		key := store.Key{Kind: store.KindUser + store.Kind(i%2), ID: fmt.Sprint("c", i)}
		if s.shard(key) == &s.shards[0] {
			keys = append(keys, key)
		}
	}
	return keys
}

func one(t rapid.TB, s *Store, key store.Key, d decide) {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: d}}
	if err := s.Step(context.Background(), steps); err != nil || steps[0].Err != nil {
		t.Fatal(err, steps[0].Err)
	}
}

// checkReady checks what holds of the profiles of the first shard between two steps.
func checkReady(t rapid.TB, s *Store, most int) {
	t.Helper()
	sh := &s.shards[0]
	in := 0
	for kind := store.KindUser; kind <= store.KindAnonymous; kind++ {
		for place := range sh.places(kind) {
			f, id := sh.in(kind, place)
			if !f.ok || f.e.more == nil || f.e.more.profile == nil {
				continue
			}
			k := f.e.more.profile
			if k.place != 0 {
				if in++; sh.ready.list[k.place-1] != k || k.profile == nil {
					t.Fatalf("%s is not where it says, or not ready", id)
				}
			} else if k.profile != nil && id != "wide" {
				t.Fatalf("%s is not in the ring and not packed", id)
			}
		}
	}
	for _, k := range sh.ready.list[len(sh.ready.list):cap(sh.ready.list)] {
		if k != nil {
			t.Fatal("a contact that has left the ring is still in its memory")
		}
	}
	if in != len(sh.ready.list) || in > most {
		t.Fatalf("%d of the contacts are ready, %d are in the ring, at most %d may be", in, len(sh.ready.list), most)
	}
}

// Whatever steps see, change, clear and delete, and whatever is packed meanwhile, each
// reads what was written last, and every profile that was ever shown stays as it was.
func TestShownProfilesStay(t *testing.T) {
	type shown struct {
		profile *store.Profile
		was     *store.Profile
	}
	profiles := anyProfile()
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		keys := together(s, 3*readyLeast)
		written := make(map[store.Key]*store.Profile)
		var all []shown
		see := func(r *store.Record) {
			want, ok := written[r.Key]
			if (r.Profile != nil) != ok || ok && !reflect.DeepEqual(copied(r.Profile), want) {
				t.Fatalf("%v is shown as %+v", r.Key, r.Profile)
			}
			if ok {
				all = append(all, shown{r.Profile, want})
			}
		}
		for i, key := range keys { // more than can be ready
			p := &store.Profile{Created: int64(i), Attributes: []store.Attribute{store.NewAttribute("a", value.String(key.ID))}, Companies: []string{"c"}}
			one(t, s, key, func(_ *store.Record, c *store.Changes) error { c.Profile = p; return nil })
			written[key] = copied(p)
			all = append(all, shown{p, written[key]})
		}
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			key := rapid.SampledFrom(keys).Draw(t, "key")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2:
				p := profiles.Draw(t, "profile")
				one(t, s, key, func(r *store.Record, c *store.Changes) error {
					see(r)
					c.Profile, c.Clear = p, len(p.Companies) == 1
					return nil
				})
				written[key] = copied(p)
				all = append(all, shown{p, written[key]})
			case 3:
				one(t, s, key, func(r *store.Record, c *store.Changes) error {
					see(r)
					if c.Delete = len(r.Key.ID)%2 == 0; !c.Delete {
						c.Clear, c.LastSeen = true, 1
					}
					return nil
				})
				delete(written, key)
			case 4, 5, 6:
				one(t, s, key, func(r *store.Record, c *store.Changes) error {
					see(r)
					c.LastSeen++
					return nil
				})
			case 7:
				if err := s.Read(t.Context(), []store.Key{key}, func(r *store.Record) error { see(r); return nil }); err != nil {
					t.Fatal(err)
				}
			case 8:
				if _, err := s.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser, store.KindUser + 1}}, "", math.MaxInt, func(r *store.Record) error {
					see(r)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			default:
				one(t, s, key, func(r *store.Record, c *store.Changes) error { // as a decider does it
					if see(r); r.Profile == nil {
						return nil
					}
					p := *r.Profile
					p.Attributes = append(p.Attributes, store.NewAttribute("added", value.Number(1)))
					p.Companies = append(p.Companies, "added")
					c.Profile, written[r.Key] = &p, copied(&p)
					return nil
				})
			}
			checkReady(t, s, readyLeast)
		}
		for i, x := range all {
			if !reflect.DeepEqual(copied(x.profile), x.was) {
				t.Fatalf("profile %d was shown as %+v and became %+v", i, x.was, x.profile)
			}
		}
	})
}

// A contact that steps see again and again stays ready while others come and go; one that
// nobody asks for is packed. As contacts become fewer, so do those that are ready.
func TestWhoIsReady(t *testing.T) {
	s := New()
	keys := together(s, 20*readyLeast)
	put := func(key store.Key) {
		one(t, s, key, func(_ *store.Record, c *store.Changes) error { c.Profile = &store.Profile{Created: 1}; return nil })
	}
	look := func(key store.Key) (p *store.Profile) {
		one(t, s, key, func(r *store.Record, _ *store.Changes) error { p = r.Profile; return nil })
		return p
	}
	put(keys[0])
	first := look(keys[0])
	for _, key := range keys[1:] {
		put(key)
		if look(keys[0]) != first {
			t.Fatal("a contact in use was packed")
		}
	}
	checkReady(t, s, len(keys)/readyPart)
	if got := len(s.shards[0].ready.list); got != len(keys)/readyPart {
		t.Errorf("%d are ready, want %d", got, len(keys)/readyPart)
	}
	second := look(keys[1]) // which was packed, and is ready from now on
	if look(keys[1]) != second {
		t.Error("it was unpacked for each step")
	}
	for _, key := range keys[2*readyLeast:] {
		one(t, s, key, func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })
	}
	for range 2 * len(keys) / readyPart {
		for _, key := range keys[:2*readyLeast] {
			look(key)
		}
	}
	checkReady(t, s, readyLeast)
}

// The index keeps an address of its own, and neither the row nor the text that the address
// was cut from.
func TestIndexedEmailIsCopied(t *testing.T) {
	s := New()
	key := store.Key{Kind: store.KindUser, ID: "a"}
	body := strings.Repeat("x", 1000) + "a@example.test"
	p := &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", value.String(body[1000:]))}}
	one(t, s, key, func(_ *store.Record, c *store.Changes) error { c.Profile = p; return nil })
	if got := s.index.email.blocks[0][0].email; got != body[1000:] || unsafe.StringData(got) == unsafe.StringData(body[1000:]) {
		t.Errorf("the index has %q, and keeps what it came from", got)
	}
}

// A profile that does not fit into a row stays as it is, and is packed once it fits.
func TestProfilesBesideTheRing(t *testing.T) {
	s := New()
	keys := together(s, 3*readyLeast)
	wide := &store.Profile{Created: 3, Attributes: []store.Attribute{store.NewAttribute("a", peek.Value(repr.Value{Kind: kindMask + 1}))}}
	for i, key := range keys {
		one(t, s, key, func(_ *store.Record, c *store.Changes) error {
			if c.Profile = wide; i > 0 {
				c.Profile = &store.Profile{Created: 4}
			}
			return nil
		})
	}
	k := func() *kept { f := s.shards[0].find(keys[0], hashOf(s.seed, keys[0].ID)); return f.e.more.profile }
	for range 2 {
		one(t, s, keys[0], func(r *store.Record, _ *store.Changes) error {
			if r.Profile != wide {
				t.Error("it is another one")
			}
			return nil
		})
		if k().place != 0 {
			t.Error("it is in the ring")
		}
	}
	for _, key := range slices.Concat(keys[:1], keys[1:]) {
		one(t, s, key, func(_ *store.Record, c *store.Changes) error { c.Profile = &store.Profile{Created: 5}; return nil })
	}
	checkReady(t, s, readyLeast)
	if k().row == "" {
		t.Error("it is not packed")
	}
}
