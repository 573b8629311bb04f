// Package storetest has the tests that every [beckon.Store] must pass.
//
// A store's own test runs them:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) beckon.Store { return mystore.New(…) })
//	}
//
// They need no engine and no clock: a store keeps what steps tell it to. Run
// them with the race detector as well. It is not for use outside of tests.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// Run runs the suite, each test of it as a subtest over a store of its own from
// newStore: an empty one that shares nothing with those before. newStore
// registers with t.Cleanup what is to be undone; where the store's server
// cannot be reached it calls t.Skip, or t.Fatal where one must be there.
//
// The suite grows: a store that passes today's may fail a later one.
func Run(t *testing.T, newStore func(t *testing.T) beckon.Store) {
	t.Helper()
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c.run(&env{tb: t, ctx: ctx, store: newStore(t)})
		})
	}
}

// patience is how long one test may take: longer than any store needs, short
// enough that a store which hangs is named.
const patience = 2 * time.Minute

// tb is what the tests need of a *testing.T: so little that the suite's own
// test can see them fail.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any) // does not return
}

// A testCase is one test over one fresh store.
type testCase struct {
	name string
	run  func(*env)
}

func cases() []testCase {
	var all []testCase
	for _, topic := range [][]testCase{stepCases(), changeCases(), keyCases(), raceCases(), scanCases(), indexCases(), eventCases(), totalCases(), deleteCases()} {
		all = append(all, topic...)
	}
	return all
}
