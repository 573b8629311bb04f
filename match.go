package beckon

import (
	"context"
	"iter"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// Matches judges one contact by a rule, without a message. The rule may use the
// program's segments; page is unknown and metadata is a fault. A rule over
// company data holds if it holds for one of the contact's companies. Of an
// unknown contact nothing is known. (A9)
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

// Match lists the contacts that a rule matches, in the store's order. An error
// is the last thing yielded; one about contacts that cannot be read comes after
// all others were listed, see [OnDamaged]. (A9)
func (e *Engine) Match(ctx context.Context, rule Rule, opts ...RunOption) iter.Seq2[Identity, error] {
	return stream(func(yield func(Identity, error) bool) error {
		return e.eachMatch(ctx, rule, newRun(opts), func(who Identity) error {
			if !yield(who, nil) {
				return errConsumed
			}
			return nil
		})
	})
}

// Count counts the contacts that a rule matches (A9). With a [*DamagedError], about
// contacts that cannot be read, it returns the number of the others.
func (e *Engine) Count(ctx context.Context, rule Rule) (int, error) {
	n := 0
	err := e.eachMatch(ctx, rule, &run{}, func(Identity) error { n++; return nil })
	return n, err
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
	type seen struct {
		who     Identity
		matched bool // else it is not known yet
	}
	var page []seen // of the contacts of a page that are to be acted on, in order
	next := 0
	var c store.Changes
	q := store.Query{Kinds: rule.ContactKinds()}
	if alone != nil {
		q.Filter, _ = rule.BoundFilter(rule.FilterOf(alone.Rule, now, d.In.State.Plan.Loc), rule.MaxFilterLeaves)
	}
	look := func(rec *store.Record) bool {
		if rec.Profile != nil && !rec.Profile.Forward.IsZero() {
			return false
		}
		if next == len(page) { // a new page
			page, next = page[:0], 0
		}
		if alone != nil {
			c.Reset()
			if err := d.Decide(rec, &c); err != nil {
				page = append(page, seen{})
				return true
			}
			if !d.Out.Matched {
				return false
			}
		}
		page = append(page, seen{who: rec.Identity(), matched: true})
		return true
	}
	return e.pages(ctx, q, r, look, func(key store.Key) error {
		x := page[next]
		if next++; x.matched {
			return fn(key, x.who)
		}
		ok, err := e.matches(ctx, key, alone, now, "")
		if err != nil || !ok {
			return err
		}
		exists := false
		if err := e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
			x.who, exists = rec.Identity(), rec.Exists
			return nil
		}); err != nil || !exists {
			return storeError(err)
		}
		return fn(key, x.who)
	})
}

// compileAlone compiles a rule that stands alone, under the running program's
// segments and zone.
func (e *Engine) compileAlone(given Rule) (*decide.AloneRule, error) {
	if given.IsZero() {
		return nil, nil
	}
	var faults fault.List
	p := e.states.load().Plan
	rc := &rule.Compiler{Segments: p.Segments, Loc: p.Loc, Counters: &rule.CounterSet{}, Slots: p.Slots.More(), Faults: &faults, Set: p.SegmentSet.Alone()}
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
