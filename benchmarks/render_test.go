package benchmarks

import (
	"html"
	"html/template"
	"io"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/cbroglie/mustache"
	"github.com/osteele/liquid"
	"github.com/valyala/fasttemplate"
)

// renderBody is a message of 630 bytes with five variables, one of them with a
// fallback.
const renderBody = `<h1>Hi {{ name | fallback: "there" }},</h1>
<p>Your upload {{ event.file_name }} of {{ event.size }} is ready. It went through all the checks that we make, and it is now waiting for you and for the people with whom you share the folder.</p>
<p>You are on the {{ plan }} plan, which keeps every version of a file for ninety days. Should you ever need to go back to an older one, open the file, choose History, and pick the day that you want; nothing is lost, and nobody else is disturbed by it.</p>
<p>Thank you for working with {{ company.name }}. Write to us whenever a thing is not as you would like to have it: a person reads it on the same day, and answers.</p>`

type renderValues struct{ Name, FileName, Size, Plan, Company string }

func (v renderValues) vars() beckon.Vars {
	return beckon.Vars{
		User:    beckon.Attributes{"name": beckon.String(v.Name), "plan": beckon.String(v.Plan)},
		Company: beckon.Attributes{"name": beckon.String(v.Company)},
		Event:   beckon.Fields{{Key: "file_name", Value: beckon.String(v.FileName)}, {Key: "size", Value: beckon.String(v.Size)}},
	}
}

// renderPeers returns the ways to render the body for the values.
func renderPeers(tb testing.TB, v renderValues) []struct {
	name   string
	render func() string
} {
	tb.Helper()
	renderer, err := beckon.NewRenderer(beckon.Content{Format: beckon.FormatHTML, Body: renderBody})
	check(tb, err)
	vars := v.vars()
	places := func(format func(name string) string) string {
		return strings.NewReplacer(`{{ name | fallback: "there" }}`, format("Name"), "{{ event.file_name }}", format("FileName"),
			"{{ event.size }}", format("Size"), "{{ plan }}", format("Plan"), "{{ company.name }}", format("Company")).Replace(renderBody)
	}
	std := template.Must(template.New("").Parse(places(func(name string) string {
		if name == "Name" {
			return "{{ if .Name }}{{ .Name }}{{ else }}there{{ end }}"
		}
		return "{{ ." + name + " }}"
	})))
	moustache, err := mustache.ParseString(places(func(name string) string {
		if name == "Name" {
			return "{{#Name}}{{Name}}{{/Name}}{{^Name}}there{{/Name}}"
		}
		return "{{" + name + "}}"
	}))
	check(tb, err)
	fluid, err := liquid.NewEngine().ParseString(places(func(name string) string {
		if name == "Name" {
			return `{{ Name | default: "there" | escape }}`
		}
		return "{{ " + name + " | escape }}"
	}))
	check(tb, err)
	bindings := map[string]any{"Name": v.Name, "FileName": v.FileName, "Size": v.Size, "Plan": v.Plan, "Company": v.Company}
	fast := fasttemplate.New(places(func(name string) string { return "{{" + name + "}}" }), "{{", "}}")
	parts := strings.Split(places(func(string) string { return "\x00" }), "\x00")
	orThere := func(name string) string {
		if name == "" {
			return "there"
		}
		return name
	}
	return []struct {
		name   string
		render func() string
	}{
		{"limit-builder", func() string {
			var out strings.Builder
			out.Grow(896)
			for i, value := range [...]string{orThere(v.Name), v.FileName, v.Size, v.Plan, v.Company} {
				out.WriteString(parts[i])
				writeEscaped(&out, value)
			}
			out.WriteString(parts[5])
			return out.String()
		}},
		{"beckon-Renderer", func() string {
			out, err := renderer.Render(vars)
			check(tb, err)
			return out.Body
		}},
		{"beckon-AppendBody", func() string { // to a string for the test; renderRows does without
			out, _, err := renderer.AppendBody(nil, vars)
			check(tb, err)
			return string(out)
		}},
		{"fasttemplate-EscapeString", func() string {
			return fast.ExecuteFuncString(func(w io.Writer, tag string) (int, error) {
				var value string
				switch tag {
				case "Name":
					value = orThere(v.Name)
				case "FileName":
					value = v.FileName
				case "Size":
					value = v.Size
				case "Plan":
					value = v.Plan
				case "Company":
					value = v.Company
				}
				return io.WriteString(w, html.EscapeString(value))
			})
		}},
		{"html-template-struct", func() string {
			var out strings.Builder
			check(tb, std.Execute(&out, &v))
			return out.String()
		}},
		{"html-template-map", func() string {
			var out strings.Builder
			check(tb, std.Execute(&out, bindings))
			return out.String()
		}},
		{"mustache", func() string {
			out, err := moustache.Render(&v)
			check(tb, err)
			return out
		}},
		{"liquid", func() string {
			out, err := fluid.RenderString(bindings)
			check(tb, err)
			return out
		}},
	}
}

// writeEscaped escapes as one would by hand.
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

var renderSample = renderValues{`Ada "Countess" Lovelace`, "holiday <2026>.mp4", "12.5 MB", "pro & team", "Acme <GmbH>"}

func TestRenderingsAgree(t *testing.T) {
	for _, v := range []renderValues{renderSample, {}, {FileName: "it's"}, {Name: "<b>", Size: "<", Plan: ">", Company: "a & b"}} {
		peers := renderPeers(t, v)
		want := peers[0].render()
		for _, p := range peers {
			// How a quotation mark is escaped is everybody's own choice.
			got := p.render()
			if html.UnescapeString(got) != html.UnescapeString(want) || strings.Contains(got, "pro & team") ||
				strings.Count(got, "<") != strings.Count(renderBody, "<") || strings.Count(got, ">") != strings.Count(renderBody, ">") {
				t.Errorf("%s: %s\nwant %s", p.name, got, want)
			}
		}
	}
}

func renderRows(tb testing.TB) []row {
	tb.Helper()
	var rows []row
	for _, p := range renderPeers(tb, renderSample) {
		run := func() { p.render() }
		if p.name == "beckon-AppendBody" {
			renderer, err := beckon.NewRenderer(beckon.Content{Format: beckon.FormatHTML, Body: renderBody})
			check(tb, err)
			var buffer []byte
			vars := renderSample.vars()
			run = func() {
				buffer, _, err = renderer.AppendBody(buffer[:0], vars)
				check(tb, err)
			}
		}
		rows = append(rows, row{p.name, each(run)})
	}
	return rows
}

// BenchmarkRender fills an HTML body in, to a string.
func BenchmarkRender(b *testing.B) { measureAll(b, renderRows(b)) }
