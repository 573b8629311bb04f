package gen_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/gen"
)

var update = flag.Bool("update", false, "write what is generated into the files that tests compare it with")

func shop(t testing.TB) []gen.Event {
	t.Helper()
	doc, err := os.ReadFile("testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := beckon.ParseProgram(doc)
	if err != nil {
		t.Fatal(err)
	}
	events, err := gen.Declared(p)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func compareFile(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is generated: go test ./gen -update", file)
	}
}

// What is generated of the shop is a package of this module, so it is built with it. Its own
// test tracks its events.
func TestGo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := gen.Go(&out, shop(t), "shop"); err != nil {
		t.Fatal(err)
	}
	compareFile(t, "internal/shop/shop.go", out.Bytes())
}

func TestTypeScript(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := gen.TypeScript(&out, shop(t)); err != nil {
		t.Fatal(err)
	}
	compareFile(t, "testdata/shop.ts", out.Bytes())
}

// Values that JSON has as objects, and what is not printable.
func TestTypeScriptValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := gen.TypeScript(&out, []gen.Event{{Name: "e", Description: "a */ b", Keys: []gen.Key{
		{Name: "link", Type: "rich_link", Values: []beckon.Value{beckon.RichLink("https://a.example/?a&b", "<A>")}},
		{Name: "money", Type: "monetary", Required: true, Values: []beckon.Value{beckon.Monetary(-5, "eur"), beckon.Monetary(1, "jpy")}},
		{Name: "text", Type: "string", Values: []beckon.Value{beckon.String("\u202e\U000e0001\"*/")}},
	}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"/**\n * The event \"e\".\n *\n * a * / b\n */\nexport interface E {\n",
		`  link?: { url: "https://a.example/?a&b"; value: "<A>" };` + "\n", `  money: { amount: -5; currency: "EUR" } | { amount: 1; currency: "JPY" };` + "\n",
		`  text?: "\u202e\u{e0001}\"*/";` + "\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nwant %s", out.String(), want)
		}
	}
}

// A catalogue has no required keys and no values; an archived event is left out.
func TestParseCatalogue(t *testing.T) {
	t.Parallel()
	events, err := gen.ParseCatalogue([]byte(`{"events": [
		{"name": "b", "description": "Said of it.", "metadata": [{"key": "Z", "types": ["number"]}, {"key": "a", "types": ["string", "link"]}, {"key": "i", "types": ["image", "link"]},
			{"key": "m", "types": ["string", "number"]}, {"key": "n", "types": ["number", "link"]}, {"key": "u"}]},
		{"name": "old", "archived": true}, {"name": "a"}], "attributes": ["plan"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", events), "[{Name:a Description: Keys:[] Closed:false} {Name:b Description:Said of it. Keys:[{Name:a Type:string Required:false Values:[]} {Name:i Type:link Required:false Values:[]} "+
		"{Name:m Type: Required:false Values:[]} {Name:n Type: Required:false Values:[]} {Name:u Type: Required:false Values:[]} {Name:Z Type:number Required:false Values:[]}] Closed:false}]"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for doc, want := range map[string]string{
		`{`: "", `{"events": 1}`: "events", `{"events": [{"name": "a"}, {"name": "A"}]}`: "twice", `{"events": [{"name": ""}]}`: "name",
	} {
		if _, err := gen.ParseCatalogue([]byte(doc)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func TestDeclaredTwice(t *testing.T) {
	t.Parallel()
	one := beckon.Program{Events: map[string]beckon.EventDeclaration{"a.b": {}, "c": {Others: beckon.OthersWarn}}}
	if events, err := gen.Declared(one, beckon.Program{}); err != nil || len(events) != 2 || events[0].Closed || !events[1].Closed {
		t.Error(events, err)
	}
	var list beckon.ErrorList
	_, err := gen.Declared(one, beckon.Program{Events: map[string]beckon.EventDeclaration{"A-B": {}, "C": {}}})
	if !errors.As(err, &list) || len(list) != 2 || list[0].Code != beckon.ErrProgramInvalid || list[0].Path != `events["a.b"]` || list[1].Path != "events.c" {
		t.Errorf("events are declared twice: %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestFaults(t *testing.T) {
	t.Parallel()
	if err := gen.Go(broken{}, nil, "events"); err == nil || err.Error() != "the disk is full" {
		t.Error(err)
	}
	if err := gen.TypeScript(broken{}, nil); err == nil || err.Error() != "the disk is full" {
		t.Error(err)
	}
	for _, pkg := range []string{"", "_", "a b", "func", "a-b", "2x"} {
		if err := gen.Go(&bytes.Buffer{}, nil, pkg); err == nil {
			t.Errorf("%q is a package", pkg)
		}
	}
	key := func(k gen.Key) []gen.Event { return []gen.Event{{Name: "a", Keys: []gen.Key{k}}} }
	for want, events := range map[string][]gen.Event{
		`events[""]: `:                                       {{}},
		`events.a.metadata["a.b"]: `:                         key(gen.Key{Name: "a.b"}),
		`events.a.metadata[""]: `:                            key(gen.Key{}),
		`events.a.metadata.k: "text" is not a type`:          key(gen.Key{Name: "k", Type: "text"}),
		`events.a.metadata.k.values: not a value`:            key(gen.Key{Name: "k", Values: []beckon.Value{{}}}),
		`events.a.metadata.K: the key is there twice`:        {{Name: "a", Keys: []gen.Key{{Name: "k"}, {Name: "K"}}}},
		`events["A.B"]: the event is there twice, as "a-b" `: {{Name: "a-b"}, {Name: "A.B"}},
		`events.a: the event is there twice, as "a" `:        {{Name: "a"}, {Name: "a"}},
		`events["a b"].metadata.k.values: not a value`:       {{Name: "a b", Keys: []gen.Key{{Name: "k", Values: []beckon.Value{beckon.NumberLiteral("x")}}}}},
	} {
		for _, write := range []func() error{
			func() error { return gen.Go(&bytes.Buffer{}, events, "events") }, func() error { return gen.TypeScript(&bytes.Buffer{}, events) },
		} {
			var list beckon.ErrorList
			if err := write(); !errors.As(err, &list) || !errors.Is(err, beckon.ErrProgramInvalid) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}

// The names that generated code uses of the library.
const library = `package beckon
type Value struct{ v int }
type Identity struct{}
type Event struct{}
type Typed[T any] struct{}
func Define[T any](name string) *Typed[T] { return nil }
func (d *Typed[T]) Event(who Identity, data T) Event { return Event{} }
`

type importing map[string]*types.Package

func (i importing) Import(path string) (*types.Package, error) {
	if p := i[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("what is generated imports %s", path)
}

func checked(path, source string, imports types.Importer) (*types.Package, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return (&types.Config{Importer: imports}).Check(path, fset, []*ast.File{file}, nil)
}

func eventSamples() *rapid.Generator[[]gen.Event] {
	words := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "A", "a b", "a-b", "a_b", "id", "url", "event", "type", "func", "string", "日本", "é", "2", "2x", "!", "-", "a,b", "a, b", "x y z", "user ID", "ǅ", "ª", "١"}),
		rapid.StringMatching(`[a-zA-Z0-9 _,-]{1,8}`).Filter(func(s string) bool { return strings.TrimSpace(s) != "" }),
	)
	values := rapid.OneOf(
		rapid.Map(rapid.OneOf(words, rapid.SampledFrom([]string{"", "`", `"`, "\n", "\u202e", "a", "Empty", "Value"})), beckon.String),
		rapid.Map(rapid.SampledFrom([]string{"0", "1", "-1", "1.50", "1e3", "1E+3", "12345678901234567890", "1e-300"}), beckon.NumberLiteral),
	)
	keys := rapid.Custom(func(t *rapid.T) gen.Key {
		k := gen.Key{
			Name: words.Filter(func(s string) bool { return s != "!" }).Draw(t, "key"), Required: rapid.Bool().Draw(t, "required"),
			Type: rapid.SampledFrom([]string{"", "string", "number", "boolean", "date", "link", "rich_link", "image", "stripe", "monetary"}).Draw(t, "type"),
		}
		if rapid.Bool().Draw(t, "values?") {
			k.Values = rapid.SliceOfNDistinct(values, 1, 4, beckon.Value.String).Draw(t, "values")
			switch k.Type {
			case "number":
				k.Values = rapid.SampledFrom([][]beckon.Value{{beckon.NumberLiteral("1"), beckon.NumberLiteral("1.50")}, {beckon.NumberLiteral("12345678901234567890")}}).Draw(t, "numbers")
			case "string", "":
			default:
				k.Values = nil
			}
			if k.Type == "string" {
				for i := range k.Values {
					k.Values[i] = beckon.String(k.Values[i].Text())
				}
			}
		}
		return k
	})
	return rapid.Custom(func(t *rapid.T) []gen.Event {
		return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) gen.Event {
			return gen.Event{
				Name: words.Draw(t, "event"), Closed: rapid.Bool().Draw(t, "closed"),
				Description: rapid.OneOf(rapid.SampledFrom([]string{"", "*/", "a\n\nb\n", "\r\n", "//go:build x\n+build y", "\u202etxt", "# Title\n\n  - list\n\tcode"}), rapid.String()).Draw(t, "description"),
				Keys:        rapid.SliceOfNDistinct(keys, 0, 5, func(k gen.Key) string { return strings.ToLower(k.Name) }).Draw(t, "keys"),
			}
		}), 0, 4, func(e gen.Event) string { name, _ := beckon.CanonicalEventName(e.Name); return name }).Draw(t, "events")
	})
}

// Whatever the events: what is generated is Go that compiles, laid out as gofmt does, the same
// each time, and each key of each event is a field of its own.
func TestGeneratedGoCompiles(t *testing.T) {
	t.Parallel()
	imports := importing{}
	for path, source := range map[string]string{
		"github.com/beckon-go/beckon": library, "time": "package time\ntype Time struct{ s int }", "encoding/json": "package json\ntype Number string",
	} {
		p, err := checked(path, source, nil)
		if err != nil {
			t.Fatal(err)
		}
		imports[path] = p
	}
	rapid.Check(t, func(t *rapid.T) {
		events := eventSamples().Draw(t, "events")
		var out, again bytes.Buffer
		if err := errors.Join(gen.Go(&out, events, "events"), gen.Go(&again, events, "events")); err != nil {
			t.Fatal(err)
		}
		if out.String() != again.String() {
			t.Fatal("the same events are two files")
		}
		if formatted, err := format.Source(out.Bytes()); err != nil || !bytes.Equal(formatted, out.Bytes()) {
			t.Fatalf("%s\n%v", out.String(), err)
		}
		p, err := checked("events", out.String(), imports)
		if err != nil {
			t.Fatalf("%s\n%v", out.String(), err)
		}
		structs, fields := 0, 0
		for _, name := range p.Scope().Names() {
			if s, ok := p.Scope().Lookup(name).Type().Underlying().(*types.Struct); ok {
				if _, is := p.Scope().Lookup(name).(*types.TypeName); is {
					structs++
					fields += s.NumFields()
				}
			}
		}
		want := 0
		for _, e := range events {
			want += len(e.Keys)
		}
		if structs != len(events) || fields != want {
			t.Fatalf("%d structs of %d events, %d fields of %d keys\n%s", structs, len(events), fields, want, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "//go:") || strings.HasPrefix(line, "// +build") && strings.Index(out.String(), line) < strings.Index(out.String(), "package") {
				t.Fatalf("%q orders the compiler", line)
			}
		}
		var ts bytes.Buffer
		if err := gen.TypeScript(&ts, events); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(ts.String(), "\nexport interface "); n != len(events)+3 || strings.Count(ts.String(), "*/") != strings.Count(ts.String(), "/**") {
			t.Fatalf("%d interfaces of %d events\n%s", n, len(events), ts.String())
		}
	})
}
