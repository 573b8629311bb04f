package beckon

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// MaxDamagedTold is how many keys a [DamagedError] names at most.
const MaxDamagedTold = 20

// A DamagedError says that what is stored under some keys cannot be read: it is
// damaged, which is the code [ErrDataCorrupt], or of a newer version,
// [ErrDataVersion]. A call about one contact that needs such a record fails with
// it. A call about many goes on with all others and ends with it, see [OnDamaged].
// [Engine.Delete] removes such a contact, [Engine.DropDamaged] such a record of any
// kind.
type DamagedError struct {
	Keys  []Key // the first, at most MaxDamagedTold
	Count int   // of all
	Event *Mark // if not nil, it is an event in the log of the one key, at this place
	Err   error // what is wrong with the first
}

// Error names the first keys, cut short, and says what is wrong.
func (e *DamagedError) Error() string {
	var b strings.Builder
	what := "a record"
	if e.Event != nil {
		what = "an event"
	}
	if e.Count > 1 {
		what = strconv.Itoa(e.Count) + " records"
	}
	b.WriteString(what + " cannot be read")
	for i, k := range e.Keys {
		switch {
		case i == 3:
			b.WriteString(", …")
		case i > 3:
		case i == 0:
			b.WriteString(": " + k.Kind.String() + " " + fault.Quote(k.ID))
		default:
			b.WriteString(", " + k.Kind.String() + " " + fault.Quote(k.ID))
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns what is wrong with the first.
func (e *DamagedError) Unwrap() error { return e.Err }

// String returns the kind's name, such as "user".
func (k Kind) String() string {
	names := [...]string{"", "user", "contact", "email", "visitor", "company", "event name", "message", "run", "throttle key", "store"}
	if k == 0 || int(k) >= len(names) {
		return "kind " + strconv.Itoa(int(k))
	}
	return names[k]
}

// Damaged returns, for a store, the error about a record under key that cannot be
// read because of err; or, if event is not nil, about an event in its log. It
// returns err itself if that is about something else: its code is neither
// ErrDataCorrupt nor ErrDataVersion.
func Damaged(key Key, event *Mark, err error) error {
	var already *DamagedError
	if err == nil || errors.As(err, &already) || !errors.Is(err, ErrDataCorrupt) && !errors.Is(err, ErrDataVersion) {
		return err
	}
	return &DamagedError{Keys: []Key{key}, Count: 1, Event: event, Err: err}
}

// A DamagedDecider is a [Decider] that can also decide on a record that cannot be
// read. Its changes then delete or clear the record, or are empty.
type DamagedDecider interface {
	Decider
	// DecideDamaged is called in the place of Decide. err says what is wrong.
	DecideDamaged(key Key, err error, c *Changes) error
}

// DecideDamaged is [Step.Decide] for a store that has found that it cannot read the
// record: err is what [Damaged] returned. A Decider that is no [DamagedDecider] has
// err as its answer, and so has one that would change what cannot be read. After
// changes that delete or clear, the record is read as any other.
func (s *Step) DecideDamaged(err error, c *Changes) (failed error) {
	d, ok := s.Decider.(DamagedDecider)
	if !ok {
		return err
	}
	defer func() {
		if v := recover(); v != nil {
			failed = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if failed := d.DecideDamaged(s.Key, err, c); failed != nil {
		return failed
	}
	if !c.IsEmpty() && !c.Delete && !c.Clear {
		return err
	}
	return nil
}

// OnDamaged has fn called for every record that a run meets and cannot read, with
// its key and what is wrong, from the goroutine that consumes the run; key is the
// zero Key where not even that can be read. The run goes on with all others.
// Without this option it ends with a [*DamagedError] that names the first of them,
// after all else has been yielded.
func OnDamaged(fn func(Key, error)) RunOption {
	return runFunc(func(r *run) { r.onDamaged = fn })
}

// damaged takes in that a record cannot be read.
func (r *run) damaged(key Key, err error) {
	if r.onDamaged != nil {
		r.onDamaged(key, err)
		return
	}
	if r.broken == nil {
		r.broken = &DamagedError{Err: err}
		var one *DamagedError
		if errors.As(err, &one) && one.Err != nil {
			r.broken.Err = one.Err
		}
	}
	if slices.Contains(r.broken.Keys, key) { // a company's, met with each of its contacts
		return
	}
	if r.broken.Count++; len(r.broken.Keys) < MaxDamagedTold {
		r.broken.Keys = append(r.broken.Keys, key)
	}
}

// passes reports whether an error of one contact of a run is that it, or what it
// needs, cannot be read: then it is taken in, and the run goes on.
func (r *run) passes(key Key, err error) bool {
	var d *DamagedError
	if r.gone || !errors.As(err, &d) {
		return false
	}
	if len(d.Keys) > 0 {
		key = d.Keys[0]
	}
	r.damaged(key, d)
	return true
}

// ended returns the error of a run that has come to its end.
func (r *run) ended() error {
	if r.broken == nil {
		return nil
	}
	return storeError(r.broken)
}

// DropDamaged removes records that cannot be read, of any kind: those that a
// [DamagedError] or [OnDamaged] has named. Their events and index entries go with
// them. A record that can be read is left alone, so that to repeat it is safe; for
// a contact, [Engine.Delete] also removes the identities that lead to it.
//
// A contact that is removed so has no history any more, no refusals and no caps; an
// event name is listed again when it is tracked; a message that is published again
// is live from then on.
func (e *Engine) DropDamaged(ctx context.Context, keys ...Key) error {
	if err := e.open(); err != nil {
		return err
	}
	for _, key := range keys {
		if err := e.stepOnce(ctx, []Step{{Key: key, Decider: &removal{onlyDamaged: true}}}); err != nil {
			return err
		}
	}
	return nil
}

// A removal is the decision to delete a record, also one that cannot be read.
type removal struct {
	onlyDamaged bool
	damaged     bool // the record could not be read
}

// Decide implements [Decider].
func (r *removal) Decide(rec *Record, c *Changes) error {
	r.damaged = false
	c.Delete = rec.Exists && !r.onlyDamaged
	return nil
}

// DecideDamaged implements [DamagedDecider].
func (r *removal) DecideDamaged(_ Key, _ error, c *Changes) error {
	r.damaged, c.Delete = true, true
	return nil
}

// damagedKey returns the key of the record that an error says cannot be read.
func damagedKey(err error) (Key, bool) {
	var d *DamagedError
	if !errors.As(err, &d) || len(d.Keys) != 1 || d.Event != nil {
		return Key{}, false
	}
	return d.Keys[0], true
}

// logOf reads a contact's log as [Store.Events] does, and goes on behind events
// that cannot be read. damaged is the error about the first of them.
func (e *Engine) logOf(ctx context.Context, key Key, before Mark, limit int) (list []LoggedEvent, damaged, err error) {
	for {
		page, err := e.store.Events(ctx, key, before, limit-len(list))
		list = append(list, page...)
		var d *DamagedError
		switch {
		case err == nil:
			return list, damaged, nil
		case !errors.As(err, &d) || d.Event == nil:
			return nil, nil, storeError(err)
		}
		if damaged == nil {
			damaged = storeError(d)
		}
		if *d.Event == before || *d.Event == (Mark{}) || len(list) >= limit {
			return list, damaged, nil
		}
		before = *d.Event
	}
}

// deleteDamaged deletes a contact that cannot be read, and the identities that lead
// to it: since it cannot say which they are, they are looked for.
func (e *Engine) deleteDamaged(ctx context.Context, key Key) error {
	r := &run{}
	leads := func(rec *Record) bool {
		return rec.Profile != nil && (rec.Profile.Forward == key || rec.Profile.Moving == key)
	}
	err := e.pages(ctx, Query{Kinds: contactKinds()}, r, leads, func(alias Key) error {
		return e.stepOnce(ctx, []Step{{Key: alias, Decider: deciderFunc(func(rec *Record, c *Changes) error {
			c.Delete = leads(rec)
			return nil
		})}})
	})
	if err != nil {
		return err
	}
	return e.stepOnce(ctx, []Step{{Key: key, Decider: &removal{}}})
}
