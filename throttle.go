package beckon

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// DefaultThrottleReleases is how many permits of a key can be given back.
const DefaultThrottleReleases = 8

// A Throttler says how often something may happen, by a key of yours: frequency
// without messages, contacts or an engine. Its keys and those of an engine on
// the same store do not meet. To check and to take is one step of the store: no
// race takes one permit too many. A Throttler is safe for concurrent use,
// starts no goroutine and keeps nothing itself; a store keeps a key without
// end. (F1, F2, F3, F4, F6)
type Throttler struct {
	store    Store
	now      func() time.Time
	name     string
	plan     plan.Frequency
	limits   []plan.Cap
	releases int
	keep     int // permits that stand in the record one by one
	takes    sync.Pool
}

// A ThrottleOption sets up a [Throttler].
type ThrottleOption interface {
	applyThrottle(*Throttler, *fault.List)
}

type throttleOption func(*Throttler, *fault.List)

func (f throttleOption) applyThrottle(t *Throttler, faults *fault.List) { f(t, faults) }

// WithThrottleClock sets the only clock that decides; the default is time.Now.
// If it steps back nothing is early, and no key is locked beyond the distance.
// (F6)
func WithThrottleClock(now func() time.Time) ThrottleOption {
	return throttleOption(func(t *Throttler, faults *fault.List) {
		if now == nil {
			faults.Fault("clock", "the clock is nil")
			return
		}
		t.now = now
	})
}

// WithThrottleName keeps throttlers apart that use one store and the same keys.
func WithThrottleName(name string) ThrottleOption {
	return throttleOption(func(t *Throttler, faults *fault.List) {
		if !utf8.ValidString(name) {
			faults.Fault("name", "the name is not valid UTF-8")
			return
		}
		t.name = name
	})
}

// WithThrottleLimit permits at most n in a sliding window, besides the
// frequency; all limits given hold. What is exactly as old as the window is
// out. A record keeps as many permits as the greatest n, which is at most
// [MaxCapSends].
func WithThrottleLimit(n int, within Duration) ThrottleOption {
	return throttleOption(func(t *Throttler, faults *fault.List) {
		path := "limits[" + strconv.Itoa(len(t.limits)) + "]"
		switch {
		case n < 1:
			faults.Fault(path+".max", "the maximum of a limit is at least 1")
		case n > MaxCapSends:
			faults.Fault(path+".max", "the maximum of a limit is at most "+strconv.Itoa(MaxCapSends))
		}
		if within.millis() <= 0 {
			faults.Fault(path+".within", "the window of a limit must be longer than none")
		}
		checkDuration(faults, within, path+".within")
		t.limits = append(t.limits, plan.Cap{Max: n, Within: within.millis()})
	})
}

// WithThrottleReleases sets how many of the newest permits of a key can be
// given back; 0 is DefaultThrottleReleases. Set as many as holders of a key may
// fail at once: after so many releases, older permits wait until others are
// taken.
func WithThrottleReleases(n int) ThrottleOption {
	return throttleOption(func(t *Throttler, faults *fault.List) {
		if n < 0 {
			faults.Fault("releases", "the number of releases is negative")
			return
		}
		if n > 0 {
			t.releases = n
		}
	})
}

// NewThrottler makes a throttler over a store. The zero Frequency is once a
// minute; for nothing but a limit set Every to Seconds(0). The error is an
// [ErrorList] of program_invalid with paths such as "frequency.every".
func NewThrottler(kept Store, f Frequency, opts ...ThrottleOption) (*Throttler, error) {
	var faults fault.List
	if kept == nil {
		faults.Fault("store", "a throttler needs a store")
	}
	t := &Throttler{store: kept, now: systemClock, releases: DefaultThrottleReleases}
	t.plan = f.compile(DefaultEvery, "frequency", &faults)
	for _, o := range opts {
		if o != nil {
			o.applyThrottle(t, &faults)
		}
	}
	if err := raise(faults); err != nil {
		return nil, err
	}
	for i := range t.limits {
		t.keep = max(t.keep, t.limits[i].Max)
	}
	// A release uncovers older permits, which the limits must then still see.
	t.keep += t.releases
	t.takes.New = func() any {
		take := &throttleTake{throttler: t}
		take.step[0] = store.Step{Key: store.Key{Kind: store.KindThrottle}, Decider: take}
		return take
	}
	return t, nil
}

// A Permit is the answer to one question.
type Permit struct {
	Allowed bool
	Reason  Reason    // why not: max_reached, throttled or capped (a limit), the first that applies
	RetryAt time.Time // when it would be allowed if nothing else is taken meanwhile; zero if allowed, or never
	// Remaining is how many more the maximum and the limits leave at this
	// instant, whatever the distance; after a Take without the one taken.
	// -1: there is neither a maximum nor a limit.
	Remaining int
	Sequence  uint64 // grows with every permit of a key; none is used twice. 0 if none was taken

	name, key string // what the ID is made of; empty if none was taken
}

// ID returns what [Throttler.Release] takes: unique over all keys, the same
// each time, empty if no permit was taken. It does not show the key, but is no
// secret: who knows the key can make it.
func (p Permit) ID() string {
	if p.Sequence == 0 {
		return ""
	}
	return throttleID(p.name, p.key, p.Sequence)
}

// Take takes a permit for the key if it is allowed; to be refused is no error.
// An error means that the key is empty, not UTF-8 or longer than
// [MaxIdentityLength], or that the store failed: then no permit is given,
// though one may be counted.
func (t *Throttler) Take(ctx context.Context, key string) (Permit, error) {
	if err := checkThrottleKey(key); err != nil {
		return Permit{}, err
	}
	take := t.takes.Get().(*throttleTake) //nolint:errcheck // the pool holds nothing else
	take.now, take.step[0].Key.ID = t.now().UnixMilli(), key
	err := t.run(ctx, take.step[:])
	for errors.Is(err, decide.ErrNeed) { // the key's permits lie ahead of the reading
		take.readings.Next()
		take.now = t.now().UnixMilli()
		err = t.run(ctx, take.step[:])
	}
	if err != nil {
		// The store may still be at it; it is not used again.
		return Permit{}, err
	}
	permit := take.permit
	if permit.Allowed {
		permit.name, permit.key = t.name, key
		t.redate(ctx, take)
	}
	take.readings = take.readings.Kept()
	take.step[0].Key.ID = "" // what is kept for the next one holds no key
	if cap(take.times) > roomyTimes {
		take.times = nil
	}
	t.takes.Put(take)
	return permit, nil
}

// roomyTimes is beyond what a throttler without large limits needs.
const roomyTimes = 1024

// redate sets the instant of a permit to the present, if the step that took it
// was long: its caller was stalled after the reading of the clock. If the store
// fails here, the permit stands as it is.
func (t *Throttler) redate(ctx context.Context, take *throttleTake) {
	now := t.now().UnixMilli()
	if now-take.now < clock.LateAfter.Milliseconds() {
		return
	}
	step := []store.Step{{Key: take.step[0].Key, Decider: &throttleRedate{throttler: t, sequence: take.permit.Sequence, now: now}}}
	_ = t.run(ctx, step) // the permit was given, at an instant that is a little early
}

// Peek returns what Take would now, without taking: no Sequence, no ID.
func (t *Throttler) Peek(ctx context.Context, key string) (Permit, error) {
	if err := checkThrottleKey(key); err != nil {
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

// Release gives back a permit by its ID, once: distance, maximum and limits are
// as if it had not been taken. One that is not among the newest
// ([WithThrottleReleases]) is delivery_unknown. (F4)
func (t *Throttler) Release(ctx context.Context, key, id string) error {
	if err := checkThrottleKey(key); err != nil {
		return err
	}
	sequence := throttleSequence(t.name, key, id)
	return t.run(ctx, []store.Step{{Key: store.Key{Kind: store.KindThrottle, ID: key}, Decider: &throttleRelease{throttler: t, id: id, sequence: sequence}}})
}

// run carries out the one step.
func (t *Throttler) run(ctx context.Context, steps []store.Step) error {
	if err := t.store.Step(ctx, steps); err != nil {
		return err
	}
	return steps[0].Err
}

func checkThrottleKey(key string) error {
	switch {
	case key == "":
		return &Error{Code: ErrContactMissing, Field: "key", Message: "a key is needed: it says who is throttled"}
	case !utf8.ValidString(key):
		return &Error{Code: ErrTextNotUTF8, Field: "key", Message: fault.Quote(key) + " is not valid UTF-8"}
	case len(key) > MaxIdentityLength && utf8.RuneCountInString(key) > MaxIdentityLength:
		return &Error{Code: ErrTypeInvalid, Field: "key", Message: "a key has at most " + strconv.Itoa(MaxIdentityLength) + " characters"}
	}
	return nil
}
