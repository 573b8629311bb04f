package beckon

import (
	"context"
	"iter"
	"math"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// Matches judges one contact by a rule. Segments are the program's; page is unknown and
// metadata a fault. Over company data it holds if it does for one of the contact's companies.
// Of an unknown contact nothing is known. (A9)
func (e *Engine) Matches(ctx context.Context, rule Rule, who Identity) (bool, error) {
	if err := e.open(); err != nil {
		return false, err
	}
	r, err := e.compileAlone(rule)
	if err != nil {
		return false, err
	}
	if err := checkIdentity(who); err != nil {
		return false, err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return false, err
	}
	if r == nil {
		return true, nil
	}
	return e.matches(ctx, key, r, e.clock(), who.Email)
}

// Match lists the contacts that a rule matches, in the store's order. Of those that
// cannot be read see [OnDamaged]. (A9)
func (e *Engine) Match(ctx context.Context, rule Rule, opts ...RunOption) iter.Seq2[Identity, error] {
	return stream(func(yield func(Identity, error) bool) error {
		return e.eachMatch(ctx, rule, e.newRun(ctx, opts...), func(who Identity) error {
			if !yield(who, nil) {
				return errConsumed
			}
			return nil
		})
	})
}

// Count counts the contacts that a rule matches; with a [*DamagedError] those that can
// be read. A database that tells the number alone counts all. (A9)
func (e *Engine) Count(ctx context.Context, rule Rule) (n int, err error) {
	if err := e.open(); err != nil {
		return 0, err
	}
	alone, err := e.compileAlone(rule)
	if err != nil {
		return 0, err
	}
	r, now := e.newRun(ctx), e.clock()
	if n, exact, err := e.countFilter(ctx, alone, now); exact || err != nil {
		return n, storeError(err)
	}
	if walker, ok := e.store.(store.Walker); ok && !fetches(alone) {
		n, err = e.walkMatches(ctx, walker, alone, r, now)
	} else {
		err = e.scanMatches(ctx, alone, r, now, func(store.Key, Identity) error { n++; return nil })
	}
	if err == nil {
		err = r.ended()
	}
	return n, err
}

// fetches reports whether a rule asks for more than a contact's record has: company
// data, or counters that may have to be built from the event log.
func fetches(alone *decide.AloneRule) bool {
	return alone != nil && (alone.Rule.UsesCompany || len(rule.LacksFilters(alone.Rule, map[*rule.CounterDef]bool{}, map[*rule.Segment]bool{})) > 0)
}

// walkMatches counts the contacts that a rule matches, by a store that shows them all
// at once. Those that must be looked into further are judged last: they are few, since
// the rule fetches nothing.
func (e *Engine) walkMatches(ctx context.Context, walker store.Walker, alone *decide.AloneRule, r *run, now int64) (n int, err error) {
	d := e.newDecision(decide.OnMatch, now)
	defer e.putDecision(d)
	d.In.Rule = alone
	var c store.Changes
	var further []found
	q, _ := matchQuery(alone, now, d.In.State)
	q.Damaged = r.damaged
	if err := walker.Walk(ctx, q, func(rec *store.Record) error {
		if rec.Profile != nil && !rec.Profile.Forward.IsZero() {
			return nil
		}
		if alone != nil {
			c.Reset()
			if err := d.Decide(rec, &c); err != nil {
				further = append(further, found{key: rec.Key})
				return nil
			}
			if !d.Out.Matched {
				return nil
			}
		}
		n++
		return nil
	}); err != nil {
		return n, storeError(err)
	}
	for i := range further {
		err := e.foundMatch(ctx, &further[i], alone, now, func(store.Key, Identity) error { n++; return nil })
		if err != nil && !r.passes(further[i].key, err) {
			return n, err
		}
	}
	return n, nil
}

// countFilter has the store count, if the rule is no more than its filter, and the
// store can tell how many that holds for.
func (e *Engine) countFilter(ctx context.Context, alone *decide.AloneRule, now int64) (n int, exact bool, err error) {
	counter, ok := e.store.(store.FilterCounter)
	if !ok {
		return 0, false, nil
	}
	q, exact := matchQuery(alone, now, e.states.Load())
	if !exact {
		return 0, false, nil
	}
	all, exact, err := counter.CountFilter(ctx, q)
	return int(all), exact, err
}

// matchQuery chooses the contacts that a rule may match, and reports whether it
// chooses no others, those apart that are moving or lead elsewhere.
func matchQuery(alone *decide.AloneRule, now int64, st *decide.State) (q store.Query, exact bool) {
	q.Kinds = rule.ContactKinds()
	if alone == nil {
		q.Only = rule.ProjectionOf(nil)
		return q, true
	}
	q.Only = rule.ProjectionOf(alone.Rule)
	f, exact := rule.ExactFilterOf(alone.Rule, now, st.Plan.Loc)
	_, leaves := rule.BoundFilter(f, math.MaxInt)
	q.Filter, _ = rule.BoundFilter(f, rule.MaxFilterLeaves)
	return q, exact && leaves <= rule.MaxFilterLeaves
}

func (e *Engine) eachMatch(ctx context.Context, rule Rule, r *run, fn func(Identity) error) error {
	if err := e.open(); err != nil {
		return err
	}
	compiled, err := e.compileAlone(rule)
	if err != nil {
		return err
	}
	if err := e.scanMatches(ctx, compiled, r, e.clock(), func(_ store.Key, who Identity) error { return fn(who) }); err != nil {
		return err
	}
	return r.ended()
}

// scanMatches calls fn for all contacts that a rule matches; a nil rule matches
// everyone. Contacts are judged as the scan shows them, where that is enough:
// those that must be looked into further are read again.
func (e *Engine) scanMatches(ctx context.Context, alone *decide.AloneRule, r *run, now int64, fn func(store.Key, Identity) error) error {
	d := e.newDecision(decide.OnMatch, now)
	defer e.putDecision(d)
	d.In.Rule = alone
	var c store.Changes
	look := func(rec *store.Record, f *found) verdict {
		if rec.Profile != nil && !rec.Profile.Forward.IsZero() {
			return passed
		}
		if alone != nil {
			void, err := r.companies.judge(d, rec, &c)
			switch {
			case void:
				return waiting
			case err != nil:
				return toDo
			case !d.Out.Matched:
				return passed
			}
		}
		who := rec.Identity()
		f.who = &who
		return toDo
	}
	q, _ := matchQuery(alone, now, d.In.State)
	for _, name := range [...]string{"user_id", "id", "email", "anonymous_id"} { // see Record.Identity
		rule.LookAt(q.Only, name)
	}
	return e.pages(ctx, q, r, look, func(page []found) error {
		for i := range page {
			if err := e.foundMatch(ctx, &page[i], alone, now, fn); err != nil && !r.passes(page[i].key, err) {
				return err
			}
		}
		return nil
	})
}

// foundMatch calls fn for a contact that matches. One that the look could not judge is
// judged here.
func (e *Engine) foundMatch(ctx context.Context, f *found, alone *decide.AloneRule, now int64, fn func(store.Key, Identity) error) error {
	if f.who != nil {
		return fn(f.key, *f.who)
	}
	ok, err := e.matches(ctx, f.key, alone, now, "")
	if err != nil || !ok {
		return err
	}
	var who Identity
	exists := false
	if err := e.store.Read(ctx, []store.Key{f.key}, func(rec *store.Record) error {
		who, exists = rec.Identity(), rec.Exists
		return nil
	}); err != nil || !exists {
		return storeError(err)
	}
	return fn(f.key, who)
}

// compileAlone compiles a rule that stands alone, under the running program's
// segments and zone.
func (e *Engine) compileAlone(given Rule) (*decide.AloneRule, error) {
	if given.IsZero() {
		return nil, nil
	}
	var faults fault.List
	p := e.states.Load().Plan
	rc := &rule.Compiler{Segments: p.Segments, Loc: p.Loc, Counters: &rule.CounterSet{}, Slots: p.Slots.More(), Faults: &faults, Values: e.cfg.WindowValues, Set: p.SegmentSet.Alone()}
	r := rule.Compile(lowerRule(&given), rc, rule.OfContact, "rule")
	if err := raise(faults); err != nil {
		return nil, err
	}
	return &decide.AloneRule{Rule: r, Counters: rc.Counters.List()}, nil
}

// matches judges one contact by a compiled rule, over a snapshot; email is how
// the contact was named, if by that.
func (e *Engine) matches(ctx context.Context, key store.Key, r *decide.AloneRule, now int64, email string) (bool, error) {
	d := e.newDecision(decide.OnMatch, now)
	defer e.putDecision(d)
	d.In.Rule, d.In.Email = r, email
	if _, err := e.view(ctx, key, d); err != nil {
		return false, err
	}
	return d.Out.Matched, nil
}
