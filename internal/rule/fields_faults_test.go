package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// compileFaults compiles a rule that may be wrong.
func compileFaults(r *Rule, ctx Context) (faults fault.List, compiled *Compiled) {
	compiled = Compile(r, &Compiler{Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}, ctx, "r")
	return faults, compiled
}

func parseTest(t testing.TB, doc string) Rule {
	t.Helper()
	r, faults := Parse([]byte(doc))
	if len(faults) > 0 {
		t.Fatalf("%s: %v", doc, faults)
	}
	return r
}

// A11, A8: where no field may stand, and where a field can never fit, is a fault at the
// operand.
func TestFaultsOfFields(t *testing.T) {
	segments := map[string]Rule{"page": parseTest(t, `{"page":"url","op":"is","value":{"user":"home"}}`), "plain": parseTest(t, `{"page":"url","op":"is","value":"x"}`)}
	for _, c := range []struct {
		doc   string
		ctx   Context
		paths string
	}{
		{`{"user":"a","op":"is","value":{"user":"b"}}`, OfContact, ""},
		{`{"user":"a","op":"is","value":{"company":"b"}}`, OfContact, ""},
		{`{"user":"a","op":"is","value":{"metadata":"b"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"is","value":{"metadata":"b"}}`, OfTrigger, ""},
		{`{"metadata":"a","op":"is","value":{"user":"b"}}`, OfTrigger, ""},
		{`{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"a","op":"is","value":{"metadata":"b"}}}`, OfContact, ""},
		{`{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"a","op":"is","value":{"user":"b"}}}`, OfTrigger, "r.where.value"},
		{`{"event":"e","stat":"count","op":"is","value":0,"where":{"not":{"page":"url","op":"is","value":{"company":"b"}}}}`, OfContact, "r.where.not.value"},
		{`{"event":"e","stat":"count","op":"is","value":0,"where":{"segment":"page"}}`, OfContact, "r.where.segment"},
		{`{"event":"e","stat":"count","op":"is","value":0,"where":{"segment":"plain"}}`, OfContact, ""},
		{`{"user":"a","op":"less_than_ago","value":{"user":"b"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"exactly_ahead","value":{"user":"b"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"between","value":{"user":"b"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"between","value":[1,{"user":"b"}]}`, OfContact, "r.value"},
		{`{"event":"e","stat":"count","op":"between","value":[{"user":"b"},{"user":"c"}]}`, OfContact, "r.value"},
		{`{"user":"a","op":"in","value":["x",{"user":"b"}]}`, OfContact, "r.value"},
		{`{"user":"a","op":"contains_any","value":[{"user":"b"}]}`, OfContact, "r.value"},
		{`{"user":"a","op":"is_unknown","value":{"user":"b"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"is","value":{"user":""}}`, OfContact, "r.value"},
		{`{"user":"a","op":"is","value":{"user":7}}`, OfContact, "r.value"},
		{`{"user":"a","op":"is","value":{"metadata":"a.b"}}`, OfTrigger, "r.value"},
		{`{"user":"a","op":"is","value":{"page":"url"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"is","value":{"user":"b","company":"c"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"greater_than","value":{"user":"email"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"greater_than","value":{"user":"session_count"}}`, OfContact, ""},
		{`{"user":"a","op":"contains","value":{"user":"session_count"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"after","value":{"user":"email"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"after","value":{"user":"created_at"}}`, OfContact, ""},
		{`{"user":"a","op":"in","value":{"user":"email"}}`, OfContact, "r.value"},
		{`{"user":"email","op":"is","value":{"user":"created_at"}}`, OfContact, "r.value"},
		{`{"event":"e","stat":"count","op":"is","value":{"user":"email"}}`, OfContact, "r.value"},
		{`{"user":"a","op":"is","value":{"user":"created_at"}}`, OfContact, ""},
	} {
		paths, faults := pathsOf(c.doc, c.ctx, segments)
		if got := strings.Join(paths, " "); got != c.paths {
			t.Errorf("%s: %q, want %q: %v", c.doc, got, c.paths, faults)
		}
	}
	// A14: the triggering event, in an event filter of a message that is triggered.
	trigger := `{"event":"e","stat":"count","op":"is","value":0,"where":{"all":[{"metadata":"a","op":"is","value":{"trigger":"b"}}]}}`
	for ctx, paths := range map[Context]string{OfContact: "r.where.all[0].value", OfAudience: "", OfTrigger: "", OfEntry: "r.where.all[0].value", OfEvent: "r.event r.where.all[0].value"} {
		if got, faults := pathsOf(trigger, ctx, nil); strings.Join(got, " ") != paths {
			t.Errorf("%d: %q, want %q: %v", ctx, got, paths, faults)
		}
	}
	for doc, paths := range map[string]string{
		`{"user":"a","op":"is","value":{"trigger":"b"}}`: "r.value", `{"metadata":"a","op":"is","value":{"trigger":"b"}}`: "r.value", `{"event":"e","stat":"count","op":"is","value":{"trigger":"b"}}`: "r.value",
		`{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"a","op":"is","value":{"trigger":"b.c"}}}`: "r.where.value", `{"segment":"asks"}`: "r.segment",
	} {
		if got, faults := pathsOf(doc, OfTrigger, nil); strings.Join(got, " ") != paths {
			t.Errorf("%s: %q, want %q: %v", doc, got, paths, faults)
		}
	}
	if got, _ := pathsOf(`{"metadata":"a","op":"is","value":1}`, OfAudience, nil); strings.Join(got, " ") != "r.metadata" {
		t.Errorf("metadata in an audience: %q", got)
	}
	var faults fault.List
	k := &Compiler{Segments: map[string]Rule{"asks": parseTest(t, trigger)}, Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}
	if k.JudgeSegments("segments"); len(faults) != 1 || faults[0].Path != "segments.asks.where.all[0].value" {
		t.Errorf("in a segment: %v", faults)
	}
	for of, name := range map[string]string{"user": strings.Repeat("x", MaxText+1), "metadata": "\xff"} {
		r := user("a").with(operatorIs, Field(of, name))
		faults, _ := compileFaults(&r, OfTrigger)
		if len(faults) != 1 || faults[0].Path != "r.value" {
			t.Errorf("%.20q: %v", name, faults)
		}
	}
}

// A11, D2: a field of the company is company data, and one of an event is part of what a
// counter counts, under any spelling of its key.
func TestUseOfFields(t *testing.T) {
	if !compileTest(t, `{"user":"a","op":"is","value":{"company":"b"}}`, OfContact, nil).Company() {
		t.Error("a field of the company is company data")
	}
	set := &CounterSet{}
	for _, doc := range []string{`{"metadata":"A","op":"is","value":{"metadata":"B"}}`, `{"metadata":"a","op":"is","value":{"metadata":"b"}}`, `{"metadata":"a","op":"is","value":{"metadata":"c"}}`} {
		compileTest(t, `{"event":"e","stat":"count","op":"is","value":0,"where":`+doc+`}`, OfContact, &Compiler{Counters: set})
	}
	if n := len(set.List()); n != 2 {
		t.Errorf("%d counters, want 2", n)
	}
	// Days in a where are those of a zone.
	compileTest(t, `{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"a","op":"after","value":{"metadata":"b"}}}`, OfContact, &Compiler{Counters: set})
	if !slices.ContainsFunc(set.List(), func(d *CounterDef) bool { return strings.HasSuffix(d.Def, "@UTC") }) {
		t.Error("no counter says in which zone its days are")
	}
	reading := compileTest(t, `{"user":"a","op":"before","value":{"user":"last_contacted_at"}}`, OfContact, nil).Reading()
	if !reading.AllSends {
		t.Error("when a contact was contacted is read of all sends")
	}
	a := compileTest(t, `{"user":"a","op":"is","value":{"user":"b"}}`, OfContact, nil)
	for doc, same := range map[string]bool{
		`{"user":"a","op":"is","value":{"user":"b"}}`: true, `{"user":"a","op":"is","value":{"user":"c"}}`: false, `{"user":"a","op":"is","value":{"company":"b"}}`: false, `{"user":"a","op":"is","value":"b"}`: false,
		`{"user":"a","op":"is_not","value":{"user":"b"}}`: false,
	} {
		b := compileTest(t, doc, OfContact, nil)
		if got := a.Conditions[0].same(&b.Conditions[0]); got != same {
			t.Errorf("%s is the same: %v", doc, got)
		}
	}
}

// Explain tells both sides, and why they cannot be compared (A5, Z2).
func TestExplainFields(t *testing.T) {
	day := value.String("2026-03-02")
	for _, c := range []struct {
		a       value.Value
		op      string
		b       value.Value
		seen    string
		against string
		problem string
	}{
		{value.Number(4), "at_least", value.Number(5), "4", "5", ""},
		{value.Value{}, "at_least", value.Number(5), "", "5", ""},
		{value.Number(4), "at_least", value.Value{}, "4", "", "what it is compared with is unknown"},
		{value.String("4"), "at_least", value.Number(5), "4", "5", `the text "4" is not a number`},
		{value.Number(4), "at_least", value.String("5"), "4", "5", `the text "5" is not a number`},
		{value.Monetary(400, "eur"), "at_least", value.Monetary(500, "usd"), "4.00 EUR", "5.00 USD", "the amount 4.00 EUR is not an amount in USD"},
		{value.Number(4), "is", value.String("4"), "4", "4", `the text "4" is not a number`},
		{value.Bool(true), "is", value.String("4"), "true", "4", `the text "4" is not a boolean`},
		{value.List("4"), "is", value.List("4"), "4", "4", `the list "4" is not a text, a number, a boolean or a date`},
		{value.Date(testTime), "is", day, "2026-03-02T12:00:00Z", "2026-03-02", `the text "2026-03-02" is not a date`},
		{value.String("x"), "in", value.String("x"), "x", "x", `the text "x" is not a list of texts`},
		{value.Number(1), "in", value.List("x"), "1", "x", "the number 1 is not a text"},
		{value.String("x"), "contains_any", value.List("x"), "x", "x", `the text "x" is not a list of texts`},
		{value.String("x"), "contains", value.Number(1), "x", "1", "the number 1 is not a text"},
		{day, "after", value.Date(testTime), "2026-03-02", "2026-03-02T12:00:00Z", ""},
		{day, "after", value.String("soon"), "2026-03-02", "soon", `the text "soon" is not a date: write it as 2026-01-02 or 2026-01-02T15:04:05Z (RFC 3339)`},
		{value.Bool(true), "after", day, "true", "2026-03-02", "the boolean true is not a date"},
	} {
		r := compileTest(t, fmt.Sprintf(`{"user":"a","op":%q,"value":{"user":"b"}}`, c.op), OfContact, nil)
		if got := r.Explain(fieldScope(c.a, c.b)); got.Seen != c.seen || got.Against != c.against || got.Problem != c.problem || got.Unknown != c.a.IsUnknown() {
			t.Errorf("%v %s %v: %+v", c.a, c.op, c.b, got)
		}
	}
	r := compileTest(t, `{"event":"e","stat":"count","op":"at_least","value":{"user":"a"}}`, OfContact, nil)
	if got := r.Explain(withAttribute(value.String("x"))); got.Seen != "0" || got.Against != "x" || got.Problem != `the text "x" is not a number` {
		t.Errorf("%+v", got)
	}
	set := &CounterSet{}
	r = compileTest(t, `{"event":"e","stat":"sum","of":"n","op":"at_least","value":{"user":"a"}}`, OfContact, &Compiler{Counters: set})
	for _, c := range []struct {
		field         value.Value
		seen, problem string
	}{
		{value.Number(5), "42.50", ""},
		{value.Monetary(5, "eur"), "40.00 EUR", ""},
		{value.Value{}, "42.50", "what it is compared with is unknown"},
		{value.String("x"), "42.50", `the text "x" is not a number`},
	} {
		k := store.Counter{Def: set.List()[0].Def}
		for _, n := range []value.Value{value.NumberLiteral("2.5"), value.Monetary(4000, "eur")} {
			set.List()[0].Add(&k, testTime.Unix(), value.Fields{{Key: "n", Value: n}})
		}
		s := withAttribute(c.field)
		s.Rec.Counters = []store.Counter{k}
		if got := r.Explain(s); got.Seen != c.seen || got.Problem != c.problem || got.Against != c.field.Text() {
			t.Errorf("%v: %+v", c.field, got)
		}
	}
	r = compileTest(t, `{"event":"e","stat":"last","op":"after","value":{"user":"a"}}`, OfContact, nil)
	if got := r.Explain(withAttribute(day)); !got.Unknown || got.Against != "2026-03-02" || got.Problem != "" {
		t.Errorf("%+v", got)
	}
}
