package beckon

import (
	"context"
	"errors"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// A lookFunc looks at one contact of a page, which is not changed by it.
type lookFunc func(*store.Record, *found) verdict

// A found is a contact that a look does not pass by.
type found struct {
	key     store.Key
	verdict verdict
	rec     *store.Record // a copy, for another look
	who     Identity      // for Match, if it is known that it matches
	matched bool
	again   []decide.Repeated // of the candidates of a run only these; nil: all
}

// A verdict is what a look at a contact comes to.
type verdict uint8

const (
	passed  verdict = iota // there is nothing to do
	toDo                   // there is, or it cannot be seen from here
	waiting                // the data of a company is to be fetched first
)

// toDoIf makes a look of one that needs nothing but the record.
func toDoIf(holds func(*store.Record) bool) lookFunc {
	return func(rec *store.Record, _ *found) verdict {
		if holds(rec) {
			return toDo
		}
		return passed
	}
}

// maxCompanyLooks is the number of companies that a run keeps the data of.
const maxCompanyLooks = 1 << 14

// companyLooks are companies' data for the looks of a run. They are fetched for a page
// of contacts at once, and are at most aheadFor old: the step that decides for good
// reads them anew.
type companyLooks struct {
	known   map[string]*store.Record
	wanted  []string
	since   int64  // when the first of them was fetched, Unix milliseconds
	changes uint64 // of companies by the engine, until then
}

// begin begins a page.
func (c *companyLooks) begin(e *Engine) {
	if c.known == nil {
		return
	}
	now := e.clock()
	if len(c.known) > maxCompanyLooks || now < c.since || now-c.since >= aheadFor.Milliseconds() || c.changes != e.companyChanges.Load() {
		c.known = nil
	}
}

// judge has a decision look at a contact with what is known of companies. It reports
// whether the look is void, and to be repeated when more is known.
func (c *companyLooks) judge(d *decide.Decision, rec *store.Record, changes *store.Changes) (void bool, err error) {
	d.Fetched.Companies = c.known
	changes.Reset()
	err = d.Decide(rec, changes)
	n := &d.Out.Need
	if !errors.Is(err, decide.ErrNeed) || len(n.Companies) == 0 || n.Moving || !n.Forward.IsZero() {
		return false, err
	}
	c.wanted = append(c.wanted, n.Companies...)
	return true, err
}

// lookAgain fetches the companies that the looks at a page have wanted, and looks again
// at the contacts that wait for them. It returns those where there is something to do.
func (e *Engine) lookAgain(ctx context.Context, r *run, page []found, look lookFunc) ([]found, error) {
	wanted := r.companies.wanted
	if r.companies.wanted = nil; len(wanted) == 0 {
		return page, nil
	}
	if err := e.lookAtCompanies(ctx, &r.companies, wanted); err != nil {
		var damaged *DamagedError
		if !errors.As(err, &damaged) {
			return nil, err
		}
	}
	left := page[:0]
	for i := range page {
		f := &page[i]
		if f.verdict == waiting {
			f.verdict = look(f.rec, f)
			f.rec = nil
		}
		if f.verdict != passed { // what still waits is decided by itself, with what it reads
			left = append(left, *f)
		}
	}
	r.companies.wanted = nil
	return left, nil
}

// lookAtCompanies fetches companies, each once.
func (e *Engine) lookAtCompanies(ctx context.Context, c *companyLooks, ids []string) error {
	if c.known == nil {
		c.known, c.since, c.changes = make(map[string]*store.Record, len(ids)), e.clock(), e.companyChanges.Load()
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return c.known[id] != nil })
	return e.readCompanies(ctx, ids, func(id string, data *store.Record) { c.known[id] = data })
}
