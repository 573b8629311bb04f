package render

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// renderVars returns values by "user.name", "company.name" and "event.key".
type renderVars map[string]value.Value

func (m renderVars) Lookup(ns Namespace, key string, into *repr.Value) *repr.Value {
	name := "user."
	switch ns {
	case Company:
		name = "company."
	case Event:
		name = "event."
	}
	v := m[name+key]
	*into = *peek.Of(&v)
	return into
}

// mustCompile compiles a content of a triggered message.
func mustCompile(t testing.TB, c Source, rc Options) *Content {
	t.Helper()
	rc.EventVars = true
	var faults fault.List
	out := Compile(c, rc, "content", &faults)
	if len(faults) > 0 {
		t.Fatalf("%q: %v", c.Body+c.Subject, faults)
	}
	return out
}

// renderBody renders a body alone.
func renderBody(t testing.TB, format, body string, rc Options, v Variables) string {
	t.Helper()
	out, err := mustCompile(t, Source{Format: format, Body: body}, rc).Render(v)
	if err != nil {
		t.Fatal(err)
	}
	return out.Body
}

// templateFaults returns what is wrong with a body of a triggered message.
func templateFaults(format, body string) fault.List {
	var faults fault.List
	Compile(Source{Format: format, Body: body}, Options{EventVars: true}, "content", &faults)
	return faults
}

// R1, R3
func TestVariables(t *testing.T) {
	vars := renderVars{
		"user.name": value.String("Ada"), "user.a.b": value.String("dotted"), "user.größe": value.String("XL"), "user.fallback": value.String("F"),
		"user.empty": value.String(""), "user.none": value.List(), "user.blank": value.List(""), "user.user": value.String("U"), "user.custom_attributes": value.String("CA"),
		"company.name": value.String("Acme"), "event.file_name": value.String("a.mp4"), "event.file name": value.String("b.mp4"),
		"event.invited-friend": value.String("Bob"), "event.20": value.String("twenty"), "event.custom_attributes": value.String("key"),
	}
	for _, c := range []struct{ template, want string }{
		{"", ""},
		{"plain { text } }} | : stays", "plain { text } }} | : stays"},
		{"{{ user.name }}", "Ada"},
		{"{{user.name}}", "Ada"},
		{"{{\n\tuser . name\u00a0}}", "Ada"},
		{"{{ name }}", "Ada"},
		{"{{ user.custom_attributes.name }}", "Ada"},
		{`{{ user.custom_attributes["a.b"] }}`, "dotted"},
		{"{{ user.custom_attributes }}", "CA"},
		{"{{ company.custom_attributes.name }}", "Acme"},
		{"{{ company.name }}", "Acme"},
		{`{{ user["a.b"] }} {{ user [ 'a.b' ] }}`, "dotted dotted"},
		{"{{ größe }}", "XL"},
		{"{{ fallback }}", "F"},
		{"{{ user.user }}", "U"},
		{"{{ event.file_name }}", "a.mp4"},
		{`{{ event["file name"] }} {{ event['file name'] }}`, "b.mp4 b.mp4"},
		{"{{ event.invited-friend }}", "Bob"},
		{"{{ event.20 }}", "twenty"},
		{"{{ event.custom_attributes }}", "key"}, // always a metadata key
		{"{{ event.name }}", ""},
		{"a{{ unknown }}b", "ab"},
		{`{{ unknown | fallback: "x" }}`, "x"},
		{`{{unknown|fallback:'x'}}`, "x"},
		{`{{ unknown |fallback : "" }}`, ""},
		{`{{ empty | fallback: "x" }}`, "x"},
		{`{{ none | fallback: "x" }}`, "x"},
		{`{{ blank | fallback: "x" }}`, "x"},
		{`{{ name | fallback: "x" }}`, "Ada"},
		{`{{ unknown | fallback: "it's" }}`, "it's"},
		{`{{ unknown | fallback: 'say "x"' }}`, `say "x"`},
		{`{{ unknown | fallback: "a\"b\'c\\d\ne" }}`, `a"b'c\d\ne`},
		{`{{ unknown | fallback: "}}" }}`, "}}"},
		{`{{ unknown | fallback: "{{ name }}" }}`, "{{ name }}"}, // never a template itself
		{`{{ unknown | fallback: "x" | date: "2006" }} {{ unknown | date: "2006" | fallback: "x" }}`, "x x"},
		{`{{ "{{" }} name }}`, "{{ name }}"},
		{`a{{ '{{' }}b{{ "x" }}`, "a{{bx"},
	} {
		if got := renderBody(t, formatText, c.template, Options{}, vars); got != c.want {
			t.Errorf("%q: %q, want %q", c.template, got, c.want)
		}
	}
}

// R4
func TestPlainForms(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	day := value.Date(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		value value.Value
		want  string
	}{
		{value.String("$9.99"), "$9.99"},
		{value.String(" <b>\r\n"), " <b>\r\n"},
		{value.NumberLiteral("1.50"), "1.50"},
		{value.Number(int64(9007199254740993)), "9007199254740993"},
		{value.Bool(true), "true"},
		{value.Bool(false), "false"},
		{day, "1782907200"},
		{value.Link("https://h.example/a?b=1&c"), "https://h.example/a?b=1&c"},
		{value.Image("https://h.example/a.png"), "https://h.example/a.png"},
		{value.RichLink("https://h.example/r", "TX18"), "TX18 (https://h.example/r)"},
		{value.Stripe("cus_1"), "cus_1"},
		{value.Monetary(34999, "eur"), "349.99 EUR"},
		{value.Monetary(-5, "KWD"), "-0.005 KWD"},
		{value.List("a", "b"), "a, b"},
		{value.Value{}, ""},
		{value.NumberLiteral("x"), ""}, // invalid
	} {
		vars := renderVars{"event.v": c.value}
		if got := renderBody(t, formatText, "{{ event.v }}", Options{Loc: dublin}, vars); got != c.want {
			t.Errorf("%v: %q, want %q", c.value.Kind(), got, c.want)
		}
		if got, want := renderBody(t, formatText, "[{{ event.v }}]", Options{Isolate: true}, vars), "["+c.want+"]"; noIsolates(got) != want {
			t.Errorf("%v, isolated: %q, want %q", c.value.Kind(), got, want)
		}
	}
	vars := renderVars{"user.v": day, "company.v": day}
	if got, want := renderBody(t, formatText, "{{ v }} {{ company.v }}", Options{Loc: dublin}, vars), "2026-07-01T13:00:00+01:00 2026-07-01T13:00:00+01:00"; got != want {
		t.Errorf("date attributes in Dublin: %q, want %q", got, want)
	}
	if got, want := renderBody(t, formatText, "{{ v }}", Options{}, vars), "2026-07-01T12:00:00Z"; got != want {
		t.Errorf("a date attribute in no zone: %q, want %q", got, want)
	}
}

func noIsolates(s string) string {
	return strings.NewReplacer("\u2068", "", "\u2069", "").Replace(s)
}

// R3: an unknown value is missing, an empty string is not.
func TestMissing(t *testing.T) {
	known := renderVars{"user.a": value.String(""), "event.b": value.Bool(false)}
	for _, c := range []struct {
		content Source
		want    bool
	}{
		{Source{Body: "{{ a }} {{ event.b }}"}, false},
		{Source{Body: "{{ unknown }}"}, true},
		{Source{Body: `{{ unknown | fallback: "" }}`}, false},
		{Source{Body: `{{ "unknown" }}`}, false},
		{Source{Subject: "{{ unknown }}", Body: "{{ a }}"}, true},
		{Source{Data: map[string]string{"x": "{{ a }}", "y": "{{ company.unknown }}"}}, true},
		{Source{Body: "<p>{{ unknown }}", Format: formatHTML}, true},
		{Source{}, false},
	} {
		if got := mustCompile(t, c.content, Options{}).Missing(known); got != c.want {
			t.Errorf("%+v: missing %t, want %t", c.content, got, c.want)
		}
	}
	invalid := renderVars{"user.a": value.NumberLiteral("x")}
	if !mustCompile(t, Source{Body: "{{ a }}"}, Options{}).Missing(invalid) {
		t.Error("an invalid value is not missing")
	}
}

// D2
func TestUsesCompany(t *testing.T) {
	for _, c := range []struct {
		content Source
		want    bool
	}{
		{Source{Body: "{{ company.name }}"}, true},
		{Source{Subject: "{{ company.name }}"}, true},
		{Source{Data: map[string]string{"a": "", "b": "<p>{{ company.name }}"}, Format: formatHTML}, true},
		{Source{Body: `{{ user.company }} {{ "company.name" }}`}, false},
	} {
		if got := mustCompile(t, c.content, Options{}).UsesCompany(); got != c.want {
			t.Errorf("%+v: uses company data %t, want %t", c.content, got, c.want)
		}
	}
}

// R5: a subject is one line of text, whatever the format of the body.
func TestSubject(t *testing.T) {
	for _, c := range []struct{ subject, value, want string }{
		{"{{ v }}", "a\r\n\r\nBcc: x", "a Bcc: x"},
		{"{{ v }}", "\x00\x1b\x7f\u0085\u009f\u2028\u2029\t", " "},
		{"a\n{{ v }}", "\tb", "a b"},
		{"a\n\nb", "", "a b"},
		{"{{ v }}", "<b> & \u202e é ", "<b> & \u202e é "},
		{"é{{ v }}", "…", "é…"},
		{"{{ v }}", "\xff\n\xc2", "\xff \xc2"},
	} {
		content := mustCompile(t, Source{Format: formatHTML, Subject: c.subject, Body: "<p>{{ v }}"}, Options{})
		out, err := content.Render(renderVars{"user.v": value.String(c.value)})
		if err != nil || out.Subject != c.want {
			t.Errorf("%q with %q: %q, want %q (%v)", c.subject, c.value, out.Subject, c.want, err)
		}
	}
}

// R5, row 66: no value is read as a template.
func TestValuesAreNoTemplates(t *testing.T) {
	for _, v := range []string{"{{ user.secret }}", "{{.Secret}}", `{{ "x" }}`, "{% x %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{{{", "}}", "[[7*7]]", "*{7*7}"} {
		vars := renderVars{"user.v": value.String(v), "user.secret": value.String("SECRET")}
		if got := renderBody(t, formatText, "{{ v }}", Options{}, vars); got != v {
			t.Errorf("%q renders as %q", v, got)
		}
	}
}

// R2
func TestEventVariablesNeedATrigger(t *testing.T) {
	content := Source{
		Subject: "{{ event.a }}", Body: `{{ event["b"] }} {{ user.event }}`,
		Data: map[string]string{"z": "{{ event.c }}", "z z": "{{ event.e }}", "button": "\n {{ event.d | fallback: 'x' }}"},
	}
	mustCompile(t, content, Options{})
	var faults fault.List
	Compile(content, Options{}, "messages[0].content", &faults)
	var got []string
	for _, f := range faults {
		got = append(got, f.Path+" "+f.Message[:strings.Index(f.Message, ":")])
		if !errors.Is(f, fault.ErrProgramInvalid) {
			t.Errorf("code %s", f.Code)
		}
	}
	want := []string{
		"messages[0].content.subject line 1, column 4",
		"messages[0].content.body line 1, column 4",
		"messages[0].content.data.button line 2, column 5",
		"messages[0].content.data.z line 1, column 4",
		`messages[0].content.data["z z"] line 1, column 4`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults\n%q, want\n%q", got, want)
	}
}

func TestTemplateFaults(t *testing.T) {
	for _, c := range []struct{ template, at, says string }{
		{"{{", "line 1, column 3", "name of a variable"},
		{"é\n  {{ }}", "line 2, column 3", "nothing stands"},
		{"{{ a", "line 1, column 1", `without "}}"`},
		{"{{ a }", "line 1, column 6", `"|" or "}}"`},
		{"{{ a b }}", "line 1, column 6", `found "b"`},
		{"{{ 'a' | fallback: 'x' }}", "line 1, column 8", "no filter"},
		{"{{{ a }}", "line 1, column 3", `found "{"`},
		{"{{- a }}", "line 1, column 3", `found "-"`},
		{"{{ User.name }}", "line 1, column 4", "small letters"},
		{"{{ contact.name }}", "line 1, column 4", "unknown namespace"},
		{"{{ user }}", "line 1, column 4", "user.NAME"},
		{"{{ event | fallback: 'x' }}", "line 1, column 4", "event.NAME"},
		{"{{ user. }}", "line 1, column 10", "a name"},
		{"{{ user.a.b }}", "line 1, column 10", "nothing below"},
		{"{{ event.a.b }}", "line 1, column 11", "nothing below"},
		{"{{ event.a[0] }}", "line 1, column 11", "nothing below"},
		{"{{ event.custom_attributes.a }}", "line 1, column 27", "nothing below"},
		{"{{ user[0] }}", "line 1, column 9", "in quotes"},
		{"{{ user['a' }}", "line 1, column 13", `"]"`},
		{"{{ user[''] }}", "line 1, column 9", "empty"},
		{"{{ user['a] }}", "line 1, column 9", "not closed"},
		{`{{ user["a\"] }}`, "line 1, column 9", "not closed"},
		{"{{ event['a.b'] }}", "line 1, column 9", "must not contain '.'"},
		{"{{ user.custom_attributes.a.b }}", "line 1, column 28", `"|" or "}}"`},
		{"{{ a | }}", "line 1, column 8", "name of a filter"},
		{"{{ a | upper }}", "line 1, column 8", `unknown filter "upper"`},
		{"{{ a | fallback }}", "line 1, column 8", "one text"},
		{"{{ a | fallback: 'x', 'y' }}", "line 1, column 8", "one text"},
		{"{{ a | fallback: x }}", "line 1, column 18", "in quotes"},
		{"{{ a | fallback: 'x' | fallback: 'y' }}", "line 1, column 24", "one fallback"},
		{"{{ a | fallback: 'x }}", "line 1, column 18", "not closed"},
		{"{{ a | fallback: ‘x’ }}", "line 1, column 18", "in quotes"},
		{"{{ a | money | date: '2006' }}", "line 1, column 16", "one of the filters"},
		{"{{ a | money: 'en', 'de' }}", "line 1, column 8", "at most one locale"},
		{"{{ a | money: 'klingon-' }}", "line 1, column 8", "unknown locale"},
		{"{{ a | money: 'und' }}", "line 1, column 8", "unknown locale"},
		{"{{ a | date }}", "line 1, column 8", "takes a layout"},
		{"{{ a | date: '2006', 'UTC', 'UTC' }}", "line 1, column 8", "takes a layout"},
		{"{{ a | date: 'YYYY-MM-DD' }}", "line 1, column 8", "no part of a date"},
		{"{{ a | date: '2006', 'Mars/Base' }}", "line 1, column 8", "is not a time zone"},
		{"{{ a | date: '2006', '' }}", "line 1, column 8", "is not a time zone"},
		{"{{ a | date: '2006', 'Local' }}", "line 1, column 8", "is not a time zone"},
		{"{{ range .x }}", "line 1, column 4", "unknown namespace"},
		{"{{/* c */}}", "line 1, column 3", "name of a variable"},
		{"a\xffb", "line 1, column 2", "UTF-8"},
	} {
		faults := templateFaults(formatText, c.template)
		if len(faults) != 1 {
			t.Errorf("%q: %d faults, want 1: %v", c.template, len(faults), faults)
			continue
		}
		f := faults[0]
		if f.Path != "content.body" || !strings.HasPrefix(f.Message, c.at+": ") || !strings.Contains(f.Message, c.says) {
			t.Errorf("%q: %s: %s, want %s … %s", c.template, f.Path, f.Message, c.at, c.says)
		}
	}
	if faults := templateFaults(formatText, "{{ a b }} {{ ok }}\n{{ foo.x }}{{ 'x"); len(faults) != 3 {
		t.Errorf("%d faults at once, want 3: %v", len(faults), faults)
	}
}

// Not every fault of a template that is wrong throughout is told.
func TestTemplateFaultsAreBounded(t *testing.T) {
	for _, body := range []string{strings.Repeat("{{ }}", 1000), strings.Repeat("<p {{ a }}>", 900)} {
		if faults := templateFaults(formatHTML, body); len(faults) != maxTemplateFaults {
			t.Errorf("%.20q…: %d faults", body, len(faults))
		}
	}
}

func TestContentFaults(t *testing.T) {
	var faults fault.List
	Compile(Source{Format: "markdown", Missing: "skip"}, Options{}, "content", &faults)
	if len(faults) != 2 || faults[0].Path != "content.format" || faults[1].Path != "content.missing" {
		t.Errorf("faults %v", faults)
	}
	for _, c := range []Source{{Format: formatText, Missing: "empty"}, {Format: formatHTML, Missing: "hold"}} {
		mustCompile(t, c, Options{})
	}
}

// R5: what is a control beyond ASCII is one too.
func TestSubjectOfControlsBeyondASCII(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a\u0085b", "a b"}, {"a\u2028b", "a b"}, {"a\u2029\u0085\tb", "a b"}, {"\u00a9 \u20ac", "\u00a9 \u20ac"},
	} {
		if got := string(collapseControls([]byte(c.text))); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
