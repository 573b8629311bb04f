package fold

import (
	"net/mail"
	"strings"
	"testing"
)

func TestEmailAccepted(t *testing.T) { // E1, fault 22
	for addr, want := range map[string]string{
		"ada@shop.example":                      "",
		"Ada.Lovelace@Shop.EXAMPLE":             "", // as it is given: E1
		"ada+tag@shop.example":                  "",
		"a@b":                                   "",
		"1234567890@a-b.example":                "",
		"_______@shop.example":                  "",
		"!#$%&'*+-/=?^_`{|}~@shop.example":      "",
		"user-@shop.example":                    "",
		"ada@xn--e1afmkfd.example":              "",
		"ada@123.example":                       "",
		`"a b"@shop.example`:                    "",
		`"a..b"@shop.example`:                   "",
		`"ada"@shop.example`:                    "ada@shop.example",
		`"\a\d\a"@shop.example`:                 "ada@shop.example",
		`"a\"b\\c"@shop.example`:                "",
		`"a@b"@Shop.example`:                    "",
		`"()<>[]:,;@"@shop.example`:             "",
		strings.Repeat("a", 64) + "@b":          "",
		"a@" + strings.Repeat("b", 63):          "",
		"a@" + strings.Repeat("b.", 125) + "bb": "",
	} {
		if want == "" {
			want = addr
		}
		got, ok := EmailSpelling(addr)
		if !ok || got != want {
			t.Errorf("emailSpelling(%q) = %q, %v, want %q", addr, got, ok, want)
		}
		if again, ok := EmailSpelling(got); !ok || again != got {
			t.Errorf("emailSpelling(%q) = %q, %v: not idempotent", got, again, ok)
		}
	}
}

func TestEmailRefused(t *testing.T) { // fault 22
	for _, addr := range []string{
		"", "@", "a@", "@b", "plain", "a.b", "a@b@c", "a@@b",
		".a@b", "a.@b", "a..b@c",
		"a b@c", " a@b", "a@b ", "a@ b", "a @b",
		"Ada <ada@shop.example>", "<ada@shop.example>", "ada@shop.example (Ada)", "ada(comment)@shop.example", "ada@(comment)shop.example",
		"a@b\r\nBcc: c@d", "a\r\n@b", "a@b\n", "\ta@b", "a\x00@b", "a@b\x00", "a\x7f@b",
		"a@-b", "a@b-", "a@b-.c", "a@b..c", "a@.b", "a@b.", "a@b_c", "a@b!", "a@b,c", "a@b;c@d", "mailto:a@b", "a:b@c", "a,b@c", "a[b@c", `a\b@c`,
		"a@[127.0.0.1]", "a@[IPv6:::1]", "a@[", "a@b:25", "a@b/c", "a@b#c", "a@b?c",
		"ä@b", "a@ä.example", "a@b。c", "あいうえお@shop.example", "a\u200b@b", "a@b\u202e", "a@\xff",
		`"a@b`, `a"@b`, `"@b`, `""@b`, `"a"b@c`, `"a"b"@c`, `a"b"c@d`, `"a"."b"@c`, `"a\"@b`, "\"a\nb\"@c", "\"a\\\nb\"@c", "\"ä\"@b",
		strings.Repeat("a", 65) + "@b",
		"a@" + strings.Repeat("b", 64),
		"a@" + strings.Repeat("b.", 126) + "b",
	} {
		if got, ok := EmailSpelling(addr); ok {
			t.Errorf("emailSpelling(%q) = %q", addr, got)
		}
	}
}

func TestEmailNoAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { EmailSpelling("Ada.Lovelace@shop.example") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"a@b", "A@B.C", `"a b"@c`, `"\""@c`, "Ada <a@b>", "a@[1.2.3.4]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, addr string) {
		canonical, ok := EmailSpelling(addr)
		if !ok {
			return
		}
		if again, ok := EmailSpelling(canonical); !ok || again != canonical {
			t.Fatalf("%q gives %q gives %q, %v", addr, canonical, again, ok)
		}
		if parsed, err := mail.ParseAddress(addr); err != nil || parsed.Name != "" {
			t.Fatalf("accepted %q, net/mail says %v, %v", addr, parsed, err)
		}
	})
}
