package render

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/htmlplace"
	"github.com/beckon-go/beckon/value"
)

// A twin is one body compiled by us and by html/template.
type twin struct {
	body string
	ours *Content
	std  *template.Template
	want []htmlToken // of a harmless value

	before, after string // what html/template makes of the fixed text
}

const harmless = "harmless"

func newTwin(t testing.TB, body string) twin {
	t.Helper()
	tw := twin{body: body, ours: mustCompile(t, Source{Format: formatHTML, Body: body}, Options{})}
	tw.std = template.Must(template.New("").Parse(strings.ReplaceAll(body, "{{ event.v }}", "{{.}}")))
	rest := ""
	tw.before, rest, _ = strings.Cut(tw.theirs(t, harmless), harmless)
	tw.after = rest
	var err error
	if tw.want, err = tokenizeHTML(tw.render(t, value.String(harmless))); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return tw
}

// theirs returns what html/template makes of a value.
func (tw twin) theirs(t testing.TB, value string) string {
	t.Helper()
	var out strings.Builder
	if err := tw.std.Execute(&out, value); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// expect returns the body as it is written, with the value as html/template
// escapes it; in mailto: and tel: links "?" and "&" are percent-encoded as well.
func (tw twin) expect(t testing.TB, value string) string {
	t.Helper()
	value = strings.TrimSuffix(strings.TrimPrefix(tw.theirs(t, value), tw.before), tw.after)
	before, after, _ := strings.Cut(tw.body, "{{ event.v }}")
	if tw.ours.body.segments[0].hole.place.part == htmlplace.Mail {
		value = strings.NewReplacer("?", "%3f", "&amp;", "%26").Replace(value)
	}
	return before + value + after
}

func (tw twin) render(t testing.TB, v value.Value) string {
	t.Helper()
	out, err := tw.ours.Render(renderVars{"event.v": v})
	if err != nil {
		t.Fatal(err)
	}
	return out.Body
}

// judge returns what is wrong with how a value is rendered, "" if nothing is.
func (tw twin) judge(t testing.TB, text string) string {
	t.Helper()
	got := tw.render(t, value.String(text))
	want := tw.expect(t, text)
	place := tw.ours.body.segments[0].hole.place
	if got != want && !tw.stricter(got) {
		return fmt.Sprintf("gives %q, html/template %q", got, want)
	}
	tokens, err := tokenizeHTML(got)
	if err != nil {
		return fmt.Sprintf("gives %q: %v", got, err)
	}
	if a, b := shapes(tokens), shapes(tw.want); !slices.Equal(a, b) {
		return fmt.Sprintf("gives %q: it has the tokens %q instead of %q", got, a, b)
	}
	shown := strings.ReplaceAll(text, "\x00", "\ufffd")
	for i, token := range tokens {
		// Text, and attributes that hold text, show the text as it is.
		if want := strings.ReplaceAll(tw.want[i].text, harmless, shown); token.text != want && text != "" {
			return fmt.Sprintf("gives %q: the text %q instead of %q", got, token.text, want)
		}
		for j, a := range token.attrs {
			was := tw.want[i].attrs[j][1]
			switch {
			case place.part == htmlplace.Mail, strings.HasPrefix(was, "mailto:"):
				// Nothing of the text becomes or divides a query.
				front, back, _ := strings.Cut(was, harmless)
				text := strings.TrimSuffix(strings.TrimPrefix(a[1], front), back)
				if !strings.HasPrefix(a[1], front) || !strings.HasSuffix(a[1], back) || strings.ContainsAny(text, "?& \n") {
					return fmt.Sprintf("gives %q: the text leaves its place in %q", got, was)
				}
			case place.kind == htmlplace.URL && a[1] != was:
				if msg := judgeURL(a[1]); msg != "" {
					return fmt.Sprintf("gives %q: %s", got, msg)
				}
			case place.kind != htmlplace.URL && a[1] != strings.ReplaceAll(was, harmless, shown):
				return fmt.Sprintf("gives %q: the attribute %q instead of %q", got, a[1], was)
			}
		}
	}
	return ""
}

// stricter reports whether we refuse what html/template lets through.
func (tw twin) stricter(got string) bool {
	return strings.Contains(got, defanged) || strings.Contains(tw.body, `"/{{`) && strings.Contains(got, `"/%2f`)
}

// judgeURL says how a browser would leave the places that a URL may lead to.
func judgeURL(u string) string {
	// As URL parsers begin: trimmed, without tabs and line breaks.
	u = strings.TrimLeftFunc(u, func(r rune) bool { return r <= ' ' })
	u = strings.ToLower(strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(u))
	switch {
	case u == "", u[0] == '#', u[0] == '?':
		return ""
	case u[0] == '/':
		if len(u) > 1 && (u[1] == '/' || u[1] == '\\') {
			return "it leads to a host without a scheme"
		}
		return ""
	case strings.HasPrefix(u, "http://"), strings.HasPrefix(u, "https://"):
		return ""
	}
	return "it is no http or https link"
}

func shapes(tokens []htmlToken) []string {
	var out []string
	for _, t := range tokens {
		if t.kind != "text" { // an empty value leaves no text
			out = append(out, t.shape())
		}
	}
	return out
}

// R5, row 67: in no place does a value become a tag, an attribute or a script
// URL, and each is escaped as html/template does, or refused.
func TestHostileValues(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	values := hostileValues()
	if len(values) < 600 {
		t.Fatalf("%d values only", len(values))
	}
	for _, body := range hostilePlaces() {
		tw := newTwin(t, body)
		for _, v := range values {
			if msg := tw.judge(t, v); msg != "" {
				t.Errorf("%s: %q %s", body, v, msg)
			}
		}
	}
}

// A fallback is escaped as a value is.
func TestHostileFallbacks(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for i, body := range hostilePlaces() {
		tw := newTwin(t, body)
		for j, v := range hostileValues() {
			// Each is compiled: a quarter of them in each place is enough.
			if (i+j)%4 != 0 || invalidUTF8(v) >= 0 {
				continue
			}
			withFallback := strings.ReplaceAll(body, "{{ event.v }}", `{{ event.none | fallback: "`+quote.Replace(v)+`" }}`)
			got := renderBody(t, formatHTML, withFallback, Options{}, renderVars{})
			want := tw.render(t, value.String(v))
			if got == want || strings.Contains(want, defanged) && tw.relative(t, v, got) {
				continue
			}
			t.Errorf("%s: %q gives %q, as a value %q", body, v, got, want)
		}
	}
}

// relative reports whether a URL that begins with a fallback stays on the
// page's host and is escaped as html/template does.
func (tw twin) relative(t testing.TB, v, got string) bool {
	return got == tw.expect(t, v) && isRelative(v) && judgeURL(v) == ""
}

// Typed values and titles are escaped within the markup that is made for them.
func TestHostileTitlesAndLinks(t *testing.T) {
	places := []string{"<p>{{ event.v }}</p>", "<a>{{ event.v }}</a>", "<title>{{ event.v }}</title>", `<p title="{{ event.v }}">`, `<a href="{{ event.v }}">x</a>`, "<option>{{ event.v }}</option>"}
	const safe = "https://h.example/"
	for _, body := range places {
		ours := mustCompile(t, Source{Format: formatHTML, Body: body}, Options{Isolate: true})
		shape := func(v value.Value) string {
			out, err := ours.Render(renderVars{"event.v": v})
			if err != nil {
				t.Fatal(err)
			}
			tokens, err := tokenizeHTML(out.Body)
			if err != nil {
				t.Errorf("%s: %q gives %q: %v", body, v, out.Body, err)
			}
			return strings.Join(shapes(tokens), "|")
		}
		links := map[value.Kind]string{value.KindLink: shape(value.Link(safe)), value.KindImage: shape(value.Image(safe + "a.png")), value.KindRichLink: shape(value.RichLink(safe, "x"))}
		for _, v := range hostileValues() {
			for _, value := range []value.Value{value.RichLink(safe, v), value.Link(safe + v), value.Link(v), value.Image(safe + v), value.RichLink(v, "x")} {
				if want, ok := links[value.Kind()]; ok && shape(value) != want {
					t.Errorf("%s: %v %q changes the tokens", body, value.Kind(), v)
				}
			}
		}
	}
}

// Row 17: no control character is left in a subject.
func TestHostileSubjects(t *testing.T) {
	ours := mustCompile(t, Source{Subject: "a {{ event.v }}\nb{{ event.v }}"}, Options{})
	for _, v := range hostileValues() {
		out, err := ours.Render(renderVars{"event.v": value.String(v)})
		if err != nil {
			t.Fatal(err)
		}
		subject := out.Subject
		if i := strings.IndexFunc(subject, func(r rune) bool {
			return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
		}); i >= 0 {
			t.Errorf("%q gives %q", v, subject)
		}
	}
}
