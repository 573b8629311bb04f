package beckon

import (
	"html/template"
	"regexp"
	"strings"
	"testing"
)

// benchBody is a message of 630 bytes with five variables, one with a
// fallback.
const benchBody = `<h1>Hi {{ name | fallback: "there" }},</h1>
<p>Your upload {{ event.file_name }} of {{ event.size }} is ready. It went through all the checks that we make, and it is now waiting for you and for the people with whom you share the folder.</p>
<p>You are on the {{ plan }} plan, which keeps every version of a file for ninety days. Should you ever need to go back to an older one, open the file, choose History, and pick the day that you want; nothing is lost, and nobody else is disturbed by it.</p>
<p>Thank you for working with {{ company.name }}. Write to us whenever a thing is not as you would like to have it: a person reads it on the same day, and answers.</p>`

var benchVars = Vars{
	User:    Attributes{"name": String(`Ada "Countess" Lovelace`), "plan": String("pro & team")},
	Company: Attributes{"name": String("Acme <GmbH>")},
	Event:   Fields{{Key: "file_name", Value: String("holiday <2026>.mp4")}, {Key: "size", Value: String("12.5 MB")}},
}

func BenchmarkRender(b *testing.B) {
	for _, format := range []Format{FormatText, FormatHTML} {
		b.Run(string(format), func(b *testing.B) {
			r, err := NewRenderer(Content{Format: format, Body: benchBody})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Render(benchVars); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("html-template-struct", func(b *testing.B) {
		body := strings.NewReplacer(
			`{{ name | fallback: "there" }}`, `{{ if .Name }}{{ .Name }}{{ else }}there{{ end }}`,
			"{{ event.file_name }}", "{{ .FileName }}", "{{ event.size }}", "{{ .Size }}", "{{ plan }}", "{{ .Plan }}", "{{ company.name }}", "{{ .Company }}",
		).Replace(benchBody)
		t := template.Must(template.New("").Parse(body))
		data := struct{ Name, FileName, Size, Plan, Company string }{`Ada "Countess" Lovelace`, "holiday <2026>.mp4", "12.5 MB", "pro & team", "Acme <GmbH>"}
		var out strings.Builder
		b.ReportAllocs()
		for b.Loop() {
			out.Reset()
			if err := t.Execute(&out, &data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit-builder", func(b *testing.B) {
		texts := regexp.MustCompile(`{{.*?}}`).Split(benchBody, -1)
		values := []string{`Ada "Countess" Lovelace`, "holiday <2026>.mp4", "12.5 MB", "pro & team", "Acme <GmbH>"}
		b.ReportAllocs()
		for b.Loop() {
			var out strings.Builder
			out.Grow(896)
			for i, s := range texts {
				out.WriteString(s)
				if i < len(values) {
					writeEscaped(&out, values[i])
				}
			}
		}
	})
}

// writeEscaped is the escaper of the limit, as one would write it by hand.
func writeEscaped(out *strings.Builder, s string) {
	run := 0
	for i := 0; i < len(s); i++ {
		var entity string
		switch s[i] {
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '&':
			entity = "&amp;"
		case '"':
			entity = "&#34;"
		case '\'':
			entity = "&#39;"
		default:
			continue
		}
		out.WriteString(s[run:i])
		out.WriteString(entity)
		run = i + 1
	}
	out.WriteString(s[run:])
}

func BenchmarkCompileHTML(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewRenderer(Content{Format: FormatHTML, Body: benchBody}); err != nil {
			b.Fatal(err)
		}
	}
}
