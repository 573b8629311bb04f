package declared

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

func compileTest(t *testing.T, g Given) *Event {
	t.Helper()
	var faults fault.List
	e := Compile(map[string]Given{"Paid.It": g}, "events", 100, &faults)["paid-it"]
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return e
}

func said(e *Event, strict bool, fields ...value.Field) (warned, refused string) {
	c := Check{Strict: strict}
	e.Check(&c, fields)
	var w, r []string
	for _, x := range c.Warnings {
		w = append(w, string(x.Code)+" "+x.Field)
	}
	for _, x := range c.Errs {
		r = append(r, string(x.Code)+" "+x.Field)
	}
	return strings.Join(w, ", "), strings.Join(r, ", ")
}

func field(key string, v repr.Value) value.Field {
	return value.Field{Key: key, Value: peek.Value(repr.Typed(key, v))}
}

// V1: what type takes what values.
func TestTypes(t *testing.T) {
	values := []repr.Value{
		repr.String("x"), repr.Number(1), repr.Bool(false), repr.NewDate(5), repr.Link("https://a.example/"), repr.RichLink("https://a.example/", "x"),
		repr.Image("https://a.example/a.png"), repr.Stripe("cus_1"), repr.Monetary(1, "eur"),
	}
	words := TypeWords()
	if len(words) != len(values) {
		t.Fatal(words)
	}
	for i, word := range append(words, "") {
		e := compileTest(t, Given{Keys: map[string]GivenKey{"k": {Type: word}}})
		for j, v := range values {
			takes := i == j || word == "" || word == "link" && words[j] == "image" || word == "string" && (words[j] == "link" || words[j] == "image")
			got, _ := said(e, false, field("K", v))
			if want := map[bool]string{true: "", false: "metadata_mismatch metadata.K"}[takes]; got != want {
				t.Errorf("a %s declared as %q: %q, want %q", words[j], word, got, want)
			}
		}
	}
}

// V1: values are compared exactly, each as its type is.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		key     string
		values  []repr.Value
		in, out []repr.Value
	}{
		{"k", []repr.Value{repr.String("free"), repr.String("")}, []repr.Value{repr.String("free"), repr.String("")}, []repr.Value{repr.String("Free"), repr.String("free ")}},
		{"k", []repr.Value{repr.Number(1)}, []repr.Value{repr.NumberLiteral("1.0"), repr.NumberLiteral("10e-1")}, []repr.Value{repr.String("1"), repr.Number(2), repr.Bool(true)}},
		{"k", []repr.Value{repr.Bool(true)}, []repr.Value{repr.Bool(true)}, []repr.Value{repr.Bool(false)}},
		{"k", []repr.Value{repr.Monetary(1, "eur")}, []repr.Value{repr.Monetary(1, "EUR")}, []repr.Value{repr.Monetary(1, "usd"), repr.Monetary(2, "eur")}},
		{"k", []repr.Value{repr.String("https://a.example/a.png")}, []repr.Value{repr.Link("https://a.example/a.png"), repr.Image("https://a.example/a.png")}, []repr.Value{repr.Link("https://a.example/A.png")}},
		{"k", []repr.Value{repr.RichLink("https://a.example/", "x")}, []repr.Value{repr.RichLink("https://a.example/", "x")}, []repr.Value{repr.RichLink("https://a.example/", "y"), repr.Link("https://a.example/")}},
		{"due_date", []repr.Value{repr.Number(5)}, []repr.Value{repr.Number(5), repr.NewDate(5)}, []repr.Value{repr.Number(6)}},
		{"stripe_customer", []repr.Value{repr.String("cus_1")}, []repr.Value{repr.String("cus_1")}, []repr.Value{repr.String("cus_2")}},
	} {
		e := compileTest(t, Given{Keys: map[string]GivenKey{c.key: {Values: c.values}}})
		for _, v := range c.in {
			if got, _ := said(e, false, field(c.key, v)); got != "" {
				t.Errorf("%v is not among %v: %s", v, c.values, got)
			}
		}
		for _, v := range c.out {
			if got, _ := said(e, false, field(c.key, v)); got == "" {
				t.Errorf("%v is among %v", v, c.values)
			}
		}
	}
}

// V1: one for each key, in the order of the keys, then those that are not declared in the
// order sent; which are errors is for two other settings to say.
func TestWhatIsSaid(t *testing.T) {
	keys := map[string]GivenKey{"b": {Type: "number", Required: true}, "A": {Required: true, Values: []repr.Value{repr.String("x")}}, "c": {Type: "string"}}
	some := []value.Field{field("z", repr.Number(1)), field("B", repr.String("2")), field("a", repr.String("y")), field("y", repr.Number(1))}
	mismatch := "metadata_mismatch metadata.a, metadata_mismatch metadata.B"
	undeclared := "metadata_undeclared metadata.z, metadata_undeclared metadata.y"
	for _, c := range []struct {
		others          string
		strict          bool
		warned, refused string
	}{
		{"", false, mismatch, ""},
		{Accept, true, "", mismatch},
		{Warn, false, mismatch + ", " + undeclared, ""},
		{Warn, true, undeclared, mismatch},
		{Refuse, false, mismatch, undeclared},
		{Refuse, true, "", mismatch + ", " + undeclared},
	} {
		e := compileTest(t, Given{Keys: keys, Others: c.others})
		if warned, refused := said(e, c.strict, some...); warned != c.warned || refused != c.refused {
			t.Errorf("others %q, strict %v: %q and %q", c.others, c.strict, warned, refused)
		}
		if warned, refused := said(e, true); warned != "" || refused != "metadata_mismatch metadata.A, metadata_mismatch metadata.b" {
			t.Errorf("without any: %q and %q", warned, refused)
		}
	}
	// What has a fault of its own is there, and known; past the twentieth nothing is.
	e := compileTest(t, Given{Keys: keys, Others: Refuse})
	if _, refused := said(e, true, field("a", repr.Value{}), field("b", repr.Value{}), field("c", repr.List("x"))); refused != "" {
		t.Errorf("faulty values: %q", refused)
	}
	many := []value.Field{}
	for range value.MaxMetadataKeys {
		many = append(many, field("c", repr.String("x")))
	}
	if _, refused := said(e, true, append(many, field("a", repr.String("x")), field("zz", repr.Number(1)))...); refused != "metadata_mismatch metadata.A, metadata_mismatch metadata.b" {
		t.Errorf("dropped keys: %q", refused)
	}
}

// So many warnings are told; the others are counted.
func TestManyWarnings(t *testing.T) {
	keys := map[string]GivenKey{}
	for i := range fault.MaxErrors + 10 {
		keys[fmt.Sprint("k", i)] = GivenKey{Required: true}
	}
	e := compileTest(t, Given{Keys: keys})
	c := Check{Warnings: []fault.Warning{{}}}
	e.Check(&c, nil)
	if len(c.Warnings) != fault.MaxErrors || c.More != 10+1 {
		t.Errorf("%d warnings and %d more", len(c.Warnings), c.More)
	}
}

func TestSentences(t *testing.T) {
	list := func(n int) (values []repr.Value) {
		for i := range n {
			values = append(values, repr.String(fmt.Sprint("v", i)))
		}
		return values
	}
	for want, c := range map[string]struct {
		key GivenKey
		v   repr.Value
	}{
		"must be a rich_link, is an image":                       {GivenKey{Type: "rich_link"}, repr.Image("https://a.example/a.png")},
		`must be one of "v0", "v1", is "x"`:                      {GivenKey{Values: list(2)}, repr.String("x")},
		`must be one of "v0", "v1", "v2", "v3", "v4", …, is "x"`: {GivenKey{Values: list(9)}, repr.String("x")},
		`must be one of "1.00 EUR", is "2.00 EUR"`:               {GivenKey{Values: []repr.Value{repr.Monetary(100, "eur")}}, repr.Monetary(200, "eur")},
	} {
		e := compileTest(t, Given{Keys: map[string]GivenKey{"k": c.key}})
		var ch Check
		e.Check(&ch, value.Fields{field("k", c.v)})
		if len(ch.Warnings) != 1 || ch.Warnings[0].Message != want {
			t.Errorf("%+v, want %q", ch.Warnings, want)
		}
	}
}

// V1: each fault of a declaration has its path.
func TestFaults(t *testing.T) {
	many := map[string]GivenKey{}
	for i := range MaxKeys + 1 {
		many[fmt.Sprint("k", i)] = GivenKey{}
	}
	var faults fault.List
	Compile(map[string]Given{
		"":      {},
		"a":     {Others: "ignore", Description: strings.Repeat("x", 101)},
		"A":     {},
		"b\x00": {},
		"c": {Description: "\xff", Keys: map[string]GivenKey{
			"bad.key": {}, "": {}, "k": {}, "K": {}, "\xff": {}, "t": {Type: "text"}, "e": {Values: []repr.Value{}},
			"v": {Type: "number", Values: []repr.Value{repr.Number(1), repr.String("1"), repr.Image("https://a.example/a.png"), {}}},
			"x": {Values: make([]repr.Value, MaxKeys+1)},
		}},
		"d": {Keys: many},
	}, "events", 100, &faults)
	var got []string
	for _, f := range faults {
		got = append(got, f.Path)
	}
	want := []string{
		`events[""]`, "events.a", "events.a.description", "events.a.others", `events["b\x00"]`, "events.c.description", `events.c.metadata[""]`, `events.c.metadata["bad.key"]`,
		"events.c.metadata.e.values", "events.c.metadata.k", "events.c.metadata.t.type", "events.c.metadata.v.values[1]", "events.c.metadata.v.values[2]", "events.c.metadata.v.values[3]",
		"events.c.metadata.x.values", `events.c.metadata["\xff"]`, "events.d.metadata",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("faults at\n%q\nwant\n%q", got, want)
	}
}

// V1: what is as declared costs no memory.
func TestCheckAllocatesNothing(t *testing.T) {
	e := compileTest(t, Given{Others: Warn, Keys: map[string]GivenKey{"price": {Type: "monetary", Required: true}, "plan": {Type: "string", Values: []repr.Value{repr.String("free"), repr.String("pro")}}}})
	fields := value.Fields{field("price", repr.Monetary(1, "eur")), field("plan", repr.String("pro"))}
	var c Check
	if n := testing.AllocsPerRun(100, func() { e.Check(&c, fields) }); n != 0 || len(c.Warnings) > 0 {
		t.Errorf("%v allocations, %v", n, c.Warnings)
	}
}
