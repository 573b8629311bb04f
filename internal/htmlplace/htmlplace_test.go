package htmlplace_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/htmlplace"
)

// scan returns the place of the last "¤" in a document.
func scan(document string) htmlplace.Place {
	var s htmlplace.Scanner
	var p htmlplace.Place
	parts := strings.Split(document, "¤")
	for i, text := range parts {
		s.Literal(text)
		if i < len(parts)-1 {
			p = s.Placeholder()
		}
	}
	return p
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		document string
		want     htmlplace.Kind
	}{
		{"¤", htmlplace.Text},
		{"<!doctype html><p>¤", htmlplace.Text},
		{"<!DOCTYPE html PUBLIC \"-//W3C\">¤", htmlplace.Text},
		{"<br/>¤", htmlplace.Text},
		{"<br />¤", htmlplace.Text},
		{"<p title='>'>¤", htmlplace.Text},
		{"<p title=x>¤", htmlplace.Text},
		{"<p\ttitle = \"x\"\nid='y'>¤", htmlplace.Text},
		{"<p hidden>¤", htmlplace.Text},
		{"<p hidden id=x>¤", htmlplace.Text},
		{"<script>if (a<b) '</p>'</script>¤", htmlplace.Text},
		{"<SCRIPT>x</script >¤", htmlplace.Text},
		{"<script>x</script/>¤", htmlplace.Text},
		{"<style>x</stylex>¤", htmlplace.Refused},
		{"<style>a > b {}</style>¤", htmlplace.Text},
		{"<title>x</title>¤", htmlplace.Text},
		{"<svg/>¤", htmlplace.Text},
		{"<svg><path d=\"M0\"/></svg>¤", htmlplace.Text},
		{"<noscript><p>x</p></noscript>¤", htmlplace.Text},
		{"<!-- x -->¤", htmlplace.Text},
		{"<!----><!-- - -- -> > -->¤", htmlplace.Text},
		{"<!--[if mso]><p title='x'><![endif]-->¤", htmlplace.Text},
		{"<!--[if !mso]><!-->¤", htmlplace.Text},
		{"<![if !mso]>¤", htmlplace.Text},
		{"<?x?>¤", htmlplace.Text},
		{"a < b¤", htmlplace.Text},
		{"</>¤", htmlplace.Text},
		{"<script><!-- x --></script>¤", htmlplace.Text},
		{"<title>¤", htmlplace.RCDATA},
		{"<TextArea>¤", htmlplace.RCDATA},
		{"<title></titlex>¤", htmlplace.RCDATA},
		{"<title></p>¤", htmlplace.RCDATA},
		{"<p title=\"¤", htmlplace.Attribute},
		{"<p title='¤", htmlplace.Attribute},
		{"<P TITLE = \"¤", htmlplace.Attribute},
		{"<p id=x title=\"¤", htmlplace.Attribute},
		{"<p id=\"x\"title=\"¤", htmlplace.Attribute},
		{"<img alt=\"a ¤ b ¤", htmlplace.Attribute},
		{"<option value=\"¤", htmlplace.Attribute},
		{"<option label=\"¤", htmlplace.Attribute},
		{"<my-tag title=\"¤", htmlplace.Attribute},
		{"<p aria-label=\"¤", htmlplace.Custom},
		{"<p data-x_1.b=\"¤", htmlplace.Custom},
		{"<a href=\"¤", htmlplace.URL},
		{"<area href=\"¤", htmlplace.URL},
		{"<img src='¤", htmlplace.URL},
		{"<video poster=\"¤", htmlplace.URL},
		{"<source src=\"¤", htmlplace.URL},

		{"<¤", htmlplace.Refused},
		{"<p¤", htmlplace.Refused},
		{"</p¤", htmlplace.Refused},
		{"<p ¤", htmlplace.Refused},
		{"<p tit¤", htmlplace.Refused},
		{"<p title ¤", htmlplace.Refused},
		{"<p title=¤", htmlplace.Refused},
		{"<p title= ¤", htmlplace.Refused},
		{"<p title=x¤", htmlplace.Refused},
		{"<p title=\"x\"¤", htmlplace.Refused},
		{"</p title=\"¤", htmlplace.Refused},
		{"<p onclick=\"¤", htmlplace.Refused},
		{"<p style=\"¤", htmlplace.Refused},
		{"<p unknown=\"¤", htmlplace.Refused},
		{"<p xlink:href=\"¤", htmlplace.Refused},
		{"<p href=\"¤", htmlplace.Refused},
		{"<p data-=\"¤", htmlplace.Refused},
		{"<p data-a:b=\"¤", htmlplace.Refused},
		{"<a_b href=\"¤", htmlplace.Refused},
		{"<a ping=\"¤", htmlplace.Refused},
		{"<a target=\"¤", htmlplace.Refused},
		{"<img srcset=\"¤", htmlplace.Refused},
		{"<iframe src=\"¤", htmlplace.Refused},
		{"<iframe srcdoc=\"¤", htmlplace.Refused},
		{"<iframe title=\"¤", htmlplace.Refused},
		{"<base href=\"¤", htmlplace.Refused},
		{"<link href=\"¤", htmlplace.Refused},
		{"<meta content=\"¤", htmlplace.Refused},
		{"<form action=\"¤", htmlplace.Refused},
		{"<button formaction=\"¤", htmlplace.Refused},
		{"<object data=\"¤", htmlplace.Refused},
		{"<embed src=\"¤", htmlplace.Refused},
		{"<param value=\"¤", htmlplace.Refused},
		{"<input src=\"¤", htmlplace.Refused},
		{"<script>¤", htmlplace.Refused},
		{"<script type=\"text/html\"><p>¤", htmlplace.Refused},
		{"<script src=\"¤", htmlplace.Refused},
		{"<style>¤", htmlplace.Refused},
		{"<iframe>¤", htmlplace.Refused},
		{"<xmp>¤", htmlplace.Refused},
		{"<noembed>¤", htmlplace.Refused},
		{"<noframes>¤", htmlplace.Refused},
		{"<plaintext>¤", htmlplace.Refused},
		{"<noscript>¤", htmlplace.Refused},
		{"<svg>¤", htmlplace.Refused},
		{"<svg><a href=\"¤", htmlplace.Refused},
		{"<svg><svg></svg>¤", htmlplace.Refused},
		{"<math>¤", htmlplace.Refused},
		{"<!doctype ¤", htmlplace.Refused},

		// Behind what parsers disagree about, nothing can be placed.
		{"<svg><title></title></svg>¤", htmlplace.Refused},
		{"<svg><style></style></svg>¤", htmlplace.Refused},
		{"<a/title=\"x\">¤", htmlplace.Refused},
		{"<a b\"c>¤", htmlplace.Refused},
		{"<a \"c>¤", htmlplace.Refused},
		{"<a ==x>¤", htmlplace.Refused},
		{"<a b=>¤", htmlplace.Refused},
		{"<a b=c\"d>¤", htmlplace.Refused},
		{"<a b=`c>¤", htmlplace.Refused},
		{"<script><!-- <script> </script>¤", htmlplace.Refused},
		{"<noscript><p title=\"</noscript>\"></noscript>¤", htmlplace.Refused},
		{"<noscript><style></p></style></noscript>¤", htmlplace.Refused},
		{"<p " + strings.Repeat("x", 101) + ">¤", htmlplace.Refused},
		{"<p" + strings.Repeat("x", 101) + ">¤", htmlplace.Refused},
		{"<svg><script>¤", htmlplace.Refused},
		{"<noscript><textarea>x<y</textarea></noscript>¤", htmlplace.Refused},
		{"a\x00b¤", htmlplace.Refused},
		{"a\x00b<p>¤", htmlplace.Refused},
		{"<p title=\"\x00\">¤", htmlplace.Refused},
		{"<!-- \x00 -->¤", htmlplace.Refused},
		{"<!-- ¤", htmlplace.Refused},
		{"<!--> ¤", htmlplace.Refused},
		{"<!-- --!> ¤", htmlplace.Refused},
		{"<!--[if mso]><style><![endif]-->¤", htmlplace.Refused},
		{"<title></tit¤", htmlplace.Refused},
		{"<title>\x00</title>¤", htmlplace.Refused},
		{"<title>x\x00</title>¤", htmlplace.Refused},
		{"<p title=\"x\x00\">¤", htmlplace.Refused},
		{"<p\x00>¤", htmlplace.Refused},
	} {
		p := scan(c.document)
		if p.Kind != c.want {
			t.Errorf("%q: kind %d, want %d (%s)", c.document, p.Kind, c.want, p.Reason)
		}
		if (p.Kind == htmlplace.Refused) != (p.Reason != "") {
			t.Errorf("%q: kind %d with the reason %q", c.document, p.Kind, p.Reason)
		}
	}
}

func TestWhatIsOpen(t *testing.T) {
	for _, c := range []struct {
		document         string
		inLink, noMarkup bool
	}{
		{"<p>¤", false, false},
		{"<a>¤", true, false},
		{"<A href=x><b>¤", true, false},
		{"<a></a>¤", false, false},
		{"<button>¤", true, false},
		{"<button></button>¤", false, false},
		{"<abbr>¤", false, false},
		{"<select><option>¤", false, true},
		{"<datalist><option>¤", false, true},
		{"<select></select>¤", false, false},
	} {
		p := scan(c.document)
		if p.Kind != htmlplace.Text || p.InLink != c.inLink || p.NoMarkup != c.noMarkup {
			t.Errorf("%q: %+v", c.document, p)
		}
	}
}

func TestTextBeforeInTheAttribute(t *testing.T) {
	p := scan(`<p title="no"><a href="https://h/?a=1&amp;b=¤&#99;¤`)
	if want := []string{"https://h/?a=1&b=", "c"}; !reflect.DeepEqual(p.Before, want) {
		t.Errorf("before: %q, want %q", p.Before, want)
	}
	if p.Element != "a" || p.Name != "href" {
		t.Errorf("element %q, attribute %q", p.Element, p.Name)
	}
}

func TestURLParts(t *testing.T) {
	const refused = htmlplace.Part(255)
	for _, c := range []struct {
		before   string // "¤" between the fixed texts
		fallback string
		want     htmlplace.Part
	}{
		{"", "", htmlplace.Whole},
		{" \n", "", htmlplace.Whole},
		{"https://h.example/", "", htmlplace.Path},
		{"HTTP://h.example:8080/a/", "", htmlplace.Path},
		{"https://h.example/a¤", "", htmlplace.Path},
		{"https://h.example?", "", htmlplace.Query},
		{"https://h.example#", "", htmlplace.Query},
		{"https://h.example/?a=¤&b=", "", htmlplace.Query},
		{"https://[::1]/", "", htmlplace.Path},
		{"/", "", htmlplace.PathStart},
		{"/a", "", htmlplace.Path},
		{"/a&amp;", "", htmlplace.Path},
		{"/a?b&c", "", htmlplace.Query},
		{"/¤/", "", htmlplace.Path},
		{"?a=", "", htmlplace.Query},
		{"#", "", htmlplace.Query},
		{"¤/a/", "", htmlplace.Path},
		{"¤/", "", htmlplace.PathStart},
		{"¤?a=", "", htmlplace.Query},
		{"¤#", "", htmlplace.Query},
		{"¤/a/¤", "", htmlplace.Path},
		{"¤/a/", "https://h.example", htmlplace.Path},
		{"¤/a?b\\&", "", htmlplace.Query},

		{"mailto:", "", htmlplace.Mail},
		{" TEL:+1¤-", "", htmlplace.Mail},
		{"mailto:a@b?subject=", "", htmlplace.Query},

		{"/¤", "", refused},
		{"¤", "", refused},
		{"¤¤", "", refused},
		{"¤.example/", "", refused},
		{"¤:", "", refused},
		{"¤//", "", refused},
		{"¤/a/", "/", refused},
		{"¤/a/", "javascript:", refused},
		{"//", "", refused},
		{"//h.example/", "", refused},
		{`/\`, "", refused},
		{`/a\`, "", refused},
		{"/\n", "", refused},
		{"/a\t?", "", refused},
		{"https:", "", refused},
		{"https://", "", refused},
		{"https://h", "", refused},
		{"https://h.example", "", refused},
		{"https://h.example:", "", refused},
		{"https:///", "", refused},
		{"https://u@h.example/", "", refused},
		{"https://h example/", "", refused},
		{`https://h.example\/`, "", refused},
		{"https://h.example/&", "", refused},
		{"https://h.example/&#4", "", refused},
		{"/&", "", refused},
		{"/&#4", "", refused},
		{"/&so", "", refused},
		{"/&sol;", "", refused},
		{"javascript:", "", refused},
		{"data:text/html,", "", refused},
		{"¤mailto:", "", refused},
		{"¤/a/", "mailto:b", refused},
		{"sms:", "", refused},
		{"ftp://h.example/", "", refused},
		{"a/", "", refused},
		{"./", "", refused},
		{"java\nscript:", "", refused},
	} {
		part, reason := scan(`<a href="` + c.before + "¤").URLPart(c.fallback)
		if reason != "" {
			part = refused
		}
		if part != c.want {
			t.Errorf("%q, fallback %q: part %d, want %d (%s)", c.before, c.fallback, part, c.want, reason)
		}
	}
}
