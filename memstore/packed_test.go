package memstore

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// put stores a profile, and shown returns what Read shows of it.
func put(t *testing.T, s *Store, key store.Key, p *store.Profile) {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Profile = p; return nil })}}
	if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
		t.Fatal(err, steps[0].Err)
	}
}

func profileOf(t *testing.T, s *Store, key store.Key) (p *store.Profile) {
	t.Helper()
	if err := s.Read(t.Context(), []store.Key{key}, func(r *store.Record) error { p = r.Profile; return nil }); err != nil {
		t.Fatal(err)
	}
	return p
}

// persisted is a profile as bytes, which say all of it.
func persisted(p *store.Profile) string {
	return string(store.AppendRecord(nil, &store.Record{Profile: p}))
}

// values are of all kinds, and at the ends of what their parts hold.
func values() []store.Attribute {
	list := []value.Value{
		value.Number(math.MinInt64), value.Number(int64(math.MaxInt64)), value.Number(uint64(math.MaxUint64)), value.Number(0), value.Number(-12.75),
		value.NumberLiteral("1e308"), value.NumberLiteral("-3.10"), value.NumberLiteral(strings.Repeat("9", 100)),
		value.String(""), value.String("é"), value.String(strings.Repeat("x", 127)), value.String(strings.Repeat("x", 128)), value.String(strings.Repeat("y", 255)),
		value.Bool(true), value.Bool(false), value.Date(time.Unix(-1, 0)), value.Date(time.Unix(1_700_000_000, 0)),
		value.Link("https://a.example/"), value.Image("https://a.example/" + strings.Repeat("z", 2000)), value.RichLink("https://a.example/", "title"),
		value.Stripe("cus_1"), value.Monetary(-1999, "eur"), value.List(), value.List("a", "", strings.Repeat("b", 200)),
		{},
	}
	var attributes []store.Attribute
	for i, v := range list {
		attributes = append(attributes, store.NewAttribute(fmt.Sprintf("value-%03d", i), v))
	}
	return attributes
}

// Every field of a profile comes back, alone and beside attributes, whatever was shown
// before, and so does every kind of value.
func TestProfilesComeBack(t *testing.T) {
	all := values()
	profiles := []*store.Profile{{}, {Attributes: all}, {Attributes: all[:3]}, {Attributes: all[5:]}}
	for i := range all {
		profiles = append(profiles, &store.Profile{Attributes: all[i : i+1]})
	}
	for i := range reflect.TypeFor[store.Profile]().NumField() {
		p := new(store.Profile)
		f := reflect.ValueOf(p).Elem().Field(i)
		switch f.Kind() {
		case reflect.Int64:
			f.SetInt(5)
		case reflect.Uint64:
			f.SetUint(5)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			if f.Index(0).Kind() == reflect.String {
				f.Index(0).SetString("x")
			}
			if f.Type() == reflect.TypeFor[[]store.Attribute]() {
				p.Attributes = all[:1]
			}
		case reflect.Struct:
			f.Set(reflect.ValueOf(store.Key{Kind: store.KindUser, ID: "x"}))
		default:
			t.Fatalf("a field of kind %v", f.Kind())
		}
		q := *p
		if len(q.Attributes) == 0 {
			q.Attributes = all
		}
		profiles = append(profiles, p, &q)
	}
	s := New()
	key := func(kind store.Kind, i int) store.Key { return store.Key{Kind: kind, ID: fmt.Sprint("r", i)} }
	one := store.Key{Kind: store.KindUser, ID: "one"}
	for _, kind := range []store.Kind{store.KindUser, store.KindAnonymous, store.KindCompany, store.KindMessage} {
		for i, p := range profiles {
			put(t, s, key(kind, i), p)
			put(t, s, one, p) // over the one before
			if got := persisted(profileOf(t, s, one)); got != persisted(p) {
				t.Errorf("profile %d over another: got %q, want %q", i, got, persisted(p))
			}
		}
		for range 2 {
			next := 0
			if _, err := s.Scan(t.Context(), store.Query{Kinds: []store.Kind{kind}}, "", math.MaxInt, func(r *store.Record) error {
				if r.Key == one {
					return nil
				}
				var i int
				if _, err := fmt.Sscanf(r.Key.ID, "r%d", &i); err != nil {
					return err
				}
				if got := persisted(r.Profile); got != persisted(profiles[i]) {
					t.Errorf("kind %d, profile %d: got %q, want %q", kind, i, got, persisted(profiles[i]))
				}
				next++
				return nil
			}); err != nil || next != len(profiles) {
				t.Fatal(next, err)
			}
		}
	}
}

// What Read shows stays as it was, and a text of a scan too.
func TestShownProfilesStay(t *testing.T) {
	s := New()
	a, b := store.Key{Kind: store.KindUser, ID: "a"}, store.Key{Kind: store.KindUser, ID: "b"}
	of := func(text string) *store.Profile {
		return &store.Profile{Created: 7, Attributes: []store.Attribute{store.NewAttribute("name", value.String(text))}}
	}
	put(t, s, a, of("Ada"))
	put(t, s, b, of("Bob"))
	kept := profileOf(t, s, a)
	var texts []string
	for range 2 {
		if _, err := s.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser}}, "", 10, func(r *store.Record) error {
			texts = append(texts, r.Profile.Attribute("name").Text())
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		put(t, s, a, of("Eve"))
		put(t, s, b, of("Dan"))
	}
	if persisted(kept) != persisted(of("Ada")) {
		t.Errorf("what Read showed became %+v", kept)
	}
	for i, want := range []string{"Ada", "Bob", "Eve", "Dan"} {
		if got := fmt.Sprint(texts[:2], texts[2:]); !strings.Contains(got, want) {
			t.Errorf("text %d: %s has no %s", i, got, want)
		}
	}
}

// More names than the store numbers, and lists that take out, add and change, come back.
func TestAttributesOfAnyNames(t *testing.T) {
	s := New()
	list := make([]store.Attribute, maxNames+10)
	for i := range list {
		list[i] = store.NewAttribute(fmt.Sprintf("name-%08d", i), value.Number(i))
	}
	key := store.Key{Kind: store.KindUser, ID: "a"}
	for _, p := range []*store.Profile{
		{Attributes: list[:5]},
		{Attributes: list[1:7]},
		{Attributes: append(list[:2:2], list[4:9]...)},
		{Attributes: list, Created: 4},
		{Attributes: list[len(list)-4:]},
		{Attributes: list[:3]},
		{Attributes: append(list[:3:3], list[len(list)-1]), Aliases: []store.Key{key}},
		{},
	} {
		put(t, s, key, p)
		if got := profileOf(t, s, key); persisted(got) != persisted(p) {
			t.Errorf("%d attributes came back as %d, or others", len(p.Attributes), len(got.Attributes))
		}
	}
	// A change of what cannot be packed, in the memory that was shown.
	put(t, s, key, &store.Profile{Attributes: list[:3]})
	want := persisted(&store.Profile{Attributes: append(list[:2:2], list[len(list)-1])})
	steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
		p := *r.Profile
		p.Attributes = append(append(p.Attributes[:0:0], p.Attributes[:2]...), list[len(list)-1])
		c.Profile = &p
		return nil
	})}}
	if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
		t.Fatal(err, steps[0].Err)
	}
	put(t, s, store.Key{Kind: store.KindUser, ID: "b"}, &store.Profile{Attributes: list[7:12]})
	if got := persisted(profileOf(t, s, key)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
