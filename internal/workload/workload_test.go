package workload_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
)

// The store has what the person is.
func TestPersonIsStored(t *testing.T) {
	store, p := memstore.New(), workload.NewPerson(3)
	if err := p.Store(store, "u1"); err != nil {
		t.Fatal(err)
	}
	engine, err := beckon.New(store)
	if err != nil {
		t.Fatal(err)
	}
	out, ok, err := engine.Export(context.Background(), beckon.Identity{UserID: "u1"})
	if err != nil {
		t.Fatal(err)
	}
	if !ok || len(out.Events) != len(p.Events) {
		t.Fatalf("%v, %d events", ok, len(out.Events))
	}
	known := 0
	for name, want := range p.Contact("u1").Attributes {
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
		if want := p.Events[n]; int64(e.Count) != want.Count || e.First.Unix() != want.First || e.Last.Unix() != want.Last {
			t.Errorf("%+v, want %+v", e, want)
		}
	}
}

// The rules are what the tables say they are.
func TestRuleSizes(t *testing.T) {
	for i, c := range workload.Rules() {
		if got, want := c.Rule.Leaves(), []int{2, 8, 40}[i]; got != want {
			t.Errorf("%s: %d conditions, want %d", c.Name, got, want)
		}
		if got, want := c.Rule.Depth()-1, []int{1, 2, 4}[i]; got != want {
			t.Errorf("%s: %d levels, want %d", c.Name, got, want)
		}
	}
}
