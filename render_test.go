package beckon

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Row 70
func TestRenderLimits(t *testing.T) {
	limits := RenderLimits{TemplateSize: 40, TemplateVariables: 2, RenderedSize: 10}
	for _, c := range []struct {
		body string
		ok   bool
	}{
		{strings.Repeat("x", 40), true},
		{strings.Repeat("x", 41), false},
		{"{{ a }}{{ a }}", true},
		{"{{ a }}{{ a }}{{ a }}", false},
	} {
		_, err := NewRenderer(Content{Body: c.body}, WithRenderLimits(limits))
		if (err == nil) != c.ok {
			t.Errorf("%q: %v", c.body, err)
		}
	}
	for _, c := range []struct {
		content Content
		value   string
		field   string // of the error, empty if there is none
	}{
		{Content{Body: "{{ a }}"}, "0123456789", ""},
		{Content{Body: "{{ a }}"}, "0123456789x", "body"},
		{Content{Body: "0123456789x"}, "", "body"},
		{Content{Subject: "{{ a }}", Body: "{{ a }}"}, "01234", ""},
		{Content{Subject: "{{ a }}", Body: "{{ a }}"}, "012345", "body"},
		{Content{Subject: "0123456789x"}, "", "subject"},
		{Content{Body: "{{ a }}", Data: map[string]string{"k": "{{ a }}"}}, "012345", "data.k"},
		{Content{Body: "{{ a }}", Format: FormatHTML}, "<<<", "body"},
		{Content{Body: "{{ a }}", Text: "{{ a }}", Format: FormatHTML}, "01234", ""},
		{Content{Body: "{{ a }}", Text: "{{ a }}", Format: FormatHTML}, "012345", "text"},
	} {
		r, err := NewRenderer(c.content, WithRenderLimits(limits))
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Render(Vars{User: Attributes{"a": String(c.value)}})
		var e *Error
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%+v with %q: %v", c.content, c.value, err)
		case c.field == "":
		case !errors.Is(err, ErrRenderTooLarge) || !errors.As(err, &e) || e.Field != c.field || out.Body != "" || out.Subject != "":
			t.Errorf("%+v with %q: %+v, %v", c.content, c.value, out, err)
		}
	}
	if _, err := NewRenderer(Content{}, WithRenderLimits(RenderLimits{RenderedSize: -1})); !errors.Is(err, ErrProgramInvalid) {
		t.Errorf("a negative limit: %v", err)
	}
}

func TestRenderer(t *testing.T) {
	content := Content{
		Subject: "{{ name }}", Body: "{{ company.name }} {{ event.Order_Date }} {{ event.page }}",
		Data: map[string]string{"fixed": "x", "var": "{{ event.price }}"},
	}
	r, err := NewRenderer(content, nil)
	if err != nil {
		t.Fatal(err)
	}
	vars := Vars{
		User:    Attributes{"name": String("Ada")},
		Company: Attributes{"name": String("Acme")},
		Event:   Fields{{Key: "order_date", Value: Number(1389913941)}, {Key: "page", Value: String("https://h.example/")}, {Key: "price", Value: Monetary(100, "eur")}},
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				out, err := r.Render(vars)
				if err != nil || out.Subject != "Ada" || out.Body != "Acme 1389913941 https://h.example/" ||
					!maps.Equal(out.Data, map[string]string{"fixed": "x", "var": "1.00 EUR"}) || out.Missing {
					t.Errorf("%+v, %v", out, err)
					return
				}
				clear(out.Data) // the caller's own
			}
		})
	}
	wg.Wait()
	out, err := r.Render(Vars{})
	if err != nil || out.Subject != "" || out.Body != "  " || !out.Missing {
		t.Errorf("without values: %+v, %v", out, err)
	}
	content.Missing = MissingHold
	if r, err = NewRenderer(content); err != nil {
		t.Fatal(err)
	}
	if out, err = r.Render(Vars{User: vars.User}); err != nil || out.Subject != "" || out.Data != nil || !out.Missing {
		t.Errorf("to be held: %+v, %v", out, err)
	}
	if _, err := NewRenderer(Content{Data: map[string]string{"k": "{{"}}); err == nil || !strings.HasPrefix(err.Error(), "data.k: line 1") {
		t.Errorf("a fault in data: %v", err)
	}
}

// R6
func TestOnlyTheFirstTwentyKeysRender(t *testing.T) {
	var fields Fields
	for i := range 25 {
		fields = append(fields, Field{Key: "k" + string(rune('a'+i)), Value: String("v")})
	}
	r, err := NewRenderer(Content{Body: "{{ event.kt }}|{{ event.ku | fallback: 'none' }}"})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := r.Render(Vars{Event: fields}); err != nil || out.Body != "v|none" {
		t.Errorf("%+v, %v", out, err)
	}
}

// R3: one variable that is unknown is missing whatever stands behind it, and
// only from the rendering that lacked it.
func TestMissingIsOfOneRendering(t *testing.T) {
	r, err := NewRenderer(Content{Body: "{{ user.a }} {{ user.n }}"})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		user Attributes
		want bool
	}{
		{Attributes{"n": Number(1)}, true},
		{Attributes{"a": String("x"), "n": Number(1)}, false},
		{Attributes{"a": Number(2), "n": String("y")}, false},
		{Attributes{"a": String("x")}, true},
		{Attributes{"a": String("x"), "n": Number(1)}, false},
	}
	for i, c := range cases {
		out, err := r.Render(Vars{User: c.user})
		if err != nil || out.Missing != c.want {
			t.Errorf("Render %d: missing %v, want %v, %v", i, out.Missing, c.want, err)
		}
	}
	for i, c := range cases {
		_, missing, err := r.AppendBody(nil, Vars{User: c.user})
		if err != nil || missing != c.want {
			t.Errorf("AppendBody %d: missing %v, want %v, %v", i, missing, c.want, err)
		}
	}
}

// M3: the text of an event has the type that it asks for, also in a Renderer.
func TestRendererTypesTexts(t *testing.T) {
	for _, c := range []struct{ key, text, want string }{
		{"u", "https://a.example/x", `<a href="https://a.example/x">https://a.example/x</a>`},
		{"u", "https://a.example/x.png", `<img src="https://a.example/x.png" alt="">`},
		{"stripe_customer", "cus_1", `<a href="https://dashboard.stripe.com/customers/cus_1">cus_1</a>`},
		{"u", "javascript:x", "javascript:x"},
	} {
		r, err := NewRenderer(Content{Format: FormatHTML, Body: "<p>{{ event." + c.key + " }}</p>"})
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Render(Vars{Event: Fields{{Key: c.key, Value: String(c.text)}}})
		if err != nil || out.Body != "<p>"+c.want+"</p>" {
			t.Errorf("%s %q: %q, want %q, %v", c.key, c.text, out.Body, c.want, err)
		}
	}
}

// Row 70, Z4: the engine's limits reach its templates.
func TestContentLimitsOfAnEngine(t *testing.T) {
	if err := WithContentLimits(RenderLimits{TemplateVariables: -1}).apply(new(config)); err == nil {
		t.Error("a negative limit is accepted")
	}
	for _, c := range []struct {
		limits RenderLimits
		ok     bool
	}{{RenderLimits{}, true}, {RenderLimits{TemplateSize: 4}, true}, {RenderLimits{TemplateSize: 3}, false}} {
		cfg := defaultConfig()
		if err := WithContentLimits(c.limits).apply(&cfg); err != nil {
			t.Fatal(err)
		}
		_, faults := compile(Program{Messages: []Message{{ID: "m", Content: Content{Body: "four"}}}}, &cfg)
		if err := raise(faults); c.ok && err != nil || !c.ok && !errors.Is(err, ErrProgramInvalid) {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}

// One fault is told once, with the place in the program (A8).
func TestContentFaultsOfAProgram(t *testing.T) {
	cfg := defaultConfig()
	_, list := compile(Program{Messages: []Message{{
		ID: "m", Content: Content{Format: "md", Missing: "drop", Body: "{{ event.a }}", Data: map[string]string{"button": "{{"}},
	}}}, &cfg)
	want := []string{"format", "missing", "body", "data.button"}
	if len(list) != len(want) {
		t.Fatalf("%d faults, want %d: %v", len(list), len(want), list)
	}
	for i, e := range list {
		if e.Path != "messages[0].content."+want[i] {
			t.Errorf("fault %d at %s, want %s", i, e.Path, want[i])
		}
	}
}

// R5: beside a body in HTML a content may say the same as text.
func TestTextBesideHTML(t *testing.T) {
	content := Content{Format: FormatHTML, Subject: "s", Body: "<p>{{ name }} {{ event.u }}</p>", Text: "<{{ name }}>\n{{ event.u }}\n", Data: map[string]string{"d": "{{ name }}"}}
	r, err := NewRenderer(content)
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Render(Vars{User: Attributes{"name": String("A&B")}, Event: Fields{{Key: "u", Value: RichLink("https://h.example/", "x")}}})
	if err != nil || out.Body != `<p>A&amp;B <a href="https://h.example/">x</a></p>` || out.Text != "<A&B>\nx (https://h.example/)\n" || out.Data["d"] != "A&amp;B" {
		t.Errorf("%+v, %v", out, err)
	}
	content.Body, content.Text, content.Missing = "<p>", "{{ event.u }}", MissingHold
	if r, err = NewRenderer(content); err != nil {
		t.Fatal(err)
	}
	if out, err = r.Render(Vars{User: Attributes{"name": String("A")}}); err != nil || !out.Missing || out.Body != "" {
		t.Errorf("a value that only the text shows: %+v, %v", out, err)
	}
	for _, c := range []struct {
		content Content
		want    []string // paths of faults
	}{
		{Content{Text: "x"}, []string{"text"}},
		{Content{Format: FormatText, Body: "b", Text: "x"}, []string{"text"}},
		{Content{Body: "<p>b", Text: "x"}, []string{"format"}},
		{Content{Format: "md", Text: "x"}, []string{"format"}},
		{Content{Format: FormatHTML, Text: "{{ x"}, []string{"text"}},
		{Content{Format: FormatHTML, Text: "{% if %}"}, []string{"text"}},
		{Content{Format: FormatHTML, Text: "<script>{{ event.x }}</script>"}, nil}, // no HTML: all places are fine
	} {
		_, err := NewRenderer(c.content)
		var list ErrorList
		errors.As(err, &list)
		var paths []string
		for _, e := range list {
			paths = append(paths, e.Path)
		}
		if !slices.Equal(paths, c.want) {
			t.Errorf("%+v: %v, want faults at %v", c.content, err, c.want)
		}
	}
}
