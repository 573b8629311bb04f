package beckon

import (
	"context"
	"slices"
	"strings"
	"unique"

	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// Delete forgets a contact whole: attributes, events, sends, and all identities merged into
// it, also by a merge cut short. The identities start anew. Totals stay: they name nobody. An
// unknown contact is no error. For one that cannot be read all contacts are looked through for
// what leads to it. (C4)
func (e *Engine) Delete(ctx context.Context, who Identity) error {
	if err := e.open(); err != nil {
		return err
	}
	if err := checkIdentity(who); err != nil {
		return err
	}
	for range maxTries {
		key, known, err := e.settle(ctx, who)
		if broken, ok := damagedKey(err); ok && broken.Kind.IsContact() {
			return e.deleteDamaged(ctx, broken)
		}
		if err != nil {
			return err
		}
		if came, err := e.finishMovesTo(ctx, key); err != nil {
			return err
		} else if came {
			continue
		}
		if !known {
			return nil
		}
		var aliases []store.Key
		if err := e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
			if rec.Profile != nil {
				aliases = slices.Clone(rec.Profile.Aliases)
			}
			return nil
		}); err != nil {
			return storeError(err)
		}
		// Those that lead here go first: after a crash the contact still says
		// which they were.
		for _, a := range aliases {
			if err := e.stepOnce(ctx, []store.Step{{Key: a, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
				// One that is still frozen has been taken in, or it would not
				// be an alias; left, it would come back.
				if rec.Profile != nil && (!rec.Profile.Forward.IsZero() || !rec.Profile.Moving.IsZero()) {
					decide.Moved(rec, c)
					c.Delete = true
				}
				return nil
			})}}); err != nil {
				return err
			}
		}
		gone := false
		err = e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			gone = false
			p := rec.Profile
			if p != nil && (!p.Forward.IsZero() || !p.Moving.IsZero() || len(p.Aliases) != len(aliases)) {
				return nil // a merge came between: begin again
			}
			if gone = true; rec.Exists {
				decide.Remove(rec, c)
			}
			return nil
		})}})
		if err != nil || gone {
			return err
		}
		if err := e.finishMove(ctx, key); err != nil {
			return err
		}
	}
	return storeError(errNoEnd)
}

// finishMovesTo finishes the merges in flight into a contact, and reports
// whether there were any. They are few: anyone who meets one finishes it.
func (e *Engine) finishMovesTo(ctx context.Context, key store.Key) (bool, error) {
	var keys []store.Key
	passBy := func(store.Key, error) {} // where it was to go cannot be read
	err := e.scanAll(ctx, store.Query{Moving: true, Damaged: passBy}, func(rec *store.Record) error {
		if rec.Profile.Moving == key {
			keys = append(keys, rec.Key)
		}
		return nil
	})
	if err != nil {
		return false, storeError(err)
	}
	for _, k := range keys {
		if err := e.finishMove(ctx, k); err != nil {
			return false, err
		}
	}
	return len(keys) > 0, nil
}

// Recount notes what another system has counted of a contact's events: the count of a name
// becomes at least Count, its first at most First and its last at least Last. Nothing is
// recorded or triggered. A repeat is safe. What is archived, and a Count of zero, is passed
// over. The error is an [ErrorList], also contact_unknown, event_names_limit; or a
// [StoreError]. (E4, E6, E10)
func (e *Engine) Recount(ctx context.Context, who Identity, counted ...EventCount) error {
	if err := e.open(); err != nil {
		return err
	}
	now := e.clock()
	rows, errs := countedRows(counted, now)
	identity.AddFaults(who, &errs)
	if err := raise(errs); err != nil {
		return err
	}
	key, known, err := e.settle(ctx, who)
	if err != nil {
		return err
	}
	if !known {
		return raise(decide.UnknownContact())
	}
	d := e.newDecision(decide.OnTrack, now)
	defer e.putDecision(d)
	rows = slices.DeleteFunc(rows, func(s store.Stats) bool { return d.In.State.Archived[s.Name] })
	if err := e.stepOn(ctx, key, func(rec *store.Record, c *store.Changes) error {
		if !rec.Exists {
			return decide.UnknownContact()
		}
		return decide.Recount(rec, c, rows, d.In.State.Archived, e.cfg.EventNames)
	}); err != nil {
		return err
	}
	if len(d.In.State.Plan.Crossings) > 0 {
		if err := e.noteCrossings(ctx, key, now); err != nil {
			return err
		}
	}
	for _, s := range rows {
		d.In.Name = s.Name
		if d.In.Concerns = d.In.State.Plan.Events[s.Name.Value()]; d.In.Concerns == nil {
			d.In.Concerns = &d.In.State.Plan.Other
		}
		if err := e.define(ctx, d, s.Name.Value()); err != nil {
			return err
		}
	}
	return nil
}

// noteCrossings notes which segments a contact matches now, and triggers nothing. (T8)
func (e *Engine) noteCrossings(ctx context.Context, key store.Key, now int64) error {
	d := e.newDecision(decide.OnUpdate, now)
	defer e.putDecision(d)
	d.In.Update, d.In.Records = &decide.ContactUpdate{}, true
	_, err := e.step(ctx, key, d)
	return err
}

// countedRows returns what was counted as rows of a record, by name, each once.
func countedRows(counted []EventCount, now int64) (rows []store.Stats, errs fault.List) {
	for i, x := range counted {
		path := "events[" + itoa(i) + "]."
		name, code := fold.EventName(x.Name)
		if code != "" {
			errs.Add(code, path+"event_name", fold.EventNameFault(x.Name, code))
		}
		s := store.Stats{Name: unique.Make(name), Count: x.Count, First: x.First.Unix(), Last: x.Last.Unix()}
		switch latest := now/1000 + 1; {
		case s.Count == 0:
			continue
		case s.First < 0 || s.First > latest:
			errs.Add(ErrCreatedAtInvalid, path+"first", "must lie between 1970 and now")
		case s.Last < s.First || s.Last > latest:
			errs.Add(ErrCreatedAtInvalid, path+"last", "must lie between first and now")
		}
		rows = append(rows, s)
	}
	slices.SortFunc(rows, func(a, b store.Stats) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
	once := rows[:0]
	for _, s := range rows {
		if last := len(once) - 1; last >= 0 && once[last].Name == s.Name {
			once[last] = decide.JoinCounted(once[last], s)
			continue
		}
		once = append(once, s)
	}
	return once, errs
}

// Unsubscribe notes that a contact refuses email, push or SMS as a whole
// ("email"), one tag on one of them ("push:promo"), or a topic of the program: then it is
// the choice no. When is kept, and where, such as "link"; without it "call". It is one
// atomic step and leaves other refusals alone. An unknown contact is created, also under
// [WithKnownContactsOnly], so that the refusal is kept. A repeat is safe. No
// message is decided. The error is an [ErrorList]: subscription_unknown for any
// other text, what is wrong with the identity, attribute_invalid beyond
// [MaxUnsubscribed]; or a [StoreError]. A link of package unsubscribe may name a topic that
// the program does not have. (C6, D11)
func (e *Engine) Unsubscribe(ctx context.Context, who Identity, from string, where ...string) error {
	return e.consent(ctx, who, decide.Refusal{From: from}, where)
}

// Resubscribe takes back the refusal that [Engine.Unsubscribe] of the same text
// notes, and no other: a channel refused as a whole stays so for its tags, and
// a refused tag stays refused without it. Of a topic it is the choice yes. A contact that
// has not refused a channel or tag, or is unknown, stays what it is. Errors are those of
// Unsubscribe. (C6, D11)
func (e *Engine) Resubscribe(ctx context.Context, who Identity, from string, where ...string) error {
	return e.consent(ctx, who, decide.Refusal{From: from, Back: true}, where)
}

func (e *Engine) consent(ctx context.Context, who Identity, r decide.Refusal, where []string) error {
	if err := e.open(); err != nil {
		return err
	}
	var errs fault.List
	identity.AddFaults(who, &errs)
	r.Topic = e.states.Load().Plan.Topic(r.From) != nil || consent.IsSigned(ctx) && topicFault(r.From) == ""
	if !r.Topic && subscriptionFault(r.From) != "" {
		errs.Add(ErrSubscriptionUnknown, "from", "expected "+plan.SweptList()+", one of them with a tag as push:promo, or a topic of the program, got "+fault.Quote(r.From))
	}
	if err := raise(errs); err != nil {
		return err
	}
	if r.Where = "call"; len(where) > 0 {
		r.Where = cutText(strings.Join(where, ": "), MaxIDLength)
	}
	key, err := e.reach(ctx, who)
	if err != nil {
		return err
	}
	d := e.newDecision(decide.OnConsent, e.clock())
	defer e.putDecision(d)
	d.In.Refusal, d.In.Email = r, who.Email
	_, err = e.step(ctx, key, d)
	return err
}

// subscriptionFault says what is wrong with what a contact unsubscribes from, ""
// if it is a channel that consent concerns, or one with a tag (D11).
func subscriptionFault(s string) string {
	channel, tag, tagged := strings.Cut(s, ":")
	switch {
	case !plan.Sweeps(Channel(channel)) || tagged && tag == "":
		return "expected " + plan.SweptList() + ", or one of them with a tag as push:promo"
	case len(tag) > MaxIDLength || !plainText(tag):
		return "not a tag"
	}
	return ""
}

// checkUnsubscribed checks a whole list of unsubscriptions, and returns it sorted.
func checkUnsubscribed(list []string, errs *fault.List) []string {
	out := make([]string, 0, len(list))
	for i, s := range list {
		if message := subscriptionFault(s); message != "" {
			errs.Add(ErrAttributeInvalid, "unsubscribed["+itoa(i)+"]", message)
			continue
		}
		out = append(out, s)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > MaxUnsubscribed {
		errs.Add(ErrAttributeInvalid, "unsubscribed", "more than "+itoa(MaxUnsubscribed)+" entries")
	}
	return out
}
