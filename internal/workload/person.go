// Package workload is what the benchmarks measure, so that the benchmarks of the
// library and those of its peers are about the same: contacts with 30 attributes and
// 20 events, rules with 2, 8 and 40 conditions as trees that no library owns, and the
// same rules written out by hand.
package workload

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// Start is where every clock of the benchmarks begins.
func Start() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// A Person is the contact of the workload as one would declare it for one
// application: 30 attributes (12 texts, 9 numbers, 5 truths, 4 dates) and what
// is known of 20 events, each a place in an array.
type Person struct {
	Texts   [12]string
	Lower   string // the title in small letters: by hand one would store it so
	Numbers [9]int64
	Truths  [5]bool
	Dates   [4]int64 // Unix seconds
	Events  [20]struct{ Count, First, Last int64 }
}

// Places of what the rules look at.
const (
	Plan    = 0  // of Texts
	Country = 1  // of Texts
	Title   = 2  // of Texts
	Team    = 10 // of Texts
	Score   = 0  // of Numbers
	Seats   = 1  // of Numbers
	Active  = 0  // of Truths
)

// TextNames are the names of a person's texts.
func TextNames() []string {
	return []string{"plan", "country", "title", "language", "city", "browser", "system", "referrer", "channel", "position", "team", "industry"}
}

// NumberNames are the names of a person's numbers.
func NumberNames() []string {
	return []string{"score", "seats", "logins", "storage", "spend", "projects", "files", "invites", "age"}
}

// TruthNames are the names of a person's truths.
func TruthNames() []string { return []string{"active", "admin", "beta", "verified", "mobile"} }

// DateNames are the names of a person's dates.
func DateNames() []string { return []string{"trial", "renewed", "paid", "called"} }

// EventName is the name of event n, canonical.
func EventName(n int) string { return fmt.Sprintf("event-%02d", n) }

// NewPerson returns one of any number of different persons.
func NewPerson(i int) *Person {
	p := &Person{}
	p.Texts = [12]string{
		[]string{"free", "pro", "team", "trial"}[i%4], []string{"DE", "IE", "US", "FR", "JP"}[i%5],
		[]string{"Head of Upload", "Engineer", "upload hero"}[i%3], []string{"de", "en", "fr"}[i%3], fmt.Sprint("City ", i%50),
		[]string{"Firefox", "Safari"}[i%2], []string{"Linux", "macOS", "Windows"}[i%3], "https://www.example.com/somewhere", "email",
		[]string{"owner", "member"}[i%2], fmt.Sprint("Team ", i%7), "software",
	}
	p.Lower = strings.ToLower(p.Texts[Title])
	for n := range p.Numbers {
		p.Numbers[n] = int64((i*(n+1) + n) % 100)
	}
	for n := range p.Truths {
		p.Truths[n] = (i+n)%2 == 0
	}
	for n := range p.Dates {
		p.Dates[n] = Start().Unix() - int64((i+n)%40)*86400 - 100
	}
	for n := range p.Events {
		p.Events[n].Count = int64(8 + (i+n)%5)
		p.Events[n].First = Start().Unix() - 90*86400
		p.Events[n].Last = Start().Unix() - int64((i+n)%14)*86400 - 100
	}
	return p
}

// Contact returns the person as data.
func (p *Person) Contact(id string) beckon.Contact {
	c := beckon.Contact{UserID: id, Attributes: beckon.Attributes{}}
	for n, v := range p.Texts {
		c.Attributes[TextNames()[n]] = beckon.String(v)
	}
	for n, v := range p.Numbers {
		c.Attributes[NumberNames()[n]] = beckon.Number(v)
	}
	for n, v := range p.Truths {
		c.Attributes[TruthNames()[n]] = beckon.Bool(v)
	}
	for n, v := range p.Dates {
		c.Attributes[DateNames()[n]] = beckon.Date(time.Unix(v, 0))
	}
	return c
}

// Store puts the person into a store under its id, statistics and all.
func (p *Person) Store(store beckon.Store, id string) error {
	engine, err := beckon.New(store, beckon.WithClock(Start), beckon.WithoutRecentEvents())
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := engine.Update(ctx, p.Contact(id)); err != nil {
		return err
	}
	for n, e := range p.Events {
		for i := range e.Count {
			at := e.First
			if i == e.Count-1 {
				at = e.Last
			}
			if _, err := engine.Track(ctx, beckon.Event{
				Name: EventName(n), UserID: id, EventID: fmt.Sprint(n, ":", i), CreatedAt: time.Unix(at, 0), Import: true,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
