package store

import (
	"errors"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// MaxDamagedTold is how many keys a [DamagedError] names at most.
const MaxDamagedTold = 20

// A DamagedError says that what is stored under some keys cannot be read: it is
// damaged, which is the code [ErrDataCorrupt], or of a newer version,
// [ErrDataVersion]. A call about one contact that needs such a record fails with
// it. A call about many goes on with all others and ends with it, see beckon.OnDamaged.
// beckon.Engine.Delete removes such a contact, beckon.Engine.DropDamaged such a record of any
// kind.
type DamagedError struct {
	Keys  []Key        // the first, at most MaxDamagedTold
	Count int          // of all
	Event *EventCursor // if not nil, it is an event in the log of the one key, at this place
	Err   error        // what is wrong with the first
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
func Damaged(key Key, event *EventCursor, err error) error {
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
