package htmlescape_test

import (
	"html/template"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/htmlescape"
)

// places are documents in which html/template uses the escapers that this
// package has its own of.
var places = []struct {
	name, before, after string
	escape              func([]byte, string) []byte
}{
	{"text", "<p>", "</p>", htmlescape.AppendText[string]},
	{"title", "<title>", "</title>", htmlescape.AppendText[string]},
	{"textarea", "<textarea>", "</textarea>", htmlescape.AppendText[string]},
	{"double quotes", `<p title="`, `">`, htmlescape.AppendText[string]},
	{"single quotes", `<p title='`, `'>`, htmlescape.AppendText[string]},
	{"path", `<a href="/x/`, `">`, htmlescape.AppendURL[string]},
	{"path in single quotes", `<a href='/x/`, `'>`, htmlescape.AppendURL[string]},
	{"query", `<a href="/x?`, `">`, htmlescape.AppendQuery[string]},
	{"fragment", `<a href="#`, `">`, htmlescape.AppendQuery[string]},
}

// check holds one value to html/template in every place.
func check(t *testing.T, value string) {
	t.Helper()
	for _, p := range places {
		var want strings.Builder
		if err := template.Must(template.New("").Parse(p.before+"{{.}}"+p.after)).Execute(&want, value); err != nil {
			t.Fatal(err)
		}
		got := string(p.escape([]byte(p.before), value)) + p.after
		if got != want.String() {
			t.Errorf("%s: %q gives %q, html/template %q", p.name, value, got, want.String())
		}
	}
}

func TestEveryByteAndPair(t *testing.T) {
	var all strings.Builder
	for c := range 256 {
		all.WriteByte(byte(c))
		check(t, string([]byte{byte(c)}))
	}
	check(t, all.String())
	for _, s := range []string{"%", "%4", "%41", "%4g", "%g1", "%%41", "%41%", "é", "\u2028", "\u202e", "\ufffe", "\U0001f600", "\xff\xfe", "", "&amp;", "&#34;"} {
		check(t, s)
		check(t, "a"+s+"b")
	}
}

// In a mailto: or tel: link a value is escaped as html/template does, and "?" and
// "&" are percent-encoded as well.
func TestMail(t *testing.T) {
	for _, s := range []string{"", "a+b@c/d", "?", "&", "a?b&c%41%?%4&1\"é", "%&41"} {
		want := strings.NewReplacer("?", "%3f", "&amp;", "%26").Replace(string(htmlescape.AppendURL(nil, s)))
		if got := string(htmlescape.AppendMail([]byte("x"), s)); got != "x"+want {
			t.Errorf("%q: %q, want %q", s, got, "x"+want)
		}
	}
}

// The source may be the tail of the destination.
func TestSourceWithinDestination(t *testing.T) {
	for _, spare := range []int{0, 64} {
		dst := make([]byte, 0, 5+spare)
		dst = append(dst, `x<&">`...)
		dst = htmlescape.AppendText(dst, dst[1:])
		if got, want := string(dst), `x<&">&lt;&amp;&#34;&gt;`; got != want {
			t.Errorf("with %d bytes to spare: %q, want %q", spare, got, want)
		}
	}
}

func FuzzAgainstHTMLTemplate(f *testing.F) {
	f.Add(`<a href="javascript:alert(1)">%41%zz'+&amp;`)
	f.Add("\x00\xff\u2028")
	f.Fuzz(check)
}
