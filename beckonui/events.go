package beckonui

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
)

// namesFor is how long a list of event names is shown before it is read again: a store that
// lists many would otherwise be read whole for each page of it.
const namesFor = 10 * time.Second

// nameCache remembers the catalogue.
type nameCache struct {
	reading chan struct{} // of one: who has it reads
	once    sync.Once

	mu      sync.Mutex
	list    []beckon.Definition
	partial bool
	at      time.Time
}

// catalogue returns the event names that are known, by name. One request at a time reads it.
func (q *request) catalogue() (list []beckon.Definition, partial bool, err error) {
	c := &q.names
	c.once.Do(func() { c.reading = make(chan struct{}, 1) })
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	case <-q.ctx.Done():
		return nil, false, q.ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now() //nolint:forbidigo // how old what was read is has nothing to do with the engine's clock
	if !c.at.IsZero() && now.Sub(c.at) < namesFor {
		return c.list, c.partial, nil
	}
	ctx, end := q.lasting()
	defer end()
	read, err := q.engine.Catalogue(ctx)
	if partial, err = q.damaged(err); err != nil {
		return nil, false, err
	}
	c.list, c.partial, c.at = read, partial, now
	return read, partial, nil
}

type eventsView struct {
	Query    string
	Archived bool // the list is that of archived names
	List     []eventRow
	InUse    int // names that fit the query
	Kept     int // of archived ones
	After    string
	IsFirst  bool
	Partial  bool
}

type eventRow struct {
	beckon.Definition
	Declared bool
}

// eventsPage lists the event names that are known: those in use, or those that are archived.
func eventsPage(q *request) error {
	v := eventsView{Query: strings.TrimSpace(q.args.Get("q")), Archived: q.args.Get("archived") != "", IsFirst: q.args.Get("after") == ""}
	list, partial, err := q.catalogue()
	if err != nil {
		return err
	}
	p, err := q.program()
	if err != nil {
		return err
	}
	declared := p.declared()
	v.Partial = partial
	after, sought := q.args.Get("after"), strings.ToLower(v.Query)
	for i := range list {
		d := &list[i]
		if sought != "" && !strings.Contains(d.Name, sought) && !strings.Contains(strings.ToLower(d.Label), sought) && !strings.Contains(strings.ToLower(d.Description), sought) {
			continue
		}
		if d.Archived {
			v.Kept++
		} else {
			v.InUse++
		}
		if d.Archived != v.Archived || d.Name <= after && after != "" {
			continue
		}
		if len(v.List) == pageSize {
			v.After = v.List[pageSize-1].Name
			continue
		}
		v.List = append(v.List, eventRow{*d, declared[d.Name] != nil})
	}
	q.show(http.StatusOK, "events", view{Title: "Events", Nav: "events", Of: v})
	return nil
}

// declared returns what the program declares, by canonical name.
func (p *published) declared() map[string]*beckon.EventDeclaration {
	all := map[string]*beckon.EventDeclaration{}
	if p == nil {
		return all
	}
	for name, d := range p.program.Events {
		if canonical, err := beckon.CanonicalEventName(name); err == nil {
			all[canonical] = &d
		}
	}
	return all
}

type eventView struct {
	Name, Label string
	Description string
	Own         string // the description that the catalogue has
	Most        int    // bytes of one
	Done        string // what was changed just now
	Archived    bool
	Known       bool // it was tracked or described
	Declared    *beckon.EventDeclaration
	Keys        []keyRow
	Messages    []string // that it triggers
	Series      []string
	HasText     bool
}

type keyRow struct {
	Key, Label string
	Seen       []string // types
	Declared   *beckon.KeyDeclaration
}

// eventPage shows one event name.
func eventPage(q *request) error {
	name, err := beckon.CanonicalEventName(q.args.Get("name"))
	if err != nil {
		return errNotFound
	}
	list, _, err := q.catalogue()
	if err != nil {
		return err
	}
	p, err := q.program()
	if err != nil {
		return err
	}
	v := eventView{Name: name, Label: name, Declared: p.declared()[name], HasText: p != nil}
	i, known := slices.BinarySearchFunc(list, name, func(d beckon.Definition, name string) int { return strings.Compare(d.Name, name) })
	v.triggers(p)
	if !known && v.Declared == nil && len(v.Messages)+len(v.Series) == 0 {
		return refused{http.StatusNotFound, "No event of this name is known."}
	}
	rows := map[string]*keyRow{}
	var order []*keyRow
	row := func(key string) *keyRow {
		folded := strings.ToLower(key)
		if rows[folded] == nil {
			rows[folded] = &keyRow{Key: key, Label: beckon.DisplayKey(key)}
			order = append(order, rows[folded])
		}
		return rows[folded]
	}
	if known {
		d := &list[i]
		v.Known, v.Label, v.Description, v.Own, v.Archived = true, d.Label, d.Description, d.Description, d.Archived
		for _, k := range d.Keys {
			row(k.Key).Seen = k.Types
		}
	}
	if v.Declared != nil {
		for _, key := range slices.Sorted(maps.Keys(v.Declared.Metadata)) {
			k := v.Declared.Metadata[key]
			row(key).Declared = &k
		}
		if v.Description == "" {
			v.Description = v.Declared.Description
		}
	}
	for _, k := range order {
		v.Keys = append(v.Keys, *k)
	}
	v.Most = beckon.MaxDescriptionLength
	v.Done = map[string]string{
		"described": "The description is changed.", "archived": "It is archived.", "restored": "It is restored: it is recorded again, and triggers what it did.",
	}[q.args.Get("done")]
	q.show(http.StatusOK, "event", view{Title: v.Label, Nav: "events", Of: v})
	return nil
}

// triggers lists what the event sets off.
func (v *eventView) triggers(p *published) {
	if p == nil {
		return
	}
	is := func(t *beckon.Trigger) bool {
		if t == nil || t.Event == "" {
			return false
		}
		name, err := beckon.CanonicalEventName(t.Event)
		return err == nil && name == v.Name
	}
	for i := range p.program.Messages {
		if m := &p.program.Messages[i]; is(m.Trigger) && len(v.Messages) < pageSize {
			v.Messages = append(v.Messages, m.ID)
		}
	}
	for i := range p.program.Series {
		if s := &p.program.Series[i]; is(s.Entry.Trigger) && len(v.Series) < pageSize {
			v.Series = append(v.Series, s.ID)
		}
	}
}

// describe sets what the catalogue says of an event name.
func describe(q *request) error {
	text := strings.TrimSpace(strings.ReplaceAll(q.args.Get("description"), "\r\n", "\n"))
	return q.define("described", func(ctx context.Context, name string) error { return q.engine.Describe(ctx, name, text) })
}

func archive(q *request) error { return q.define("archived", q.engine.Archive) }

func restore(q *request) error { return q.define("restored", q.engine.Unarchive) }

// define changes what the catalogue has of an event name, and leads back to its page.
func (q *request) define(done string, change func(ctx context.Context, name string) error) error {
	name, err := beckon.CanonicalEventName(q.args.Get("name"))
	if err != nil {
		return errNotFound
	}
	ctx, end := q.lasting()
	defer end()
	err = change(ctx, name)
	q.names.forget() // what failed may have changed something before
	if err != nil {
		return err
	}
	q.redirect(link("event", "name", name, "done", done))
	return nil
}

// forget has the catalogue read again for the next page.
func (c *nameCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Time{}
}
