package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// ref returns a rule's address.
func ref(r Rule) *Rule { return &r }

// pathsOf reads and compiles a rule at "r" and returns the paths of all faults.
func pathsOf(doc string, ctx Context, segments map[string]Rule) (paths []string, faults fault.List) {
	n := nodeTest(doc)
	r := Decode(&n, "r", &faults)
	if len(faults) == 0 {
		c := &Compiler{Segments: segments, Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}
		Compile(&r, c, ctx, "r")
	}
	for _, f := range faults {
		paths = append(paths, f.Path)
	}
	return paths, faults
}

// A8, fault 32: every fault has the path to the member that is wrong, and one
// mistake is one fault.
func TestFaultsOfConditions(t *testing.T) {
	for _, c := range []struct{ doc, paths string }{
		// Shape.
		{`[]`, "r"},
		{`null`, "r"},
		{`{}`, "r"},
		{`{"op":"is","value":1}`, "r"},
		{`{"user":"a","company":"b","op":"is","value":1}`, "r"},
		{`{"all":[],"any":[]}`, "r"},
		{`{"all":[],"op":"is","value":1}`, "r.op r.value"},
		{`{"all":{}}`, "r.all"},
		{`{"not":[]}`, "r.not"},
		{`{"all":[{"any":[{"not":{}}]}]}`, "r.all[0].any[0].not"},
		{`{"all":[1,{"user":"a","op":"is_unknown"},{}]}`, "r.all[0] r.all[2]"},
		{`{"usr":"a","op":"is","value":1}`, "r.usr"},
		{`{"user":"a","user":"b","op":"is","value":1}`, "r.user"},
		{`{"USER":"a","op":"is","value":1}`, "r.USER"},
		{`{"user":1,"op":"is","value":1}`, "r.user"},
		{`{"user":"","op":"is","value":1}`, "r.user"},
		{`{"user":"a\u0000b","op":"is","value":1,"a b":1}`, `r["a b"]`},
		// Subjects.
		{`{"page":"uri","op":"is","value":"x"}`, "r.page"},
		{`{"page":"","op":"is","value":"x"}`, "r.page"},
		{`{"event":" ","stat":"count","op":"is","value":1}`, "r.event"},
		{`{"event":"a\u0007b","stat":"count","op":"is","value":1}`, "r.event"},
		{`{"segment":"a","op":"is"}`, "r.op"},
		{`{"segment":"nope"}`, "r.segment"},
		{`{"segment":""}`, "r.segment"},
		// Statistics.
		{`{"event":"a","op":"is","value":1}`, "r.stat"},
		{`{"event":"a","stat":"cnt","op":"is","value":1}`, "r.stat"},
		{`{"event":"a","stat":"last_sent","op":"less_than_ago","value":"1d"}`, "r.stat"},
		{`{"message":"a","stat":"count","op":"is","value":1}`, "r.stat"},
		{`{"user":"a","stat":"count","op":"is","value":1}`, "r.stat"},
		// Operators.
		{`{"user":"a","value":1}`, "r.op"},
		{`{"user":"a","op":"","value":1}`, "r.op"},
		{`{"user":"a","op":"IS","value":1}`, "r.op"},
		{`{"user":"a","op":"greater_thn","value":1}`, "r.op"},
		{`{"event":"a","stat":"count","op":"contains","value":"1"}`, "r.op"},
		{`{"event":"a","stat":"count","op":"in","value":[1]}`, "r.op"},
		{`{"event":"a","stat":"count","op":"is_unknown"}`, "r.op"},
		{`{"event":"a","stat":"last","op":"at_least","value":1}`, "r.op"},
		{`{"message":"a","stat":"last_sent","op":"is","value":1}`, "r.op"},
		{`{"page":"url","op":"at_least","value":1}`, "r.op"},
		{`{"page":"seconds","op":"contains","value":"1"}`, "r.op"},
		{`{"user":"created_at","op":"contains","value":"1"}`, "r.op"},
		{`{"user":"role","op":"less_than_ago","value":"1d"}`, "r.op"},
		{`{"user":"email","op":"contains_any","value":["a"]}`, "r.op"},
		// Values.
		{`{"user":"a","op":"is"}`, "r.value"},
		{`{"user":"a","op":"is","value":null}`, "r.value"},
		{`{"user":"a","op":"is","value":["x"]}`, "r.value"},
		{`{"user":"a","op":"is","value":{"amount":1}}`, "r.value"},
		{`{"user":"a","op":"is","value":{"amount":"1","currency":"eur"}}`, "r.value"},
		{`{"user":"a","op":"is","value":{"amount":1,"currency":"xyz"}}`, "r.value"},
		{`{"user":"a","op":"is","value":{"amount":1.5,"currency":"eur"}}`, "r.value"},
		{`{"user":"a","op":"is","value":1e400}`, "r.value"},
		{`{"user":"name","op":"is","value":1}`, "r.value"},
		{`{"user":"a","op":"is_unknown","value":1}`, "r.value"},
		{`{"user":"a","op":"has_any_value","value":null}`, "r.value"},
		{`{"user":"a","op":"contains","value":1}`, "r.value"},
		{`{"user":"a","op":"contains_word","value":"--"}`, "r.value"},
		{`{"user":"a","op":"in","value":"x"}`, "r.value"},
		{`{"user":"a","op":"in","value":["x",null,["y"],{"amount":1}]}`, "r.value[1] r.value[2] r.value[3]"},
		{`{"user":"email","op":"in","value":["x",1]}`, "r.value[1]"},
		{`{"user":"a","op":"greater_than","value":"3"}`, "r.value"},
		{`{"user":"a","op":"greater_than","value":true}`, "r.value"},
		{`{"user":"a","op":"between","value":3}`, "r.value"},
		{`{"user":"a","op":"between","value":[1]}`, "r.value"},
		{`{"user":"a","op":"between","value":[1,2,3]}`, "r.value"},
		{`{"user":"a","op":"between","value":[1,"2"]}`, "r.value[1]"},
		{`{"user":"a","op":"between","value":["1",true]}`, "r.value[0] r.value[1]"},
		{`{"user":"a","op":"between","value":[2,1]}`, "r.value"},
		{`{"user":"a","op":"between","value":[1,{"amount":1,"currency":"eur"}]}`, "r.value"},
		{`{"user":"a","op":"between","value":[{"amount":1,"currency":"usd"},{"amount":1,"currency":"eur"}]}`, "r.value"},
		{`{"user":"a","op":"between","value":[{"amount":2,"currency":"eur"},{"amount":1,"currency":"eur"}]}`, "r.value"},
		{`{"user":"a","op":"less_than_ago","value":7}`, "r.value"},
		{`{"user":"a","op":"less_than_ago","value":"7 days"}`, "r.value"},
		{`{"user":"a","op":"less_than_ago","value":"0s"}`, "r.value"},
		{`{"user":"a","op":"more_than_ago","value":"-1d"}`, "r.value"},
		{`{"user":"a","op":"exactly_ago","value":"36h"}`, "r.value"},
		{`{"user":"a","op":"exactly_ago","value":"1d12h"}`, "r.value"},
		{`{"user":"a","op":"exactly_ago","value":"0s"}`, "r.value"},
		{`{"user":"a","op":"after","value":3}`, "r.value"},
		{`{"user":"a","op":"after","value":"2026-02-30"}`, "r.value"},
		{`{"user":"a","op":"before","value":"2026-1-2"}`, "r.value"},
		{`{"user":"a","op":"before","value":"2026-01-02T15:04:05"}`, "r.value"},
		{`{"user":"a","op":"on","value":"2026-01-02T15:04:05Z"}`, "r.value"},
		{`{"user":"a","op":"contains_any","value":"x"}`, "r.value"},
		{`{"user":"a","op":"contains_all","value":["x",1,true]}`, "r.value[1] r.value[2]"},
		{`{"event":"a","stat":"count","op":"at_least","value":"3"}`, "r.value"},
		{`{"event":"a","stat":"count","op":"is","value":{"amount":1,"currency":"eur"}}`, "r.value"},
		{`{"event":"a","stat":"count","op":"at_least","value":{"amount":1,"currency":"eur"}}`, "r.value"},
		// Windows and filters.
		{`{"event":"a","stat":"count","op":"is","value":1,"within":7}`, "r.within"},
		{`{"event":"a","stat":"count","op":"is","value":1,"within":"7"}`, "r.within"},
		{`{"event":"a","stat":"count","op":"is","value":1,"within":"0s"}`, "r.within"},
		{`{"event":"a","stat":"count","op":"is","value":1,"within":"-1h"}`, "r.within"},
		{`{"event":"a","stat":"last","op":"is_unknown","within":"1h"}`, "r.within"},
		{`{"message":"a","stat":"sent_count","op":"is","value":1,"within":"1h"}`, "r.within"},
		{`{"user":"a","op":"is","value":1,"within":"1h","where":{"all":[]}}`, "r.where r.within"},
		{`{"event":"a","stat":"count","op":"at_least","value":10001,"within":"1h"}`, "r.value"},
		{`{"event":"a","stat":"count","op":"is","value":1,"where":{}}`, "r.where"},
		{`{"event":"a","stat":"count","op":"is","value":1,"where":{"all":[{"user":"a","op":"is","value":1}]}}`, "r.where.all[0].user"},
		{`{"event":"a","stat":"last","op":"is_unknown","where":{"any":[{"company":"a","op":"is","value":1},{"message":"a","stat":"last_sent","op":"is_unknown"},{"event":"b","stat":"last","op":"is_unknown"}]}}`, "r.where.any[0].company r.where.any[1].message r.where.any[2].event"},
		{`{"metadata":"a","op":"is","value":1}`, "r.metadata"},
		{`{"all":[{"user":"a","op":"is","value":1},{"not":{"metadata":"a","op":"is","value":1}}]}`, "r.all[1].not.metadata"},
		// All at once, in the order of the document.
		{
			`{"all":[{"user":"a","op":"x","value":1},{"any":[{"usr":"a"},{"user":"a","op":"is"}]},{"user":"a","op":"between","value":[3,"x"]}]}`,
			"r.all[0].op r.all[1].any[0].usr r.all[1].any[1].value r.all[2].value[1]",
		},
		{`{"all":[{"segment":"x"},{"metadata":"a","op":"is","value":1},{"segment":"y"}]}`, "r.all[0].segment r.all[1].metadata r.all[2].segment"},
		// None.
		{`{"event":"a","stat":"count","op":"is","value":1,"where":{"all":[{"metadata":"k","op":"is","value":1},{"page":"url","op":"is","value":"x"}]}}`, ""},
		{`{"all":[]}`, ""},
	} {
		paths, faults := pathsOf(c.doc, OfContact, nil)
		if got := strings.Join(paths, " "); got != c.paths {
			t.Errorf("%s\n got %q\nwant %q\n%v", c.doc, got, c.paths, faults)
		}
		for _, f := range faults {
			if f.Code != fault.ErrProgramInvalid || len(f.Message) > 400 || f.Message == "" {
				t.Errorf("%s: %q %q", c.doc, f.Code, f.Message)
			}
		}
	}
}

// A misspelt name says which was probably meant.
func TestSuggestions(t *testing.T) {
	segments := map[string]Rule{"power-users": all()}
	for doc, want := range map[string]string{
		`{"user":"a","op":"greater_thn","value":1}`:                                    `did you mean "greater_than"?`,
		`{"user":"a","opp":"is","value":1}`:                                            `did you mean "op"?`,
		`{"event":"a","stat":"conut","op":"is","value":1}`:                             `did you mean "count"?`,
		`{"page":"ulr","op":"is","value":"x"}`:                                         `did you mean "url"?`,
		`{"user":"a","op":"is","value":{"usr":"b"}}`:                                   `; "usr" is not among them, did you mean "user"?`,
		`{"user":"a","op":"is","value":{"amount":1,"curency":"eur"}}`:                  `; "curency" is not among them, did you mean "currency"?`,
		`{"user":"a","op":"is","value":{"amount":1,"currency":"eur","curency":"eur"}}`: `{"trigger": key}`,
		`{"user":"a","op":"is","value":{"user":"a","metadat":"eur"}}`:                  `; "metadat" is not among them, did you mean "metadata"?`,
		`{"segment":"power_user"}`:                                                     `did you mean "power-users"?`,
		`{"event":"a","stat":"count","were":{},"op":"is"}`:                             `did you mean "where"?`,
		`{"user":"created_at","op":"after","value":"Friday"}`:                          `2026-01-02`,
	} {
		_, faults := pathsOf(doc, OfContact, segments)
		if len(faults) == 0 || !strings.Contains(faults.Error(), want) {
			t.Errorf("%s: %v", doc, faults)
		}
	}
}

// A1, fault 33: limits hold while reading and again while compiling.
func TestRuleLimits(t *testing.T) {
	nest := func(depth int) string {
		return strings.Repeat(`{"not":`, depth) + `{"user":"a","op":"is_unknown"}` + strings.Repeat("}", depth)
	}
	if paths, faults := pathsOf(nest(MaxDepth), OfContact, nil); len(paths) > 0 {
		t.Errorf("%d levels: %v", MaxDepth, faults)
	}
	if paths, _ := pathsOf(nest(MaxDepth+1), OfContact, nil); len(paths) != 1 || paths[0] != "r"+strings.Repeat(".not", MaxDepth+1) {
		t.Errorf("%d levels: %v", MaxDepth+1, paths)
	}
	if paths, _ := pathsOf(nest(200), OfContact, nil); len(paths) != 1 {
		t.Errorf("200 levels: %v", paths)
	}
	wide := func(n int) string {
		return `{"all":[` + strings.TrimSuffix(strings.Repeat(`{"user":"a","op":"is_unknown"},`, n), ",") + `]}`
	}
	if paths, faults := pathsOf(wide(MaxConditions), OfContact, nil); len(paths) > 0 {
		t.Errorf("%d conditions: %v", MaxConditions, faults)
	}
	if paths, _ := pathsOf(wide(MaxConditions+500), OfContact, nil); len(paths) != 1 || paths[0] != "r.all[1000]" {
		t.Errorf("%d conditions: %v", MaxConditions+500, paths)
	}
	groups := `{"all":[` + strings.TrimSuffix(strings.Repeat(`{"any":[]},`, 1000), ",") + `]}`
	if paths, _ := pathsOf(groups, OfContact, nil); len(paths) != 1 {
		t.Errorf("1001 groups: %v", paths)
	}
	for _, c := range []struct {
		rule Rule
		path string
	}{
		{not(user("a").Is(strings.Repeat("é", MaxText+1))), "r.not.value"},
		{not(user(strings.Repeat("é", MaxText+1)).IsUnknown()), "r.not.user"},
		{user("a").In(make([]int, MaxList+1)), "r.value"},
		{user("a").ContainsAll(make([]string, MaxList+1)), "r.value"},
		{user("a").Is("\xff"), "r.value"},
		{user("\xff").IsUnknown(), "r.user"},
		{did("\xff").AtLeast(1), "r.event"},
		{nestGo(MaxDepth + 1), "r" + strings.Repeat(".not", MaxDepth+1)},
		{wideGo(MaxConditions + 1), "r.all[0]"},                     // emitted from the last to the first
		{selfContained(), "r" + strings.Repeat(".not", MaxDepth+1)}, // fault 34
	} {
		var faults fault.List
		Compile(ref(c.rule), &Compiler{Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}, OfContact, "r")
		if len(faults) != 1 || faults[0].Path != c.path {
			t.Errorf("want %s: %v", c.path, faults)
		}
	}
	var faults fault.List
	Compile(ref(nestGo(3)), &Compiler{Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults, depth: 2, conditions: 3}, OfContact, "r")
	if len(faults) != 1 || faults[0].Path != "r.not.not.not" {
		t.Errorf("a lower limit: %v", faults)
	}
	if _, err := selfContained().MarshalJSON(); err == nil {
		t.Error("a rule that contains itself has a document")
	}
}

func nestGo(depth int) Rule {
	r := user("a").IsUnknown()
	for range depth {
		r = not(r)
	}
	return r
}

func wideGo(n int) Rule {
	list := make([]Rule, n)
	for i := range list {
		list[i] = user("a").IsUnknown()
	}
	return all(list...)
}

func selfContained() Rule {
	var r Rule
	r.Not = &r
	return r
}

// What a plan must know of a rule before it runs.
func TestRuleUses(t *testing.T) {
	for _, c := range []struct {
		doc  string
		want string
	}{
		{`{"user":"a","op":"is_unknown"}`, ""},
		{`{"not":{"company":"a","op":"is_unknown"}}`, "company"},
		{`{"event":"a","stat":"count","op":"is","value":0}`, "events"},
		{`{"event":"a","stat":"count","op":"is","value":0,"where":{"metadata":"k","op":"is","value":1}}`, "events"},
		{`{"metadata":"k","op":"is","value":1}`, "metadata"},
		{`{"page":"seconds","op":"is","value":1}`, "page"},
	} {
		r := compileTest(t, c.doc, OfTrigger, nil)
		var uses []string
		for name, used := range map[string]bool{"company": r.UsesCompany, "events": r.usesEvents, "metadata": r.usesMetadata, "page": r.usesPage} {
			if used {
				uses = append(uses, name)
			}
		}
		slices.Sort(uses)
		if strings.Join(uses, " ") != c.want {
			t.Errorf("%s uses %v", c.doc, uses)
		}
	}
}

// Z2: the explanation has every condition with the value seen.
func TestExplainRule(t *testing.T) {
	doc := `{"all":[{"user":"a","op":"at_least","value":18},{"not":{"any":[{"user":"b","op":"is","value":"x"},{"segment":"s"}]}},{"event":"e","stat":"last","op":"is_unknown"},{"event":"e","stat":"count","op":"is","value":0}]}`
	rule := compileTest(t, doc, OfContact, &Compiler{Segments: map[string]Rule{"s": pageURL().Contains("p")}})
	s := withAttribute(value.NumberLiteral("17.50"))
	s.Page = &store.Page{URL: "https://x.example/p"}
	got := rule.Explain(s)
	var b strings.Builder
	var write func(t Trace, indent string)
	write = func(t Trace, indent string) {
		fmt.Fprintf(&b, "%s%s %v %q %v\n", indent, t.Rule, t.Matched, t.Seen, t.Unknown)
		for _, inner := range t.Of {
			write(inner, indent+" ")
		}
	}
	write(got, "")
	want := `all false "" false
 {"user":"a","op":"at_least","value":18} false "17.50" false
 not false "" false
  any true "" false
   {"user":"b","op":"is","value":"x"} false "" true
   segment s true "" false
    {"page":"url","op":"contains","value":"p"} true "https://x.example/p" false
 {"event":"e","stat":"last","op":"is_unknown"} true "" true
 {"event":"e","stat":"count","op":"is","value":0} true "0" false
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func nodeTest(doc string) ojson.Node {
	n, err := ojson.ParseString(doc, ojson.Limits{Depth: ojson.MaxDepth})
	if err != nil {
		panic(err)
	}
	return n
}

// What vet passes over is named by a segment in its own rule, and by no other rule.
func TestVetIgnoreStandsOnSegments(t *testing.T) {
	const leaf = `{"user":"a","op":"is","value":1,"vet_ignore":["x"]}`
	for _, c := range []struct {
		doc, want string
		ctx       Context
	}{
		{leaf, "r.vet_ignore", OfContact},
		{`{"all":[],"vet_ignore":[]}`, "r.vet_ignore", OfContact},
		{`{"all":[` + leaf + `,{"not":` + leaf + `}]}`, "r.all[0].vet_ignore r.all[1].not.vet_ignore", OfContact},
		{`{"metadata":"a","op":"is","value":1,"vet_ignore":["x"]}`, "r.vet_ignore", OfTrigger},
		{`{"event":"e","stat":"count","op":"at_least","value":1,"where":{"metadata":"a","op":"is","value":1,"vet_ignore":["x"]}}`, "r.where.vet_ignore", OfContact},
		{`{"segment":"s","vet_ignore":["x"]}`, "r.vet_ignore", OfContact},
		{`{"segment":"s"}`, "", OfContact},
	} {
		own, faults := Parse([]byte(leaf))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		paths, faults := pathsOf(c.doc, c.ctx, map[string]Rule{"s": own})
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("%s: %s, want %s: %v", c.doc, got, c.want, faults)
		}
	}
	own, _ := Parse([]byte(leaf))
	within := Rule{All: []Rule{own}, VetIgnore: []string{"x"}} // as Go can make it
	var found fault.List
	c := &Compiler{Segments: map[string]Rule{"s": within}, Loc: time.UTC, Counters: &CounterSet{}, Faults: &found}
	if c.JudgeSegments("segments"); len(found) != 1 || found[0].Path != "segments.s.all[0].vet_ignore" {
		t.Error(found)
	}
	found = nil
	if Compile(&within, c, OfContact, "r"); len(found) != 2 || found[0].Path != "r.vet_ignore" || found[1].Path != "r.all[0].vet_ignore" {
		t.Error(found)
	}
}
