package rule

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unique"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/textmatch"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// fieldScope is a contact whose attributes are a and b, or one that has none, in a
// company with the same, with an event that has the same.
func fieldScope(a, b value.Value) *Scope {
	rec := &store.Record{Profile: &store.Profile{}}
	var fields value.Fields
	for _, x := range []struct {
		name  string
		value value.Value
	}{{"a", a}, {"b", b}} {
		if !x.value.IsUnknown() {
			rec.Profile.Attributes = append(rec.Profile.Attributes, store.NewAttribute(x.name, x.value))
			fields = append(fields, value.Field{Key: strings.ToUpper(x.name), Value: x.value})
		}
	}
	return &Scope{Rec: rec, Company: rec, Fields: fields, Now: testTime.UnixMilli(), Loc: time.UTC}
}

// A11, A5: every operator that takes a field, over two values of every type: they are
// compared as they are with what is written, and what is of two types is unknown.
func TestEveryOperatorOnFields(t *testing.T) {
	dublin := zoneTest(t, "Europe/Dublin")
	date := func(s string) value.Value { return peek.Value(repr.NewDate(instantTest(t, s).Unix())) }
	for _, c := range []struct {
		a    value.Value
		op   string
		b    value.Value
		want bool
	}{
		{value.String("pro"), "is", value.String("pro"), true},
		{value.String("pro"), "is", value.String("Pro"), false},
		{value.String(""), "is", value.String(""), true},
		{value.Link("https://a.example/"), "is", value.String("https://a.example/"), true},
		{value.RichLink("https://a.example/", "pro"), "is", value.String("pro"), true},
		{value.String("1"), "is", value.Number(1), false},
		{value.Number(1), "is", value.NumberLiteral("1.0"), true},
		{value.NumberLiteral("9007199254740993"), "is", value.NumberLiteral("9007199254740992"), false},
		{value.Bool(true), "is", value.Bool(true), true},
		{value.Bool(true), "is", value.Bool(false), false},
		{value.Bool(true), "is", value.Number(1), false},
		{value.Bool(false), "is", value.Value{}, false},
		{value.Value{}, "is", value.Value{}, false},
		{date("2026-03-01T12:00:00Z"), "is", date("2026-03-01T12:00:00Z"), true},
		{date("2026-03-01T12:00:00Z"), "is", date("2026-03-01T12:00:01Z"), false},
		{date("2026-03-01T12:00:00Z"), "is", value.String("2026-03-01T12:00:00Z"), false},
		{value.List("x"), "is", value.List("x"), false},
		{value.Monetary(500, "eur"), "is", value.Monetary(500, "EUR"), true},
		{value.Monetary(500, "eur"), "is", value.Monetary(500, "usd"), false},
		{value.Monetary(500, "eur"), "is", value.Number(5), true},
		{value.Number(5), "is", value.Monetary(500, "eur"), true},
		{value.Number(500), "is", value.Monetary(500, "eur"), false},
		{value.String("pro"), "is_not", value.String("free"), true},
		{value.String("pro"), "is_not", value.String("pro"), false},
		{value.Monetary(500, "eur"), "is_not", value.Monetary(500, "usd"), true}, // unknown
		{value.String("pro"), "is_not", value.Value{}, true},
		{value.Value{}, "is_not", value.String("pro"), true},
		{value.Value{}, "is_not", value.Value{}, true},
		{value.String("1"), "is_not", value.Number(1), true},
		{value.String("x"), "in", value.List("y", "x"), true},
		{value.String("X"), "in", value.List("y", "x"), false},
		{value.String("x"), "in", value.List(), false},
		{value.String("x"), "in", value.String("x"), false},
		{value.Number(1), "in", value.List("1"), false},
		{value.String("x"), "not_in", value.List("y"), true},
		{value.String("x"), "not_in", value.List("x"), false},
		{value.String("x"), "not_in", value.String("x"), true},
		{value.Value{}, "not_in", value.List("x"), true},
		{value.String("Big Sale"), "contains", value.String("SALE"), true},
		{value.String("Big Sale"), "contains", value.String(""), true},
		{value.String("Big Sale"), "contains", value.Value{}, false},
		{value.String("12"), "contains", value.Number(1), false},
		{value.String("Big Sale"), "does_not_contain", value.String("SALE"), false},
		{value.String("Big Sale"), "does_not_contain", value.Value{}, true},
		{value.String("a big sale"), "contains_word", value.String("BIG"), true},
		{value.String("a bigger sale"), "contains_word", value.String("BIG"), false},
		{value.String("a - b"), "contains_word", value.String("-"), false},
		{value.String("a - b"), "contains_word", value.String(""), false},
		{value.String("Straße 1"), "starts_with", value.String("STRAß"), true},
		{value.String("Straße 1"), "ends_with", value.String("E 1"), true},
		{value.String("Straße 1"), "starts_with", value.String("1"), false},
		{value.String("/shop/7/cart"), "matches", value.String("*/SHOP/*"), true},
		{value.String("/shop/7/cart"), "matches", value.String("/shop"), false},
		{value.NumberLiteral("5.1"), "greater_than", value.Number(5), true},
		{value.Number(5), "greater_than", value.Number(5), false},
		{value.String("6"), "greater_than", value.Number(5), false},
		{value.Number(5), "less_than", value.Monetary(501, "eur"), true},
		{value.Number(5), "less_than", value.Value{}, false},
		{value.Number(5), "at_least", value.Number(5), true},
		{value.Number(5), "at_least", value.Number(6), false},
		{value.Monetary(500, "eur"), "at_most", value.Monetary(500, "eur"), true},
		{value.Monetary(400, "usd"), "at_most", value.Monetary(500, "eur"), false},
		{value.String("2026-03-02"), "after", value.String("2026-03-01"), true},
		{value.String("2026-03-02"), "after", value.String("2026-03-02"), false},
		{value.String("2026-03-02T00:00:01Z"), "after", value.String("2026-03-02"), true}, // its first instant
		{value.Number(1772409600), "before", date("2026-03-02T00:00:01Z"), true},
		{value.Number(1772409600), "before", value.String("2026-03-02"), false},
		{value.String("soon"), "before", value.String("2026-03-02"), false},
		{value.String("2026-03-02"), "before", value.String("later"), false},
		{value.String("2026-03-02T23:59:59Z"), "on", value.String("2026-03-02T01:00:00Z"), true},
		{value.String("2026-03-02T23:59:59Z"), "on", value.String("2026-03-02"), true},
		{value.String("2026-03-03"), "on", value.String("2026-03-02"), false},
		{value.String("2026-03-01T23:59:59Z"), "on", value.String("2026-03-02"), false},
		{value.List("x", "y"), "contains_any", value.List("z", "y"), true},
		{value.List("x", "y"), "contains_any", value.List("Y"), false},
		{value.List("x", "y"), "contains_any", value.List(), false},
		{value.List("x", "y"), "contains_any", value.String("x"), false},
		{value.String("x"), "contains_any", value.List("x"), false},
		{value.List("x", "y"), "contains_all", value.List("y", "x", "y"), true},
		{value.List("x", "y"), "contains_all", value.List("x", "z"), false},
		{value.List("x", "y"), "contains_all", value.List(), true},
		{value.List("x", "y"), "contains_none", value.List("z"), true},
		{value.List("x", "y"), "contains_none", value.List("x"), false},
		{value.List("x", "y"), "contains_none", value.Value{}, true},
	} {
		for _, doc := range []string{
			`{"user":"a","op":%q,"value":{"user":"b"}}`, `{"user":"a","op":%q,"value":{"company":"b"}}`, `{"company":"a","op":%q,"value":{"user":"b"}}`,
			`{"metadata":"a","op":%q,"value":{"metadata":"B"}}`, `{"user":"a","op":%q,"value":{"metadata":"b"}}`, `{"metadata":"A","op":%q,"value":{"user":"b"}}`,
		} {
			doc = fmt.Sprintf(doc, c.op)
			if got := judge(t, doc, fieldScope(c.a, c.b)); got != c.want {
				t.Errorf("%v %s %v: %v by %s", c.a, c.op, c.b, got, doc)
			}
		}
		r := compileTest(t, fmt.Sprintf(`{"user":"a","op":%q,"value":{"user":"b"}}`, c.op), OfContact, nil)
		if s := fieldScope(c.a, c.b); c.want && !FilterOf(r, s.Now, s.Loc).Holds(s.Rec) {
			t.Errorf("%v %s %v: left out by the filter", c.a, c.op, c.b)
		}
	}
	// A plain day is its first instant in the workspace's zone, and on is its day there.
	for doc, want := range map[string]bool{
		`{"user":"a","op":"on","value":{"user":"b"}}`: true, `{"user":"a","op":"after","value":{"user":"b"}}`: false, `{"user":"a","op":"before","value":{"user":"b"}}`: false,
	} {
		s := fieldScope(value.String("2026-03-31T23:00:00Z"), value.String("2026-04-01"))
		s.Loc = dublin
		if got := judge(t, doc, s); got != want {
			t.Errorf("%s in Dublin: %v", doc, got)
		}
	}
}

// A11: a count, a time and the page are compared with a field as well.
func TestSubjectsAgainstFields(t *testing.T) {
	at := testTime.Add(-time.Hour).Unix()
	for _, c := range []struct {
		doc   string
		field value.Value
		want  bool
	}{
		{`{"event":"e","stat":"count","op":"at_least","value":{"user":"a"}}`, value.Number(3), true},
		{`{"event":"e","stat":"count","op":"at_least","value":{"user":"a"}}`, value.NumberLiteral("3.1"), false},
		{`{"event":"e","stat":"count","op":"is","value":{"user":"a"}}`, value.NumberLiteral("3.0"), true},
		{`{"event":"e","stat":"count","op":"is","value":{"user":"a"}}`, value.Monetary(300, "eur"), true},
		{`{"event":"e","stat":"count","op":"is","value":{"user":"a"}}`, value.String("3"), false},
		{`{"event":"e","stat":"count","op":"is_not","value":{"user":"a"}}`, value.Value{}, true},
		{`{"event":"e","stat":"count","op":"less_than","value":{"user":"a"}}`, value.Value{}, false},
		{`{"event":"none","stat":"count","op":"greater_than","value":{"user":"a"}}`, value.Number(-1), true},
		{`{"event":"e","stat":"count","op":"at_least","value":{"user":"a"},"within":"1d"}`, value.Number(2), true},
		{`{"event":"e","stat":"count","op":"at_least","value":{"user":"a"},"within":"1d"}`, value.Number(3), false},
		{`{"event":"e","stat":"count","op":"at_most","value":{"user":"a"},"within":"1d","where":{"metadata":"k","op":"is_unknown"}}`, value.Number(0), true},
		{`{"event":"e","stat":"sum","of":"n","op":"at_least","value":{"user":"a"}}`, value.Number(60), true},
		{`{"event":"e","stat":"sum","of":"n","op":"at_least","value":{"user":"a"}}`, value.NumberLiteral("60.1"), false},
		{`{"event":"e","stat":"sum","of":"n","op":"is","value":{"user":"a"}}`, value.Monetary(5000, "eur"), true}, // of that currency
		{`{"event":"e","stat":"sum","of":"n","op":"is","value":{"user":"a"}}`, value.Monetary(5000, "usd"), false},
		{`{"event":"none","stat":"sum","of":"n","op":"is","value":{"user":"a"}}`, value.Monetary(0, "usd"), true},
		{`{"event":"e","stat":"sum","of":"n","op":"is_not","value":{"user":"a"}}`, value.String("60"), true},
		{`{"event":"e","stat":"sum","of":"n","op":"less_than","value":{"user":"a"}}`, value.Value{}, false},
		{`{"event":"e","stat":"average","of":"n","op":"is","value":{"user":"a"}}`, value.Number(20), true},
		{`{"event":"e","stat":"max","of":"n","op":"greater_than","value":{"user":"a"}}`, value.Number(29), true},
		{`{"event":"none","stat":"max","of":"n","op":"less_than","value":{"user":"a"}}`, value.Number(29), false},
		{`{"event":"none","stat":"max","of":"n","op":"is_not","value":{"user":"a"}}`, value.Number(29), true},
		{`{"event":"e","stat":"min","of":"n","op":"is","value":{"user":"a"},"within":"1d"}`, value.Number(20), true},
		{`{"event":"e","stat":"distinct","of":"n","op":"is","value":{"user":"a"}}`, value.Number(3), true},
		{`{"event":"e","stat":"last","op":"after","value":{"user":"a"}}`, value.Number(at - 1), true},
		{`{"event":"e","stat":"last","op":"after","value":{"user":"a"}}`, value.Number(at), false},
		{`{"event":"e","stat":"last","op":"on","value":{"user":"a"}}`, value.String("2026-03-02"), true},
		{`{"event":"none","stat":"last","op":"before","value":{"user":"a"}}`, value.Number(at), false},
		{`{"message":"m","stat":"last_sent","op":"before","value":{"user":"a"}}`, value.Number(at + 1), true},
		{`{"message":"m","stat":"sent_count","op":"is","value":{"user":"a"}}`, value.Number(1), true},
		{`{"page":"url","op":"starts_with","value":{"user":"a"}}`, value.String("HTTPS://A"), true},
		{`{"page":"seconds","op":"at_least","value":{"user":"a"}}`, value.Number(12), true},
		{`{"user":"last_contacted_at","op":"after","value":{"user":"a"}}`, value.Number(at), false},
		{`{"user":"a","op":"after","value":{"user":"last_contacted_at"}}`, value.Number(at + 1), true},
		{`{"user":"user_id","op":"is","value":{"user":"a"}}`, value.String("u"), true},
		{`{"user":"a","op":"is","value":{"user":"user_id"}}`, value.String("u"), true},
	} {
		set := &CounterSet{}
		r := compileTest(t, c.doc, OfContact, &Compiler{Counters: set})
		s := withAttribute(c.field)
		s.Rec.Key = store.Key{Kind: store.KindUser, ID: "u"}
		s.Rec.Stats = []store.Stats{{Name: unique.Make("e"), Count: 3, First: at, Last: at}}
		s.Rec.SendStats = []store.SendStats{{Message: "m", Count: 1, Last: at * 1000}}
		for _, d := range set.List() {
			k := store.Counter{Def: d.Def, Keep: d.Keep}
			if d.Where == nil && d.Event.Value() == "e" {
				for i, n := range []value.Value{value.Number(10), value.Monetary(2000, "eur"), value.Monetary(3000, "eur")} {
					d.Add(&k, at-int64(2-i)*43200, value.Fields{{Key: "n", Value: n}})
				}
			}
			s.Rec.Counters = append(s.Rec.Counters, k)
			if d.Tally == 0 && d.Keep != MaxFieldCount+1 {
				t.Errorf("%s keeps %d times", c.doc, d.Keep)
			}
		}
		page := &store.Page{URL: "https://a.example/x", Seconds: value.Number(12)}
		if s.Page = page; r.Eval(s) != c.want {
			t.Errorf("%s of %v: %v", c.doc, c.field, !c.want)
		}
		s.Page = nil
		if f := FilterOf(r, s.Now, s.Loc); r.Eval(s) && !f.Holds(s.Rec) {
			t.Errorf("%s of %v is left out by the filter", c.doc, c.field)
		}
	}
	// Nobody is on a page in a scan, so nobody need be looked at.
	if f := FilterOf(compileTest(t, `{"page":"url","op":"is","value":{"user":"a"}}`, OfContact, nil), testTime.UnixMilli(), time.UTC); !HoldsNever(f) {
		t.Error("a scan looks for who is on a page")
	}
	if f, exact := ExactFilterOf(compileTest(t, `{"user":"b","op":"is_not","value":{"user":"a"}}`, OfContact, nil), testTime.UnixMilli(), time.UTC); f != nil || exact {
		t.Error("the opposite is left wide")
	}
}

// Lists are compared the same way, few texts or many.
func TestListsOfFields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, most int) value.Value {
			var texts []string
			for range rapid.IntRange(0, most).Draw(t, name) {
				texts = append(texts, fmt.Sprint(rapid.IntRange(0, most+2).Draw(t, "text")))
			}
			return value.List(texts...)
		}
		most := rapid.SampledFrom([]int{3, 60}).Draw(t, "most")
		v, w := draw("list", most), draw("of", most)
		set := textmatch.NewSet(w.Texts())
		if got, want := hasTexts(peek.Of(&v), peek.Of(&w), true), set.AllIn(peek.Of(&v).Str); got != want {
			t.Fatalf("%v has all of %v: %v", v, w, got)
		}
		if got, want := hasTexts(peek.Of(&v), peek.Of(&w), false), set.AnyIn(peek.Of(&v).Str); got != want {
			t.Fatalf("%v has one of %v: %v", v, w, got)
		}
	})
}

// A11: what is written and what a field holds mean the same.
func TestFieldsMeanWhatIsWritten(t *testing.T) {
	values := runValues()
	ops := []Operator{operatorIs, operatorIsNot, operatorContains, operatorStartsWith, operatorEndsWith, operatorMatches, operatorGreaterThan, operatorAtMost, operatorContainsAny, operatorContainsAll, operatorIn}
	held := 0
	for _, op := range ops {
		for _, w := range values {
			var o Operand
			switch kind := w.Kind(); {
			case op.class() == classList || op.class() == classIn:
				if kind != value.KindList {
					continue
				}
				o = operandFor(w.Texts())
			case kind == value.KindString, kind == value.KindNumber && op.class() != classText, kind == value.KindBool && op.class() == classEqual:
				o = operandFor(w)
			default:
				continue
			}
			r := user("a").with(op, o)
			faults, written := compileFaults(&r, OfContact)
			if len(faults) > 0 {
				continue
			}
			field := compileTest(t, fmt.Sprintf(`{"user":"a","op":%q,"value":{"user":"b"}}`, op), OfContact, nil)
			for _, v := range values {
				if op == operatorIs && v.Kind() == value.KindMonetary && w.Kind() == value.KindMonetary {
					continue
				}
				s := fieldScope(v, w)
				got, want := field.Eval(s), written.Eval(s)
				if got != want {
					t.Errorf("%v %s %v: %v, written %v", v, op, w, got, want)
				}
				if got {
					held++
				}
			}
		}
	}
	if held < 100 {
		t.Errorf("only %d held", held)
	}
}
