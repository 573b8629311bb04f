package vet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
)

// know takes in what the program declares and what a catalogue has. Either suffices to say
// that an event is unknown; of attributes only a catalogue says that.
func (v *vetter) know(c *Catalogue) {
	v.viewed, v.used = map[string]bool{}, map[string]bool{}
	if declared := v.program.Get("events"); declared != nil {
		v.events = map[string]*Event{}
		for i := range declared.Members {
			m := &declared.Members[i]
			e := &Event{Name: m.Name, Keys: map[string]Key{}, Strict: true}
			if keys := m.Value.Get("metadata"); keys != nil {
				for j := range keys.Members {
					k := &keys.Members[j]
					key := Key{Name: k.Name, Declared: true}
					if kind := text(&k.Value, "type"); kind != "" {
						key.Types = []string{kind}
					}
					if required := k.Value.Get("required"); required != nil {
						key.Required = required.Bool
					}
					e.Keys[fold.Key(k.Name)] = key
				}
			}
			v.events[canonical(m.Name)] = e
			v.pageView(m.Name, fault.JoinPath("events", m.Name), v.root())
		}
	}
	if c == nil {
		return
	}
	v.catalogue, v.attributes = c.Attributes != nil, attributesOf(c.Attributes, v.updates())
	if c.Events == nil {
		return
	}
	if v.events == nil {
		v.events = map[string]*Event{}
	}
	for i := range c.Events {
		name := canonical(c.Events[i].Name)
		e := v.events[name]
		if e == nil {
			v.events[name] = &c.Events[i]
			continue
		}
		e.Archived = e.Archived || c.Events[i].Archived
		for key, k := range c.Events[i].Keys {
			if _, declared := e.Keys[key]; !declared {
				e.Keys[key] = k
			}
		}
	}
}

// standardAttributes are those that every contact may have.
func standardAttributes() []string {
	return []string{
		"user_id", "id", "email", "anonymous_id", "name", "phone", "role", "timezone", "language", "created_at",
		"signed_up_at", "first_seen_at", "last_seen_at", "session_count", "last_contacted_at",
	}
}

// event tells of an event name that is not known.
func (v *vetter) event(name, path string, at owner) (known *Event) {
	v.pageView(name, path, at)
	if v.events == nil {
		return nil
	}
	if known = v.events[canonical(name)]; known == nil {
		v.add(at, path, UnknownEvent, "no event "+strconv.Quote(name)+" is known", v.near(name, v.eventNames()))
	}
	return known
}

// key tells of a metadata key that no event of the name carries.
func (v *vetter) key(event, key, path string, at owner) (known Key, ok bool) {
	if v.events == nil || event == "" {
		return Key{}, false
	}
	e := v.events[canonical(event)]
	if e == nil {
		return Key{}, false // told of the event
	}
	if known, ok = e.Keys[fold.Key(key)]; !ok {
		v.add(at, path, UnknownMetadata, "no event "+strconv.Quote(event)+" is known to carry "+strconv.Quote(key), v.nearKey(key, e))
		v.told[strings.TrimSuffix(path, ".metadata")] = true
	}
	return known, ok
}

// attribute tells of an attribute that no contact has, and that no series sets.
func (v *vetter) attribute(name, path string, at owner) {
	if !v.catalogue || v.attributes.known[name] || v.attributes.set[name] {
		return
	}
	v.add(at, path, UnknownAttribute, "no contact is known to have "+strconv.Quote(name), v.near(name, v.attributes.names))
	v.told[strings.TrimSuffix(path, ".user")] = true
}

// updates returns the attributes that series set.
func (v *vetter) updates() (names []string) {
	each(v.program, "series", func(s *ojson.Node, _ string) {
		each(s, "blocks", func(b *ojson.Node, _ string) {
			eachMember(b.Member("update").Get("attributes"), func(name string, value *ojson.Node) {
				if value.Kind != ojson.Null {
					names = append(names, name)
				}
			})
		})
	})
	return names
}

// updated tells of an attribute that a series sets and no contact has, if another was
// probably meant: contacts get new ones so.
func (v *vetter) updated(name, path string, at owner) {
	if !v.catalogue || v.attributes.known[name] {
		return
	}
	if fix := v.near(name, v.attributes.names[:v.attributes.setFrom]); fix != "" {
		v.add(at, path, UnknownAttribute, "no contact is known to have "+strconv.Quote(name), fix)
	}
}

// attributes are those that contacts have: standard ones, those of the catalogue, and those
// that series set.
type attributes struct {
	known   map[string]bool // without those that series set
	set     map[string]bool
	names   []string // all, in this order
	setFrom int      // here those that series set begin
}

func attributesOf(catalogue, sets []string) attributes {
	a := attributes{known: map[string]bool{}, set: map[string]bool{}, names: append(standardAttributes(), catalogue...)}
	a.setFrom = len(a.names)
	for _, name := range a.names {
		a.known[name] = true
	}
	for _, name := range sets {
		a.set[name] = true
	}
	a.names = append(a.names, sets...)
	return a
}

// eventNames are those of the events that are known.
func (v *vetter) eventNames() []string {
	if v.heard == nil {
		for _, e := range v.events {
			v.heard = append(v.heard, e.Name)
		}
		slices.Sort(v.heard)
	}
	return v.heard
}

// nearKey returns what was probably meant by a metadata key.
func (v *vetter) nearKey(key string, of *Event) string {
	if v.looks.Spent() {
		return ""
	}
	var names []string
	for _, k := range of.Keys {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	return v.near(key, names)
}

// names looks at the names in a rule; event is the event whose metadata it may ask for.
func (v *vetter) names(n *ojson.Node, path string, at owner, event string) {
	for _, name := range []string{"all", "any"} {
		if list := n.Get(name); list != nil {
			for i := range list.Items {
				v.names(&list.Items[i], path+"."+name+"["+strconv.Itoa(i)+"]", at, event)
			}
			return
		}
	}
	if inner := n.Get("not"); inner != nil {
		v.names(inner, path+".not", at, event)
		return
	}
	if name := text(n, "segment"); name != "" {
		v.used[name] = true
		return
	}
	if name := text(n, "event"); name != "" {
		if v.event(name, path+".event", at) == nil && v.events != nil {
			v.told[path] = true
		}
		if of := text(n, "of"); of != "" {
			if _, ok := v.key(name, of, path+".of", at); !ok && v.events != nil {
				v.told[path] = true
			}
		}
		if where := n.Get("where"); where != nil {
			v.rule(where, path+".where", at, name)
		}
	}
	if key := text(n, "metadata"); key != "" {
		v.key(event, key, path+".metadata", at)
	}
	if name := text(n, "user"); name != "" {
		v.attribute(name, path+".user", at)
	}
	if value := n.Get("value"); value != nil && value.Kind == ojson.Object {
		if name := text(value, "user"); name != "" {
			v.attribute(name, path+".value.user", at)
		}
		if key := text(value, "metadata"); key != "" {
			v.key(event, key, path+".value.metadata", at)
		}
		if key := text(value, "trigger"); key != "" {
			v.key(v.triggered, key, path+".value.trigger", at)
		}
	}
	v.wrongType(n, path, at, event)
}

// pageView tells once of an event that looks like a page view.
func (v *vetter) pageView(name, path string, at owner) {
	words := strings.FieldsFunc(canonical(name), func(r rune) bool { return r == '-' || r == '_' || r == ' ' || r == ':' || r == '/' })
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	switch {
	case has("pageview", "pageviews", "pageviewed", "viewedpage"):
	case has("page", "pages") && has("view", "views", "viewed", "visit", "visits", "visited", "load", "loaded", "open", "opened", "hit", "seen"):
	default:
		return
	}
	if v.viewed[canonical(name)] {
		return
	}
	v.viewed[canonical(name)] = true
	v.add(at, path, PageViewEvent, strconv.Quote(name)+" looks like a page view, and there are many of those", "use a visit, and rules on its page")
}
