package memstore_test

import (
	"context"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

type decide func(*beckon.Record, *beckon.Changes) error

func (d decide) Decide(r *beckon.Record, c *beckon.Changes) error { return d(r, c) }

func TestSmoke(t *testing.T) {
	s := memstore.New()
	k := beckon.Key{Kind: beckon.KindUser, ID: "u"}
	add := func(name string) {
		steps := []beckon.Step{{Key: k, Decider: decide(func(r *beckon.Record, c *beckon.Changes) error {
			st, _ := r.Stat(unique.Make(name))
			st.Count++
			c.Stats = append(c.Stats, st)
			c.Totals = append(c.Totals, beckon.Increment{Message: "m", Name: "judged", N: 1})
			return nil
		})}}
		if err := s.Step(context.Background(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
	for range 3 {
		add("b")
		add("a")
	}
	add("c")
	err := s.Read(context.Background(), []beckon.Key{k}, func(r *beckon.Record) error {
		if len(r.Stats) != 3 || r.Stats[0].Count != 3 || r.Stats[2].Name.Value() != "c" {
			t.Errorf("%+v", r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	s.Scan(context.Background(), beckon.Query{Kinds: []beckon.Kind{beckon.KindUser}}, "", 10, func(*beckon.Record) error { n++; return nil })
	if n != 1 {
		t.Fatal(n)
	}
}
