package memstore_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// An attributeOf makes one of the attributes of a person.
type attributeOf struct {
	name unique.Handle[string]
	of   func(*workload.Person) value.Value
}

// personNames are the attributes of a person, by name. Texts are their own, as those of a
// request are.
func personNames() (list []attributeOf) {
	add := func(names []string, of func(n int, p *workload.Person) value.Value) {
		for n, name := range names {
			list = append(list, attributeOf{unique.Make(name), func(p *workload.Person) value.Value { return of(n, p) }})
		}
	}
	add(workload.TextNames(), func(n int, p *workload.Person) value.Value { return value.String(strings.Clone(p.Texts[n])) })
	add(workload.NumberNames(), func(n int, p *workload.Person) value.Value { return value.Number(p.Numbers[n]) })
	add(workload.TruthNames(), func(n int, p *workload.Person) value.Value { return value.Bool(p.Truths[n]) })
	add(workload.DateNames(), func(n int, p *workload.Person) value.Value { return value.Date(time.Unix(p.Dates[n], 0)) })
	slices.SortFunc(list, func(a, b attributeOf) int { return strings.Compare(a.name.Value(), b.name.Value()) })
	return list
}

// personProfile is the profile of person i of the workload, in a company.
func personProfile(list []attributeOf, i int) *store.Profile {
	p, person := &store.Profile{Created: workload.Start().UnixMilli() + int64(i), Companies: []string{fmt.Sprintf("company-%06d", i/100)}}, workload.NewPerson(i)
	for _, a := range list {
		p.Attributes = append(p.Attributes, store.Attribute{Name: a.name, Value: a.of(person)})
	}
	return p
}

// A contact with 30 attributes, 20 event names and a company takes at most 1,300
// bytes, its id included; without a profile at most 440.
func TestBytesPerContact(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector takes memory of its own")
	}
	if testing.Short() {
		t.Skip("100,000 contacts take a while to fill in")
	}
	const contacts = 100_000
	names := personNames()
	var stats []store.Stats
	for n := range 20 {
		stats = append(stats, store.Stats{Name: unique.Make(fmt.Sprintf("event-name-%02d", n)), Count: 1, First: 1_700_000_000, Last: 1_700_000_000})
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, c := range []struct {
		name    string
		profile func(int) *store.Profile
		most    float64
	}{
		{"without a profile", func(int) *store.Profile { return nil }, 440},
		{"with a profile", func(i int) *store.Profile { return personProfile(names, i) }, 1300},
	} {
		before := heap()
		kept := memstore.New()
		steps := make([]store.Step, 1)
		for i := range contacts {
			steps[0] = store.Step{Key: store.Key{Kind: store.KindUser, ID: fmt.Sprintf("contact-%08d", i)}, Decider: decide(func(_ *store.Record, to *store.Changes) error {
				to.Stats, to.Profile = append(to.Stats, stats...), c.profile(i)
				return nil
			})}
			if err := kept.Step(context.Background(), steps); err != nil || steps[0].Err != nil {
				t.Fatal(err, steps[0].Err)
			}
		}
		got := (float64(heap()) - float64(before)) / contacts
		runtime.KeepAlive(kept)
		t.Logf("%s: %.0f bytes", c.name, got)
		if got > c.most {
			t.Errorf("%s a contact takes %.0f bytes, want at most %.0f", c.name, got, c.most)
		}
	}
}

// A step on a contact with attributes allocates nothing, whichever contact it is.
func TestStepOfPersonsDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a pool forgets at random")
	}
	kept, names, ctx := memstore.New(), personNames(), t.Context()
	n, fill := 0, true
	steps := []store.Step{{Decider: decide(func(r *store.Record, c *store.Changes) error {
		if c.LastSeen = int64(n); fill {
			c.Profile = personProfile(names[n:], n)
		} else if len(r.Profile.Attributes) != len(names)-n%10 {
			t.Errorf("contact %d has %d attributes", n%10, len(r.Profile.Attributes))
		}
		return nil
	})}}
	step := func() {
		steps[0].Key = user(fmt.Sprint(n % 10))
		if err := kept.Step(ctx, steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
		n++
	}
	for range 10 {
		step()
	}
	fill = false
	if got := testing.AllocsPerRun(200, step); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
