package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A Damage damages what a store of a [Factory] has stored, behind its back. What is
// nil cannot be damaged.
type Damage struct {
	Record func(t *testing.T, store beckon.Store, key store.Key)                       // as by a byte that flipped
	Event  func(t *testing.T, store beckon.Store, key store.Key, at store.EventCursor) // likewise, in the log
	Move   func(t *testing.T, store beckon.Store, from, to store.Key)                  // copies what is stored of from to the key to, which was there
}

// damagedCases are about records that cannot be read.
func damagedCases() []testCase {
	return []testCase{
		{name: "damaged/passed by", run: damagedPassedBy, needs: aDamage},
		{name: "damaged/nobody else's error", run: damagedSteps, needs: aDamage},
		{name: "damaged/deleted", run: damagedDeleted, needs: aDamage},
		{name: "damaged/replaced", run: damagedReplaced, needs: aDamage},
		{name: "damaged/moved under another key", run: damagedMoved, needs: aMove},
		{name: "damaged/event", run: damagedEvent, needs: aDamagedEvent},
	}
}

// A mender decides on records that cannot be read, and on others in the same way.
type mender func(c *store.Changes)

// Decide implements [store.Decider].
func (m mender) Decide(_ *store.Record, c *store.Changes) error { m(c); return nil }

// DecideDamaged implements [store.DamagedDecider].
func (m mender) DecideDamaged(_ store.Key, _ error, c *store.Changes) error { m(c); return nil }

// isDamage reports whether an error says that the record under a key cannot be read.
func isDamage(err error, key store.Key) bool {
	var d *beckon.DamagedError
	return errors.As(err, &d) && d.Event == nil && slices.Equal(d.Keys, []store.Key{key}) && d.Count == 1 && errors.Is(err, store.ErrDataCorrupt)
}

// threeOfOne makes three records that all queries find, and damages the middle one.
func (e *env) threeOfOne() (damaged store.Key, others []store.Key) {
	e.Helper()
	for i, id := range []string{"a", "b*[\\", "c"} {
		e.step(user(id), always(func(c *store.Changes) { changeAll(c, int64(5+i)) }))
	}
	damaged, others = user("b*[\\"), []store.Key{user("a"), user("c")}
	e.damage(damaged)
	return damaged, others
}

// Every scan, in pages of any size, shows all that can be read, once, and tells of
// what cannot, once; one that does not ask to be told ends with an error.
func damagedPassedBy(e *env) {
	damaged, others := e.threeOfOne()
	for _, q := range queries() {
		for _, page := range []int{1, 2, 3, 100} {
			var told []store.Key
			q.Damaged = func(key store.Key, err error) {
				if told = append(told, key); !isDamage(err, key) {
					e.Errorf("%v is told with %v", key, err)
				}
			}
			found := keys(e.scan(q, page))
			slices.SortFunc(found, store.Key.Compare)
			if !slices.Equal(found, others) || !slices.Equal(told, []store.Key{damaged}) {
				e.Errorf("a scan in pages of %d found %v and told of %v", page, found, told)
			}
		}
		if len(q.Kinds) > 0 {
			told := 0
			q.Damaged = func(key store.Key, err error) {
				if told++; !isDamage(err, key) {
					e.Errorf("%v is told with %v", key, err)
				}
			}
			if got, ok := e.walked(q); ok && (len(got) != len(others) || told != 1) {
				e.Errorf("a walk found %v and told of %d", keys(got), told)
			}
		}
		q.Damaged = nil
		var at store.Cursor
		var err error
		for range 10 {
			if at, err = e.store.Scan(e.ctx, q, at, 1, func(*store.Record) error { return nil }); err != nil || at == "" {
				break
			}
		}
		if !isDamage(err, damaged) {
			e.Errorf("a scan that is not to be told of it: %v", err)
		}
	}
}

// Steps and reads of other records go on beside; those of the damaged one have a
// typed error that names it, and change nothing.
func damagedSteps(e *env) {
	damaged, others := e.threeOfOne()
	calls := 0
	touch := decide(func(rec *store.Record, c *store.Changes) error {
		if rec.Key == damaged && rec.LastSeen != 6 { // else it is as before, and its step loses a race
			calls++
		}
		c.LastSeen = rec.LastSeen + 1
		return nil
	})
	steps := []store.Step{
		{Key: others[0], Decider: touch},
		{Key: damaged, Decider: touch},
		{Key: damaged, Decider: mender(func(c *store.Changes) { c.Touch, c.LastSeen = true, 1 })},
		{Key: damaged, Decider: mender(func(*store.Changes) {})},
		{Key: others[1], Decider: touch},
	}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step: %v", err)
	}
	if steps[0].Err != nil || steps[3].Err != nil || steps[4].Err != nil {
		e.Errorf("steps on others, and one without changes: %v, %v, %v", steps[0].Err, steps[3].Err, steps[4].Err)
	}
	if !isDamage(steps[1].Err, damaged) || !isDamage(steps[2].Err, damaged) || calls > 0 {
		e.Errorf("steps on what is damaged: %v, %v; %d decisions saw it", steps[1].Err, steps[2].Err, calls)
	}
	if a, c := e.read(others[0]), e.read(others[1]); a.LastSeen != 6 || c.LastSeen != 8 {
		e.Errorf("the others are at %d and %d, want 6 and 8", a.LastSeen, c.LastSeen)
	}
	read := 0
	err := e.store.Read(e.ctx, []store.Key{others[0], damaged}, func(*store.Record) error { read++; return nil })
	if !isDamage(err, damaged) || read > 1 {
		e.Errorf("Read: %v, after %d", err, read)
	}
}

// What is damaged can be deleted: nothing of it stays, nothing finds it, and its key
// begins again, also within the same call.
func damagedDeleted(e *env) {
	damaged, others := e.threeOfOne()
	var after *store.Record
	steps := []store.Step{
		{Key: damaged, Decider: always(func(c *store.Changes) { c.Touch = true })},
		{Key: damaged, Decider: mender(func(c *store.Changes) { c.Delete = true })},
		{Key: damaged, Decider: decide(func(rec *store.Record, _ *store.Changes) error { after = clone(rec); return nil })},
	}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step: %v", err)
	}
	if !isDamage(steps[0].Err, damaged) || steps[1].Err != nil || steps[2].Err != nil {
		e.Errorf("before, at and after its removal: %v, %v, %v", steps[0].Err, steps[1].Err, steps[2].Err)
	}
	if want := (&store.Record{Key: damaged}); after == nil || !same(after, want) || !same(e.read(damaged), want) {
		e.Errorf("after its removal there is %+v", after)
	}
	if got := e.events(damaged, store.EventCursor{}, 10); len(got) != 0 {
		e.Errorf("%d events stayed", len(got))
	}
	e.touch(damaged)
	for _, q := range queries() {
		q.Damaged = func(key store.Key, err error) { e.Errorf("%v is told of still: %v", key, err) }
		want := others
		if len(q.Kinds) > 0 {
			want = []store.Key{others[0], damaged, others[1]}
		}
		found := keys(e.scan(q, 2))
		slices.SortFunc(found, store.Key.Compare)
		if !slices.Equal(found, want) {
			e.Errorf("a scan finds %v, want %v", found, want)
		}
	}
}

// What is damaged can be cleared and written again, as an import does.
func damagedReplaced(e *env) {
	damaged, others := e.threeOfOne()
	steps := []store.Step{{Key: damaged, Decider: mender(func(c *store.Changes) {
		c.Clear, c.LastSeen = true, 3
		c.Profile = &store.Profile{Holds: []store.Hold{{Message: "m", Due: 2}}}
	})}}
	if err := errors.Join(e.store.Step(e.ctx, steps), steps[0].Err); err != nil {
		e.Fatalf("Step: %v", err)
	}
	if got := e.read(damaged); got.LastSeen != 3 || len(got.Stats)+len(got.SendStats) > 0 || len(e.events(damaged, store.EventCursor{}, 10)) > 0 {
		e.Errorf("the record is %+v", got)
	}
	if got := keys(e.scan(store.Query{Due: 1000}, 1)); !slices.Equal(got, append([]store.Key{damaged}, others...)) {
		e.Errorf("by due time there are %v", got)
	}
	if got := keys(e.scan(store.Query{Email: "a@x.test"}, 10)); slices.Contains(got, damaged) || len(got) != 2 {
		e.Errorf("by email there are %v", got)
	}
}

// The checksum covers the key: what is under another is no record.
func damagedMoved(e *env) {
	from, to := user("from"), user("to")
	e.step(from, always(func(c *store.Changes) { changeAll(c, 5) }))
	e.step(to, always(func(c *store.Changes) { changeAll(c, 6) }))
	want := e.read(from)
	e.move(from, to)
	err := e.store.Read(e.ctx, []store.Key{to}, func(*store.Record) error { return nil })
	if !isDamage(err, to) || !same(e.read(from), want) {
		e.Errorf("what was moved is read as %v", err)
	}
}

// An event that cannot be read keeps nobody from the others: those before it come
// with the error, and from its mark on one can go on.
func damagedEvent(e *env) {
	key := user("u")
	e.step(key, always(func(c *store.Changes) {
		for i := range 5 {
			c.Events = append(c.Events, fullEvent(uint64(i+1), int64(i+1)))
		}
		c.KeepEvents, c.Touch = 10, true
	}))
	bad := store.EventCursor{At: 3, Seq: 3}
	e.damageEvent(key, bad)
	list, err := e.store.Events(e.ctx, key, store.EventCursor{}, 10)
	var d *beckon.DamagedError
	if len(list) != 2 || list[0].Seq != 5 || list[1].Seq != 4 || !errors.As(err, &d) || d.Event == nil || *d.Event != bad || !slices.Equal(d.Keys, []store.Key{key}) {
		e.Fatalf("Events returned %d, %v", len(list), err)
	}
	if list := e.events(key, *d.Event, 10); len(list) != 2 || list[0].Seq != 2 {
		e.Errorf("behind it there are %v", list)
	}
	if list := e.events(key, store.EventCursor{}, 2); len(list) != 2 {
		e.Errorf("before it there are %v", list)
	}
	e.read(key)
}
