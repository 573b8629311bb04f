package beckon

import (
	"context"
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/store"
)

// Archive archives an event name: tracking it succeeds with the warning
// event_archived, and records and triggers nothing. Earlier records stay, and the
// name does not count for the limit of names. It lasts until [Engine.Unarchive].
// Other engines follow with their next Due or Refresh. (E10)
func (e *Engine) Archive(ctx context.Context, event string) error {
	return e.setArchived(ctx, event, true)
}

// Unarchive takes [Engine.Archive] back.
func (e *Engine) Unarchive(ctx context.Context, event string) error {
	return e.setArchived(ctx, event, false)
}

func (e *Engine) setArchived(ctx context.Context, event string, archived bool) error {
	if err := e.itself(); err != nil {
		return err
	}
	ctx, unlock := e.lockProgram(ctx)
	defer unlock()
	canonical, code := fold.EventName(event)
	if code != "" {
		return ErrorList{{Code: code, Field: "event", Message: "not an event name: " + fault.Quote(event)}}
	}
	// The list comes first, for it is what counts.
	if err := e.markArchived(ctx, canonical, archived); err != nil {
		return err
	}
	if err := e.editDefinition(ctx, event, func(p *store.Profile) {
		if archived {
			decide.SetAttribute(p, defArchived, Bool(true))
			return
		}
		decide.SetAttribute(p, defArchived, Value{})
	}); err != nil {
		return err
	}
	e.setArchivedHere(canonical, archived)
	return nil
}

// setArchivedHere has the engine's own state follow.
func (e *Engine) setArchivedHere(canonical string, archived bool) {
	st := e.states.load()
	next := *st
	next.Archived = make(map[unique.Handle[string]]bool, len(st.Archived)+1)
	for name := range st.Archived {
		next.Archived[name] = true
	}
	if name := unique.Make(canonical); archived {
		next.Archived[name] = true
	} else {
		delete(next.Archived, name)
	}
	e.states.p.Store(&next)
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
		if err := e.editArchived(ctx, func(have []string, exists bool) []string {
			if exists { // another engine was faster
				names = slices.Clone(have)
				return have
			}
			return names
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
		decide.SetAttribute(p, archivedNames, Value{})
		if len(names) > 0 {
			decide.SetAttribute(p, archivedNames, List(names...))
		}
		c.Touch, c.Profile = true, p
		return nil
	})}})
}

// markArchived archives a name or takes that back, in the list.
func (e *Engine) markArchived(ctx context.Context, name string, archived bool) error {
	return e.editArchived(ctx, func(names []string, _ bool) []string {
		if archived {
			return append(names, name)
		}
		return slices.DeleteFunc(names, func(x string) bool { return x == name })
	})
}
