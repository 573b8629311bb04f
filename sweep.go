package beckon

import (
	"container/heap"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// Sweep decides, for all contacts, ongoing email, push and SMS, date rules of days, and which
// segments that trigger time alone has brought; dates with an instant it arms for
// [Engine.Due]. Run it every hour. It streams: memory does not grow with the contacts, and few
// are decided ahead ([Ahead]). Calls meanwhile, such as a pause or an event of theirs, find
// them not decided yet; what was decided of the contact in hand is handed out to the last. A
// consumer that stops, and a ctx that ends, lose nothing: what was not handed out is given
// back, and the next run sends exactly the rest.
//
// An error ends the sweep. What it may have decided when the store failed is given back, too,
// or stays in the outbox. A message that breaks on one contact is held [ReasonFailed], and the
// sweep goes on; so it does after a record that cannot be read, see [OnDamaged]. (D3, T5, T8,
// T9)
func (e *Engine) Sweep(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] {
	return e.streamRun(ctx, opts, func(r *run, yield yieldFunc) error {
		if err := r.forAll(); err != nil {
			return err
		}
		if err := e.beginRun(ctx); err != nil {
			return err
		}
		p := &pass{what: decide.OnSweep, now: e.clock(), messages: func(p *plan.Plan) []*plan.Message { return p.Sweeps }}
		return e.runOver(ctx, r, p, "sweep", yield)
	})
}

// A pass is what a run decides of each contact.
type pass struct {
	what decide.Occasion
	now  int64
	// messages returns the candidates that a plan has. It is asked for each
	// contact, under the state that decides it: a program may be published while
	// the run is under way. Nil: none.
	messages func(*plan.Plan) []*plan.Message
}

// passDecision takes a decision of the pass from the pool.
func (e *Engine) passDecision(p *pass, now int64) *decide.Decision {
	d := e.newDecision(p.what, now)
	if p.messages != nil {
		d.In.Messages = p.messages(d.In.State.Plan)
	}
	return d
}

// runOver decides messages for all contacts. Each is first looked at without a
// lock on the record: most have nothing to send, and cost no write.
func (e *Engine) runOver(ctx context.Context, r *run, p *pass, name string, yield yieldFunc) (err error) {
	d := e.passDecision(p, p.now)
	defer e.putDecision(d)
	d.In.Looks = true
	counts := make(decide.HeldCounts, len(d.In.State.Plan.Messages))
	ended := false
	defer func() {
		last := ctx
		if ctx.Err() != nil {
			var cancel context.CancelFunc
			last, cancel = cleanupContext(ctx)
			defer cancel()
		}
		var failed error
		if r.holding != nil {
			failed = e.endSweep(last, r, ended)
		} else {
			failed = e.flush(last, name, d.In.State.Plan, counts)
		}
		switch {
		case failed == nil:
			e.tellCounts(last, p.what, d.In.State.Plan, counts)
		case r.gone:
			r.late = errors.Join(r.late, failed)
		default:
			err = errors.Join(err, failed)
		}
	}()
	if p.what == decide.OnSweep {
		if r.holding, err = e.newHolding(ctx, r, d.In.State.Plan); err != nil {
			return err
		}
	}
	var c store.Changes
	look := func(rec *store.Record, _ *found) verdict {
		void, err := r.companies.judge(d, rec, &c)
		switch {
		case void:
			return waiting
		case errors.Is(err, decide.ErrNeed) && !d.Out.Need.Forward.IsZero():
			return passed // identities that lead elsewhere are met as what they lead to
		case err != nil || writes(&c) || d.Out.Keeps || r.onHeld != nil && d.Out.Held.Count > 0:
			return toDo
		}
		r.held.Add(d.Reused.Looked)
		if e.cfg.watch != nil {
			r.looking.breaks(d.Out.Failures)
		}
		return passed
	}
	q := store.Query{Kinds: rule.ContactKinds(), ToStep: true}
	var held []decide.LookedAt
	if r.onHeld == nil {
		q.Filter, held = d.Prefilter()
	}
	r.looksAhead, r.messages = true, len(counts)
	// What a sweep has held becomes the totals when it has come to its end. One that was
	// resumed, is to be, or is shared keeps what each page has held.
	r.sumsLeftOut = r.holding != nil && r.after == "" && r.shared == 0 && r.progress == nil
	r.looked = func(p *lookedAt) {
		if p.leftOut > 0 {
			p.held.AddAll(held, p.leftOut)
		}
		if r.holding == nil || e.cfg.watch != nil {
			counts.Take(p.held)
		}
		if r.holding == nil {
			return
		}
		p.held.Each(func(i int, reason plan.Reason, n int64) { r.holding.held(r.holding.plan.Messages[i].ID, reason, n) })
	}
	if err := e.runPages(ctx, name, q, r, look, func(page []found) error {
		return e.decideAll(ctx, page, r, p, yield)
	}); err != nil {
		return err
	}
	ended = true
	return r.ended()
}

// writes reports whether a decision changes its record, not only totals.
func writes(c *store.Changes) bool {
	totals := c.Totals
	c.Totals = nil
	empty := c.IsEmpty()
	c.Totals = totals
	return !empty
}

// Send sends a one-off message to those who match now: all contacts, a
// [Sample], or [Only] one. Nobody is reached twice. It streams and can be
// stopped and resumed like [Engine.Sweep]. One that the program does not have,
// or that is no one-off, is message_unknown; a stopped one is held not_live. (D5)
func (e *Engine) Send(ctx context.Context, message string, opts ...RunOption) iter.Seq2[Delivery, error] {
	return e.streamRun(ctx, opts, func(r *run, yield yieldFunc) error {
		return e.sendTo(ctx, r, message, yield)
	})
}

func (e *Engine) sendTo(ctx context.Context, r *run, message string, yield yieldFunc) error {
	if err := e.beginRun(ctx); err != nil {
		return err
	}
	p := &pass{what: decide.OnSend, now: e.clock(), messages: func(p *plan.Plan) []*plan.Message {
		list, _ := oneOff(p, message) // a program without it may have been published meanwhile
		return list
	}}
	messages, err := oneOff(e.states.Load().Plan, message)
	if err != nil {
		return err
	}
	switch {
	case r.only != nil:
		key, err := e.known(ctx, *r.only)
		if err != nil {
			return err
		}
		return e.decideAll(ctx, []found{{key: key}}, r, p, yield)
	case r.sampled:
		sample, err := e.sampleOf(ctx, r, p.now, messages[0])
		if err != nil {
			return err
		}
		if err := e.decideAll(ctx, sample, r, p, yield); err != nil {
			return err
		}
		return r.ended()
	}
	return e.runOver(ctx, r, p, "send:"+message, yield)
}

// oneOff returns the one-off message of an id, as the only candidate.
func oneOff(p *plan.Plan, message string) ([]*plan.Message, error) {
	if m := p.ByID[message]; m != nil && m.Mode == plan.OneOff && m.Series == nil {
		return []*plan.Message{m}, nil
	}
	if m := p.ByID[message]; m != nil {
		why := "it goes out on other occasions"
		if m.Series != nil {
			why = "its series sends it"
		}
		return nil, ErrorList{{Code: ErrMessageUnknown, Field: "message", Message: "the message " + fault.Quote(message) + " has not the mode one_off: " + why}}
	}
	return nil, unknownID("message", "no one-off message "+fault.Quote(message)+" is in the program", message, p.Near.OneOffs)
}

// known resolves the identity of a contact that must exist.
func (e *Engine) known(ctx context.Context, who Identity) (store.Key, error) {
	if err := checkIdentity(who); err != nil {
		return store.Key{}, err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return store.Key{}, err
	}
	key, exists, err := e.follow(ctx, key)
	if err == nil && !exists {
		err = raise(decide.UnknownContact())
	}
	return key, err
}

// sampleOf returns the first n contacts that match, by a stable hash: a pass
// that keeps the n lowest.
func (e *Engine) sampleOf(ctx context.Context, r *run, now int64, m *plan.Message) ([]found, error) {
	if r.sample == 0 {
		return nil, nil
	}
	var best sampleHeap
	offer := func(k store.Key) {
		s := sampled{hash: sampleHash(m.ID, k), key: k}
		if len(best) < r.sample {
			heap.Push(&best, s)
		} else if s.before(best[0]) {
			best[0] = s
			heap.Fix(&best, 0)
		}
	}
	var rule *decide.AloneRule
	if m.Audience != nil {
		rule = &decide.AloneRule{Rule: m.Audience, Counters: e.states.Load().Plan.Counters}
	}
	if err := e.scanMatches(ctx, rule, &run{onDamaged: r.damaged}, now, func(key store.Key, _ Identity) error { offer(key); return nil }); err != nil {
		return nil, err
	}
	slices.SortFunc(best, func(a, b sampled) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	list := make([]found, len(best))
	for i := range best {
		list[i].key = best[i].key
	}
	return list, nil
}

type sampled struct {
	hash uint64
	key  store.Key
}

func (s sampled) before(o sampled) bool {
	if s.hash != o.hash {
		return s.hash < o.hash
	}
	return s.key.Compare(o.key) < 0
}

// sampleHash is a contact's place in the samples of a message.
func sampleHash(message string, k store.Key) uint64 {
	var scratch [128]byte
	h := decide.Hash16(scratch[:], "sample", message, string([]byte{byte(k.Kind)}), k.ID)
	var n uint64
	for _, b := range h[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}

// sampleHeap keeps the greatest of the lowest on top.
type sampleHeap []sampled

func (h sampleHeap) Len() int           { return len(h) }
func (h sampleHeap) Less(i, j int) bool { return h[j].before(h[i]) }
func (h sampleHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds a sampled at the end, for heap.Push.
func (h *sampleHeap) Push(x any) { *h = append(*h, x.(sampled)) } //nolint:errcheck // only samples are pushed

// Pop takes the last off, for heap.Pop.
func (h *sampleHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
