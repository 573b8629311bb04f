package beckon

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/definition"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/store"
)

const (
	// seenAgain is how old what a definition says of when its name was last seen
	// may be: for so long no event of the name writes to it.
	seenAgain = 7 * 24 * time.Hour
	// namesEvery is how often Due begins to look through the names for those to
	// be dropped. Each Due looks at one page of them.
	namesEvery = time.Hour
)

// WithCatalogueLimit sets how many event names the store lists. Several engines
// may list some more together. Zero is [DefaultCatalogueNames].
func WithCatalogueLimit(n int) Option {
	return atLeastZero("WithCatalogueLimit", n, DefaultCatalogueNames, func(c *config, n int) { c.names = n })
}

// WithNamesListedFor sets how long an unseen name is listed. Less than eight
// days is not exact: that a name was seen is noted once a week.
func WithNamesListedFor(d time.Duration) Option {
	return positive("WithNamesListedFor", d, NamesListedFor, func(c *config, ms int64) { c.namesFor = ms })
}

// ForgetEvent takes an event name out of the catalogue: label, description, keys, and that it
// is archived. Counts stay, rules go on. Tracked again it is listed again, by another engine
// perhaps a week later. One not listed is fine. Errors are event_name_missing,
// event_name_invalid, or a [StoreError].
func (e *Engine) ForgetEvent(ctx context.Context, event string) error {
	if err := e.itself(); err != nil {
		return err
	}
	canonical, code := fold.EventName(event)
	if code != "" {
		return ErrorList{{Code: code, Field: "event", Message: "not an event name: " + fault.Quote(event)}}
	}
	ctx, unlock := e.lockProgram(ctx)
	defer unlock()
	if err := e.markArchived(ctx, canonical, false); err != nil {
		return err
	}
	if err := e.stepOnce(ctx, []store.Step{{Key: store.Key{Kind: store.KindEventName, ID: canonical}, Decider: &decide.Removal{}}}); err != nil {
		return err
	}
	e.setArchivedHere(canonical, false)
	e.unlist(canonical)
	return nil
}

// unlist lets the engine know that a name is not listed any more.
func (e *Engine) unlist(name string) {
	if own := e.states.Load().Plan.Events[name]; own != nil {
		own.Defined.Store((*definition.Keys)(nil))
	}
	e.catalogue.forget(unique.Make(name))
	e.catalogue.size.recount()
}

// A listed counts the names that the store lists. It asks for the number when it
// does not know it, and counts what this engine adds.
type listed struct {
	known atomic.Bool
	n     atomic.Int64
}

// recount has the number asked for when it is next needed.
func (l *listed) recount() { l.known.Store(false) }

// reserve reports whether one more name may be listed, and counts it.
func (e *Engine) reserve(ctx context.Context) (bool, error) {
	l := &e.catalogue.size
	if !l.known.Load() {
		n, err := e.countNames(ctx)
		if err != nil {
			return false, err
		}
		l.n.Store(n)
		l.known.Store(true)
	}
	if l.n.Add(1) <= int64(e.cfg.names) {
		return true, nil
	}
	l.n.Add(-1)
	return false, nil
}

// countNames counts the names that there are, cheaply if the store can.
func (e *Engine) countNames(ctx context.Context) (n int64, err error) {
	kinds := []store.Kind{store.KindEventName}
	if sizer, ok := e.store.(store.Sizer); ok {
		n, err = sizer.Size(ctx, kinds)
		return n, storeError(err)
	}
	count := func(store.Key, error) { n++ }
	err = e.scanAll(ctx, store.Query{Kinds: kinds, Damaged: count}, func(*store.Record) error { n++; return nil })
	return n, storeError(err)
}

// defSeen is when an event name was last seen, as far as the definition knows: Unix
// milliseconds.
const defSeen = "seen"

func definitionSeen(p *store.Profile) int64 {
	at, _ := strconv.ParseInt(p.Attribute(defSeen).Text(), 10, 64) // absent: not known yet
	return at
}

func setSeen(p *store.Profile, at int64) {
	decide.SetAttribute(p, defSeen, String(strconv.FormatInt(at, 10)))
}

// stale reports whether what a definition says of when its name was seen is to be
// written anew.
func stale(seen, now int64) bool { return now-seen > seenAgain.Milliseconds() || seen == 0 }

// dropNames looks at the next page of event names, and takes those out of the
// catalogue that nobody has seen for long and nobody described, archived or uses.
// Each Due does so little of it that the number of names does not matter.
func (e *Engine) dropNames(ctx context.Context, now int64, r *run) error {
	c := &e.catalogue
	c.mu.Lock()
	at := c.page
	if at == "" {
		if c.begun != 0 && now >= c.begun && now-c.begun < namesEvery.Milliseconds() {
			c.mu.Unlock()
			return nil
		}
		c.begun = now
	}
	c.mu.Unlock()
	c.size.recount()
	st := e.states.Load()
	var keys []store.Key
	q := store.Query{Kinds: []store.Kind{store.KindEventName}, Damaged: r.damaged}
	next, err := e.store.Scan(ctx, q, at, scanPage, func(rec *store.Record) error {
		if seen := definitionSeen(rec.Profile); seen == 0 || unlisted(st, rec, now, e.cfg.namesFor) {
			keys = append(keys, rec.Key)
		}
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	for _, key := range keys {
		dropped := false
		err := e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			switch { // it may have been seen or described since
			case !rec.Exists:
			case definitionSeen(rec.Profile) == 0:
				c.Profile = decide.CloneProfile(rec.Profile)
				setSeen(c.Profile, now)
			default:
				c.Delete = unlisted(st, rec, now, e.cfg.namesFor)
			}
			dropped = c.Delete
			return nil
		})}})
		if err != nil && !r.passes(key, err) {
			return err
		}
		if dropped {
			e.unlist(key.ID)
		}
	}
	c.mu.Lock()
	c.page = next
	c.mu.Unlock()
	return nil
}

// unlisted reports whether a definition may go.
func unlisted(s *decide.State, rec *store.Record, now, after int64) bool {
	return definitionSeen(rec.Profile) <= now-after && rec.Profile.Attribute(defDescription).IsUnknown() &&
		!s.Archived[unique.Make(rec.Key.ID)] && s.Plan.Events[rec.Key.ID] == nil
}

// archivedKey lists the names that are archived, in a record of its own: each Due
// reads it, however many names there are. It is what counts; definitions have a
// copy, from which it is made where it is not there.
func archivedKey() store.Key { return store.Key{Kind: store.KindStore, ID: "archived"} }

const archivedNames = "names" // list, sorted

// loadArchived reads which event names are archived (E10).
func (e *Engine) loadArchived(ctx context.Context) (map[unique.Handle[string]]bool, error) {
	var names []string
	exists := false
	read := func(rec *store.Record) error {
		names, exists = slices.Clone(rec.Profile.Attribute(archivedNames).Texts()), rec.Exists
		return nil
	}
	if err := e.store.Read(ctx, []store.Key{archivedKey()}, read); err != nil {
		return nil, err
	}
	if !exists {
		passBy := func(store.Key, error) {} // the catalogue tells of it
		if err := e.scanAll(ctx, store.Query{Kinds: []store.Kind{store.KindEventName}, Damaged: passBy}, func(rec *store.Record) error {
			if definitionArchived(rec) {
				names = append(names, rec.Key.ID)
			}
			return nil
		}); err != nil {
			return nil, err
		}
		listed := names
		if err := e.editArchived(ctx, func(have []string, exists bool) []string {
			if names = listed; exists { // another engine was faster
				names = slices.Clone(have)
			}
			return slices.Clone(names)
		}); err != nil {
			return nil, err
		}
	}
	archived := make(map[unique.Handle[string]]bool, len(names))
	for _, name := range names {
		archived[unique.Make(name)] = true
	}
	return archived, nil
}

// editArchived changes the list of archived names.
func (e *Engine) editArchived(ctx context.Context, edit func(names []string, exists bool) []string) error {
	return e.stepOnce(ctx, []store.Step{{Key: archivedKey(), Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		names := edit(slices.Clone(rec.Profile.Attribute(archivedNames).Texts()), rec.Exists)
		slices.Sort(names)
		names = slices.Compact(names)
		if rec.Exists && slices.Equal(names, rec.Profile.Attribute(archivedNames).Texts()) {
			return nil
		}
		p := decide.CloneProfile(rec.Profile)
		setTexts(p, archivedNames, names)
		c.Touch, c.Profile = true, p
		return nil
	})}})
}

// markArchived archives a name or takes that back, in the list.
func (e *Engine) markArchived(ctx context.Context, name string, archived bool) error {
	return e.editArchived(ctx, func(names []string, _ bool) []string {
		switch i, is := slices.BinarySearch(names, name); {
		case archived && !is:
			return slices.Insert(names, i, name)
		case !archived && is:
			return slices.Delete(names, i, i+1)
		}
		return names
	})
}
