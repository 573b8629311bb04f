package rule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A7: a segment stands in any rule, and in segments.
func TestSegments(t *testing.T) {
	segments := map[string]Rule{
		"adult":  user("age").AtLeast(18),
		"paying": all(inSegment("adult"), user("plan").Is("pro")),
		"page":   pageURL().Contains("x"),
		"alias":  inSegment("paying"),
	}
	c := &Compiler{Segments: segments}
	rule := compileTest(t, `{"any":[{"not":{"segment":"alias"}},{"all":[{"segment":"adult"},{"segment":"page"}]}]}`, OfContact, c)
	if !rule.usesPage || rule.UsesCompany || rule.usesEvents || rule.usesMetadata {
		t.Errorf("%+v", rule)
	}
	rec := func(age int, plan string) *store.Record {
		return &store.Record{Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute("age", value.Number(age)), store.NewAttribute("plan", value.String(plan))}}}
	}
	for _, c := range []struct {
		rec  *store.Record
		page *store.Page
		want bool
	}{
		{rec(17, "pro"), nil, true},
		{rec(18, "free"), nil, true},
		{rec(18, "pro"), nil, false},
		{rec(18, "pro"), &store.Page{URL: "x"}, true},
	} {
		s := &Scope{Rec: c.rec, Page: c.page, Loc: time.UTC}
		if got := rule.Eval(s); got != c.want || rule.Explain(s).Matched != got {
			t.Errorf("%v: %v", c.rec.Profile.Attributes, got)
		}
	}
	// A segment of the page alone can stand in an event's where; a change of it
	// changes what is counted.
	a := compileTest(t, `{"event":"x","stat":"count","op":"is","value":0,"where":{"segment":"page"}}`, OfContact, c)
	b := compileTest(t, `{"event":"x","stat":"count","op":"is","value":0,"where":{"page":"url","op":"contains","value":"x"}}`, OfContact, c)
	if a.Conditions[0].counter != b.Conditions[0].counter {
		t.Errorf("%q and %q", a.Conditions[0].counter.Def, b.Conditions[0].counter.Def)
	}
}

// A8, fault 34: unknown segments, cycles, segments where they cannot stand.
func TestFaultsOfSegments(t *testing.T) {
	doubled := map[string]Rule{"s0": user("a").IsUnknown()}
	for i := range 20 {
		below := inSegment(fmt.Sprintf("s%d", i))
		doubled[fmt.Sprintf("s%d", i+1)] = all(below, below)
	}
	deep := map[string]Rule{"s0": user("a").IsUnknown()}
	for i := range 40 {
		deep[fmt.Sprintf("s%d", i+1)] = inSegment(fmt.Sprintf("s%d", i))
	}
	for _, c := range []struct {
		name     string
		segments map[string]Rule
		rule     Rule
		paths    string
	}{
		{"self", map[string]Rule{"a": inSegment("a")}, all(inSegment("a")), "s.a.segment"},
		{"two", map[string]Rule{"a": not(inSegment("b")), "b": all(user("x").Is(1), inSegment("a"))}, inSegment("a"), "s.a.not.segment s.b.all[1].segment"},
		{"leads into one", map[string]Rule{"a": inSegment("b"), "b": inSegment("b")}, inSegment("a"), "s.b.segment"},
		{"unknown", map[string]Rule{"a": inSegment("nope")}, inSegment("a"), "s.a.segment"},
		{"unknown, used", nil, anyOf(inSegment("x"), inSegment("y")), "r.any[0].segment r.any[1].segment"},
		{"fault inside", map[string]Rule{"a": {User: "x", Op: "nope"}}, inSegment("a"), "s.a.op"},
		{"empty", map[string]Rule{"a": {}}, inSegment("a"), "s.a"},
		{"no name", map[string]Rule{"": all()}, all(), `s[""]`},
		{"metadata", map[string]Rule{"a": metadata("x").Is(1)}, inSegment("a"), "s.a.metadata"},
		{"misplaced", map[string]Rule{"a": all(user("x").Is(1), company("y").Is(1))}, did("e").where(inSegment("a")).AtLeast(1), "r.where.segment"},
		{"misplaced twice", map[string]Rule{"a": user("x").Is(1)}, all(did("e").where(inSegment("a")).AtLeast(1), did("f").where(not(inSegment("a"))).AtLeast(1)), "r.all[0].where.segment r.all[1].where.not.segment"},
		{"doubled", doubled, all(), "s.s12.all[0].segment s.s13.all[1].segment s.s14.all[1].segment s.s15.all[1].segment s.s16.all[1].segment s.s17.all[1].segment s.s18.all[1].segment s.s19.all[1].segment s.s20.all[1].segment"},
	} {
		var faults fault.List
		k := &Compiler{Segments: c.segments, Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}
		k.JudgeSegments("s")
		Compile(ref(c.rule), k, OfContact, "r")
		var paths []string
		for _, f := range faults {
			paths = append(paths, f.Path)
		}
		if got := strings.Join(paths, " "); got != c.paths {
			t.Errorf("%s: got %q, want %q\n%v", c.name, got, c.paths, faults)
		}
	}
	var faults fault.List
	k := &Compiler{Segments: deep, Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}
	if Compile(ref(inSegment("s40")), k, OfContact, "r"); len(faults) != 1 || faults[0].Path != "r.segment" {
		t.Errorf("deep: %v", faults)
	}
}
