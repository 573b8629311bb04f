package beckon_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// E4: what another system has counted is taken over, and triggers nothing.
func TestRecount(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("uploaded"), Audience: beckon.Did("uploaded").AtLeast(10), Content: beckon.Content{Body: "x"},
	}}})
	kit.At(noon)
	who := beckon.Identity{UserID: "u1"}
	day := 24 * time.Hour
	recount := func(counted ...beckon.EventCount) error { return kit.Engine.Recount(t.Context(), who, counted...) }
	if err := recount(beckon.EventCount{Name: "uploaded", Count: 1, First: noon, Last: noon}); !errors.Is(err, beckon.ErrContactUnknown) {
		t.Error(err)
	}
	kit.Track(beckon.Event{Name: "uploaded", UserID: "u1"}).Want("m", "audience")
	for range 2 {
		if err := recount(
			beckon.EventCount{Name: "Uploaded", Count: 9, First: noon.Add(-9 * day), Last: noon.Add(-day)},
			beckon.EventCount{Name: "invited", Count: 3, First: noon.Add(-2 * day), Last: noon.Add(-day)},
			beckon.EventCount{Name: "INVITED", Count: 2, First: noon.Add(-3 * day), Last: noon.Add(-2 * day)},
			beckon.EventCount{Name: "never"},
		); err != nil {
			t.Fatal(err)
		}
	}
	want := []beckon.EventCount{
		{Name: "invited", Count: 3, First: noon.Add(-3 * day), Last: noon.Add(-day)},
		{Name: "uploaded", Count: 9, First: noon.Add(-9 * day), Last: noon},
	}
	x, _, err := kit.Engine.Export(t.Context(), who)
	if diff := cmp.Diff(want, x.Events); diff != "" || err != nil || len(x.Recent) != 1 {
		t.Errorf("%v, %d recent\n%s", err, len(x.Recent), diff)
	}
	kit.At(noon.Add(2 * time.Minute))
	kit.Track(beckon.Event{Name: "uploaded", UserID: "u1"}).Want("m", "audience")
	kit.At(noon.Add(4 * time.Minute))
	kit.Track(beckon.Event{Name: "uploaded", UserID: "u1"}).Want("m", "sent")
	if err := recount(beckon.EventCount{Name: "uploaded", Count: 2, First: noon, Last: noon}); err != nil { // it never takes back
		t.Error(err)
	}
	if list, err := kit.Engine.Catalogue(t.Context()); err != nil || len(list) != 2 || list[0].Name != "invited" {
		t.Errorf("%+v, %v", list, err)
	}
	for field, c := range map[string]beckon.EventCount{
		"events[0].event_name": {Name: " ", Count: 1, First: noon, Last: noon},
		"events[0].first":      {Name: "a", Count: 1, First: time.Unix(-1, 0), Last: noon},
		"events[0].last":       {Name: "a", Count: 1, First: noon, Last: noon.Add(-time.Hour)},
	} {
		var one *beckon.Error
		if err := recount(c); !errors.As(err, &one) || one.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := kit.Engine.Archive(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	if err := recount(beckon.EventCount{Name: "old", Count: 1, First: noon, Last: noon}); err != nil {
		t.Error(err)
	}
	if x, _, err := kit.Engine.Export(t.Context(), who); err != nil || len(x.Events) != 2 {
		t.Errorf("%+v, %v", x.Events, err)
	}
}

// E4: what is said twice in one call counts once, also if it is the same.
func TestRecountTwins(t *testing.T) {
	row := func(count uint64, first, last int) beckon.EventCount {
		return beckon.EventCount{Name: "a", Count: count, First: noon.Add(time.Duration(first) * time.Hour), Last: noon.Add(time.Duration(last) * time.Hour)}
	}
	for _, given := range [][]beckon.EventCount{
		{row(3, -9, -1), row(3, -9, -1)},
		{row(3, -9, -1), row(3, -9, -1), row(3, -9, -1)},
		{row(3, -9, -2), row(2, -8, -1), row(3, -9, -1)},
		{row(1, -5, -1), row(3, -9, -3), row(1, -5, -1), row(2, -4, -4)},
	} {
		kit := beckontest.New(t, beckon.Program{}, beckon.WithEventNamesLimit(2))
		kit.At(noon)
		kit.Track(beckon.Event{Name: "b", UserID: "u1"})
		who := beckon.Identity{UserID: "u1"}
		if err := kit.Engine.Recount(t.Context(), who, given...); err != nil {
			t.Fatal(err)
		}
		want := []beckon.EventCount{row(3, -9, -1), {Name: "b", Count: 1, First: noon, Last: noon}}
		if x, _, err := kit.Engine.Export(t.Context(), who); err != nil || !cmp.Equal(want, x.Events) {
			t.Errorf("%+v: %v\n%s", given, err, cmp.Diff(want, x.Events))
		}
	}
}

// E6: names that are counted elsewhere are names, too.
func TestRecountNamesLimit(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{}, beckon.WithEventNamesLimit(2))
	kit.At(noon)
	kit.Track(beckon.Event{Name: "a", UserID: "u1"})
	row := func(name string) beckon.EventCount {
		return beckon.EventCount{Name: name, Count: 5, First: noon, Last: noon}
	}
	who := beckon.Identity{UserID: "u1"}
	if err := kit.Engine.Recount(t.Context(), who, row("a"), row("b"), row("c")); !errors.Is(err, beckon.ErrEventNamesLimit) {
		t.Error(err)
	}
	if x, _, err := kit.Engine.Export(t.Context(), who); err != nil || len(x.Events) != 1 || x.Events[0].Count != 1 {
		t.Errorf("%+v, %v", x.Events, err)
	}
	if err := kit.Engine.Recount(t.Context(), who, row("a"), row("b")); err != nil {
		t.Error(err)
	}
}
