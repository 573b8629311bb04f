package sqlstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

type (
	queue = group.Queue[store.Key, asked]
	item  = group.Item[store.Key, asked]
)

// An asked is a step, and since when its caller waits, where that matters.
type asked struct {
	*store.Step
	since time.Time
}

// A unit is the steps of a group on one key: they are decided one after the
// other on one record and committed together.
type unit struct {
	key   store.Key
	id    []byte // as the column has it
	items []*item
	errs  []error // of items: what their decisions returned

	row
	before store.Record // of row, before the decisions: profile and statistics only

	columns columns // to be written
	part    parts   // that writes the row

	changed bool // the record
	whole   bool // more than what every event changes, and more than what is pending
	named   bool // the names of its events, too
	pending bool // what is pending has changed
	purged  bool // what it was before could not be read
	logs    []logChange
	totals  []store.Increment
	locked  bool   // cannot be written beside others: lock the row and decide again
	rowid   int64  // SQLite: where its row is
	raw     rawRow // SQLite: the row as it was loaded

	// Of PostgreSQL, and of a row that is there:
	placed
	recent *recentRow // what it is decided on; nil: the row was loaded
	wrote  wroteRow
	won    bool // its row was written
}

// unitsOf sorts the items of a group by key. Units come in the order of keys:
// in that order rows are locked, everywhere.
//
// some is memory for as many units, which is zero; nil: it is made.
func unitsOf(items []*item, some []unit) []*unit {
	byKey := make(map[store.Key]*unit, len(items))
	units := make([]*unit, 0, len(items))
	own := slices.Clone(items)
	for i, it := range items {
		// A long id may be called by the name that stands for it, too: the row is one.
		row := it.Key
		if len(row.ID) > maxID || row.ID != "" && row.ID[0] == longMark {
			row.ID = string(columnID(row.ID))
		}
		u := byKey[row]
		if u == nil {
			if len(some) == 0 {
				some = make([]unit, min(len(items)-i, 32)) // together, and not many more than are needed
			}
			u, some = &some[0], some[1:]
			u.key, u.id = it.Key, columnID(it.Key.ID)
			u.items = own[i : i : i+1] // mostly it stays alone
			byKey[row] = u
			units = append(units, u)
		}
		if named(u.key.ID) {
			u.key = it.Key
		}
		u.items = append(u.items, it)
	}
	errs := make([]error, len(items))
	for _, u := range units {
		n := len(u.items)
		u.errs, errs = errs[:n:n], errs[n:]
	}
	slices.SortFunc(units, compareUnits)
	return units
}

// compareUnits is the order in which groups lock rows.
func compareUnits(a, b *unit) int {
	return cmp.Or(cmp.Compare(a.key.Kind, b.key.Kind), slices.Compare(a.id, b.id))
}

// begin makes ready for decisions on what row has.
func (u *unit) begin() {
	u.changed, u.whole, u.named, u.pending, u.locked, u.purged = false, false, false, false, false, false
	u.logs, u.totals = u.logs[:0], u.totals[:0]
	clear(u.errs)
}

// decide lets the steps decide, one after the other, and keeps what they
// change. together says that nothing may be written yet that takes events away:
// then it stops at the first step that does, with locked set.
func (u *unit) decide(c *store.Changes, together bool) {
	u.begin()
	u.before = store.Record{Profile: u.rec.Profile}
	if !together { // SQLite wants to know
		u.before.Stats = slices.Clone(u.rec.Stats)
	}
	for i := range u.items {
		if u.decideOne(i, c); u.locked && together {
			return
		}
	}
	u.part = u.rows()
}

// decideOne lets one step decide and applies its changes to the row. Nothing of
// them is looked at after the step's caller may have gone.
func (u *unit) decideOne(i int, c *store.Changes) {
	it := u.items[i]
	if !it.Hold() {
		return
	}
	defer it.Release()
	defer c.Reset()
	if u.damaged != nil {
		u.errs[i] = it.Value.DecideDamaged(u.damaged, c)
	} else {
		u.errs[i] = it.Value.Decide(&u.rec, c)
	}
	if u.errs[i] != nil || c.IsEmpty() {
		return
	}
	if u.damaged != nil { // it is deleted or cleared: index entries are not known and go all
		u.damaged, u.purged, u.locked = nil, true, true
	}
	u.apply(c)
}

// apply carries changes out on the row, in memory.
func (u *unit) apply(c *store.Changes) {
	u.totals = append(u.totals, c.Totals...)
	if c.SparesRecord() {
		return
	}
	do, after := u.log.change(c, stored(u.key, u.id))
	if !do.plain() {
		u.locked = true
	}
	if !do.plain() || len(do.insert) > 0 {
		u.logs = append(u.logs, do)
	}
	u.log = after
	names := len(u.rec.Stats)
	u.rec.Apply(c)
	u.form.Changed(c)
	if c.Delete {
		u.locked = u.locked || u.version > 0
	}
	u.changed = u.rec.Exists || u.version > 0 // there is something to write, or to remove
	u.named = u.named || u.version == 0 || c.Clear || c.Delete || len(u.rec.Stats) != names
	u.whole = u.whole || u.named || c.Profile != nil
	u.pending = u.pending || len(c.Pending)+len(c.PendingDrop) > 0
}

// rows returns the part of a statement that writes the unit's row.
func (u *unit) rows() parts {
	switch {
	case u.version == 0:
		return partMade
	case !u.whole && !u.pending:
		return partEvents
	case u.unsure || u.whole && !u.keepsDerived():
		return partWhole
	}
	return partKept
}

// keepsDerived reports whether what rules are searched by is as it was before: names of
// events, attributes, companies and the address.
func (u *unit) keepsDerived() bool {
	was, is := u.before.Profile, u.rec.Profile
	return !u.purged && !u.named && was != nil && is != nil && was.Forward == is.Forward && slices.EqualFunc(was.Attributes, is.Attributes, sameAttribute) && slices.Equal(was.Companies, is.Companies)
}

// sameAttribute reports whether two attributes are the same to the letter: of equal numbers
// the literals may differ.
func sameAttribute(a, b store.Attribute) bool {
	v, w := peek.Of(&a.Value), peek.Of(&b.Value)
	return a.Name == b.Name && v.Kind == w.Kind && v.Flag == w.Flag && v.Exp == w.Exp && v.Num == w.Num && v.Str == w.Str
}

// isRecent reports whether a row is known that the unit can be decided on, and makes it the
// unit's.
func (u *unit) isRecent(names *column.Names) bool {
	r := u.recent
	if r == nil {
		return false
	}
	if r.version > 0 {
		u.row, u.placed = r.row, r.placed
		return true
	}
	if err := u.decode(u.key, u.id, &rawRow{numbers: r.numbers, stats: r.stats, state: r.state}, names); err != nil {
		u.recent = nil
		return false
	}
	u.placed = r.placed
	return true
}

// settle tells the callers what became of their steps: each what its decision
// returned, else err.
func (u *unit) settle(err error) {
	for i, it := range u.items {
		if it.Hold() {
			it.Value.Err = cmp.Or(u.errs[i], err)
			it.Release()
		}
	}
}

// fail tells the callers that their group could not be carried out. If that
// says for sure that nothing was written, each step has it as its error too.
func (u *unit) fail(err error) {
	for i, it := range u.items {
		if it.Err = err; isKnown(err) && it.Hold() {
			it.Value.Err = cmp.Or(u.errs[i], err)
			it.Release()
		}
	}
}

// logged returns the events that the unit's steps log, if nothing else happens
// to the log: of those with the same time and number the last.
func (u *unit) logged() []loggedRow {
	if len(u.logs) == 1 && len(u.logs[0].insert) == 1 {
		return u.logs[0].insert
	}
	var all []loggedRow
	at := make(map[store.EventCursor]int)
	for i := range u.logs {
		for _, e := range u.logs[i].insert {
			if k, twice := at[e.EventCursor]; twice {
				all[k] = e
				continue
			}
			at[e.EventCursor] = len(all)
			all = append(all, e)
		}
	}
	return all
}
