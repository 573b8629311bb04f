// Package storetest has the tests that every [beckon.Store] must pass. A store's own
// test runs them:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) beckon.Store { return mystore.New(…) })
//	}
//
// If a store outlives its process, or several processes share it, use a [Factory]: the
// suite then tests that too. A [FaultStore] makes the calls of any store fail, for
// tests of the code above it.
//
// Run the suite with the race detector as well. Use this package in tests only.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A Factory opens the stores that the suite tests. If a field is nil, the tests
// that need it are skipped and say so.
type Factory struct {
	// New returns an empty store that shares nothing with those before. It is
	// required. It registers with t.Cleanup what is to be undone; where the
	// store's server cannot be reached it calls t.Skip, or t.Fatal where one
	// must be there.
	New func(t *testing.T) beckon.Store

	// Reopen returns what a new process finds after the one that had store, which
	// comes from this Factory, has crashed: another store on the same data, with
	// nothing taken over from memory. It must not close store in good order first;
	// whether it does so at the end of the test is its own business. No call is
	// under way on store, and none follows.
	Reopen func(t *testing.T, store beckon.Store) beckon.Store

	// Second returns another store on the data of store, as another process would
	// have it, and both are used at the same time.
	Second func(t *testing.T, store beckon.Store) beckon.Store

	// Damage damages what is stored.
	Damage Damage
}

// Run runs the suite, each test of it as a subtest over a store of its own.
//
// The suite grows: a store that passes today's may fail a later one.
func (f Factory) Run(t *testing.T) {
	t.Helper()
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			switch {
			case c.needs == aReopen && f.Reopen == nil:
				t.Skip("the factory has no Reopen")
			case c.needs == aSecond && f.Second == nil:
				t.Skip("the factory has no Second")
			case c.needs == aDamage && f.Damage.Record == nil, c.needs == aDamagedEvent && f.Damage.Event == nil, c.needs == aMove && f.Damage.Move == nil:
				t.Skip("the factory has no such Damage")
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			kept := f.New(t)
			c.run(&env{
				tb: t, ctx: ctx, store: kept, grace: grace,
				reopen:      func(s beckon.Store) beckon.Store { return f.Reopen(t, s) },
				second:      func(s beckon.Store) beckon.Store { return f.Second(t, s) },
				damage:      func(key store.Key) { f.Damage.Record(t, kept, key) },
				damageEvent: func(key store.Key, at store.EventCursor) { f.Damage.Event(t, kept, key, at) },
				move:        func(from, to store.Key) { f.Damage.Move(t, kept, from, to) },
			})
		})
	}
}

// Run is [Factory.Run] for a store that is not shared and does not outlive its
// process. Each test gets a fresh, empty store from newStore.
func Run(t *testing.T, newStore func(t *testing.T) beckon.Store) {
	t.Helper()
	Factory{New: newStore}.Run(t)
}

// patience is how long one test may take: longer than any store needs, short
// enough that a store which hangs is named. grace is how long a call may take
// to notice that its context has ended.
const (
	patience = 2 * time.Minute
	grace    = 20 * time.Second
)

// tb is what the tests need of a *testing.T: so little that the suite's own
// test can see them fail.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any) // does not return
}

// A need is what a test needs of a Factory beside New.
type need uint8

const (
	nothing need = iota
	aReopen
	aSecond
	aDamage
	aDamagedEvent
	aMove
)

// A testCase is one test over one fresh store.
type testCase struct {
	name  string
	run   func(*env)
	needs need
}

func cases() []testCase {
	var all []testCase
	for _, topic := range [][]testCase{
		stepCases(), changeCases(), keyCases(), raceCases(), atomicCases(), scanCases(), filterCases(), indexCases(), eventCases(),
		totalCases(), deleteCases(), damagedCases(), engineCases(), secondCases(), reopenCases(),
	} {
		all = append(all, topic...)
	}
	return all
}
