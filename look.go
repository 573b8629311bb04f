package beckon

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A lookFunc looks at one contact of a page, which is not changed by it.
type lookFunc func(*store.Record, *found) verdict

// A found is a contact that a look does not pass by.
type found struct {
	key     store.Key
	verdict verdict
	rec     *store.Record     // a copy, for another look
	who     *Identity         // for Match: it is known that it matches
	again   []decide.Repeated // of the candidates of a run only these; nil: all
	plan    *plan.Plan        // under which the others were judged
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

// A lookedAt is a page of contacts that was looked at.
type lookedAt struct {
	page    []found
	next    store.Cursor      // where the one behind it begins
	seen    int64             // contacts, those that are passed by, too
	leftOut int64             // contacts, by the store
	held    decide.HeldCounts // by looks that passed the contact by
	damaged []damagedRecord
	broke   []decide.Failure // the first of each message, of contacts that were passed by
	err     error
	panic   any

	ended   int64 // when, Unix milliseconds
	asked   bool  // companies
	changes uint64
}

// A damagedRecord is one that a look has met.
type damagedRecord struct {
	key store.Key
	err error
}

// breaks takes down what broke, once for each message.
func (p *lookedAt) breaks(list []decide.Failure) {
	for _, f := range list {
		if !slices.ContainsFunc(p.broke, func(x decide.Failure) bool {
			return x.Message == f.Message && (f.Message != "" || x.Err.Error() == f.Err.Error())
		}) && len(p.broke) < maxBroke {
			p.broke = append(p.broke, f)
		}
	}
}

// maxBroke is how many messages that broke a page takes down.
const maxBroke = 20

// A looker looks at the contacts of a run, page by page. Where that pays it looks at the
// pages behind the one that is dealt with meanwhile, on a goroutine. While there is one,
// what looks use is its own. Nothing but memory is lost with a page that nobody takes.
type looker struct {
	e     *Engine
	r     *run
	q     store.Query
	look  lookFunc
	ahead bool         // the store is better called twice at a time
	idle  bool         // the last page had little to do
	slow  bool         // the consumer is
	part  float64      // of the contacts of the last page, those with something to do
	size  atomic.Int64 // contacts of the next page that the store shows

	pages  chan *lookedAt // of the goroutine, which closes it at its end; nil: there is none
	cancel context.CancelFunc
}

func (e *Engine) newLooker(r *run, q store.Query, look lookFunc) *looker {
	l := &looker{e: e, r: r, q: q, look: look, ahead: r.looksAhead && e.overlaps()}
	l.size.Store(scanPage)
	return l
}

// take returns the page at a place.
func (l *looker) take(ctx context.Context, at store.Cursor) (*lookedAt, error) {
	p := l.taken()
	if p == nil {
		p = new(lookedAt)
		l.lookAt(ctx, at, p)
	}
	for _, d := range p.damaged {
		l.r.damaged(d.key, d.err)
	}
	for _, f := range p.broke {
		l.e.cfg.watch.Broke(ctx, f.Message, f.Err)
	}
	if p.err != nil {
		return nil, p.err
	}
	l.r.done += p.seen + p.leftOut
	if l.r.looked != nil {
		l.r.looked(p)
	}
	if l.pages == nil && l.ahead && !l.slow && p.next != "" {
		l.start(ctx, p.next)
	}
	return p, nil
}

// start looks ahead, from a place on.
func (l *looker) start(ctx context.Context, at store.Cursor) {
	ctx, l.cancel = context.WithCancel(ctx)
	pages := make(chan *lookedAt, 1) // and one more that waits to be sent
	l.pages = pages
	go func() {
		defer close(pages)
		for more := true; more; {
			p := new(lookedAt)
			func() {
				defer func() { p.panic = recover() }() // it is the consumer's to see
				l.lookAt(ctx, at, p)
			}()
			at, more = p.next, p.panic == nil && p.err == nil && p.next != ""
			select {
			case pages <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// taken returns the next page that was looked at ahead; nil if there is none, or if it is
// older by now than what is decided ahead may be.
func (l *looker) taken() *lookedAt {
	if l.pages == nil {
		return nil
	}
	p := <-l.pages
	switch {
	case p != nil && p.panic != nil:
		l.stop()
		panic(p.panic)
	case p != nil && !l.e.tooOld(p.ended) && (!p.asked || p.changes == l.e.companyChanges.Load()):
		return p
	}
	l.stop()
	return nil
}

// stop ends the looks ahead, and waits for their end.
func (l *looker) stop() {
	if l.pages == nil {
		return
	}
	l.cancel()
	for range l.pages { // until it is closed
	}
	l.pages = nil
}

// mostLooked is how many contacts a page has at most.
const mostLooked = 16 * scanPage

// paced takes in how long the consumer took for a page, in milliseconds. For a slow one
// nothing is looked at ahead: it would be too old. For a quick one the next pages are
// larger, since what a filter is to find by an index the store looks for with each page:
// so much larger that the three that may come before one take less than a second.
func (l *looker) paced(took int64) {
	if l.slow = took >= aheadFor.Milliseconds(); l.slow {
		l.stop()
	}
	switch size := l.size.Load(); {
	case !l.ahead:
	case took < aheadFor.Milliseconds()/16:
		l.size.Store(min(4*size, mostLooked))
	case took > aheadFor.Milliseconds()/4:
		l.size.Store(max(size/4, scanPage))
	}
}

// leastToStep is in how many contacts there is to be one with something to do, so that the
// store keeps them all for the steps.
const leastToStep = 8

// lookAt scans a page, with a first look at each contact under the store's snapshot.
func (l *looker) lookAt(ctx context.Context, at store.Cursor, p *lookedAt) {
	e, r, q := l.e, l.r, l.q
	p.changes, p.held = e.companyChanges.Load(), make(decide.HeldCounts, r.messages)
	r.held, r.looking = p.held, p
	q.Damaged = func(key store.Key, err error) { p.damaged = append(p.damaged, damagedRecord{key, err}) }
	if q.Filter != nil && (r.looked != nil || r.progress != nil) {
		q.LeftOut, q.LeftOutLate = &p.leftOut, r.sumsLeftOut
	}
	size := int(l.size.Load())
	if l.ahead && at == r.after {
		size = min(size, scanPage/4) // so that the first is handed out soon
	}
	r.companies.begin(e)
	q.ToStep = q.ToStep && !l.idle
	p.page = make([]found, 0, int(l.part*float64(size)))
	var f found
	p.next, p.err = e.store.Scan(ctx, q, at, size, func(rec *store.Record) error {
		p.seen++
		f = found{key: rec.Key}
		f.verdict = l.look(rec, &f)
		switch f.verdict {
		case passed:
			return nil
		case waiting:
			f.rec = decide.KeptRecord(rec)
		}
		p.page = append(p.page, f)
		return nil
	})
	if p.err == nil {
		p.page, p.err = e.lookAgain(ctx, r, p.page, l.look)
	}
	p.err = storeError(p.err)
	l.part = float64(len(p.page)) / float64(max(p.seen, 1))
	l.idle = int64(len(p.page)) < p.seen/leastToStep
	p.asked, p.ended = r.companies.known != nil, e.clock()
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
