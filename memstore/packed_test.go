package memstore

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// values are of all kinds, and at the ends of what their parts hold.
func values() []store.Attribute {
	list := []value.Value{
		value.Number(math.MinInt64), value.Number(int64(math.MaxInt64)), value.Number(uint64(math.MaxUint64)), value.Number(0), value.Number(-12.75),
		value.NumberLiteral("1e308"), value.NumberLiteral("-3.10"), value.NumberLiteral(strings.Repeat("9", 100)),
		value.String(""), value.String("é"), value.String(strings.Repeat("x", 127)), value.String(strings.Repeat("x", 128)), value.String(strings.Repeat("y", 255)),
		value.Bool(true), value.Bool(false), value.Date(time.Unix(-1, 0)), value.Date(time.Unix(1_700_000_000, 0)),
		value.Link("https://a.example/"), value.Image("https://a.example/" + strings.Repeat("z", 2000)), value.RichLink("https://a.example/", "title"),
		value.Stripe("cus_1"), value.Monetary(-1999, "eur"), value.List(), value.List("a", "", strings.Repeat("b", 200)), value.NumberLiteral("no number"),
		{},
	}
	var attributes []store.Attribute
	for i, v := range list {
		attributes = append(attributes, store.NewAttribute(fmt.Sprintf("value-%03d", i), v))
	}
	return attributes
}

// copied returns a profile with lists of its own, those that are empty as nil.
func copied(p *store.Profile) *store.Profile {
	q := *p
	q.Attributes, q.Companies = append([]store.Attribute(nil), p.Attributes...), append([]string(nil), p.Companies...)
	return &q
}

// comesBack packs a profile and checks what is made of it.
func comesBack(t rapid.TB, n *names, p *store.Profile, next *follower) {
	t.Helper()
	want := copied(p)
	row, rest, ok := n.packProfile(p, next)
	if !ok {
		t.Fatalf("it was not packed: %+v", p)
	}
	if !reflect.DeepEqual(copied(p), want) {
		t.Fatalf("to pack it changed it from %+v to %+v", want, p)
	}
	a, b := n.unpackProfile(row, rest), n.unpackProfile(row, rest)
	for _, got := range []*store.Profile{a, b} {
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("it came back as %+v, want %+v", got, want)
		}
		if cap(got.Attributes) > len(got.Attributes) || cap(got.Companies) > len(got.Companies) {
			t.Fatal("a list has room behind its end")
		}
	}
	if a == b || a == rest || len(a.Attributes) > 0 && &a.Attributes[0] == &b.Attributes[0] || len(a.Companies) > 0 && &a.Companies[0] == &b.Companies[0] {
		t.Fatal("two who are shown a profile share memory")
	}
}

// Every field of a profile comes back, alone and beside attributes, and so does every
// kind of value.
func TestProfilesComeBack(t *testing.T) {
	all := values()
	profiles := []*store.Profile{{}, {Attributes: all}, {Attributes: all[:3]}, {Attributes: all[5:]}, {Attributes: all[:0]}, {Companies: []string{"a", "", "b"}}}
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
		case reflect.Pointer:
			f.Set(reflect.ValueOf(&store.Rare{SnoozedUntil: 5}))
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
	var n names
	n.init()
	next := new(follower)
	for _, p := range profiles {
		comesBack(t, &n, p, next)
	}
}

// anyProfile draws profiles whose values have any parts, known names and new ones, in
// any order.
func anyProfile() *rapid.Generator[*store.Profile] {
	attribute := rapid.Custom(func(t *rapid.T) store.Attribute {
		name := rapid.OneOf(rapid.StringMatching(`[a-f]`), rapid.String()).Draw(t, "name")
		return store.NewAttribute(name, peek.Value(repr.Value{
			Kind: repr.Kind(rapid.Uint8Max(kindMask).Draw(t, "kind")), Flag: rapid.Uint8Max(repr.FlagSmall).Draw(t, "flag"),
			Exp: rapid.Int32().Draw(t, "exp"), Num: rapid.Int64().Draw(t, "num"), Str: rapid.String().Draw(t, "text"),
		}))
	})
	return rapid.Custom(func(t *rapid.T) *store.Profile {
		p := &store.Profile{
			Created: rapid.Int64().Draw(t, "created"), LastCheck: rapid.Int64().Draw(t, "check"),
			Companies: rapid.SliceOf(rapid.String()).Draw(t, "companies"), Attributes: rapid.SliceOf(attribute).Draw(t, "attributes"),
		}
		if rapid.Bool().Draw(t, "rest") {
			p.Unsubscribed, p.Merged = rapid.SliceOfN(rapid.String(), 1, -1).Draw(t, "unsubscribed"), rapid.Int64().Draw(t, "merged")
		}
		return p
	})
}

// packsProfiles says that whatever was packed before, each profile comes back.
func packsProfiles() func(*rapid.T) {
	list := rapid.SliceOf(anyProfile())
	return func(t *rapid.T) {
		var n names
		n.init()
		next := new(follower)
		for _, p := range list.Draw(t, "profiles") {
			comesBack(t, &n, p, next)
		}
	}
}

func TestPackedProfiles(t *testing.T) { rapid.Check(t, packsProfiles()) }

func FuzzPackedProfiles(f *testing.F) {
	f.Add([]byte{})
	f.Fuzz(rapid.MakeFuzz(packsProfiles()))
}

// What does not fit into a row is refused, and leaves no name behind.
func TestProfilesThatDoNotFit(t *testing.T) {
	for name, v := range map[string]repr.Value{"kind": {Kind: kindMask + 1}, "flag": {Flag: repr.FlagSmall + 1}} {
		var n names
		n.init()
		p := &store.Profile{Attributes: []store.Attribute{store.NewAttribute("a", peek.Value(v))}}
		if _, _, ok := n.packProfile(p, new(follower)); ok {
			t.Errorf("%s: it was packed", name)
		}
	}
}

// More names than the store numbers come back: a profile with one of the others stays
// as it is.
func TestAttributesOfAnyNames(t *testing.T) {
	var n names
	n.init()
	next := new(follower)
	list := make([]store.Attribute, maxNames+10)
	for i := range list {
		list[i] = store.NewAttribute(fmt.Sprintf("name-%08d", i), value.Number(i))
	}
	comesBack(t, &n, &store.Profile{Attributes: list[:maxNames]}, next)
	comesBack(t, &n, &store.Profile{Attributes: list[maxNames-7 : maxNames]}, next)
	if _, _, ok := n.packProfile(&store.Profile{Attributes: list[maxNames-7 : maxNames+1]}, next); ok {
		t.Error("a name without a number was packed")
	}
	comesBack(t, &n, &store.Profile{Attributes: list[:4]}, next)
}
