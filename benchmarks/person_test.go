package benchmarks

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A person is the contact of the workload as one would declare it for one
// application: 30 attributes (12 texts, 9 numbers, 5 truths, 4 dates) and what
// is known of 20 events, each a place in an array.
type person struct {
	texts   [12]string
	lower   string // the title in small letters: by hand one would store it so
	numbers [9]int64
	truths  [5]bool
	dates   [4]int64 // Unix seconds
	events  [20]struct{ count, first, last int64 }
}

// Where the rules look.
const (
	plan, country, title, team = 0, 1, 2, 10 // texts
	score, seats               = 0, 1        // numbers
	active                     = 0           // truths
)

var (
	textNames   = []string{"plan", "country", "title", "language", "city", "browser", "system", "referrer", "channel", "position", "team", "industry"}
	numberNames = []string{"score", "seats", "logins", "storage", "spend", "projects", "files", "invites", "age"}
	truthNames  = []string{"active", "admin", "beta", "verified", "mobile"}
	dateNames   = []string{"trial", "renewed", "paid", "called"}
)

func eventName(n int) string { return fmt.Sprintf("event-%02d", n) }

// newPerson gives one of any number of different persons.
func newPerson(i int) *person {
	p := &person{}
	p.texts = [12]string{
		[]string{"free", "pro", "team", "trial"}[i%4], []string{"DE", "IE", "US", "FR", "JP"}[i%5],
		[]string{"Head of Upload", "Engineer", "upload hero"}[i%3], []string{"de", "en", "fr"}[i%3], fmt.Sprint("City ", i%50),
		[]string{"Firefox", "Safari"}[i%2], []string{"Linux", "macOS", "Windows"}[i%3], "https://www.example.com/somewhere", "email",
		[]string{"owner", "member"}[i%2], fmt.Sprint("Team ", i%7), "software",
	}
	p.lower = strings.ToLower(p.texts[title])
	for n := range p.numbers {
		p.numbers[n] = int64((i*(n+1) + n) % 100)
	}
	for n := range p.truths {
		p.truths[n] = (i+n)%2 == 0
	}
	for n := range p.dates {
		p.dates[n] = start.Unix() - int64((i+n)%40)*86400 - 100
	}
	for n := range p.events {
		p.events[n].count = int64(8 + (i+n)%5)
		p.events[n].first = start.Unix() - 90*86400
		p.events[n].last = start.Unix() - int64((i+n)%14)*86400 - 100
	}
	return p
}

// contact gives the person as data.
func (p *person) contact(id string) beckon.Contact {
	c := beckon.Contact{UserID: id, Attributes: beckon.Attributes{}}
	for n, v := range p.texts {
		c.Attributes[textNames[n]] = beckon.String(v)
	}
	for n, v := range p.numbers {
		c.Attributes[numberNames[n]] = beckon.Number(v)
	}
	for n, v := range p.truths {
		c.Attributes[truthNames[n]] = beckon.Bool(v)
	}
	for n, v := range p.dates {
		c.Attributes[dateNames[n]] = beckon.Date(time.Unix(v, 0))
	}
	return c
}

// store puts the person into a store under its id, statistics and all.
func (p *person) store(tb testing.TB, store beckon.Store, id string) {
	tb.Helper()
	engine, err := beckon.New(store, beckon.WithClock(atStart), beckon.WithoutRecentEvents())
	check(tb, err)
	ctx := context.Background()
	_, err = engine.Update(ctx, p.contact(id))
	check(tb, err)
	for n, e := range p.events {
		for i := range e.count {
			at := e.first
			if i == e.count-1 {
				at = e.last
			}
			_, err := engine.Track(ctx, beckon.Event{
				Name: eventName(n), UserID: id, EventID: fmt.Sprint(n, ":", i), CreatedAt: time.Unix(at, 0), Import: true,
			})
			check(tb, err)
		}
	}
}

// The store has what the person is.
func TestPersonIsStored(t *testing.T) {
	store, p := memstore.New(), newPerson(3)
	p.store(t, store, "u1")
	engine := newEngine(t, store, atStart)
	out, ok, err := engine.Export(context.Background(), beckon.Identity{UserID: "u1"})
	check(t, err)
	if !ok || len(out.Events) != len(p.events) {
		t.Fatalf("%v, %d events", ok, len(out.Events))
	}
	known := 0
	for name, want := range p.contact("u1").Attributes {
		if got := out.Attributes[name]; got.Text() != want.Text() {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		known++
	}
	if known != 30 {
		t.Errorf("%d attributes, want 30", known)
	}
	for _, e := range out.Events {
		var n int
		if _, err := fmt.Sscanf(e.Name, "event-%d", &n); err != nil {
			t.Fatal(err)
		}
		if want := p.events[n]; int64(e.Count) != want.count || e.First.Unix() != want.first || e.Last.Unix() != want.last {
			t.Errorf("%+v, want %+v", e, want)
		}
	}
}
