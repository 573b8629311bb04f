// Package throttle says how often something may happen, by key: at most so often, with
// a least distance, within sliding windows. It needs a store and no engine.
package throttle

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A Throttler says how often something may happen, by key: the frequency rules
// of messages without messages, contacts or an engine. Use it
// for what an application sends by itself. Keys are yours; those of a Throttler
// and of an engine on the same store do not meet.
//
// The check and the taking are one step of the store, so there is never one
// permit too many, however many goroutines, and with a shared store processes,
// race for a key. A Throttler is safe for concurrent use, starts no goroutine
// and keeps nothing itself; a store keeps a key forever (F1 to F4, F6).
type Throttler struct {
	store    store.Store
	now      func() time.Time
	name     string
	plan     plan.Frequency
	limits   []plan.Cap
	releases int
	keep     int // permits that stand in the record one by one
	takes    sync.Pool
}

// New makes a throttler over a store. The zero Frequency permits everything, for
// nothing but limits. The error is a beckon.ErrorList of all that is wrong, each a
// program_invalid with a path such as "frequency.every".
func New(kept store.Store, f Frequency, opts ...Option) (*Throttler, error) {
	var faults fault.List
	if kept == nil {
		faults.Fault("store", "a throttler needs a store")
	}
	t := &Throttler{store: kept, now: systemClock, releases: DefaultReleases}
	t.plan = f.compile(&faults)
	for _, o := range opts {
		if o != nil {
			o.apply(t, &faults)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	for i := range t.limits {
		t.keep = max(t.keep, t.limits[i].Max)
	}
	// A release uncovers older permits, which the limits must then still see.
	t.keep += t.releases
	t.takes.New = func() any {
		take := &take{throttler: t}
		take.step[0] = store.Step{Key: store.Key{Kind: store.KindThrottle}, Decider: take}
		return take
	}
	return t, nil
}

// systemClock is what decides where the host sets no clock.
func systemClock() time.Time { return time.Now() } //nolint:forbidigo // a throttler holds a clock, as an engine does

// Take asks for a permit for the key and takes it if it is allowed. Being
// refused is no error. An error means that the key is empty, no valid UTF-8 or
// longer than store.MaxIdentityLength, or that the store failed; then no permit was
// given, though after a failure one may have been counted.
func (t *Throttler) Take(ctx context.Context, key string) (Permit, error) {
	if err := checkKey(key); err != nil {
		return Permit{}, err
	}
	taken := t.takes.Get().(*take) //nolint:errcheck // the pool holds nothing else
	taken.now, taken.step[0].Key.ID = t.now().UnixMilli(), key
	err := t.run(ctx, taken.step[:])
	for errors.Is(err, errAgain) { // the key's permits lie ahead of the reading
		taken.readings.Next()
		taken.now = t.now().UnixMilli()
		err = t.run(ctx, taken.step[:])
	}
	if err != nil {
		// The store may still be at it; it is not used again.
		return Permit{}, err
	}
	permit := taken.permit
	if permit.Allowed {
		permit.name, permit.key = t.name, key
		t.redate(ctx, taken)
	}
	taken.readings = taken.readings.Kept()
	taken.step[0].Key.ID = "" // what is kept for the next one holds no key
	if cap(taken.newest) > roomyPermits {
		taken.newest = nil
	}
	t.takes.Put(taken)
	return permit, nil
}

// roomyPermits is beyond what a throttler without large limits needs.
const roomyPermits = 512

// redate sets the instant of a permit to the present, if the step that took it
// was long: its caller was stalled after the reading of the clock. If the store
// fails here, the permit stands as it is.
func (t *Throttler) redate(ctx context.Context, taken *take) {
	now := t.now().UnixMilli()
	if now-taken.now < clock.LateAfter.Milliseconds() {
		return
	}
	step := []store.Step{{Key: taken.step[0].Key, Decider: &redate{throttler: t, sequence: taken.permit.Sequence, now: now}}}
	_ = t.run(ctx, step) // the permit was given, at an instant that is a little early
}

// Peek says what Take would at this instant, and takes nothing: there is no
// Sequence and no ID. By the time of a Take another may have been quicker.
func (t *Throttler) Peek(ctx context.Context, key string) (Permit, error) {
	if err := checkKey(key); err != nil {
		return Permit{}, err
	}
	var permit Permit
	now := t.now().UnixMilli()
	var seen clock.Readings
	for {
		unsure := false
		err := t.store.Read(ctx, []store.Key{{Kind: store.KindThrottle, ID: key}}, func(rec *store.Record) error {
			p := t.permits(rec)
			var at int64
			if at, unsure = p.instant(&seen, now); !unsure {
				t.judge(&p, at, &permit)
			}
			return nil
		})
		if err != nil {
			return Permit{}, err
		}
		if !unsure {
			return permit, nil
		}
		seen.Next()
		now = t.now().UnixMilli()
	}
}

// Release undoes a permit by its ID, for what did not happen after all:
// distance, maximum and limits are then as if it had never been taken (F4).
// Each permit can be given back once, and only while it is among the newest
// (see [WithReleases]); otherwise the error is delivery_unknown.
func (t *Throttler) Release(ctx context.Context, key, id string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	sequence := sequenceOf(t.name, key, id)
	return t.run(ctx, []store.Step{{Key: store.Key{Kind: store.KindThrottle, ID: key}, Decider: &release{throttler: t, id: id, sequence: sequence}}})
}

// run carries out the one step.
func (t *Throttler) run(ctx context.Context, steps []store.Step) error {
	if err := t.store.Step(ctx, steps); err != nil {
		return err
	}
	return steps[0].Err
}

func checkKey(key string) error {
	switch {
	case key == "":
		return (&fault.Error{Code: fault.ErrContactMissing, Field: "key", Message: "a key is needed: it says who is throttled"}).Err()
	case !utf8.ValidString(key):
		return (&fault.Error{Code: fault.ErrTextNotUTF8, Field: "key", Message: fault.Quote(key) + " is not valid UTF-8"}).Err()
	case len(key) > store.MaxIdentityLength && utf8.RuneCountInString(key) > store.MaxIdentityLength:
		return (&fault.Error{Code: fault.ErrTypeInvalid, Field: "key", Message: "a key has at most " + strconv.Itoa(store.MaxIdentityLength) + " characters"}).Err()
	}
	return nil
}
