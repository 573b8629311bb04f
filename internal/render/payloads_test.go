package render

import (
	"fmt"
	"html"
	"net/url"
	"strings"
)

// hostileValues returns values made to leave the place they land in: markup,
// broken quotes, script URLs in every disguise, and text that trips parsers.
func hostileValues() []string {
	values := []string{
		// Markup.
		`<script>alert(1)</script>`, `<SCRIPT SRC=//x.example/x.js></SCRIPT>`, `<script/x>alert(1)</script>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
		`<img src=x onerror=alert(1)>`, `<img/src=x/onerror=alert(1)>`, `<IMG """><SCRIPT>alert(1)</SCRIPT>">`, `<img src="x` + "`" + `<script>alert(1)</script>"` + "`>",
		`<svg onload=alert(1)>`, `<svg/onload=alert(1)//`, `<svg><script>alert(1)</script></svg>`, `<svg><a xlink:href="javascript:alert(1)">x</a></svg>`,
		`<math><mi xlink:href="javascript:alert(1)">x</mi></math>`, `<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
		`<iframe srcdoc="<script>alert(1)</script>">`, `<iframe src=javascript:alert(1)>`, `<object data=javascript:alert(1)>`, `<embed src=javascript:alert(1)>`,
		`<body onload=alert(1)>`, `<input autofocus onfocus=alert(1)>`, `<details open ontoggle=alert(1)>`, `<video><source onerror=alert(1)>`, `<audio src onloadstart=alert(1)>`,
		`<marquee onstart=alert(1)>`, `<isindex type=image src=1 onerror=alert(1)>`, `<form><button formaction=javascript:alert(1)>x`, `<a href=javascript:alert(1)>x</a>`,
		`<base href=//x.example>`, `<link rel=stylesheet href=//x.example>`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`, `<style>@import "//x.example"</style>`,
		`<template><script>alert(1)</script></template>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<title></title><script>alert(1)</script>`,
		`</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `</style><script>alert(1)</script>`, `</script><script>alert(1)</script>`, `</a><script>alert(1)</script>`,
		`</option></select><img src=x onerror=alert(1)>`, `</xmp><img src=x onerror=alert(1)>`, `</TITLE ><b>`, `</title/><b>`, "</title\t><b>", `<plaintext>`, `<frameset onload=alert(1)>`,
		`<!--`, `-->`, `--!>`, `<!-->`, `<!--><img src=x onerror=alert(1)>`, `<!-- --!><img src=x onerror=alert(1)>`, `<![CDATA[<img src=x onerror=alert(1)>]]>`, `]]>`, `<!doctype html>`, `<?xml version="1.0"?>`, `<%00script>`,
		`<`, `>`, `</`, `<a`, `<a `, `<a href="`, `<<<>>>`, `<x onclick=alert(1)>x`, `<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`, `<😀 onclick=alert(1)>`,

		// Quotes and attributes.
		`"`, `'`, "`", `"'`, `'"`, `"><script>alert(1)</script>`, `'><script>alert(1)</script>`, `" onmouseover="alert(1)`, `' onmouseover='alert(1)`, "` onmouseover=`alert(1)",
		`" autofocus onfocus=alert(1) x="`, `"/onclick="alert(1)`, `">` + "\n" + `<svg onload=alert(1)>`, `x" style="x:expression(alert(1))`, `x' srcdoc='<script>`, `=`, `= onclick=alert(1)`, ` onclick=alert(1) `, `/onclick=alert(1)/`,
		`\"><script>alert(1)</script>`, `\'`, `\\`, `\`, `\x3cscript\x3e`, `\u003cscript\u003e`, `&quot;><script>`, `&#34;><script>`, `&#x22;><script>`, `&apos;`, `&lt;script&gt;`, `&#60;script&#62;`, `&#0000060script`, `&amp;lt;`, `&`, `&&`, `&;`, `&#`, `&#x`, `&lt`, `&nbsp;`, `&newline;`, `&colon;`, `&sol;&sol;x.example`,

		// URLs.
		`javascript:alert(1)`, `javascript://x.example/%0aalert(1)`, `javascript:/*--></title></style></textarea></script><svg/onload='+/"/+/onmouseover=1/+/[*/[]/+alert(1)//'>`,
		`vbscript:msgbox(1)`, `livescript:x`, `mocha:x`, `data:text/html,<script>alert(1)</script>`, `data:text/html;base64,PHNjcmlwdD4=`, `data:image/svg+xml,<svg onload=alert(1)>`, `file:///etc/passwd`, `about:blank`, `blob:x`, `filesystem:x`, `view-source:x`, `jar:x`, `feed:javascript:alert(1)`, `mailto:a@b.example`, `tel:1`, `ftp://x.example/`, `ws://x.example/`,
		`//x.example`, `///x.example`, `/\x.example`, `\/x.example`, `\\x.example`, `/x.example`, `/`, `//`, `.`, `..`, `../..`, `./`, `?`, `#`, `:`, `://`, `:80`, `@x.example`, `x@x.example`, `.x.example`, `x.example`,
		`http:x.example`, `http:/x.example`, `https:\\x.example`, `http://`, `https://`, `http:///x.example`, `http://user:pw@x.example/`, `https://good.example@x.example/`, `https://x.example/" onclick="alert(1)`, `https://x.example/'><b>`, `https://x.example/ y`,
		`https://x.example/` + "\u202e" + `gpj.exe`, `https://xn--pple-43d.example/`, `https://аpple.example/`, `https://0x7f.1/`, `https://[::1]/`, `https://x.example:99999/`, `https://x.example/%`, `https://x.example/%zz`, `https://x.example/?a=1&b=2#c`, `HTTPS://X.EXAMPLE/`,
		`%6aavascript:alert(1)`, `%00javascript:alert(1)`, `javascript%3aalert(1)`, `%2f%2fx.example`, `%22%3e%3cscript%3e`,

		// Templates of many kinds.
		`{{7*7}}`, `{{.}}`, `{{ user.secret }}`, `{{ event.v }}`, `${7*7}`, `#{7*7}`, `<%= 7*7 %>`, `{% x %}`, `[[7*7]]`, `*{7*7}`, `{{constructor.constructor('alert(1)')()}}`, `{{"{{"}}`, `}}`, `{{`,

		// Text that trips parsers.
		"", " ", "\x00", "a\x00b", "<\x00script>", "\t", "\n", "\r\n", "\v", "\f", "\x1b[31m", "\x7f", "\u0085", "\u00a0", "\u00ad", "\u200b", "\u200e", "\u202e", "\u2028", "\u2029", "\u2066", "\u2069", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U0010ffff",
		"\xff", "\xc0\xbcscript\xc0\xbe", "\xed\xa0\x80", "\xf0\x28\x8c\xbc", "a\xc3", "＜script＞", "‹script›", "ʺ＞", "＂＞", "K", "ı", "ſcript", "ﬃ", "Ω≈ç√∫˜µ≤≥÷", "田中さん", "הָיְתָה", "الكل", "👩‍👩‍👧‍👦", "Ṱ̺̺̕o͞", "undefined", "null", "NaN", "-1", "0", "1e400", "1;DROP TABLE x", "' OR 1=1 --", "$(touch x)", "`id`", "|id", "%s%n%d", "../../etc/passwd", "CON", "__proto__", "+ADw-script+AD4-", "=1+1", "@SUM(1)", strings.Repeat("A", 5000), strings.Repeat("<", 500), strings.Repeat(`"`, 500), strings.Repeat("&", 500),
	}
	scripts := []string{"javascript:alert(1)", "vbscript:x", "data:text/html,x"}
	for _, s := range scripts {
		scheme, rest, _ := strings.Cut(s, ":")
		values = append(values, strings.ToUpper(s), strings.ToUpper(s[:2])+s[2:])
		for c := range 33 { // control characters and the space: before, within, and behind the scheme
			values = append(values, string(rune(c))+s, s[:4]+string(rune(c))+s[4:], scheme+string(rune(c))+":"+rest)
		}
		for _, sep := range []string{"&colon;", "&#58;", "&#x3a;", "&#0000058", "%3a", "：", "\\x3a", "&#10;:", "&Tab;:", "&NewLine;:", "/*x*/:", ":/", "://"} {
			values = append(values, scheme+sep+rest)
		}
		for _, front := range []string{"&#106;", "&#x6a;", "&#x0000006A", "\u00a0", "\u2028", "\u200b", "\ufeff", "\u202e", "url(", "x:", "?", "#", "/", "'", `"`, "<", "feed:", "%20"} {
			values = append(values, front+s)
		}
	}
	for _, v := range []string{`<script>alert(1)</script>`, `"><svg onload=alert(1)>`, `' onclick='alert(1)`, "javascript:alert(1)"} {
		values = append(values,
			html.EscapeString(v), html.EscapeString(html.EscapeString(v)), url.QueryEscape(v), url.PathEscape(v), url.QueryEscape(url.QueryEscape(v)),
			strings.ReplaceAll(v, "<", "\x00<"), strings.ReplaceAll(v, "<", "<\x00"), strings.ReplaceAll(v, "a", "\u0430"), strings.ReplaceAll(v, " ", "/"), strings.ReplaceAll(v, " ", "\f"), strings.Title(v)) //nolint:staticcheck // any other spelling will do
		for _, r := range "<>\"'&`" {
			values = append(values, string(r)+v, v+string(r))
		}
	}
	for c := range 256 {
		values = append(values, string([]byte{byte(c)}), fmt.Sprintf("a%sb", []byte{byte(c)}))
	}
	return values
}

// hostilePlaces are bodies with one variable, {{ event.v }}, each of which may
// stand where it stands.
func hostilePlaces() []string {
	return []string{
		"<p>{{ event.v }}</p>", "{{ event.v }}", "<b>a{{ event.v }}b</b>", "<a>{{ event.v }}</a>", "<td>&lt;{{ event.v }}&gt;</td>", "<select><option>{{ event.v }}</option></select>",
		"<pre>\n{{ event.v }}</pre>", "&{{ event.v }};", "<table>{{ event.v }}</table>", "<svg></svg>{{ event.v }}", "<script>var x = 1</script>{{ event.v }}", "<style>p {}</style>{{ event.v }}",
		"<title>{{ event.v }}</title>", "<title>a {{ event.v }} b</title>", "<textarea>{{ event.v }}</textarea>", "<textarea title=\"{{ event.v }}\">x</textarea>",
		`<p title="{{ event.v }}">x</p>`, `<p title='{{ event.v }}'>x</p>`, `<p title = "a {{ event.v }} b" id="c">x</p>`, `<img alt="{{ event.v }}">`, `<br title="{{ event.v }}"/>`, `<p title="&{{ event.v }};">`,
		`<p class="{{ event.v }}" lang='x'>`, `<p aria-label="{{ event.v }}">`, `<p data-x='{{ event.v }}'>`, `<input value="{{ event.v }}">`, `<option label='{{ event.v }}'></option>`,
		`<a href="{{ event.v }}">x</a>`, `<a href='{{ event.v }}'>x</a>`, `<img src="{{ event.v }}">`, `<a href=" {{ event.v }} ">x</a>`, `<a href="{{ event.v }}/x">x</a>`, `<a href="{{ event.v }}?x=y">x</a>`, `<p data-url="{{ event.v }}">`, `<video poster='{{ event.v }}'></video>`,
		`<a href="https://h.example/{{ event.v }}">x</a>`, `<a href='http://h.example/a/{{ event.v }}/b'>x</a>`, `<a href="/{{ event.v }}">x</a>`, `<a href="/a{{ event.v }}">x</a>`, `<img src="/i/{{ event.v }}.png">`,
		`<a href="mailto:{{ event.v }}">x</a>`, `<a href='tel:+1{{ event.v }}'>x</a>`, `<a href="MAILTO:a@{{ event.v }}?subject=b">x</a>`, `<a href="mailto:a@b.example?subject={{ event.v }}">x</a>`,
		"<!-- c --><p>{{ event.v }}</p>", "<!--[if mso]><p><![endif]--><b>{{ event.v }}</b><!--[if mso]></p><![endif]-->", "<!--[if !mso]><!--><b title='{{ event.v }}'></b><!--<![endif]-->", "<![if !mso]><p>{{ event.v }}</p><![endif]>", "a < b <p>{{ event.v }}</p>", "<title>a < b <!-- {{ event.v }} --></title>",
		`<a href="https://h.example/?q={{ event.v }}">x</a>`, `<a href="?q={{ event.v }}&amp;r=1">x</a>`, `<a href='#{{ event.v }}'>x</a>`, `<a href="https://h.example?{{ event.v }}#x">x</a>`,
	}
}
