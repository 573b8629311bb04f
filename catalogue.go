package beckon

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/definition"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/store"
)

// The attributes of event definitions.
const (
	defLabel       = "label"       // text: the spelling first seen
	defDescription = "description" // text
	defArchived    = "archived"    // boolean
	defKeys        = "keys"        // list: "key TAB kinds", in first-seen order; a key has no TAB (M2)
)

// The limits of the catalogue, the last two by default. A name that is described or archived, or
// that the program has, is listed all the same.
const (
	MaxDefinitionKeys     = definition.MaxKeys  // metadata keys of a definition; further ones are used, not listed
	MaxDescriptionLength  = 4096                // bytes of a description
	DefaultCatalogueNames = 100_000             // names listed; events of further ones are taken, counted and trigger
	NamesListedFor        = 90 * 24 * time.Hour // how long a name that is not seen is listed
	// cachedDefinitions is how many definitions of names that the program does
	// not have an engine remembers to have written; beyond it each event of
	// another name looks at its record, so that hostile names cost time and not
	// memory.
	cachedDefinitions = 100_000
)

// A Definition is what is known of an event name: enough for a menu. (C3)
type Definition struct {
	Name        string          `json:"name"`  // canonical (E2)
	Label       string          `json:"label"` // the spelling first seen
	Description string          `json:"description,omitempty"`
	Archived    bool            `json:"archived"`
	Keys        []KeyDefinition `json:"keys"` // metadata keys, in first-seen order
}

// A KeyDefinition is a metadata key. Two of them may have one label. (M2)
type KeyDefinition struct {
	Key   string   `json:"key"` // the spelling first seen
	Label string   `json:"label"`
	Types []string `json:"types"` // as in a [KeyDeclaration], in first-seen order
}

// catalogue remembers what of event definitions is already written, so that
// an event of a known name with known keys costs no step.
type catalogue struct {
	size  listed
	mu    sync.Mutex
	n     int
	page  store.Cursor // where Due goes on to look for names to be dropped
	begun int64        // when it last began, Unix milliseconds
	known sync.Map     // unique.Handle[string] → *definition.Keys
}

// define writes what is new in an event into its definition; name is the event's as it
// was written. It runs after the
// contact's record took the event: a refused event leaves no trace in the
// catalogue.
func (e *Engine) define(ctx context.Context, d *decide.Decision, name string) error {
	fields, defined := d.In.Event.Fields, d.In.Concerns.Defined.Load()
	if seen, _ := defined.(*definition.Keys); seen != nil && (defined == d.In.Covering || seen.Covers(fields)) && !stale(seen.Seen, d.In.Now) {
		return nil
	}
	own := d.In.Concerns != &d.In.State.Plan.Other // the program has the name
	cached := false
	if x, ok := e.catalogue.known.Load(d.In.Name); ok {
		seen := x.(*definition.Keys) //nolint:errcheck // nothing else is stored
		if own {
			d.In.Concerns.Defined.Store(seen)
		}
		if cached = true; seen.Covers(fields) && !stale(seen.Seen, d.In.Now) {
			return nil
		}
	}
	// One that is cached was listed, and one of the program always is.
	room, reserved := true, false
	if !own && !cached {
		var err error
		if room, err = e.reserve(ctx); err != nil {
			return err
		}
		reserved = room
	}
	var after *definition.Keys
	made := false
	err := e.stepOnce(ctx, []store.Step{{Key: store.Key{Kind: store.KindEventName, ID: d.In.Name.Value()}, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		after, made = nil, !rec.Exists && room
		if !rec.Exists && !room {
			return nil
		}
		p := decide.CloneProfile(rec.Profile)
		if p.Attribute(defLabel).IsUnknown() {
			decide.SetAttribute(p, defLabel, String(fold.EventLabel(name)))
		}
		keys := definition.Add(p.Attribute(defKeys).Texts(), fields)
		after = definition.Read(keys)
		if after.Seen = definitionSeen(p); stale(after.Seen, d.In.Now) {
			after.Seen = d.In.Now
			setSeen(p, d.In.Now)
		} else if rec.Exists && slices.Equal(keys, p.Attribute(defKeys).Texts()) {
			return nil
		}
		if len(keys) > 0 {
			decide.SetAttribute(p, defKeys, List(keys...))
		}
		c.Touch, c.Profile = true, p
		return nil
	})}})
	if reserved && (err != nil || !made) {
		e.catalogue.size.n.Add(-1)
	}
	if err != nil {
		return err
	}
	if !e.isView && after != nil { // a transaction may be rolled back
		if own {
			d.In.Concerns.Defined.Store(after)
		}
		e.catalogue.remember(d.In.Name, after)
	}
	return nil
}

// forget lets go of what is remembered of a name.
func (k *catalogue) forget(name unique.Handle[string]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.known.LoadAndDelete(name); ok {
		k.n--
	}
}

func (k *catalogue) remember(name unique.Handle[string], keys *definition.Keys) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.known.Load(name); !ok {
		if k.n >= cachedDefinitions {
			return
		}
		k.n++
	}
	k.known.Store(name, keys)
}

func definitionArchived(rec *store.Record) bool {
	yes, _ := rec.Profile.Attribute(defArchived).Bool()
	return yes
}

func readDefinition(rec *store.Record) Definition {
	p := rec.Profile
	def := Definition{
		Name: rec.Key.ID, Label: p.Attribute(defLabel).Text(), Description: p.Attribute(defDescription).Text(),
		Archived: definitionArchived(rec), Keys: []KeyDefinition{},
	}
	for _, row := range p.Attribute(defKeys).Texts() {
		key, kinds, _ := strings.Cut(row, "\t")
		types := strings.Split(strings.ReplaceAll(kinds, " ", "_"), ",") // a store has the names of kinds, and declarations know rich_link
		def.Keys = append(def.Keys, KeyDefinition{Key: key, Label: DisplayKey(key), Types: types})
	}
	return def
}

// Catalogue lists the event names recorded or described, also archived ones, by canonical
// name. One without a description has that of its declaration. With a [*DamagedError] it
// returns those that can be read. (C3)
func (e *Engine) Catalogue(ctx context.Context) ([]Definition, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	list, declared := []Definition{}, e.states.Load().Plan.Declared
	r := e.newRun(ctx)
	err := e.scanAll(ctx, store.Query{Kinds: []store.Kind{store.KindEventName}, Damaged: r.damaged}, func(rec *store.Record) error {
		def := readDefinition(rec)
		if d := declared[def.Name]; d != nil && def.Description == "" {
			def.Description = d.Description
		}
		list = append(list, def)
		return nil
	})
	if err != nil {
		return nil, storeError(err)
	}
	slices.SortFunc(list, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	return list, r.ended()
}

// Describe sets the description of an event name, tracked or not; empty removes it.
// Errors are event_name_missing, event_name_invalid, attribute_invalid (not UTF-8, or
// over [MaxDescriptionLength]).
func (e *Engine) Describe(ctx context.Context, event, description string) error {
	if len(description) > MaxDescriptionLength || !utf8.ValidString(description) {
		return ErrorList{{Code: ErrAttributeInvalid, Field: "description", Message: "expected at most " + itoa(MaxDescriptionLength) + " bytes of UTF-8"}}
	}
	return e.editDefinition(ctx, event, description != "", func(p *store.Profile) {
		if description == "" {
			decide.SetAttribute(p, defDescription, Value{})
			return
		}
		decide.SetAttribute(p, defDescription, String(description))
	})
}

// editDefinition changes one definition. It creates it only if creates is set.
func (e *Engine) editDefinition(ctx context.Context, event string, creates bool, edit func(*store.Profile)) error {
	if err := e.open(); err != nil {
		return err
	}
	canonical, code := fold.EventName(event)
	if code != "" {
		return ErrorList{{Code: code, Field: "event", Message: "not an event name: " + fault.Quote(event)}}
	}
	return e.stepOnce(ctx, []store.Step{{Key: store.Key{Kind: store.KindEventName, ID: canonical}, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		if !creates && !rec.Exists {
			return nil
		}
		p := decide.CloneProfile(rec.Profile)
		if p.Attribute(defLabel).IsUnknown() {
			decide.SetAttribute(p, defLabel, String(fold.EventLabel(event)))
		}
		edit(p)
		c.Touch, c.Profile = true, p
		return nil
	})}})
}

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
	if err := e.editDefinition(ctx, event, archived, func(p *store.Profile) {
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
	e.states.Note(func(n *decide.Noted) { n.Archive(canonical, archived) })
}
