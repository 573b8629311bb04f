package beckon

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// stepAll is step for several contacts: those whose decision needs nothing more are
// committed together, and what the others lack is fetched together. What went wrong
// with one of them is its err; the error is that of the store, which then says of none
// whether it was committed. The list is used up.
func (e *Engine) stepAll(ctx context.Context, open []*ahead.Item, carryOut func(context.Context, []store.Step) error) error {
	for _, it := range open {
		if err := e.heed(ctx, it.Decision); err != nil {
			return err
		}
	}
	steps := make([]store.Step, 0, len(open))
	for range maxTries {
		if len(open) == 0 {
			return nil
		}
		steps = steps[:0]
		for _, it := range open {
			it.Unsure = true // and so it stays if the store panics
			steps = append(steps, store.Step{Key: it.Key, Decider: it})
		}
		if err := carryOut(ctx, steps); err != nil {
			for i, it := range open {
				it.Unsure = steps[i].Err == nil
			}
			return storeError(err)
		}
		lacking := open[:0]
		for i, it := range open {
			it.Unsure = false
			switch err := steps[i].Err; {
			case err == nil:
				it.Decided = true
				e.redate(ctx, it.Key, it.Decision)
			case errors.Is(err, decide.ErrNeed):
				lacking = append(lacking, it)
			default:
				it.Err = stepError(err)
			}
		}
		if len(lacking) == 0 {
			return nil
		}
		var err error
		if open, err = e.fetchAll(ctx, lacking); err != nil {
			return err
		}
	}
	for _, it := range open {
		it.Err = storeError(errNoEnd)
	}
	return nil
}

// overlaps reports whether two calls of the store are better made side by side.
func (e *Engine) overlaps() bool {
	o, ok := e.store.(store.Overlapper)
	return ok && !e.isView && o.Overlaps()
}

// stepBeside is stepAll in steps of at most so many contacts, all of them at once: one is
// decided while the database writes another. It returns what a store panicked with, for its
// caller to panic again when it has taken in what was decided.
func (e *Engine) stepBeside(ctx context.Context, open []*ahead.Item, most int) (broken any, failed error) {
	step := func(open []*ahead.Item) (broken any, err error) {
		defer func() { broken = recover() }()
		return nil, e.stepAll(ctx, open, e.write)
	}
	if len(open) <= most {
		return step(open)
	}
	other := errEnded // if its goroutine is
	var otherBroken any
	done := make(chan struct{})
	go func() {
		defer close(done)
		otherBroken, other = e.stepBeside(ctx, open[most:], most)
	}()
	defer func() { <-done }() // also if this goroutine is ended: its decisions go back to the pool
	broken, failed = step(open[:most:most])
	<-done
	if broken == nil {
		broken = otherBroken
	}
	switch {
	case failed == nil:
		failed = other
	case other != nil:
		failed = errors.Join(failed, other)
	}
	return broken, failed
}

// fetchAll gets what decisions lacked, and returns those that can go on. The error is that of
// the store.
func (e *Engine) fetchAll(ctx context.Context, items []*ahead.Item) ([]*ahead.Item, error) {
	if err := e.fetchCompaniesOf(ctx, items); err != nil {
		return nil, err
	}
	ready := items[:0]
	for _, it := range items {
		if it.Key, it.Err = e.fetch(ctx, it.Key, it.Decision); it.Err == nil {
			e.readAgain(it.Decision) // what was fetched took its time
			ready = append(ready, it)
		} else if !ofItem(it.Err) {
			return nil, it.Err // what comes behind it of the same contact is not to be decided before it
		}
	}
	return ready, nil
}

// fetchCompaniesOf reads the companies that several decisions lack, each once. If one
// cannot be read, each decision reads its own, so that it concerns only those that need
// it.
func (e *Engine) fetchCompaniesOf(ctx context.Context, items []*ahead.Item) error {
	known := make(map[string]*store.Record)
	var ids []string
	for _, it := range items {
		for _, id := range it.Decision.Out.Need.Companies {
			if _, asked := known[id]; !asked {
				known[id] = nil
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var damaged *DamagedError
	switch err := e.readCompanies(ctx, ids, func(id string, data *store.Record) { known[id] = data }); {
	case errors.As(err, &damaged):
		return nil
	case err != nil:
		return err
	}
	for _, it := range items {
		n := &it.Decision.Out.Need
		if len(n.Companies) == 0 {
			continue
		}
		if it.Decision.Fetched.Companies == nil {
			it.Decision.Fetched.Companies = make(map[string]*store.Record, len(n.Companies))
		}
		for _, id := range n.Companies {
			it.Decision.Fetched.Companies[id] = known[id]
		}
		n.Companies = nil
	}
	return nil
}

// A contactStep is a plain decision on a contact, and what became of it.
type contactStep struct {
	key    store.Key
	decide func(*store.Record, *store.Changes) error
	about  []Delivery // what a run has of these is taken back first
	err    error
}

// stepEach carries plain decisions out on several contacts in one step, following
// identities that lead elsewhere.
func (e *Engine) stepEach(ctx context.Context, list []contactStep) {
	if len(list) == 0 {
		return
	}
	steps, deciders := make([]store.Step, len(list)), make([]following, len(list))
	for i := range list {
		e.takeBackThose(ctx, list[i].key, list[i].about)
		deciders[i].decide = list[i].decide
		steps[i] = store.Step{Key: list[i].key, Decider: &deciders[i]}
	}
	unknown := storeError(e.write(ctx, steps))
	for i := range list {
		switch err := steps[i].Err; {
		case err == nil:
			list[i].err = unknown
		case errors.Is(err, decide.ErrNeed):
			list[i].err = e.stepVia(ctx, e.writeAbout(list[i].about), list[i].key, list[i].decide)
		default:
			list[i].err = stepError(err)
		}
	}
}
