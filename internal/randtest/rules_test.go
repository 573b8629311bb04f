package randtest

import (
	"math/rand/v2"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/rule"
)

// Random rules ask by every operator: what compares a shorter way with the meaning, such
// as a store's filter, would else not see a new one.
func TestRulesAskByEveryOperator(t *testing.T) {
	asked := map[beckon.Op]bool{}
	var look func(r *beckon.Rule)
	look = func(r *beckon.Rule) {
		asked[r.Op] = true
		for i := range r.All {
			look(&r.All[i])
		}
		for i := range r.Any {
			look(&r.Any[i])
		}
		if r.Not != nil {
			look(r.Not)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		r := Rule(random, 2)
		look(&r)
	}
	for _, op := range rule.Operators {
		if !asked[beckon.Op(op)] {
			t.Errorf("no rule asks by %s", op)
		}
	}
}
