package beckon

import "testing"

func TestSmokeHTML(t *testing.T) {
	vars := smokeVars{"e.s": String(`<b>"x"&'y'+`), "e.link": Link("https://e.example/a?b=1&c=d e"), "e.l": Link("https://e.example/a?b=1&c=2"), "e.i": Image("https://e.example/a.png"),
		"e.r": RichLink("https://e.example/r", "T <1>"), "e.stripe_customer": Stripe("cus_1"), "e.m": Monetary(-123456789, "eur"), "e.j": String("javascript:alert(1)"), "e.p": String("//evil.example"), "e.u": String("https://ok.example/")}
	for _, src := range []string{
		`<p>{{event.s}} {{event.l}} {{event.i}} {{event.r}} {{event.stripe_customer}} {{event.m}}</p>`,
		`<a href="{{event.l}}" title='{{event.s}}'>{{event.l}} {{event.i}} {{event.r}} {{event.stripe_customer}}</a>`,
		`<a href="{{event.j}}">x</a><a href="{{event.p}}">x</a><a href="{{event.u}}">x</a><a href="{{event.r}}/x/{{event.s}}?q={{event.l}}">x</a>`,
		`<a href="/{{event.p}}">x</a> <a href="/{{event.none}}/x">x</a> <a href="https://h.example/{{event.s}}?a={{event.s}}&amp;b={{event.s}}#{{event.s}}">x</a>`,
		`<!-- c {{ "{{" }} --><title>{{event.r}}</title>`,
		`<title>{{event.r}}</title><textarea>{{event.s}}</textarea><img src="{{event.i}}" alt="{{event.i}}">`,
		`<p onclick="{{event.s}}">`, `<p style="{{event.s}}">`, `<script>{{event.s}}</script>`, `<p {{event.s}}>`, `<p title={{event.s}}>`, `<{{event.s}}>`, `<iframe srcdoc="{{event.s}}"></iframe>`, `<base href="{{event.s}}">`,
		`<a href="javascript:{{event.s}}">`, `<a href="//{{event.s}}">`, `<a href="https://{{event.s}}">`, `<a href="mailto:{{event.s}}">`, `<svg><a href="{{event.s}}"></a></svg>`, "<p>\n<a title=\"", "<p>\n\n <a b'c>", `<a data-url="{{event.s}}" data-x="{{event.s}}" data-onx="{{event.s}}">`,
		`{{event.m|money}} {{event.m|money:"de-DE"}} {{event.m|money:"hi-IN"}} {{event.m|money:"nl"}} {{event.m|money:"ar"}} {{ event.s | money}}`,
		`<a href="{{event.none | fallback: '#'}}">{{event.none | fallback: "<b>"}}</a><a href="{{event.none | fallback: 'javascript:x'}}">`,
	} {
		var l ErrorList
		c := compileContent(Content{Body: src, Format: FormatHTML}, renderContext{eventVars: true}, "m", &l)
		if l != nil {
			t.Log(src, "\n   FAULT", l)
			continue
		}
		_, got, _, err := c.render(vars)
		t.Log(src, "\n   ", got, err)
	}
}
