package weburl

import (
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAccepts(t *testing.T) { // M3
	for _, s := range []string{
		"https://shop.example/orders/7?a=b&c=%20#top",
		"HTTP://SHOP.example",
		"hTtPs://a",
		"https://a.example:8443/",
		"https://a.example:65535/",
		"https://a.example:/",
		"https://a.example:00000000000000000080/",
		"https://a.example?q",
		"https://a.example#f",
		"https://a.example/@user:pass@/",
		"https://a.example?next=https://u:p@b.example/",
		"https://127.0.0.1/",
		"https://0Xc0.0250.01/",
		"http://2130706433/",
		"https://[::1]/",
		"https://[2001:db8::ff00:42:8329]:443/",
		"https://[::127.0.0.1]/",
		"https://faß.example/",
		"https://пример.рф/путь",
		"https://例え。テスト/",
		"https://אב.example/",
		"https://xn--e1afmkfd.xn--p1ai/",
		"https://XN--E1AFMKFD.example/",
		"https://xn--mnchen-3yaf6856faa.example/",
		"https://xn--" + strings.Repeat("a", 40) + "-qb63a.example/",
		"https://GOO\u200b\u2060\ufeffgoo.com/",
		"https://ex%61mple.com/",
		"https://نامه\u200cای.com/",
		"https://☕.example/",
		"https://a.example/%zz%",
		"https://a.example/<script>'\"",
		"https://a.example/wide\u3000",
		"https://a.example/\u200b",
		"http://!\"$&'()*+,-.;=_`{}~/",
		"http://./",
		"http://a..b/",
		"http://foo.09..",
		"http://1e2",
		"https://-a-/",
		"https://a_b.example/",
		"http://" + strings.Repeat("a", 70) + ".example/",
		"https://a.example/" + strings.Repeat("é", MaxLength-18),
	} {
		want := OK
		if strings.Contains(s, "wide") {
			want = Space
		}
		if r := Check(s); r != want {
			t.Errorf("Check(%q) = %v, want %v", s, r, want)
		}
	}
}

func TestRefuses(t *testing.T) { // M3; faults 13, 14, 15
	for _, c := range []struct {
		url  string
		want Reason
	}{
		{"", Scheme},
		{"http", Scheme},
		{"http:/", Scheme},
		{"javascript:alert(1)", Scheme},
		{"JaVaScRiPt:alert(1)", Scheme},
		{"data:text/html,x", Scheme},
		{"vbscript:x", Scheme},
		{"ftp://a.example/", Scheme},
		{"ht\ttp://a.example/", Scheme},
		{" https://a.example/", Scheme},
		{"//a.example/", Scheme},
		{"https:a.example", Scheme},
		{"https:/a.example", Scheme},
		{`https:\\a.example`, Scheme},
		{"ſttps://a.example/", Scheme},
		{"http\u017f://a.example/", Scheme},
		{"https://", NoHost},
		{"https:///a.example", NoHost},
		{"https://?q", NoHost},
		{"https://#f", NoHost},
		{"https://:80/", NoHost},
		{"https://\u00ad/", NoHost},
		{"https://%C2%AD/", NoHost},
		{"https://user@a.example/", UserInfo},
		{"https://user:secret@a.example/", UserInfo},
		{"https://good.example@evil.example/", UserInfo},
		{"https://@a.example/", UserInfo},
		{"https://a.example/a b", Space},
		{"https://a.example/ ", Space},
		{"https://a.example/\u00a0", Space},
		{"https://a.example/\u2028", Space},
		{"https://a.exa mple/", Space},
		{"https://a.example/\t", Control},
		{"https://a.example/\r\nx", Control},
		{"https://a.example/\x00", Control},
		{"https://a.example/\x7f", Control},
		{"https://a.example/\u0085", Space},
		{"https://a.example/\u0081", Control},
		{"https://a.example/\u202e", Bidi},
		{"https://a.example/\u2066", Bidi},
		{"https://a.example/\u061c", Bidi},
		{"https://a\u200f.example/", Bidi},
		{"https://a%E2%80%8F.example/", Host},
		{`https://a.example\b`, Backslash},
		{`https://a.example/?\`, Backslash},
		{"https://a.example/\xff", NotUTF8},
		{"https://a.example:65536/", Port},
		{"https://a.example:8x/", Port},
		{"https://a.example:-1/", Port},
		{"https://a.example:99999999999999999999/", Port},
		{"https://a:b:80/", Host},
		{"https://2001::1/", Host},
		{"https://[::1", IPAddress},
		{"https://[]/", IPAddress},
		{"https://[::1]x/", IPAddress},
		{"https://[::1]x:80/", IPAddress},
		{"https://[www.a.example]/", IPAddress},
		{"https://[127.0.0.1]/", IPAddress},
		{"https://[fe80::1%25eth0]/", IPAddress},
		{"https://[::1.2.3]/", IPAddress},
		{"https://[1::2:3:4:5:6:7:8]/", IPAddress},
		{"https://[0:1.00.0.0.0]/", IPAddress},
		{"https://a]/", Host},
		{"https://a%zz/", Host},
		{"https://a%2/", Host},
		{"https://a%/", Host},
		{"https://a%00b/", Host},
		{"https://a%2fb/", Host},
		{"https://a%20b/", Host},
		{"https://a%25b/", Host},
		{"https://a%ffb/", Host},
		{"https://a%40b/", Host},
		{"https://a|b/", Host},
		{"https://a^b/", Host},
		{"https://a<b/", Host},
		{"https://\ufdd0zyx.com", Host},
		{"https://\ufffd/", Host},
		{"https://\uff05\uff14\uff11.com", Host},
		{"https://a℀b/", Host},
		{"https://a\u2488b/", Host},
		{"https://\u2ff0/", Host},
		{"https://\ue000/", Host},
		{"https://\u0301a/", Host},
		{"https://a\u200db/", Host},
		{"https://0à.\u05d0/", Host},
		{"https://xn--/", Host},
		{"https://xn--a/", Host},
		{"https://a.b.c.XN--pokxncvks/", Host},
		{"https://xn--\u00e9/", Host},
		{"https://xn--a-.com/", Host},
		{"https://xn--999999999999/", Host},
		{"https://xn--a-0/", Host},
		{"https://xn--en32g/", Host}, // U+110000
		{"https://xn--ib9b/", Host},  // a surrogate
		{"https://256.256.256.256/", IPAddress},
		{"https://4294967296/", IPAddress},
		{"https://0x100000000/", IPAddress},
		{"https://1.2.3.4.5/", IPAddress},
		{"https://1.2.3.4.5./", IPAddress},
		{"https://1.2.3.08/", IPAddress},
		{"https://1.256.3.4/", IPAddress},
		{"https://1..3.4/", IPAddress},
		{"https://foo.09./", IPAddress},
		{"https://foo.0x4/", IPAddress},
		{"https://foo.0x/", IPAddress},
		{"https://0999999999999999999/", IPAddress},
		{"https://9999999999999999999999999999/", IPAddress},
		{"https://%30%2e%30%2e%30%2e256/", IPAddress},
		{"https://１.２.３.999/", IPAddress},
		{"https://a.example/" + strings.Repeat("é", MaxLength-17), TooLong},
		{strings.Repeat("a", 4*MaxLength+1), TooLong},
	} {
		if r := Check(c.url); r != c.want {
			t.Errorf("Check(%.80q): the URL %v, want: the URL %v", c.url, r, c.want)
		}
	}
}

func TestReasonsAreSentences(t *testing.T) {
	seen := map[string]bool{}
	for r := OK; r <= Port+1; r++ {
		if s := r.String(); s == "" || seen[s] {
			t.Errorf("Reason(%d).String() = %q, empty or twice", r, s)
		} else {
			seen[s] = true
		}
	}
}

func TestImagePath(t *testing.T) { // M3
	for url, want := range map[string]bool{
		"https://a.example/cat.png":             true,
		"https://a.example/cat.JPG":             true,
		"https://a.example/cat.jpeg?w=1":        true,
		"https://a.example/cat.gif#x":           true,
		"https://a.example/a/b.c/cat.webp":      true,
		"https://a.example/cat.svg":             true,
		"https://a.example/cat.avif":            true,
		"https://a.example/cat.bmp":             true,
		"https://a.example/cat.ico":             true,
		"https://a.example/cat.tif":             true,
		"HTTPS://a.example/cat.TIFF":            true,
		"https://a.example/cat.png/":            false,
		"https://a.example/cat":                 false,
		"https://a.example/cat.pngx":            false,
		"https://a.example/cat.png2000":         false,
		"https://a.example/?f=cat.png":          false,
		"https://a.example/#cat.png":            false,
		"https://a.png":                         false,
		"https://a.png?x":                       false,
		"https://a.example/cat.mp4":             false,
		"https://a.example/v1.png/cat":          false,
		"https://a.example/cat.":                false,
		"https://a.example/download?x=/cat.png": false,
	} {
		if got := ImagePath(url); got != want {
			t.Errorf("ImagePath(%q) = %v", url, got)
		}
	}
}

func TestSuspicious(t *testing.T) { // fault 15
	for url, want := range map[string]bool{
		"https://a.example/":           false,
		"https://a.example/путь":       false,
		"https://127.0.0.1/":           false,
		"https://10.0.200.1:80/":       false,
		"https://[::1]/":               false,
		"https://а.example/":           true, // Cyrillic
		"https://xn--e1afmkfd.example": true,
		"https://a.xn--e1afmkfd/":      true,
		"https://a.example/\u200b":     true,
		"https://a.example/\u00ad":     true,
		"https://ex%61mple.com/":       true,
		"http://2130706433/":           true,
		"http://0x7f.1/":               true,
		"http://0177.0.0.1/":           true,
		"http://127.1/":                true,
		"http://127.0.0.1./":           true,
		"http://127.0.0.0x1/":          true,
	} {
		if r := Check(url); r != OK {
			t.Errorf("Check(%q): %v", url, r)
		}
		if got := Suspicious(url); got != want {
			t.Errorf("Suspicious(%q) = %v", url, got)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for _, s := range []string{"https://shop.example/orders/7?a=b", "https://127.0.0.1/é", "not a url", "https://u@b"} {
		if n := testing.AllocsPerRun(100, func() { Check(s); ImagePath(s) }); n != 0 {
			t.Errorf("Check(%q) allocates %v times", s, n)
		}
	}
}

// FuzzCheck holds what every accepted URL promises against the standard
// library, which accepts more.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"https://a.example:80/p?q#f", "http://[::1]/", "http://0x7f.1/", "https://xn--e1afmkfd/", "https://пример.рф/",
		"https://u:p@h/", "https://a%2e%2E/", "https://a\u200c.example", "http://1.2.3.4.", "https://%c3%a9/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if Check(s) != OK {
			return
		}
		Suspicious(s)
		if !utf8.ValidString(s) || strings.ContainsAny(s, " \t\r\n\\\x00") {
			t.Fatalf("accepted %q", s)
		}
		host := authority(s[strings.Index(s, "//")+2:])
		if host == "" || strings.Contains(host, "@") {
			t.Fatalf("accepted %q", s)
		}
		// Escapes of the path may be malformed, of the host never.
		u, err := url.Parse("http://" + host + "/")
		if strings.Contains(host, "%") || !isASCII(host) || strings.ContainsAny(host, "\"`{}") {
			return // the two differ on what a host may escape or hold
		}
		if err != nil || u.Host != host || u.User != nil {
			t.Fatalf("accepted %q, parsed as %v, %v", s, u, err)
		}
		if strings.HasPrefix(host, "[") {
			if _, err := netip.ParseAddr(u.Hostname()); err != nil {
				t.Fatalf("accepted %q: %v", s, err)
			}
		}
	})
}

// What is taken for plain is what the whole judgement accepts.
func TestPlainIsAccepted(t *testing.T) {
	pieces := []string{"http", "https", "HTTP", "://", ":/", "a", "Z", "z9", "9", "0x7f", "-", "--", ".", "xn", "/", "?", "#", "@", ":", "80", "%", "%41", "\\", " ", "\x7f", "é", "[", "]", "com", "127.0.0.1", "_", "~", "|", "\""}
	random := rand.New(rand.NewPCG(1, 2))
	plains := 0
	for range 300_000 {
		s := ""
		if random.IntN(4) > 0 {
			s = []string{"http://", "https://", "https://h.example", "http://a.b"}[random.IntN(4)]
		}
		for range random.IntN(7) {
			s += pieces[random.IntN(len(pieces))]
		}
		if Plain(s) {
			plains++
			if r := check(s); r != OK || suspicious(s) {
				t.Fatalf("%q is taken for plain, and %v, suspicious %v", s, r, suspicious(s))
			}
		}
	}
	if plains < 10_000 {
		t.Errorf("only %d plain URLs", plains)
	}
	for _, s := range []string{"https://shop.example/orders/TX18", "http://a", "http://a.b-c.d9?q=\"#x"} {
		if !Plain(s) {
			t.Errorf("%q is plain", s)
		}
	}
	for _, s := range []string{
		"", "http://", "https://", "http://.a", "http://a.", "http://a..b", "http://9", "http://a.0x1", "http://xn--a.b",
		"http://a:80", "http://u@h", "http://a/ ", "http://a/\\", "http://a/\x7f", "http://a/é", "http://é", "https//a", "ftp://a.b",
		"http://a/" + strings.Repeat("a", MaxLength),
	} {
		if Plain(s) {
			t.Errorf("%q is not plain", s)
		}
	}
}
