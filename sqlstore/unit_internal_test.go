package sqlstore

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A logging is a decider that logs an event with metadata that are not the store's to keep.
type logging struct{ fields value.Fields }

func (l logging) Decide(_ *store.Record, c *store.Changes) error {
	c.EventSeq, c.KeepEvents = 1, 10
	c.Events = append(c.Events, store.LoggedEvent{Seq: 1, Name: unique.Make("e"), At: 5, Metadata: l.fields})
	return nil
}

// A caller may leave when its step has decided and its group is not written yet. Then the memory
// of its event's metadata is used again, and what is written must be what was decided.
func TestEventsOutliveTheirCaller(t *testing.T) {
	fields := value.Fields{{Key: "a", Value: value.String("its own")}}
	key := store.Key{Kind: store.KindUser, ID: "u1"}
	looked := false
	steps := group.New(maxGroup, 1, func(_ context.Context, items []*item) {
		for _, u := range unitsOf(items, nil) {
			var c store.Changes
			u.absent(u.key)
			u.decide(&c, true)
			fields[0] = value.Field{Key: "b", Value: value.String("of another")}
			for _, e := range u.logged() {
				looked = true
				got, err := store.DecodeLoggedEventUnder(key, e.data)
				if v, _ := got.Metadata.Get("a"); err != nil || v.Text() != "its own" {
					t.Errorf("%+v, %v", got.Metadata, err)
				}
			}
		}
	})
	step := store.Step{Key: key, Decider: logging{fields}}
	if err := steps.Do(t.Context(), []item{{Key: key, Value: asked{Step: &step}}}); err != nil || !looked {
		t.Fatal(err, looked)
	}
}

// A damaged record with a long id may be called by the name that a scan tells, and by its id:
// both are of one row, and so of one unit, with the id.
func TestUnitsOfNames(t *testing.T) {
	id := strings.Repeat("long", maxID)
	name := columnName(columnID(id))
	keys := []store.Key{
		{Kind: store.KindUser, ID: name},
		{Kind: store.KindUser, ID: id},
		{Kind: store.KindUser, ID: "a"},
		{Kind: store.KindUser, ID: name},
		{Kind: store.KindEmail, ID: name},
		{Kind: store.KindUser, ID: id + "er"},
	}
	q := group.New(maxGroup, 1, func(_ context.Context, items []*item) {
		var got []string
		for _, u := range unitsOf(items, nil) {
			got = append(got, fmt.Sprintf("%d: %d bytes, %d steps", u.key.Kind, len(u.key.ID), len(u.items)))
		}
		want := []string{"1: 1 bytes, 1 steps", "1: 4000 bytes, 3 steps", "1: 4002 bytes, 1 steps", "3: 1001 bytes, 1 steps"}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	items := make([]item, len(keys))
	for i, k := range keys {
		items[i].Key = k
	}
	if err := q.Do(t.Context(), items); err != nil {
		t.Fatal(err)
	}
}

// What a large group took is not kept by a writer that is used again.
func TestWriterMemory(t *testing.T) {
	w := pgWriter{}
	w.begin("")
	w.add(oidInt2Array)
	large := w.add(oidByteaArray)
	w.arrays[large].bytes(make([]byte, 2*maxArray))
	w.values = append(w.values, w.arrays[large].value())
	w.forget()
	kept := 0
	for _, a := range w.arrays[:cap(w.arrays)] {
		kept += cap(a.data)
	}
	for _, v := range w.values[:cap(w.values)] {
		kept += cap(v)
	}
	if kept == 0 || kept > maxArray {
		t.Errorf("%d bytes are kept", kept)
	}
}

// A step that changes of a profile what no rule is searched by keeps the columns of the rest,
// although its profile is a copy. Another literal of an equal number is a change, too.
func TestKeepsDerived(t *testing.T) {
	profile := func() *store.Profile {
		return &store.Profile{Companies: []string{"c1", "c2"}, Attributes: []store.Attribute{
			store.NewAttribute("a", value.String("x")), store.NewAttribute("b", value.NumberLiteral("1.50")), store.NewAttribute("c", value.List("p", "q")),
			store.NewAttribute("d", value.Bool(true)), store.NewAttribute("e", value.RichLink("https://x.test", "title")),
		}}
	}
	for i, c := range []struct {
		change func(*store.Profile)
		want   bool
	}{
		{func(*store.Profile) {}, true},
		{func(p *store.Profile) { p.Holds = []store.Hold{{Due: 5}} }, true},
		{func(p *store.Profile) { p.Companies[1] = "c3" }, false},
		{func(p *store.Profile) { p.Companies = p.Companies[:1] }, false},
		{func(p *store.Profile) { p.Attributes = p.Attributes[1:] }, false},
		{func(p *store.Profile) { p.Attributes[0] = store.NewAttribute("aa", value.String("x")) }, false},
		{func(p *store.Profile) { p.Attributes[0].Value = value.Link("x") }, false},
		{func(p *store.Profile) { p.Attributes[1].Value = value.NumberLiteral("1.5") }, false},
		{func(p *store.Profile) { p.Attributes[2].Value = value.List("p q") }, false},
		{func(p *store.Profile) { p.Attributes[3].Value = value.Bool(false) }, false},
		{func(p *store.Profile) { p.Attributes[4].Value = value.RichLink("https://x.testt", "itle") }, false},
		{func(p *store.Profile) { p.Forward = store.Key{Kind: store.KindUser, ID: "u"} }, false},
	} {
		u := unit{whole: true}
		u.version, u.before.Profile, u.rec.Profile = 1, profile(), profile()
		c.change(u.rec.Profile)
		if got := u.keepsDerived(); got != c.want {
			t.Errorf("change %d: kept %v, want %v", i, got, c.want)
		}
	}
	if n := reflect.TypeFor[repr.Value]().NumField(); n != 6 {
		t.Errorf("a value has %d fields: sameAttribute has to compare all but the first", n)
	}
}
