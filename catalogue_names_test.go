package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// A watched store counts what is asked of event names.
type watched struct {
	*memstore.Store
	scans int // pages of event names
	steps int // on event names
	sizes int
}

func (w *watched) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if slices.Contains(q.Kinds, store.KindEventName) {
		w.scans++
	}
	return w.Store.Scan(ctx, q, after, limit, fn)
}

func (w *watched) Step(ctx context.Context, steps []store.Step) error {
	for _, s := range steps {
		if s.Key.Kind == store.KindEventName {
			w.steps++
		}
	}
	return w.Store.Step(ctx, steps)
}

func (w *watched) Size(ctx context.Context, kinds []store.Kind) (int64, error) {
	w.sizes++
	return w.Store.Size(ctx, kinds)
}

// naming is an engine over a watched store, and a clock.
func naming(t *testing.T, store beckon.Store, opts ...beckon.Option) (*beckon.Engine, *time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := beckon.New(store, append(opts, beckon.WithClock(func() time.Time { return now }))...)
	if err != nil {
		t.Fatal(err)
	}
	return e, &now
}

func trackName(t *testing.T, e *beckon.Engine, name string) beckon.Result {
	t.Helper()
	res, err := e.Track(t.Context(), beckon.Event{Name: name, UserID: "u"})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// listedNames returns the names that the catalogue lists.
func listedNames(t *testing.T, e *beckon.Engine) (names []string) {
	t.Helper()
	list, err := e.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		names = append(names, d.Name)
	}
	return names
}

// However many names there are, Publish, Refresh and a Due look at one record to
// know which are archived; to find names to be dropped a Due looks at one page.
func TestArchivedNamesAreNotScannedFor(t *testing.T) {
	store := &watched{Store: memstore.New()}
	e, now := naming(t, store, beckon.WithEventNamesLimit(5000))
	publish(t, e)
	for i := range 2000 {
		trackName(t, e, fmt.Sprint("visitor-", i))
	}
	if err := e.Archive(t.Context(), "visitor-7"); err != nil {
		t.Fatal(err)
	}
	store.scans = 0
	publish(t, e, "mine")
	if err := e.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if store.scans != 0 {
		t.Errorf("Publish and Refresh read %d pages of names", store.scans)
	}
	for range 30 {
		before := store.scans
		due(t, e)
		*now = now.Add(time.Minute)
		if store.scans > before+1 {
			t.Fatalf("one Due read %d pages of names", store.scans-before)
		}
	}
	if store.scans < 8 || store.scans > 9 {
		t.Errorf("in half an hour %d pages were read; there are 8", store.scans)
	}
	if res := trackName(t, e, "visitor-7"); len(res.Warnings) != 1 || res.Warnings[0].Code != beckon.WarnEventArchived {
		t.Errorf("the archived name gives %v", res.Warnings)
	}
	other, _ := naming(t, store.Store)
	publish(t, other)
	if res := trackName(t, other, "visitor-7"); len(res.Warnings) != 1 {
		t.Errorf("another engine gives %v", res.Warnings)
	}
	if err := e.Unarchive(t.Context(), "visitor-7"); err != nil {
		t.Fatal(err)
	}
	due(t, other)
	if res := trackName(t, other, "visitor-7"); len(res.Warnings) != 0 {
		t.Errorf("after Unarchive another engine gives %v", res.Warnings)
	}
}

// A store whose names were archived before there was a record of them is read once.
func TestArchivedNamesOfBefore(t *testing.T) {
	kept := &watched{Store: memstore.New()}
	old := store.Profile{Attributes: []store.Attribute{store.NewAttribute("archived", beckon.Bool(true)), store.NewAttribute("label", beckon.String("Old"))}}
	steps := []store.Step{{Key: store.Key{Kind: store.KindEventName, ID: "old"}, Decider: putProfile{&old}}}
	if err := errors.Join(kept.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		e, _ := naming(t, kept)
		publish(t, e)
		if res := trackName(t, e, "old"); len(res.Warnings) != 1 {
			t.Errorf("got %v", res.Warnings)
		}
	}
	if kept.scans != 1 {
		t.Errorf("names were scanned %d times, want once", kept.scans)
	}
}

// A record of archived names that cannot be read keeps Due from nothing; what the
// engine knew holds.
func TestArchivedNamesDamaged(t *testing.T) {
	kept := storetest.NewFaultStore(memstore.New())
	e, _ := naming(t, kept)
	publish(t, e)
	if err := e.Archive(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	key := store.Key{Kind: store.KindStore, ID: "archived"}
	kept.Damage(key)
	var told []store.Key
	for _, err := range e.Due(t.Context(), beckon.OnDamaged(func(key store.Key, _ error) { told = append(told, key) })) {
		t.Error(err)
	}
	if !slices.Equal(told, []store.Key{key}) || len(trackName(t, e, "gone").Warnings) != 1 {
		t.Errorf("told of %v", told)
	}
	if err := e.DropDamaged(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	due(t, e)
	if len(trackName(t, e, "gone").Warnings) != 1 {
		t.Error("made again from the definitions it has not the name")
	}
}

// At the limit events of new names are taken and trigger; the catalogue lists no new
// ones but those of the program and those that are described.
func TestCatalogueLimit(t *testing.T) {
	for name, store := range map[string]beckon.Store{"a store that can count": memstore.New(), "one that cannot": struct{ beckon.Store }{memstore.New()}} {
		e, now := naming(t, store, beckon.WithCatalogueLimit(3))
		publish(t, e)
		for i := range 6 {
			trackName(t, e, fmt.Sprint("v", i))
		}
		if got := listedNames(t, e); !slices.Equal(got, []string{"v0", "v1", "v2"}) {
			t.Errorf("%s: listed %v", name, got)
		}
		publish(t, e, "mine")
		if res := trackName(t, e, "mine"); len(res.Deliveries) != 1 {
			t.Errorf("%s: the program's own sends %d", name, len(res.Deliveries))
		}
		if err := e.Describe(t.Context(), "v5", "known to us"); err != nil {
			t.Fatal(err)
		}
		trackName(t, e, "v4")
		if got := listedNames(t, e); !slices.Equal(got, []string{"mine", "v0", "v1", "v2", "v5"}) {
			t.Errorf("%s: listed %v", name, got)
		}
		x, _, err := e.Export(t.Context(), beckon.Identity{UserID: "u"})
		if err != nil || len(x.Events) != 7 {
			t.Errorf("%s: %d names are counted, %v", name, len(x.Events), err)
		}
		// Another engine, which has to count first, keeps the limit too.
		other, _ := naming(t, store, beckon.WithCatalogueLimit(3))
		trackName(t, other, "v9")
		if got := listedNames(t, e); len(got) != 5 {
			t.Errorf("%s: another engine lists %v", name, got)
		}
		// Room that is made is used.
		for _, gone := range []string{"v0", "v1", "mine"} {
			if err := e.ForgetEvent(t.Context(), gone); err != nil {
				t.Fatal(err)
			}
		}
		*now = now.Add(time.Second)
		trackName(t, e, "v3")
		trackName(t, e, "v6")
		if got := listedNames(t, e); !slices.Equal(got, []string{"v2", "v3", "v5"}) {
			t.Errorf("%s: with room again it lists %v", name, got)
		}
	}
}

// A name that is forgotten is gone from the catalogue, archived or not, and comes
// back when it is tracked; what was counted stays.
func TestForgetEvent(t *testing.T) {
	e, _ := naming(t, memstore.New())
	publish(t, e, "mine")
	ctx := t.Context()
	for _, name := range []string{"mine", "Other", "shelved"} {
		trackName(t, e, name)
	}
	if err := errors.Join(e.Describe(ctx, "other", "d"), e.Archive(ctx, "shelved")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mine", "OTHER ", "shelved", "never"} {
		if err := e.ForgetEvent(ctx, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := listedNames(t, e); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	for _, name := range []string{"mine", "other", "shelved"} {
		if res := trackName(t, e, name); len(res.Warnings) > 0 {
			t.Errorf("%s: %v", name, res.Warnings)
		}
	}
	list, err := e.Catalogue(ctx)
	if err != nil || len(list) != 3 || list[1].Label != "other" || list[1].Description != "" || list[2].Archived {
		t.Errorf("the catalogue is %+v, %v", list, err)
	}
	x, _, err := e.Export(ctx, beckon.Identity{UserID: "u"})
	if err != nil || len(x.Events) != 3 || x.Events[0].Count != 2 {
		t.Errorf("counted are %+v, %v", x.Events, err)
	}
	if err := e.ForgetEvent(ctx, " "); !errors.Is(err, beckon.ErrEventNameMissing) {
		t.Errorf("a blank name: %v", err)
	}
	if err := e.Using(memstore.New()).ForgetEvent(ctx, "x"); !errors.Is(err, beckon.ErrEngineView) {
		t.Errorf("through a view: %v", err)
	}
}

// Names that nobody has seen for 90 days go, except for those that are described,
// archived or the program's; one that is seen now and then stays.
func TestUnseenNamesGo(t *testing.T) {
	e, now := naming(t, memstore.New(), beckon.WithoutRecentEvents())
	publish(t, e, "mine")
	ctx := t.Context()
	for _, name := range []string{"mine", "described", "shelved", "once", "often"} {
		trackName(t, e, name)
	}
	if err := errors.Join(e.Describe(ctx, "described", "d"), e.Archive(ctx, "shelved")); err != nil {
		t.Fatal(err)
	}
	for day := 1; day <= 89; day++ {
		*now = now.Add(24 * time.Hour)
		if day%5 == 0 {
			trackName(t, e, "often")
		}
		due(t, e)
	}
	if got := listedNames(t, e); len(got) != 5 {
		t.Errorf("after 89 days it lists %v", got)
	}
	*now = now.Add(24 * time.Hour)
	due(t, e)
	if got := listedNames(t, e); !slices.Equal(got, []string{"described", "mine", "often", "shelved"}) {
		t.Errorf("after 90 days it lists %v", got)
	}
	trackName(t, e, "once")
	if got := listedNames(t, e); !slices.Contains(got, "once") {
		t.Errorf("seen again, but it lists %v", got)
	}
	publish(t, e)
	*now = now.Add(100 * 24 * time.Hour)
	due(t, e)
	if got := listedNames(t, e); !slices.Equal(got, []string{"described", "shelved"}) {
		t.Errorf("without a program it lists %v", got)
	}
}

// putProfile is the decision to give a record a profile.
type putProfile struct{ *store.Profile }

func (p putProfile) Decide(_ *store.Record, c *store.Changes) error {
	c.Profile = p.Profile
	return nil
}
