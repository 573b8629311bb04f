// Package vet finds what in a program is legal and surely wrong. It reads the program's
// document, and judges conditions by the code that engines run.
package vet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/suggest"
)

// A Finding is what is wrong at one place.
type Finding struct {
	Path    string
	ID      string // of the message, series, segment or cap that it is about; empty for the program
	Code    string // one of those in codes.go
	Message string
	Fix     string
}

// A Catalogue is what is known beside the program: the events that came, and the
// attributes that contacts have. Nil lists say nothing.
type Catalogue struct {
	Events     []Event
	Attributes []string
}

// An Event is what is known of an event name.
type Event struct {
	Name     string
	Archived bool
	Keys     map[string]Key // by key, folded

	Description string // of a catalogue
	Strict      bool   // it was declared, and other keys are not accepted
}

// A Key is a metadata key.
type Key struct {
	Name     string
	Types    []string // none: any
	Declared bool
	Required bool
}

// Check returns the findings of a program that can be published, by place.
func Check(program *ojson.Node, known *Catalogue) []Finding {
	v := &vetter{program: program, told: map[string]bool{}, faulty: map[string]bool{}}
	v.segments = cmp.Or(program.Get("segments"), &ojson.Node{})
	v.segment = make(map[string]*ojson.Node, len(v.segments.Members))
	for i := range v.segments.Members {
		if m := &v.segments.Members[i]; v.segment[m.Name] == nil {
			v.segment[m.Name] = &m.Value
		}
	}
	v.zone = time.UTC
	if zone, err := calendar.LoadZone(text(program, "timezone")); err == nil && text(program, "timezone") != "" {
		v.zone = zone
	}
	v.know(known)
	v.codes()
	v.segmentRules()
	v.messages()
	v.series()
	v.caps()
	v.unusedSegments()
	v.hours()
	return v.findings
}

// A vetter collects findings.
type vetter struct {
	program  *ojson.Node
	zone     *time.Location // the workspace's
	segments *ojson.Node
	segment  map[string]*ojson.Node // by name
	findings []Finding
	found    int             // how many findings there were, also those that are ignored
	told     map[string]bool // paths of conditions that something was told about
	faulty   map[string]bool // paths of segments that were looked at: whether something was found

	events     map[string]*Event // by canonical name; nil: nothing is known
	heard      []string          // their names, sorted
	catalogue  bool              // attributes are known
	attributes attributes
	looks      suggest.Budget
	viewed     map[string]bool // names that look like page views, told once
	used       map[string]bool // segments
	whole      *owner          // see root
	caught     map[reach]bool  // by caps, see bounded
	pageless   bool            // no page is ever known to the rule that is looked at
	triggered  string          // the event that triggers the message that is looked at
}

// An owner is what a finding is about.
type owner struct {
	id     string
	ignore *silence
}

// A silence is what codes a place ignores, within another.
type silence struct {
	codes  map[string]bool
	within *silence
}

func (s *silence) has(code string) bool {
	for ; s != nil; s = s.within {
		if s.codes[code] {
			return true
		}
	}
	return false
}

// owned returns the owner that a node is, within another.
func (o owner) owned(id string, n *ojson.Node) owner {
	list := ignored(n)
	if len(list) == 0 {
		return owner{id, o.ignore}
	}
	codes := make(map[string]bool, len(list))
	for _, code := range list {
		codes[code] = true
	}
	return owner{id, &silence{codes, o.ignore}}
}

func ignored(n *ojson.Node) (codes []string) {
	list := n.Get("vet_ignore")
	if list == nil {
		return nil
	}
	for i := range list.Items {
		codes = append(codes, list.Items[i].Text)
	}
	return codes
}

func (v *vetter) root() owner {
	if v.whole == nil {
		at := owner{}.owned("", v.program)
		v.whole = &at
	}
	return *v.whole
}

// add adds a finding unless its owner ignores it.
func (v *vetter) add(at owner, path, code, message, fix string) {
	v.found++
	if !at.ignore.has(code) {
		v.findings = append(v.findings, Finding{Path: path, ID: at.id, Code: code, Message: message, Fix: fix})
	}
}

// drop takes back what was told, from a finding on, of rules within one that is told of
// itself.
func (v *vetter) drop(from int, prefix string) {
	kept := slices.DeleteFunc(v.findings[from:], func(f Finding) bool {
		return strings.HasPrefix(f.Path, prefix) && (f.Code == Contradiction || f.Code == AlwaysTrue)
	})
	v.findings = v.findings[:from+len(kept)]
}

// each calls fn with the items of a list of the program.
func each(n *ojson.Node, name string, fn func(item *ojson.Node, path string)) {
	if list := n.Get(name); list != nil {
		for i := range list.Items {
			fn(&list.Items[i], name+"["+strconv.Itoa(i)+"]")
		}
	}
}

// eachMember calls fn with the members of an object, in the order of their names.
func eachMember(n *ojson.Node, fn func(name string, value *ojson.Node)) {
	if n == nil {
		return
	}
	members := slices.Clone(n.Members)
	slices.SortStableFunc(members, func(a, b ojson.Member) int { return strings.Compare(a.Name, b.Name) })
	for i := range members {
		fn(members[i].Name, &members[i].Value)
	}
}

// rule looks at a rule, and returns it as a tree; nil for none.
func (v *vetter) rule(n *ojson.Node, path string, at owner, event string) *tree {
	if n == nil || len(n.Members) == 0 {
		return nil
	}
	at = at.owned(at.id, n)
	j := v.judge()
	j.from = len(v.findings)
	v.names(n, path, at, event)
	t := j.read(n, path)
	j.vet(t, at)
	return t
}

// again reads a rule together with others, so that they look at the same subjects.
func (v *vetter) again(j *judge, n *ojson.Node, path string) *tree {
	if n == nil || len(n.Members) == 0 {
		return nil
	}
	return j.read(n, path)
}

// segmentPath returns the path of a segment.
func segmentPath(name string) string { return fault.JoinPath("segments", name) }

// segmentRules looks at the segments. One that another names is looked at before it, so that
// what is found in it is told there alone.
func (v *vetter) segmentRules() {
	before, told := v.findings, map[string][]Finding{}
	var look func(name string)
	look = func(name string) {
		n, path := v.segment[name], segmentPath(name)
		if _, seen := v.faulty[path]; seen || n == nil {
			return
		}
		v.faulty[path] = false
		named(n, look)
		v.findings = nil
		found := v.found
		v.rule(n, path, v.root().owned(name, n), "")
		v.faulty[path], told[name] = v.found > found, v.findings
	}
	eachMember(v.segments, func(name string, _ *ojson.Node) { look(name) })
	v.findings = before
	eachMember(v.segments, func(name string, _ *ojson.Node) { v.findings = append(v.findings, told[name]...) })
}

// named calls fn with each segment that a rule names.
func named(n *ojson.Node, fn func(name string)) {
	if name := text(n, "segment"); name != "" {
		fn(name)
	}
	for _, member := range []string{"all", "any"} {
		if list := n.Get(member); list != nil {
			for i := range list.Items {
				named(&list.Items[i], fn)
			}
		}
	}
	for _, member := range []string{"not", "where"} {
		if inner := n.Get(member); inner != nil {
			named(inner, fn)
		}
	}
}

// near returns what was probably meant by a name, as a fix.
func (v *vetter) near(name string, known []string) string {
	if meant := v.looks.Nearest(name, known); meant != "" {
		return "did you mean " + strconv.Quote(meant) + "?"
	}
	return ""
}

// canonical returns an event name as events are told apart.
func canonical(name string) string {
	folded, code := fold.EventName(name)
	if code != "" {
		return name
	}
	return folded
}

func foldKey(key string) string { return fold.Key(key) }
