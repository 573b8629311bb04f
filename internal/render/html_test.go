package render

import (
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/htmlplace"
	"github.com/beckon-go/beckon/value"
)

// R4, R5: what each kind of value looks like in each place.
func TestValuesInHTML(t *testing.T) {
	vars := renderVars{
		"event.s":               value.String(`<b>"x" & 'y'+`),
		"event.web":             value.String("https://h.example/?a&b"),
		"event.link":            value.Link("https://h.example/a b?c=1&d='"),
		"event.url":             value.Link("https://h.example/a?c=1&d='+é%41%"),
		"event.image":           value.Image("https://h.example/a.png?x=\"&y"),
		"event.img":             value.Image("https://h.example/a.png?x&y"),
		"event.rich":            value.RichLink("https://h.example/r?a&b", "TX<18>"),
		"event.stripe_customer": value.Stripe("cus_1"),
		"event.stripe_invoice":  value.Stripe("in_1"),
		"event.Stripe_Charge":   value.Stripe("x1"),
		"event.other":           value.Stripe("in_2"),
		"event.unprefixed":      value.Stripe("zz"),
		"event.money":           value.Monetary(34999, "eur"),
		"event.n":               value.NumberLiteral("1.50"),
		"event.b":               value.Bool(true),
		"event.date":            value.Date(time.Unix(1389913941, 0)),
		"user.date":             value.Date(time.Unix(0, 0)),
		"user.list":             value.List("<a>", "b"),
		"user.empty":            value.String(""),
		"user.blank":            value.List(""),
		"user.nothing":          value.List(),
	}
	if !vars["event.url"].IsUnknown() && vars["event.url"].Kind() != value.KindLink || vars["event.img"].Kind() != value.KindImage {
		t.Fatal("the values of this test are refused")
	}
	for _, c := range []struct{ body, want string }{
		// Between tags.
		{"<p>{{ event.s }}", "<p>&lt;b&gt;&#34;x&#34; &amp; &#39;y&#39;&#43;"},
		{"<p>{{ event.web }}", "<p>https://h.example/?a&amp;b"},
		{"<p>{{ event.url }}", `<p><a href="https://h.example/a?c=1&amp;d=%27&#43;%c3%a9%41%25">https://h.example/a?c=1&amp;d=&#39;&#43;é%41%</a>`},
		{"<p>{{ event.img }}", `<p><img src="https://h.example/a.png?x&amp;y" alt="">`},
		{"<p>{{ event.rich }}", `<p><a href="https://h.example/r?a&amp;b">TX&lt;18&gt;</a>`},
		{"<p>{{ event.stripe_customer }}", `<p><a href="https://dashboard.stripe.com/customers/cus_1">cus_1</a>`},
		{"<p>{{ event.stripe_invoice }}", `<p><a href="https://dashboard.stripe.com/invoices/in_1">in_1</a>`},
		{"<p>{{ event.Stripe_Charge }}", `<p><a href="https://dashboard.stripe.com/payments/x1">x1</a>`},
		{"<p>{{ event.other }}", `<p><a href="https://dashboard.stripe.com/invoices/in_2">in_2</a>`},
		{"<p>{{ event.unprefixed }}", `<p><a href="https://dashboard.stripe.com/payments/zz">zz</a>`},
		{"<p>{{ event.money }} {{ event.n }} {{ event.b }} {{ event.date }}", "<p>349.99 EUR 1.50 true 1389913941"},
		{"<p>{{ date }} {{ list }}", "<p>1970-01-01T00:00:00Z &lt;a&gt;, b"},
		{"<p>{{ none }}{{ empty }}", "<p>"},
		{`<p>{{ none | fallback: "<b>" }}{{ empty | fallback: "&" }}`, "<p>&lt;b&gt;&amp;"},
		{`<p>{{ blank | fallback: "<" }}`, "<p>&lt;"},
		{`<p>{{ nothing | fallback: "<" }}<a href="{{ nothing | fallback: 'https://h.example/' }}">`, `<p>&lt;<a href="https://h.example/">`},
		{`<p>{{ "{{" }}{{ "<" }}`, "<p>{{&lt;"},

		// Links do not nest; images may.
		{"<a>{{ event.url }}</a>{{ event.rich }}", `<a>https://h.example/a?c=1&amp;d=&#39;&#43;é%41%</a><a href="https://h.example/r?a&amp;b">TX&lt;18&gt;</a>`},
		{"<a>{{ event.rich }} {{ event.img }} {{ event.stripe_customer }}</a>", `<a>TX&lt;18&gt; <img src="https://h.example/a.png?x&amp;y" alt=""> cus_1</a>`},
		{"<button>{{ event.rich }}</button>", "<button>TX&lt;18&gt;</button>"},
		{"<select><option>{{ event.rich }}{{ event.img }}</select>", "<select><option>TX&lt;18&gt; (https://h.example/r?a&amp;b)https://h.example/a.png?x&amp;y</select>"},

		// Text elements.
		{"<title>{{ event.rich }} {{ event.img }}</title>", "<title>TX&lt;18&gt; (https://h.example/r?a&amp;b) https://h.example/a.png?x&amp;y</title>"},
		{"<textarea>{{ event.s }}</textarea>", "<textarea>&lt;b&gt;&#34;x&#34; &amp; &#39;y&#39;&#43;</textarea>"},

		// Attributes.
		{`<p title="{{ event.s }}" id='{{ event.s }}'>`, `<p title="&lt;b&gt;&#34;x&#34; &amp; &#39;y&#39;&#43;" id='&lt;b&gt;&#34;x&#34; &amp; &#39;y&#39;&#43;'>`},
		{`<p title="{{ event.rich }} {{ event.url }} {{ event.img }}">`, `<p title="https://h.example/r?a&amp;b https://h.example/a?c=1&amp;d=&#39;&#43;é%41% https://h.example/a.png?x&amp;y">`},
		{`<p title="{{ event.money }} {{ event.stripe_customer }} {{ event.date }}">`, `<p title="349.99 EUR cus_1 1389913941">`},
		{`<p aria-label="{{ event.s }}" data-name="{{ event.n }}">`, `<p aria-label="&lt;b&gt;&#34;x&#34; &amp; &#39;y&#39;&#43;" data-name="1.50">`},
		{`<p data-url="{{ event.url }}" data-href="{{ event.s }}">`, `<p data-url="https://h.example/a?c=1&amp;d=%27&#43;%c3%a9%41%25" data-href="#ZgotmplZ">`},
		{`<p title="{{ none }}{{ none | fallback: '<' }}">`, `<p title="&lt;">`},

		// A URL that begins with the value.
		{`<a href="{{ event.url }}">`, `<a href="https://h.example/a?c=1&amp;d=%27&#43;%c3%a9%41%25">`},
		{`<a href="{{ event.web }}">`, `<a href="https://h.example/?a&amp;b">`},
		{`<a href='{{ event.rich }}'>`, `<a href='https://h.example/r?a&amp;b'>`},
		{`<img src=" {{ event.img }} ">`, `<img src=" https://h.example/a.png?x&amp;y ">`},
		{`<a href="{{ event.s }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="{{ event.money }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="{{ event.stripe_customer }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="{{ none }}">`, `<a href="">`},
		{`<a href="{{ none | fallback: 'https://f.example/?a&b' }}">`, `<a href="https://f.example/?a&amp;b">`},
		{`<a href="{{ none | fallback: '#' }}">`, `<a href="#">`},
		{`<a href="{{ none | fallback: '/home' }}">`, `<a href="/home">`},
		{`<a href="{{ none | fallback: '?a' }}">`, `<a href="?a">`},
		{`<a href="{{ none | fallback: 'javascript:alert(1)' }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="{{ none | fallback: '//f.example' }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="{{ none | fallback: 'home' }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="{{ event.url }}/b/{{ event.n }}">`, `<a href="https://h.example/a?c=1&amp;d=%27&#43;%c3%a9%41%25/b/1.50">`},
		{`<a href="{{ event.web }}#{{ event.s }}">`, `<a href="https://h.example/?a&amp;b#%3cb%3e%22x%22%20%26%20%27y%27%2b">`},

		// A URL with a fixed beginning.
		{`<a href="https://h.example/{{ event.s }}/{{ event.web }}">`, `<a href="https://h.example/%3cb%3e%22x%22%20&amp;%20%27y%27&#43;/https://h.example/?a&amp;b">`},
		{`<a href="?u={{ event.url }}&amp;n={{ event.n }}">`, `<a href="?u=https%3a%2f%2fh.example%2fa%3fc%3d1%26d%3d%27%2b%c3%a9%2541%25&amp;n=1.50">`},
		{`<a href="/a/{{ none }}/b">`, `<a href="/a//b">`},
		{`<a href="/a/{{ none | fallback: 'x y' }}/b">`, `<a href="/a/x%20y/b">`},

		// Fixed text, as written.
		{"<!-- c --><p>a < b</p><!doctype html>", "<!-- c --><p>a < b</p><!doctype html>"},
		{"<script>var a = 1; // x\n</script><style>p > a {}</style>{{ event.n }}", "<script>var a = 1; // x\n</script><style>p > a {}</style>1.50"},
	} {
		if got := renderBody(t, formatHTML, c.body, Options{}, vars); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.body, got, c.want)
		}
	}
}

// No value, and no lack of one, makes two slashes of the first.
func TestValuesDoNotBeginAHost(t *testing.T) {
	for _, c := range []struct{ body, value, want string }{
		{`<a href="/{{ v }}">`, "/evil.example", `<a href="/%2fevil.example">`},
		{`<a href="/{{ v }}">`, "//evil.example", `<a href="/%2f/evil.example">`},
		{`<a href="/{{ v }}">`, `\evil.example`, `<a href="/%5cevil.example">`},
		{`<a href="/{{ v }}">`, "\t/evil.example", `<a href="/%09/evil.example">`},
		{`<a href="/{{ v }}/evil.example">`, "", `<a href="/./evil.example">`},
		{`<a href="/{{ v }}&#47;evil.example">`, "", `<a href="/.&#47;evil.example">`},
		{`<a href="/{{ v }}\evil.example">`, "", `<a href="/.\evil.example">`},
		{`<a href="/{{ v }}/x">`, "en", `<a href="/en/x">`},
		{`<a href="/{{ v | fallback: '/evil.example' }}">`, "", `<a href="/%2fevil.example">`},
		{`<a href="{{ none }}/{{ v }}">`, "/evil.example", `<a href="/%2fevil.example">`},
		{`<a href="{{ none }}/{{ v }}/x">`, "", `<a href="/./x">`},
		{`<a href="/{{ v }}/{{ v }}">`, "", `<a href="/./">`},
		{`<a href="https://h.example/{{ v }}">`, "/x", `<a href="https://h.example//x">`},
	} {
		if got := renderBody(t, formatHTML, c.body, Options{}, renderVars{"user.v": value.String(c.value)}); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.body, c.value, got, c.want)
		}
	}
}

// Row 68: refused when compiled, with the place.
func TestRefusedPlaces(t *testing.T) {
	for _, c := range []struct{ body, at, says string }{
		{"<script>{{ v }}</script>", "line 1, column 9", "inside script"},
		{"<script>var a = '{{ v }}'</script>", "line 1, column 18", "inside script"},
		{"<style>{{ v }}</style>", "line 1, column 8", "inside style"},
		{"<p>\n<p onclick=\"{{ v }}\">", "line 2, column 13", "onclick"},
		{`<p style="{{ v }}">`, "line 1, column 11", "style"},
		{`<iframe srcdoc="{{ v }}"></iframe>`, "line 1, column 17", "srcdoc"},
		{`<iframe src="{{ v }}"></iframe>`, "line 1, column 14", "iframe"},
		{`<base href="{{ v }}">`, "line 1, column 13", "base"},
		{`<form action="{{ v }}">`, "line 1, column 15", "action"},
		{`<meta content="{{ v }}">`, "line 1, column 16", "meta"},
		{`<img srcset="{{ v }}">`, "line 1, column 14", "srcset"},
		{`<svg><a xlink:href="{{ v }}"></a></svg>`, "line 1, column 21", "svg"},
		{`<p title={{ v }}>`, "line 1, column 10", "without quotes"},
		{`<p title=x{{ v }}>`, "line 1, column 11", "without quotes"},
		{`<p {{ v }}="x">`, "line 1, column 4", "name of a tag or an attribute"},
		{`<p {{ v }}>`, "line 1, column 4", "name of a tag or an attribute"},
		{`<{{ v }}>`, "line 1, column 2", "name of a tag"},
		{`</{{ v }}>`, "line 1, column 3", "name of a tag"},
		{`<!-- {{ v }} -->`, "line 1, column 6", "comment"},
		{`<!{{ v }}>`, "line 1, column 3", "name of a tag"},
		{`<!doctype {{ v }}>`, "line 1, column 11", "document type"},
		{`<p data-onload="{{ v }}">`, "line 1, column 17", "more than text"},
		{`<p data-style="{{ v }}">`, "line 1, column 16", "more than text"},
		{`<img data-srcset="{{ v }}">`, "line 1, column 19", "more than text"},
		{`<p/title="{{ v }}">`, "line 1, column 11", `after a "/"`},
		{`<a href="javascript:{{ v }}">`, "line 1, column 21", "begins otherwise"},
		{`<a href="java&#115;cript:{{ v }}">`, "line 1, column 26", "begins otherwise"},
		{`<a href="//{{ v }}">`, "line 1, column 12", `begins with "//"`},
		{`<a href="https://{{ v }}">`, "line 1, column 18", "host"},
		{`<a href="https://h.example{{ v }}">`, "line 1, column 27", "host"},
		{`<a href="sms:{{ v }}">`, "line 1, column 14", "begins otherwise"},
		{`<a href="{{ v }}{{ v }}">`, "line 1, column 17", "directly behind"},
		{`<a href="{{ v }}:{{ v }}">`, "line 1, column 18", "stands between"},
		{`<a href="{{ v | fallback: '/' }}/{{ v }}">`, "line 1, column 34", "with the fallback"},
		{`<script type="text/html"><a title="{{ v }}"></a></script>`, "line 1, column 36", "inside script"},
		{`<xmp>{{ v }}</xmp>`, "line 1, column 6", "inside xmp"},

		// HTML that html/template itself refuses.
		{"<p>\n<p title=\"", "line 2, column 11", "not closed"},
		{"<p>{{ v }}\n<p a'b>{{ v }}", "line 2, column 5", "attribute name"},
		{"<title>{{ v }}", "line 1, column 15", "not closed"},
		{"<p a=b\"c>", "line 1, column 7", "unquoted"},
		{"<script>{{ v }}", "line 1, column 16", "not closed"},
	} {
		faults := templateFaults(formatHTML, c.body)
		if len(faults) != 1 {
			t.Errorf("%s: %d faults, want 1: %v", c.body, len(faults), faults)
			continue
		}
		if f := faults[0]; f.Path != "content.body" || !strings.HasPrefix(f.Message, c.at+": ") || !strings.Contains(f.Message, c.says) {
			t.Errorf("%s\n got %s: %s\nwant %s … %s", c.body, f.Path, f.Message, c.at, c.says)
		}
	}
	if faults := templateFaults(formatHTML, "<p {{ v }}><p style=\"{{ v }}\"><p>{{ v }}"); len(faults) != 2 {
		t.Errorf("%d faults at once, want 2: %v", len(faults), faults)
	}
}

// Row 70: what would cost html/template the square of the size is refused.
func TestStrayLessIsBounded(t *testing.T) {
	for _, c := range []struct {
		body string
		at   string // of the fault, empty if there is none
	}{
		{strings.Repeat("<", maxStray), ""},
		{strings.Repeat("<", maxStray) + "{{ a }}\n <", "line 2, column 2"},
		{strings.Repeat("< ", MaxTemplateSize/2), "line 1, column 2001"},
		{strings.Repeat("<!", maxStray+1), "line 1, column 2001"},
		{"<title>" + strings.Repeat("<p", maxStray) + "<</title>", "line 1, column 2008"},
		{"<TextArea>" + strings.Repeat("</p", maxStray) + "</textarea>", ""},
		{strings.Repeat("<p></p><!-- x -->", maxStray), ""},
	} {
		faults := templateFaults(formatHTML, c.body)
		switch {
		case c.at == "" && len(faults) > 0:
			t.Errorf("%.20q…: %v", c.body, faults)
		case c.at == "":
		case len(faults) != 1 || !strings.HasPrefix(faults[0].Message, c.at+": too many"):
			t.Errorf("%.20q…: %v, want a fault at %s", c.body, faults, c.at)
		}
	}
}

// The escapers of this version of html/template, place by place. Where it
// changes, this test tells what to look at before templates are refused.
func TestEscaperChains(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"<p>", "</p>", escText},
		{"<title>", "</title>", escRCDATA},
		{"<textarea>", "</textarea>", escRCDATA},
		{`<p title="`, `">`, escAttr},
		{`<p title='`, `'>`, escAttr},
		{`<p data-x="`, `">`, escAttr},
		{`<input value="`, `">`, escAttr},
		{`<a href="`, `">`, escURLFilter + " " + escURL + " " + escAttr},
		{`<img src='`, `'>`, escURLFilter + " " + escURL + " " + escAttr},
		{`<a href="/`, `">`, escURL + " " + escAttr},
		{`<a href="?`, `">`, escQuery + " " + escAttr},
		{`<a href="#`, `">`, escQuery + " " + escAttr},
		{"<!-- ", " -->", escComment},
	} {
		o, err := newOracle([]segment{{text: c.before, hole: &placeholder{}}, {text: c.after}})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.chain(0); got != c.want {
			t.Errorf("%s: chain %s, want %s", c.before, got, c.want)
		}
	}
}

// A html/template that escapes otherwise than we do is noticed when a
// template is compiled.
func TestProbeNoticesADifference(t *testing.T) {
	segments := []segment{{text: "<p>", hole: &placeholder{}}, {text: "</p>"}}
	o, err := newOracle(segments)
	if err != nil {
		t.Fatal(err)
	}
	right := place{html: true, kind: htmlplace.Text}
	segments[0].hole.place = right
	if err := o.probe(segments); err != nil {
		t.Errorf("the right place: %v", err)
	}
	segments[0].hole.place = place{html: true, kind: htmlplace.URL, part: htmlplace.Query}
	if o.probe(segments) == nil {
		t.Error("another place is not noticed")
	}
}

// Row 72: what text shows, HTML shows too.
func TestTextAndHTMLAgree(t *testing.T) {
	for _, v := range []value.Value{
		value.String("x"), value.NumberLiteral("1.50"), value.Bool(true), value.Date(time.Unix(5, 0)), value.Monetary(-123456, "kwd"),
		value.Link("https://h.example/a"), value.Stripe("cus_1"), value.List("a", "b"),
	} {
		vars := renderVars{"event.v": v, "user.v": v}
		for _, body := range []string{"{{ event.v }}", "{{ user.v }}"} {
			text := renderBody(t, formatText, body, Options{}, vars)
			if html := renderBody(t, formatHTML, body, Options{}, vars); !strings.Contains(html, text) {
				t.Errorf("%v: text %q, HTML %q", v.Kind(), text, html)
			}
		}
	}
}

// A fault quotes little of the template, also where html/template would quote
// it whole.
func TestFaultsQuoteLittle(t *testing.T) {
	long := strings.Repeat("0", 3000)
	for _, c := range []struct{ in, want string }{
		{`but got "=` + long + `" here`, `but got "=` + long[:63] + `"… here`},
		{`short "x" and "y"`, `short "x" and "y"`},
		{`one " alone`, `one " alone`},
		{`no quotation ` + long, `no quotation ` + long[:287]},
		{"", ""},
	} {
		if got := requote(c.in); got != c.want {
			t.Errorf("%.40q…: got %q, want %q", c.in, got, c.want)
		}
	}
	var faults fault.List
	Compile(Source{Format: formatHTML, Body: "<A=" + long}, Options{}, "content", &faults)
	if len(faults) == 0 {
		t.Fatal("accepted")
	}
	for _, e := range faults {
		if len(e.Message) > 400 {
			t.Errorf("a message of %d bytes", len(e.Message))
		}
	}
}
