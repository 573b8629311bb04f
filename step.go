package beckon

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/store"
)

// maxTries bounds how often one call goes back for what a decision lacked:
// every need met is met for good, so more would be a fault of the store.
const maxTries = 64

// errNoEnd is the store's fault that maxTries guards against.
var errNoEnd = errors.New("what a decision lacked was fetched and still lacking, again and again")

// tries counts how often a decision went back. That another event of the contact came
// while its events were read is progress, and no fault of the store.
type tries struct {
	n   int
	seq uint64
}

// again reports whether the decision may be tried once more.
func (t *tries) again(d *decide.Decision) bool {
	if n := &d.Out.Need; n.Events && n.Seq > t.seq {
		t.n, t.seq = 0, n.Seq
	}
	t.n++
	return t.n <= maxTries
}

// newDecision takes a decision from the pool, under the current state.
func (e *Engine) newDecision(what decide.Occasion, now int64) *decide.Decision {
	d := e.decision()
	e.begin(d, what, now)
	return d
}

// decision takes one from the pool. Before begin nothing but its memory may be used.
func (e *Engine) decision() *decide.Decision {
	return e.decisions.Get().(*decide.Decision) //nolint:errcheck // the pool holds nothing else
}

// begin sets what every decision is asked, under the current state.
func (e *Engine) begin(d *decide.Decision, what decide.Occasion, now int64) {
	d.In.State, d.In.Limits, d.In.Occasion = e.states.Load(), &e.cfg.Limits, what
	d.In.Outbox = e.hasOutbox()
	d.In.Watched = e.cfg.watch != nil && !e.isView && e.cfg.watch.Decides(context.Background())
	d.SetNow(now)
}

func (e *Engine) putDecision(d *decide.Decision) {
	d.Release()
	e.decisions.Put(d)
}

// step carries a decision out on a contact: it follows identities that lead
// elsewhere, finishes merges it meets and fetches what the decision needs,
// until the decision has run whole and is committed.
func (e *Engine) step(ctx context.Context, key store.Key, d *decide.Decision) (store.Key, error) {
	if err := e.heed(ctx, d); err != nil {
		return key, err
	}
	into, traced := ctx.Value(tracesKey{}).(*[]MessageTrace)
	d.In.Traces, d.In.Known = traced && into != nil, identity.WantsKnown(ctx)
	for t := (tries{}); t.again(d); {
		s := &d.Steps[0]
		s.Key, s.Decider, s.Err = key, d, nil
		if err := e.commit(ctx, d.Steps[:]); err != nil {
			return key, storeError(err)
		}
		err := d.Steps[0].Err
		if err == nil {
			if d.In.Traces {
				*into = append(*into, d.Out.Traces...)
			}
			e.redate(ctx, key, d)
			return key, nil
		}
		if !errors.Is(err, decide.ErrNeed) {
			return key, stepError(err)
		}
		if key, err = e.fetch(ctx, key, d); err != nil {
			return key, err
		}
		// What was fetched took its time.
		e.readAgain(d)
	}
	return key, storeError(errNoEnd)
}

// view runs a decision over a snapshot and commits nothing: explanations,
// sweeps' first look, A9.
func (e *Engine) view(ctx context.Context, key store.Key, d *decide.Decision) (store.Key, error) {
	if err := e.heed(ctx, d); err != nil {
		return key, err
	}
	var c store.Changes
	for t := (tries{}); t.again(d); {
		var decided error
		c.Reset()
		if err := e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
			decided = d.Decide(rec, &c)
			return nil
		}); err != nil {
			return key, storeError(err)
		}
		if decided == nil {
			return key, nil
		}
		if !errors.Is(decided, decide.ErrNeed) {
			return key, stepError(decided)
		}
		again := d.Out.Need.Clock
		var err error
		if key, err = e.fetch(ctx, key, d); err != nil {
			return key, err
		}
		if again {
			e.readAgain(d)
		}
	}
	return key, storeError(errNoEnd)
}

// fetch gets what a decision lacked, outside the store's lock.
func (e *Engine) fetch(ctx context.Context, key store.Key, d *decide.Decision) (store.Key, error) {
	n := d.Out.Need
	switch {
	case !n.Forward.IsZero():
		return n.Forward, nil
	case n.Moving:
		return key, e.finishMove(ctx, key)
	}
	if len(n.Companies) > 0 {
		if err := e.fetchCompanies(ctx, n.Companies, d); err != nil {
			return key, err
		}
	}
	if n.Events {
		events, err := e.store.Events(ctx, key, store.EventCursor{}, max(e.cfg.RecentEvents, 1))
		var damaged *DamagedError
		if err != nil && (!errors.As(err, &damaged) || damaged.Event == nil) {
			return key, storeError(err)
		}
		d.SetEvents(events, n.Seq)
		d.Fetched.Complete = d.Fetched.Complete && damaged == nil // it reaches back to what cannot be read
	}
	return key, nil
}

// fetchCompanies reads company data for a decision.
func (e *Engine) fetchCompanies(ctx context.Context, ids []string, d *decide.Decision) error {
	if d.Fetched.Companies == nil {
		d.Fetched.Companies = make(map[string]*store.Record, len(ids))
	}
	return e.readCompanies(ctx, ids, func(id string, data *store.Record) { d.Fetched.Companies[id] = data })
}

// readCompanies reads the data of companies. A company is a record of its own: it is
// not isolated with the contact's, only as current as can be.
func (e *Engine) readCompanies(ctx context.Context, ids []string, take func(id string, data *store.Record)) error {
	keys := make([]store.Key, len(ids))
	for i, id := range ids {
		keys[i] = store.Key{Kind: store.KindCompany, ID: id}
	}
	return storeError(e.store.Read(ctx, keys, func(rec *store.Record) error {
		take(rec.Key.ID, companyData(rec))
		return nil
	}))
}

// companyData returns what of a company's record decisions see.
func companyData(rec *store.Record) *store.Record {
	return &store.Record{Key: rec.Key, Exists: rec.Exists, Profile: rec.Profile}
}

// readAgain reads the clock for the next run of the decision.
func (e *Engine) readAgain(d *decide.Decision) {
	d.In.Readings.Next()
	d.SetNow(e.clock())
}

// redate sets the instant of what a step has sent to the present, if the step
// took long: its caller was stalled after the reading of the clock, by the store
// or by the machine. The next distance and window then begin when the message
// went out, not when the stall began.
//
// What is not the caller's any more stays as it is. If the store fails here, the
// sends stand as they are, and the failure is told beside them.
func (e *Engine) redate(ctx context.Context, key store.Key, d *decide.Decision) {
	if !d.Spaced() {
		return
	}
	now := e.clock()
	if now-d.In.Now < clock.LateAfter.Milliseconds() {
		return
	}
	list, lease := d.Out.Deliveries, now+e.cfg.Lease
	moved := make([]bool, len(list))
	err := e.stepOn(ctx, key, func(rec *store.Record, c *store.Changes) error {
		for i := range list {
			moved[i] = decide.RedateSend(rec, c, &list[i], now, lease)
		}
		return nil
	})
	if err != nil {
		d.Out.Failures = append(d.Out.Failures, decide.Failure{Err: err, Beside: true})
		return
	}
	for i := range list {
		if moved[i] {
			list[i].At = unixMilli(now)
		}
	}
}

// deciderFunc is a Decider of one function, for what is not hot.
type deciderFunc func(rec *store.Record, c *store.Changes) error

// Decide implements [Decider].
func (f deciderFunc) Decide(rec *store.Record, c *store.Changes) error { return f(rec, c) }

// stepOnce carries out one step and joins its two errors.
func (e *Engine) stepOnce(ctx context.Context, step []store.Step) error {
	if err := e.commit(ctx, step); err != nil {
		return storeError(err)
	}
	for i := range step {
		if err := step[i].Err; err != nil {
			return stepError(err)
		}
	}
	return nil
}

// stepOn carries a plain decision out on a contact, following identities that
// lead elsewhere.
func (e *Engine) stepOn(ctx context.Context, key store.Key, decide func(*store.Record, *store.Changes) error) error {
	return e.stepVia(ctx, e.commit, key, decide)
}

// stepVia is stepOn by a way to carry steps out.
func (e *Engine) stepVia(ctx context.Context, commit func(context.Context, []store.Step) error, key store.Key, decide func(*store.Record, *store.Changes) error) error {
	d := &following{decide: decide}
	for range maxTries {
		step := []store.Step{{Key: key, Decider: d}}
		if err := commit(ctx, step); err != nil {
			return storeError(err)
		}
		switch {
		case step[0].Err == nil:
			return nil
		case d.moving:
			if err := e.finishMove(ctx, key); err != nil {
				return err
			}
		case !d.forward.IsZero():
			key = d.forward
		default:
			return stepError(step[0].Err)
		}
	}
	return storeError(errNoEnd)
}

// following wraps a decision that needs the record at the end of forwards.
type following struct {
	decide  func(*store.Record, *store.Changes) error
	forward store.Key
	moving  bool
}

// Decide implements [Decider].
func (f *following) Decide(rec *store.Record, c *store.Changes) error {
	f.forward, f.moving = store.Key{}, false
	if p := rec.Profile; p != nil {
		if !p.Forward.IsZero() {
			f.forward = p.Forward
			return decide.ErrNeed
		}
		if !p.Moving.IsZero() {
			f.moving = true
			return decide.ErrNeed
		}
	}
	return f.decide(rec, c)
}
