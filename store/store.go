// Package store is the contract between an engine and what keeps its records: the
// records and their rows, the changes of a step, queries, filters, and the form in
// which records are persisted. Only who writes a store, or a tool over one, needs
// it; hosts hand a finished store to beckon.New. Package storetest checks a store.
package store

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
)

// A Kind says what a record is about. The kinds of contacts stand in the
// order of E1.
type Kind uint8

// The kinds of records. Their numbers are part of persisted data.
const (
	KindUser      Kind = iota + 1 // a contact by user_id
	KindContact                   // a contact by id
	KindEmail                     // a contact by email
	KindAnonymous                 // a visitor by anonymous_id
	KindCompany                   // a company's data
	KindEventName                 // the definition of an event
	KindMessage                   // what outlives programs: live_at, mode, pause, stop
	KindRun                       // the progress of a sweep or a send
	KindThrottle                  // a key of a Throttler
	KindStore                     // what is true of the store as a whole
)

// IsContact reports whether records of the kind are contacts.
func (k Kind) IsContact() bool { return k >= KindUser && k <= KindAnonymous }

// A Key names one record. ID is any string of valid UTF-8, hostile ones
// included; a store that joins it with something else must keep the parts
// apart by length or escape, never by a separator alone.
type Key struct {
	Kind Kind
	ID   string
}

// IsZero reports whether the key names nothing.
func (k Key) IsZero() bool { return k == Key{} }

// Compare orders keys by kind, then by id: the total order by which merges
// choose the record that stays.
func (k Key) Compare(o Key) int {
	switch {
	case k.Kind != o.Kind:
		return int(k.Kind) - int(o.Kind)
	case k.ID < o.ID:
		return -1
	case k.ID > o.ID:
		return 1
	}
	return 0
}

// A Decider is one decision over one record. Decide must not change rec,
// keeps nothing of it after it returns, and describes in c what is to become
// of it. It is pure: a store may call it again, with a fresh record and empty
// Changes, when it lost a race, or when the record was one that it had kept and
// that has changed since. It runs under the store's lock, so it calls
// nothing that blocks.
type Decider interface {
	Decide(rec *Record, c *Changes) error
}

// A Step is one decision to be taken and committed: the store sets Err.
type Step struct {
	Key     Key
	Decider Decider
	Err     error // what Decide returned, or why this step could not be committed
}

// Decide calls the step's Decider for a store. A panic in it, or a nil
// Decider, becomes a [*PanicError]: the store then writes nothing, as for any
// other error, and stays usable.
func (s *Step) Decide(rec *Record, c *Changes) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return s.Decider.Decide(rec, c)
}

// A PanicError is the Err of a step whose Decider panicked. Nothing of the
// step was written.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine, as runtime/debug prints it
}

// Error names the value, cut short; the stack is not part of it.
func (e *PanicError) Error() string {
	return fmt.Sprintf("a decision panicked: %.64q", fmt.Sprint(e.Value))
}

// Unwrap returns the value if it is an error, so that errors.Is sees it.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// ErrQueryInvalid is the code of a scan that cannot be carried out: a query
// that chooses nothing or in two ways, a limit below 1, a cursor that no scan
// of this query has returned.
const ErrQueryInvalid = fault.ErrQueryInvalid

// A Query chooses records for Scan. Exactly one of its fields chooses; Filter and
// LeftOut go with Kinds, Channels with Pending, Until, Only, ToStep and Damaged with any.
type Query struct {
	Kinds   []Kind // all records of these kinds, in an order that the store keeps over the whole scan
	Due     int64  // contacts whose Record.NextDue is not zero and not after this instant (Unix milliseconds), earliest first
	Pending int64  // contacts whose Record.NextPending is not zero and not after this instant (Unix milliseconds), earliest first
	Email   string // records whose Record.Email is this, in any letter case: the store folds it by FoldEmail
	Moving  bool   // contacts whose Profile.Moving is set: merges to be finished

	// If Until is not empty the scan ends there: it is a cursor that a scan by the same
	// query has returned, or Skip. A record that comes behind it is not shown, as far as
	// the store can tell.
	Until Cursor

	// With Pending, a store may leave out contacts that have nothing pending in any of
	// these channels ([Record.PendingChannels]); it leaves out none other. Zero means all.
	Channels ChannelSet

	// A store may leave out records for which Filter.Holds is false, as of some
	// moment while it made the page. What is not written by the same Store, as by another
	// process or in a transaction of the host, it may know as late as five seconds
	// later. It may ignore Filter altogether: then it leaves out none, not all.
	Filter *Filter

	// If Only is not nil, the caller looks at no more of a record than that, and a store may
	// show the rest as zero.
	Only *Projection

	// ToStep says that the caller is about to step on most of what is shown: a store may
	// keep what it has read, so that those steps need not read it again. It shows the same.
	ToStep bool

	// If Damaged is not nil, a record that cannot be read (see [Damaged]) is told to it
	// and passed by, as one of the limit, if the store finds it under the query at
	// all; else the scan ends with the error. It must not call the store. key is the
	// zero Key where not even that can be read.
	Damaged func(key Key, err error)

	// If LeftOut is not nil, a store that leaves records out adds to it how
	// many, before Scan returns: each once over all the pages of a scan, those
	// that lead elsewhere (Profile.Forward) not counted.
	LeftOut *int64

	// If LeftOutLate is set, only the sum is of interest that LeftOut has after the last
	// page, and only of a scan that has it set from its beginning on and no Until: a store
	// may add with a later page what it left out of an earlier one.
	LeftOutLate bool
}

// Validate reports, as an *beckon.Error with the code ErrQueryInvalid, whether a
// scan by q with the limit makes no sense. It is for stores.
func (q *Query) Validate(limit int) error {
	ways := 0
	for _, chosen := range [...]bool{len(q.Kinds) > 0, q.Due != 0, q.Pending != 0, q.Email != "", q.Moving} {
		if chosen {
			ways++
		}
	}
	switch {
	case ways != 1:
		return (&fault.Error{Code: ErrQueryInvalid, Field: "query", Message: fmt.Sprintf("exactly one field of a query chooses; here %d do", ways)}).Err()
	case len(q.Kinds) == 0 && (q.Filter != nil || q.LeftOut != nil):
		return (&fault.Error{Code: ErrQueryInvalid, Field: "query", Message: "a filter goes with kinds"}).Err()
	case q.Pending == 0 && q.Channels != 0:
		return (&fault.Error{Code: ErrQueryInvalid, Field: "query", Message: "channels go with what is pending"}).Err()
	case limit < 1:
		return (&fault.Error{Code: ErrQueryInvalid, Field: "limit", Message: fmt.Sprintf("the limit must be at least 1, not %d", limit)}).Err()
	}
	return nil
}

// A Cursor is a place in a Scan; empty is the beginning, and the end. It is good for a scan
// with another Filter, too, or with none.
type Cursor string

// An EventCursor is a place in a contact's event log, newest first: the events before
// it, by At, then by Seq. The zero EventCursor is the newest.
type EventCursor struct {
	At  int64 // Unix seconds
	Seq uint64
}

// A Sizer is what a [Store] may also be: then runs can say how much there is
// to do.
type Sizer interface {
	// Size returns how many records of these kinds there are, cheaply: it must
	// not read them. A guess that is off by what came and went lately will do.
	Size(ctx context.Context, kinds []Kind) (int64, error)
}

// A Walker is what a [Store] may also be: then who needs no pages, such as one who
// counts, does not pay for their order.
type Walker interface {
	// Walk is [Store.Scan] from the beginning to the end in one call, and in any order.
	// Only a query by Kinds can be walked. ctx may end it after any record.
	Walk(ctx context.Context, q Query, fn func(*Record) error) error
}

// A FilterCounter is what a [Store] may also be: then a count shows no record where
// an index, or the columns of a table, tell the number.
type FilterCounter interface {
	// CountFilter returns how many records of q.Kinds there are for which q.Filter
	// holds and that do not lead elsewhere (Profile.Forward), and true. Where it cannot
	// tell that exactly it returns false, and the number means nothing: in any doubt,
	// and always if one of the records is moving (Profile.Moving), since a filter does
	// not say what that will be. A record that cannot be read counts by what is known
	// of it without that. Of the query, only Kinds and Filter are looked at.
	CountFilter(ctx context.Context, q Query) (n int64, exact bool, err error)
}

// A Skipper is what a [Store] may also be: then engines that share a run find its parts
// without reading the records.
type Skipper interface {
	// Skip returns the cursor at which a scan by q is about n records behind another
	// cursor; empty if there are no more. Filter does not matter.
	Skip(ctx context.Context, q Query, after Cursor, n int) (Cursor, error)
}

// An Overlapper is what a [Store] may also be: then a run looks at the next page of
// contacts while it deals with the one before, and makes two steps at once.
type Overlapper interface {
	// Overlaps reports whether two calls that wait for the store at the same time take
	// clearly less time than one after the other, since something else than the caller
	// works for them: a server, or another core. A run then makes calls on goroutines
	// of its own, which end before the run does.
	Overlaps() bool
}

// A Store keeps records. Its heart is Step: load one record, decide, commit,
// all or nothing, isolated from every other step on that record. There is no
// way to read and later write: that is what makes caps exact under any race
// (F3).
//
// All methods must be safe for concurrent use, honour ctx while they wait,
// and return ctx's error then. Instants that an operation needs are arguments
// or part of the changes; a store's own clock decides nothing.
type Store interface {
	// Step carries out steps. For each it loads the record (an absent one is
	// empty, with its Key set), calls Decide with it and with empty Changes, and
	// commits the changes all or nothing. Steps of one call are independent and
	// may run in any order, but two on one key run in theirs. An error of
	// Decide becomes the step's Err, unchanged, and writes nothing, and so does
	// a panic in it; empty Changes cost no write. Afterwards every later Step,
	// Read and Scan sees what was committed. For a record that cannot be read the
	// store calls Step.DecideDamaged in the place of Step.Decide; what it then
	// deletes or clears goes with its events and index entries.
	//
	// The returned error means that the outcome of the steps whose Err is
	// nil is not known; to repeat them is safe, since decisions know what
	// they have seen before.
	Step(ctx context.Context, steps []Step) error

	// Read calls fn for each key in turn with a snapshot of its record, absent
	// ones included (Record.Exists is false). fn must not change the record or
	// keep it, nor call the store. A record that cannot be read ends it with the
	// error that [Damaged] makes.
	Read(ctx context.Context, keys []Key, fn func(*Record) error) error

	// Scan calls fn with snapshots of the records that q chooses, at most limit
	// of them, starting after the cursor, and returns where to go on: empty if
	// there are no more. A record that exists from before the first page until
	// after the last, and is chosen all the while, is seen exactly once by a
	// scan; one that comes, goes or changes meanwhile may be. An error of fn
	// ends the scan and is returned. fn must not change the record or keep anything of
	// it except for texts, nor call the store: a store may use the memory of a record
	// again for the next one.
	Scan(ctx context.Context, q Query, after Cursor, limit int, fn func(*Record) error) (next Cursor, err error)

	// Events returns a contact's logged events, newest first, at most limit of
	// those before the mark (E9). If it meets one that cannot be read, it returns those
	// before it in this order, and the error that [Damaged] makes with its mark: from
	// there the caller can go on.
	Events(ctx context.Context, key Key, before EventCursor, limit int) ([]LoggedEvent, error)

	// Totals returns the counts of a message that steps have added (Z2), in any
	// order, each Name once. A count of zero may be there or be left out.
	Totals(ctx context.Context, message string) ([]Total, error)
}

// FoldEmail returns the form under which an email address is the same as every
// spelling of it that differs in letter case only (E1): its letters A to Z in
// lower case. An address that an engine takes has no letters beyond those of
// ASCII. It does not allocate for an address that has that form. Stores look
// addresses up by it.
func FoldEmail(address string) string { return fold.Email(address) }
