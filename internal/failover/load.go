// Package failover is for tests of stores whose server dies, or hands over to another, under load.
package failover

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// GoesOn is how long it may take until a store works with a server that has taken over.
const GoesOn = 20 * time.Second

// The codes that stores on a server have in common.
const (
	unavailable beckon.Code = "store_unavailable"
	unknown     beckon.Code = "store_unknown_outcome"
	readOnly    beckon.Code = "store_read_only"
)

// Pause is what a caller does that meets a server which is not there.
func Pause() { time.Sleep(time.Millisecond) } //nolint:forbidigo // there is no clock to set

// A Load makes steps on records without end. Each record has one caller. Each step counts in
// LastSeen of the record, and in the totals of the message "m".
type Load struct {
	t             *testing.T
	s             beckon.Store
	done, unknown []atomic.Int64 // by record
	stop          chan struct{}
	ended         sync.Once
	callers       sync.WaitGroup
}

// NewLoad begins a load. It ends with Check, or with the test.
func NewLoad(t *testing.T, s beckon.Store) *Load {
	t.Helper()
	const callers, each = 6, 8
	l := &Load{t: t, s: s, done: make([]atomic.Int64, callers*each), unknown: make([]atomic.Int64, callers*each), stop: make(chan struct{})}
	t.Cleanup(l.end)
	for c := range callers {
		l.callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				default:
				}
				l.step(c*each + n%each)
			}
		})
	}
	return l
}

// Record returns the key of a record of a load.
func Record(i int) store.Key { return store.Key{Kind: store.KindUser, ID: fmt.Sprint("record-", i)} }

// count is the decision of a step.
type count struct{}

// Decide counts.
func (count) Decide(r *store.Record, c *store.Changes) error {
	c.LastSeen = r.LastSeen + 1
	c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
	return nil
}

func (l *Load) step(i int) {
	steps := []store.Step{{Key: Record(i), Decider: count{}}}
	err := errors.Join(l.s.Step(context.Background(), steps), steps[0].Err)
	switch {
	case err == nil:
		l.done[i].Add(1)
		return
	case errors.Is(err, unknown):
		l.unknown[i].Add(1)
	case errors.Is(err, unavailable), errors.Is(err, readOnly):
	default:
		l.t.Errorf("an error of another kind: %v", err)
	}
	Pause()
}

func (l *Load) end() {
	l.ended.Do(func() { close(l.stop) })
	l.callers.Wait()
}

// Acknowledged returns how many steps on each record were.
func (l *Load) Acknowledged() []int64 {
	list := make([]int64, len(l.done))
	for i := range list {
		list[i] = l.done[i].Load()
	}
	return list
}

// Progress waits until some steps on each record were acknowledged.
func (l *Load) Progress() {
	l.t.Helper()
	began, before := time.Now(), l.Acknowledged() //nolint:forbidigo // there is no clock to set
	for i := range before {
		for l.done[i].Load() < before[i]+3 && !l.t.Failed() {
			if time.Since(began) > GoesOn { //nolint:forbidigo // likewise
				l.t.Fatalf("after %v there was no step on %s", GoesOn, Record(i).ID)
			}
			Pause()
		}
	}
}

// Check ends the load. Each record has at least what least has for it, or if that is nil what was
// acknowledged, and no more than was acknowledged or is not known; the totals have what the
// records have. It returns how many steps were acknowledged and are lost.
func (l *Load) Check(least []int64) (lost int64) {
	l.t.Helper()
	l.end()
	var sum, open int64
	for i := range l.done {
		var n int64
		if err := l.s.Read(l.t.Context(), []store.Key{Record(i)}, func(r *store.Record) error { n = r.LastSeen; return nil }); err != nil {
			l.t.Fatal(err)
		}
		done, unsure := l.done[i].Load(), l.unknown[i].Load()
		want := done
		if least != nil {
			want = least[i]
		}
		if n < want || n > done+unsure {
			l.t.Errorf("%s has %d steps; %d were acknowledged, of %d nobody knows, and at least %d are to be there", Record(i).ID, n, done, unsure, want)
		}
		sum, lost, open = sum+n, lost+max(0, done-n), open+unsure
	}
	totals, err := l.s.Totals(l.t.Context(), "m")
	if err != nil || len(totals) != 1 || totals[0].Count != sum {
		l.t.Errorf("the records have %d steps, the totals %v: %v", sum, totals, err)
	}
	l.t.Logf("%d steps found; %d that were acknowledged are lost, of %d nobody knows", sum, lost, open)
	return lost
}
