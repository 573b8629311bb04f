package fold

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"pgregory.net/rapid"
)

// E2
func TestCanonicalName(t *testing.T) {
	long := strings.Repeat("é", MaxEventName)
	for _, c := range []struct {
		name, want string
		code       fault.Code
	}{
		{"completed-order", "completed-order", ""},
		{"Completed.Order", "completed-order", ""},
		{"completed$order", "completed-order", ""},
		{"COMPLETED ORDER", "completed order", ""},
		{" \t\u00a0\u2003Order\u3000\n", "order", ""},
		{"\u212aelvin", "kelvin", ""},                 // the Kelvin sign
		{"\u017fend", "send", ""},                     // the long s
		{"ΣΊΣΥΦΟς", "σίσυφοσ", ""},                    // one sigma
		{"İı", "İı", ""},                              // neither is a case of i
		{"\u00b5", "μ", ""},                           // the micro sign is a mu
		{"ẞ", "ß", ""},                                // and not ss
		{"a.b$c-d", "a-b-c-d", ""},                    //
		{".", "-", ""},                                //
		{"naïve 名前 😀", "naïve 名前 😀", ""},              //
		{"a\u200bb", "a\u200bb", ""},                  // invisible, but no control character
		{long, long, ""},                              // characters count, not bytes
		{" " + strings.ToUpper(long) + " ", long, ""}, // and space around them does not
		{strings.Repeat("a", 255), strings.Repeat("a", 255), ""},
		{"", "", fault.ErrEventNameMissing},
		{" \u2003\r\n", "", fault.ErrEventNameMissing},
		{"a\nb", "", fault.ErrEventNameInvalid},
		{"a\x00", "", fault.ErrEventNameInvalid},
		{"a\x7fb", "", fault.ErrEventNameInvalid},
		{"a\u0085b", "", fault.ErrEventNameInvalid},
		{long + "e", "", fault.ErrEventNameInvalid},
		{strings.Repeat("a", 256), "", fault.ErrEventNameInvalid},
		{"a\xff", "", fault.ErrTextNotUTF8},
		{"\xed\xa0\x80", "", fault.ErrTextNotUTF8},
	} {
		got, code := EventName(c.name)
		if got != c.want || code != c.code {
			t.Errorf("%.40q: got %.40q, %q, want %.40q, %q", c.name, got, code, c.want, c.code)
		}
	}
}

// E2: f(f(x)) = f(x), and all spellings of a name have one form.
func TestCanonicalNameProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		one, code := EventName(name)
		if code != "" {
			return
		}
		if two, code := EventName(one); two != one || code != "" {
			t.Fatalf("%q: %q, then %q, %q", name, one, two, code)
		}
		other := strings.Map(func(r rune) rune { return unicode.SimpleFold(r) }, name)
		if got, _ := EventName(other); got != one {
			t.Fatalf("%q gives %q, its other case %q gives %q", name, one, other, got)
		}
	})
}

// One fold: of every character there is, it is idempotent, constant on all
// cases of it, and never maps two letters of different orbits to one.
func TestFoldRuneEverywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		f := Rune(r)
		if Rune(f) != f {
			t.Errorf("%U folds to %U, which folds to %U", r, f, Rune(f))
		}
		if next := unicode.SimpleFold(r); Rune(next) != f {
			t.Errorf("%U and %U fold to %U and %U", r, next, f, Rune(next))
		}
		if f != r && !strings.EqualFold(string(f), string(r)) {
			t.Errorf("%U folds to %U, which is another letter", r, f)
		}
	}
}

// M2
func TestEqualFoldKey(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"price", "PRICE", true},
		{"price", "prices", false},
		{"", "", true},
		{"", "a", false},
		{"a", "b", false},
		{"\u212aey", "key", true},
		{"key", "\u212aEY", true},
		{"\u017fize", "SIZE", true},
		{"İ", "i", false},
		{"ı", "I", false},
		{"é", "É", true},
		{"e\u0301", "é", false},
		{"invited-friend", "invited friend", false},
		{"a.b", "a-b", false},
		{"a\xff", "A\xff", true},
		{"\xff", "\xfe", false},
		{"\xff", "\ufffd", false},
		{"\ufffd", "\xff", false},
	} {
		if got := EqualKey(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
		if got := Key(c.a) == Key(c.b); got != c.want {
			t.Errorf("%q, %q: folded to %q and %q", c.a, c.b, Key(c.a), Key(c.b))
		}
	}
}

func TestFoldKeyProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := string(rapid.SliceOf(rapid.Byte()).Draw(t, "a"))
		b := rapid.OneOf(rapid.String(), rapid.Just(strings.ToUpper(a)), rapid.Just(a)).Draw(t, "b")
		if Key(Key(a)) != Key(a) {
			t.Fatalf("%q: %q, then %q", a, Key(a), Key(Key(a)))
		}
		if got, want := EqualKey(a, b), Key(a) == Key(b); got != want {
			t.Fatalf("%q, %q: %v, but folded %v", a, b, got, want)
		}
		if EqualKey(a, b) && !MayEqualFold(a, b) {
			t.Fatalf("%q, %q: told apart, but equal", a, b)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) && EqualKey(a, b) != strings.EqualFold(a, b) {
			t.Fatalf("%q, %q: another opinion than strings.EqualFold", a, b)
		}
	})
}

// M2: display.
func TestDisplayKey(t *testing.T) {
	for key, want := range map[string]string{
		"invited-friend": "Invited friend", "invited friend": "Invited friend", "file_name": "File_name", "Already": "Already",
		"élan-vital": "Élan vital", "-a": " a", "": "", "5-stars": "5 stars", "\xff": "\xff", "ǆ": "ǅ",
	} {
		if got := DisplayKey(key); got != want {
			t.Errorf("%q: got %q, want %q", key, got, want)
		}
	}
}

func TestEventLabel(t *testing.T) {
	if got := EventLabel("  Completed.Order\n"); got != "Completed.Order" {
		t.Errorf("got %q", got)
	}
}

func TestFoldAllocatesNothing(t *testing.T) {
	long := "clé-é" // canonical, not ASCII
	if n := testing.AllocsPerRun(100, func() {
		EventName("completed-order")
		EventName(long)
		Key("file_name")
		EqualKey("File_Name", "file_name")
		EqualKey("Clé", "clÉ")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
