package beckon

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/store"
)

// importBatch is how many items are committed together, and importAhead how many such
// batches are committed at once, while the next is read, over a store where that pays.
const (
	importBatch = 256
	importAhead = 2
)

// An importedBatch is what is committed together.
type importedBatch struct {
	upto   int64         // items up to its end
	taken  int           // items
	faults []ImportFault // among these
	items  []ahead.Item  // what is to be decided of these; never moved
	about  []imported    // and what each is about
	last   map[store.Key]*ahead.Item

	emails      map[string]struct{} // addresses that name items
	readdressed bool                // an item may change whom an address means

	own, before *companiesTurn // before is nil if no batch was under way
	over        chan struct{}  // closed when it is committed, or has failed
	err         error
	panic       any
}

// A companiesTurn says when the companies of a batch are set: batches set them one after
// the other.
type companiesTurn struct {
	over chan struct{} // closed when they are, or cannot be
	lost bool
}

// flushAll commits what waits, and ends all that is under way.
func (im *importing) flushAll(ctx context.Context) error {
	if err := im.flush(ctx); err != nil {
		return err
	}
	return im.settle(ctx, 0)
}

// flush commits what waits. What could not be taken is yielded when that is known, in
// order.
func (im *importing) flush(ctx context.Context) error {
	b := im.open
	b.upto = im.n
	// What is under way on a record comes before.
	if shares := func(other *importedBatch) bool { return b.shares(other) }; slices.ContainsFunc(im.flying, shares) {
		if err := im.settle(ctx, 0); err != nil {
			return err
		}
	}
	if err := im.settle(ctx, max(im.ahead-1, 0)); err != nil {
		return err
	}
	if n := len(im.flying); n > 0 {
		b.before = im.flying[n-1].own
	}
	im.flying = append(im.flying, b)
	im.open = im.newBatch()
	if im.ahead > 0 {
		go im.commitAll(ctx, b)
		return nil
	}
	im.commitAll(ctx, b)
	return im.settle(ctx, 0)
}

// shares reports whether two batches have items on one record.
func (b *importedBatch) shares(other *importedBatch) bool {
	for key := range b.last {
		if _, both := other.last[key]; both {
			return true
		}
	}
	return false
}

// settle waits until at most n batches are under way, and yields what of the others could
// not be taken.
func (im *importing) settle(ctx context.Context, n int) error {
	for len(im.flying) > n {
		b := im.flying[0]
		<-b.over
		im.flying = im.flying[1:]
		switch {
		case b.panic != nil:
			panic(b.panic)
		case b.err != nil:
			return b.err
		}
		im.judged(ctx, b)
		slices.SortFunc(b.faults, func(f, g ImportFault) int { return cmp.Compare(f.Item, g.Item) })
		for _, f := range b.faults {
			if !im.yield(f, nil) {
				return errConsumed
			}
		}
		im.run.done += int64(b.taken)
		if im.run.progress != nil && im.run.done > 0 {
			im.run.progress(Progress{Done: im.run.done, Cursor: store.Cursor(strconv.FormatInt(b.upto, 10))})
		}
		im.forget(b)
	}
	return nil
}

// end waits for what is under way.
func (im *importing) end() {
	for _, b := range im.flying {
		<-b.over
		im.forget(b)
	}
	im.forget(im.open)
}

// newBatch returns an empty batch.
func (im *importing) newBatch() *importedBatch {
	var b *importedBatch
	if n := len(im.spare); n > 0 {
		b, im.spare = im.spare[n-1], im.spare[:n-1]
	} else {
		b = &importedBatch{last: make(map[store.Key]*ahead.Item), items: make([]ahead.Item, 0, importBatch)}
	}
	b.over, b.own = make(chan struct{}), &companiesTurn{over: make(chan struct{})}
	return b
}

// commitAll carries out a batch: companies first, for when a contact belongs to one,
// its data is there.
func (im *importing) commitAll(ctx context.Context, b *importedBatch) {
	defer func() { b.panic = recover(); close(b.over) }() // it is the consumer's to see
	b.err = errEnded
	if b.err = im.commitCompanies(ctx, b); b.err == nil {
		b.err = im.commitItems(ctx, b)
	}
}

// commitCompanies sets the data of companies, after that of the batch before. If one
// refuses it, so does the contact that brings it.
func (im *importing) commitCompanies(ctx context.Context, b *importedBatch) error {
	b.own.lost = true
	defer close(b.own.over)
	if b.before != nil {
		if <-b.before.over; b.before.lost {
			return errBefore
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var steps []store.Step
	var of []*ahead.Item
	for i := range b.about {
		for _, step := range b.about[i].companies {
			steps, of = append(steps, step), append(of, &b.items[i])
		}
	}
	if len(steps) > 0 {
		if err := im.commit(ctx, steps); err != nil {
			return storeError(err)
		}
	}
	for i := range steps {
		if err := steps[i].Err; err != nil {
			of[i].Err = cmp.Or(of[i].Err, stepError(err))
		}
	}
	b.own.lost = false
	return nil
}

var (
	errBefore = errors.New("a batch before this one has failed") // whose error is told
	errEnded  = errors.New("a batch ended before its time")      // its goroutine did
)

func (im *importing) commitItems(ctx context.Context, b *importedBatch) error {
	now, open := im.clock(), make([]*ahead.Item, 0, len(b.items))
	for i := range b.items {
		if it := &b.items[i]; it.Err == nil {
			it.Decision.SetNow(now)
			open = append(open, it)
		}
	}
	if err := im.stepAll(ctx, open, im.commit); err != nil {
		return err
	}
	for i := range b.items {
		if it := &b.items[i]; passes(it.Err) {
			return it.Err
		}
	}
	return nil
}

// passes reports whether a step could not be committed for a reason that has nothing to do
// with its record and may be over the next time: the import is to be taken up there.
func passes(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err != nil
	}
	for _, code := range [...]Code{"store_unavailable", "store_unknown_outcome", "store_busy", "store_read_only", ErrClosed} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// judged takes in what became of a batch.
func (im *importing) judged(ctx context.Context, b *importedBatch) {
	for i := range b.items {
		switch it, about := &b.items[i], &b.about[i]; {
		case it.Err != nil:
			b.faults = append(b.faults, ImportFault{Item: about.number, Err: it.Err})
		case about.event != "" && !it.Decision.Out.Duplicate:
			_ = im.define(ctx, it.Decision, about.event) // as Track: the next event of the name writes it
		}
	}
}

// forget takes nothing of a batch along but its memory.
func (im *importing) forget(b *importedBatch) {
	for i := range b.items {
		im.putDecision(b.items[i].Decision)
		b.items[i].Decision, b.items[i].Before = nil, nil
	}
	clear(b.about)
	b.items, b.about, b.faults, b.taken, b.readdressed = b.items[:0], b.about[:0], b.faults[:0], 0, false
	b.own, b.before, b.over, b.err = nil, nil, nil, nil
	clear(b.last)
	clear(b.emails)
	im.spare = append(im.spare, b)
}
