package render

import (
	"html/template"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/htmlplace"
	"github.com/beckon-go/beckon/value"
)

// Whatever is written as a template compiles or is refused with a place, and
// renders within its limits.
func FuzzTemplateCompile(f *testing.F) {
	for _, body := range hostilePlaces() {
		f.Add(body, "x")
	}
	for _, s := range []string{
		`{{ user.custom_attributes["a b"] | fallback: 'x\'y' | date: "2 Jan 2006", "Asia/Tokyo" }}`, `{{ "{{" }}{{ event.a | money: "de" }}`,
		`event.v | fallback: "x"`, `event["a b"]`, "<!doctype html><svg><title>{{ a }}", "<noscript><p title='{{ a }}'>", "<script type=x>{{ a }}</script>", `<a href="{{ a | fallback: "/" }}/{{ b }}">`, "{{", "<a href='/{{ a }}/{{ b }}'",
	} {
		f.Add(s, "</title><script>")
	}
	limits := Limits{TemplateSize: 4 << 10, TemplateVariables: 20, RenderedSize: 64 << 10}
	f.Fuzz(func(t *testing.T, body, text string) {
		for _, format := range []string{formatText, formatHTML} {
			var faults fault.List
			source := Source{Format: format, Body: body, Subject: body}
			if format == formatHTML {
				source.Text = body
			}
			if strings.HasPrefix(body, "event.") {
				source.Parameters = map[string]string{"p": body}
			}
			c := Compile(source, Options{EventVars: true, Isolate: true, Limits: limits}, "content", &faults)
			if len(faults) > 0 {
				for _, e := range faults {
					if len(e.Message) > 600 || e.Code != fault.ErrProgramInvalid {
						t.Errorf("%q: %v", body, e)
					}
				}
				continue
			}
			vars := Vars{User: map[string]value.Value{"a": value.String(text)}, Event: value.Fields{{Key: "v", Value: value.String(text)}, {Key: "a", Value: value.RichLink("https://h.example/", text)}}}
			c.Missing(&vars)
			out, err := c.Render(&vars)
			if size := len(out.Subject) + len(out.Body) + len(out.Text); size > limits.RenderedSize || err == nil && strings.ContainsAny(out.Subject, "\r\n\x00") {
				t.Errorf("%q with %q: %d bytes, subject %q", body, text, size, out.Subject)
			}
		}
	})
}

// unlikely stands in no fuzzed text, and every place takes it as it is.
const unlikely = "q7wz1kx9"

// Around a variable in any HTML that we accept, html/template agrees, unless
// we are stricter; and the value changes no tag and no attribute.
func FuzzRenderHTML(f *testing.F) {
	for i, v := range hostileValues() {
		before, after, _ := strings.Cut(hostilePlaces()[i%len(hostilePlaces())], "{{ event.v }}")
		f.Add(before, after, v)
	}
	for _, s := range [][2]string{
		{"<!-->", "-->"},
		{"<!-- --!>", "-->"},
		{"<!--[if mso]><style><![endif]-->", ""},
		{"<![if x]>", "<![endif]>"},
		{"<!", "-- -->"},
		{"<title></", "title>"},
		{"<script><!-- <script></script>", "</script>"},
		{"<noscript><!-- </noscript> -->", ""},
		{"<![CDATA[>", "]]>"},
		{"</ x='>", "'>"},
		{"<a href=mailto:", ">"},
		{"<a href='mailto:?a=&am", "p;'>"},
	} {
		f.Add(s[0], s[1], "--><img src=x onerror=alert(1)>")
	}
	f.Fuzz(func(t *testing.T, before, after, text string) {
		if strings.Contains(before+after, "{{") || strings.Contains(before, unlikely) || len(before)+len(after) > 4<<10 {
			return
		}
		var faults fault.List
		c := Compile(Source{Format: formatHTML, Body: before + "{{ event.v }}" + after}, Options{EventVars: true}, "content", &faults)
		if len(faults) > 0 {
			return
		}
		render := func(s string) string {
			out, err := c.Render(renderVars{"event.v": value.String(s)})
			if err != nil {
				t.Skip()
			}
			return out.Body
		}
		out := render(text)
		std, err := template.New("").Parse(before + "{{.}}" + after)
		if err != nil {
			return // a brace before the variable belongs to it
		}
		theirs := func(s string) string {
			var out strings.Builder
			if err := std.Execute(&out, s); err != nil {
				t.Fatalf("%q %q: accepted, but html/template says %v", before, after, err)
			}
			return out.String()
		}
		// Its escaping of the value, within the fixed text as it is written.
		front, back, _ := strings.Cut(theirs(unlikely), unlikely)
		escaped := strings.TrimSuffix(strings.TrimPrefix(theirs(text), front), back)
		if c.body.segments[0].hole.place.part == htmlplace.Mail {
			escaped = strings.NewReplacer("?", "%3f", "&amp;", "%26").Replace(escaped)
		}
		if want := before + escaped + after; out != want && !strings.Contains(out, defanged) && !strings.Contains(out, "/%2f") && !strings.Contains(out, "/.") {
			t.Errorf("%q %q with %q gives %q, html/template %q", before, after, text, out, want)
		}
		benign, err := tokenizeHTML(render(harmless))
		if err != nil {
			return // the author's own HTML is not strict
		}
		tokens, err := tokenizeHTML(out)
		if err != nil || strings.Join(shapes(tokens), "|") != strings.Join(shapes(benign), "|") {
			t.Errorf("%q %q with %q gives %q: %v", before, after, text, out, err)
		}
	})
}
