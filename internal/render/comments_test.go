package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/value"
)

// R5, row 95: a mail comes out as its author wrote it, comments for Outlook
// included, except for its variables.
func TestMailsStayAsWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/mails/*.html")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	vars := renderVars{
		"user.name":   value.String(`A<b> & "C"`),
		"event.order": value.String("A-17"),
		"event.total": value.Monetary(34999, "eur"),
		"event.phone": value.String("+353 1 555&x?y"),
	}
	filled := strings.NewReplacer(
		"{{ user.name }}", "A&lt;b&gt; &amp; &#34;C&#34;", "{{ event.order }}", "A-17",
		"{{ event.total }}", "349.99 EUR", "{{ event.phone }}", "&#43;353%201%20555%26x%3fy")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		body := string(src)
		if got, want := renderBody(t, formatHTML, body, Options{}, vars), filled.Replace(body); got != want {
			t.Errorf("%s\n got %s\nwant %s", file, got, want)
		}
		without := strings.NewReplacer("{{", "{", "}}", "}").Replace(body)
		if got := renderBody(t, formatHTML, without, Options{}, vars); got != without {
			t.Errorf("%s without variables: %s", file, got)
		}
	}
}

// R5: fixed text is the author's, whatever it is.
func TestFixedTextStaysAsWritten(t *testing.T) {
	for _, body := range []string{
		"<!-- c --><p>a < b &c</p>", "a << b <= c <3 <", "<!----><!-- - -- > -->", "<!-->x-->", "<!--->x-->", "<!-- x --!>y<!-- -->",
		"<title>a <b> <!-- c --></title>", "<textarea><!--[if mso]><![endif]--></textarea>",
		"<style>/* c */ <!-- p > a { color: red } --></style>", "<script>// c\nvar a = 1 /* d */ < 2</script>",
		"<![if !mso]><p><![endif]>", "<?php x ?>", "</>", "</ x>", "<![CDATA[ x ]]>",
		"<!--[if mso]><a href=\"<![endif]-->", "<!--[if mso]><style><![endif]-->",
	} {
		if got := renderBody(t, formatHTML, body, Options{}, renderVars{}); got != body {
			t.Errorf("%s: %s", body, got)
		}
		if strings.HasSuffix(body, "<") {
			continue
		}
		before := `<p title="{{ v }}">{{ v }}</p>`
		if got, want := renderBody(t, formatHTML, before+body, Options{}, renderVars{"user.v": value.String("<")}), `<p title="&lt;">&lt;</p>`+body; got != want {
			t.Errorf("behind variables: got %s, want %s", got, want)
		}
	}
}

// K2 (R5): a variable inside a comment is a fault, and so is one behind what
// parsers, or mail clients, read in different ways.
func TestVariablesAroundComments(t *testing.T) {
	for _, c := range []struct{ body, says string }{
		{"<!-- {{ v }} -->", "in a comment"},
		{"<p><!--[if mso]><p>{{ v }}</p><![endif]--></p>", "in a comment"},
		{"<!--[if {{ v }}]><p><![endif]-->", "in a comment"},
		{"<![if {{ v }}]>", "in a comment"},
		{"<!d{{ v }}>", "in a comment"},
		{"<?x {{ v }}?>", "in a comment"},
		{"</ {{ v }}>", "in a comment"},
		{"<!-- a --{{ v }}> -->", "in a comment"},
		{"<!--{{ \"x\" }}-->", "in a comment"},
		{"<!{{ v }}-- -->", "name of a tag"},
		{"<?{{ v }}>", "name of a tag"},
		{"a </{{ v }}p>", "name of a tag"},
		{"<title></{{ v }}title></title>", "name of a tag"},
		{"<title></tit{{ v }}le></title>", "name of a tag"},
		{"<title></title{{ v }}></title>", "name of a tag"},
		{"<textarea><{{ v }}/textarea></textarea>", "name of a tag"},
		{"<!-->x-->{{ v }}", "same place"},
		{"<!--->x-->{{ v }}", "same place"},
		{"<!-- --!>x-->{{ v }}", "same place"},
		{"<!-- --!><p title=\"-->{{ v }}\">", "same place"},
		{"<![CDATA[ > ]]>{{ v }}", "CDATA"},
		{"<svg><![cdata[ </svg> ]]></svg>{{ v }}", "CDATA"},
		{"<! <p title='>{{ v }}'>", `behind a "<"`},
		{"<noscript><!-- </noscript><style> --></noscript>{{ v }}", "noscript"},

		// What Outlook would still stand in.
		{"<!--[if mso]><style><![endif]-->{{ v }}<!--[if mso]></style><![endif]-->", "conditional comment"},
		{"<!--[if mso]><script><![endif]-->{{ v }}", "conditional comment"},
		{"<!--[if mso]><a href=\"<![endif]--><b>{{ v }}</b>", "conditional comment"},
		{"<!--[if mso]><a onclick='<![endif]--><b title=\"{{ v }}\">", "conditional comment"},
		{"<!--[if mso]><p <![endif]-->{{ v }}", "conditional comment"},
		{"<!--[if mso]><title><![endif]-->{{ v }}", "conditional comment"},
		{"<!--[if mso]><svg><![endif]-->{{ v }}", "conditional comment"},
		{"<svg><!--[if mso]></svg><![endif]--></svg>{{ v }}", "conditional comment"},
		{"<!--[if mso]><noscript><![endif]-->{{ v }}", "conditional comment"},
		{"<!--[if mso]><!-- <![endif]-->{{ v }}", "conditional comment"},
		{"<!--[if mso]><p a\"b><![endif]-->{{ v }}", "conditional comment"},
		{"<!--[IF MSO]><xmp><![ENDIF]-->{{ v }}", "conditional comment"},
		{"<!-- [if mso]><xmp><![endif]-->{{ v }}", "conditional comment"},
		{"<!--[if mso]><xmp>-->{{ v }}", "conditional comment"},
		{"<!--[if mso-->{{ v }}", "conditional comment"},
	} {
		faults := templateFaults(formatHTML, c.body)
		if len(faults) != 1 || !strings.Contains(faults[0].Message, c.says) {
			t.Errorf("%s: %v, want one with %q", c.body, faults, c.says)
		}
	}
	for _, body := range []string{"<!-- x", "<p><!--[if mso]><![endif]", "<![if !mso", "<?x", "</ p", "{{ v }}<!-- --"} {
		if faults := templateFaults(formatHTML, body); len(faults) != 1 || !strings.Contains(faults[0].Message, "not closed") {
			t.Errorf("%s: %v", body, faults)
		}
	}
}

// K2 (R5): what a value brings into mailto: and tel: links.
func TestMailLinks(t *testing.T) {
	const text = `a+b@c.example/d?cc=x&y#z%41%é "<>'` + "\n"
	const mail = `a&#43;b@c.example/d%3fcc=x%26y#z%41%25%c3%a9%20%22%3c%3e%27%0a`
	const query = `a%2bb%40c.example%2fd%3fcc%3dx%26y%23z%2541%25%c3%a9%20%22%3c%3e%27%0a`
	for _, c := range []struct{ body, want string }{
		{`<a href="mailto:{{ v }}">`, `<a href="mailto:` + mail + `">`},
		{`<area href='MailTo:{{ v }}'>`, `<area href='MailTo:` + mail + `'>`},
		{`<a href="tel:{{ v }}">`, `<a href="tel:` + mail + `">`},
		{`<a href=" tel:+1{{ v }}">`, `<a href=" tel:+1` + mail + `">`},
		{`<a href="mailto:{{ v }}@{{ v }}?subject={{ v }}&amp;body={{ v }}">`, `<a href="mailto:` + mail + "@" + mail + "?subject=" + query + "&amp;body=" + query + `">`},
		{`<a href="mailto:{{ none }}">`, `<a href="mailto:">`},
		{`<a href="mailto:{{ none | fallback: 'a?b&c' }}">`, `<a href="mailto:a%3fb%26c">`},
		{`<a href="mailto:{{ link }}">`, `<a href="mailto:https://h.example/%3fa%26b">`},
		{`<a href="mailto:{{ 'x&y' }}">`, `<a href="mailto:x%26y">`},
	} {
		vars := renderVars{"user.v": value.String(text), "user.link": value.Link("https://h.example/?a&b")}
		if got := renderBody(t, formatHTML, c.body, Options{Isolate: true}, vars); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.body, got, c.want)
		}
	}
	for _, body := range []string{
		`<img src="mailto:{{ v }}">`, `<p data-href="mailto:{{ v }}">`, `<a href="sms:{{ v }}">`, `<a href="{{ v }}mailto:{{ v }}">`, `<a href="xmailto:{{ v }}">`,
		`<a href="mailto{{ v }}">`, `<a href="mail&#10;to:{{ v }}">`, `<a href="mailto:a&{{ v }}">`, `<a href="{{ v | fallback: 'mailto:' }}{{ v }}">`, `<a href="{{ v | fallback: 'mailto:a' }}/{{ v }}">`,
		`<link href="mailto:{{ v }}">`, `<a href="javascript:mailto:{{ v }}">`, `<a href=mailto:{{ v }}>`,
	} {
		if faults := templateFaults(formatHTML, body); len(faults) != 1 {
			t.Errorf("%s: %v", body, faults)
		}
	}
}

// R5, K2: another language's tags, and HTML without a format.
func TestForeignTagsAndMissingFormat(t *testing.T) {
	compile := func(c Source) string {
		var faults fault.List
		Compile(c, Options{}, "content", &faults)
		var out []string
		for _, f := range faults {
			place, _, _ := strings.Cut(f.Message, ":")
			out = append(out, f.Path+" "+place)
		}
		return strings.Join(out, "; ")
	}
	for _, c := range []struct {
		content Source
		want    string
	}{
		{Source{Subject: "{% a %}", Body: "x {# b #}", Data: map[string]string{"d": "\n{%"}}, "content.subject line 1, column 1; content.body line 1, column 3; content.data.d line 2, column 1"},
		{Source{Body: "{{ a }}{% if b %}{{ c }}\n{% endif %}"}, "content.body line 1, column 8; content.body line 2, column 1"},
		{Source{Format: formatHTML, Body: "<style>@media print{#a{}}</style>"}, "content.body line 1, column 20"},
		{Source{Format: formatHTML, Body: "<!-- {% a %} -->"}, "content.body line 1, column 6"},
		{Source{Body: "{ % } { # } {$ {} % # {"}, ""},
		{Source{Body: `{{ "{%" }} {{ a | fallback: "{# x #}" }}{{ '{#' }}`}, ""},
		{Source{Body: strings.Repeat("{%", 100)}, strings.TrimSuffix(strings.Repeat("content.body line 1, column ¤; ", maxTemplateFaults), "; ")},

		{Source{Body: "<p>x"}, "content.format missing"},
		{Source{Body: "a</B>"}, "content.format missing"},
		{Source{Body: "a <br/> b"}, "content.format missing"},
		{Source{Body: "<a\nhref='x'"}, "content.format missing"},
		{Source{Body: "<<TABLE\t"}, "content.format missing"},
		{Source{Body: "</ p> <x> <H1>"}, "content.format missing"},
		{Source{Body: "<selectedcontent>"}, "content.format missing"},
		{Source{Subject: "<p>", Body: "<ada@b.example> <p: <pp> < p> <3 <!-- x --> <!doctype html> <é> <>", Data: map[string]string{"d": "<b>"}}, ""},
		{Source{Format: formatText, Body: "<p>"}, ""},
		{Source{Format: formatHTML, Body: "<p>"}, ""},
	} {
		got := compile(c.content)
		if strings.Contains(c.want, "¤") {
			if n := strings.Count(got, "; "); n != strings.Count(c.want, "; ") {
				t.Errorf("%d faults", n+1)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%+v\n got %s\nwant %s", c.content, got, c.want)
		}
	}
}
