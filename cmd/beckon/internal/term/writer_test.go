package term

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// What acts on a terminal is written as JSON escapes it, however the writes are cut. What a style
// paints stays.
func TestWriter(t *testing.T) {
	t.Parallel()
	style := Style{Color: true, key: "4711"}
	for _, c := range []struct{ name, in, want string }{
		{"text", "a\tb\nwords, 日本語, é, 👩‍🚀\n", "a\tb\nwords, 日本語, é, 👩‍🚀\n"},
		{"escape", "m\x1b[31mred\x1b]0;title\x07", `m\u001b[31mred\u001b]0;title\u0007`},
		{"controls", "\x00\r\x08\x7f", `\u0000\u000d\u0008\u007f`},
		{"C1", "\u0080\u009b31m\u009f\u00a0", `\u0080\u009b31m\u009f` + "\u00a0"},
		{"C1 as a byte", "a\x9b31m", "a\ufffd31m"},
		{"directions", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", `\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069`},
		{"lines", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"painted", style.Bad("x") + style.Bold("y"), "\x1b[31mx\x1b[0m\x1b[1my\x1b[0m"},
		{"painted within", style.Bad("a\x1b[1mb"), "\x1b[31ma\\u001b[1mb\x1b[0m"},
		{"another key", "\x1b[31;4712m\x1b[;4711m\x1b[31;4711", `\u001b[31;4712m\u001b[;4711m\u001b[31;4711`},
		{"cut off", "a\xe2\x80", "a\ufffd\ufffd"},
	} {
		for step := 1; step <= len(c.in); step++ {
			var out bytes.Buffer
			w := NewWriter(&out, style)
			for rest := c.in; rest != ""; {
				n := min(step, len(rest))
				if done, err := w.Write([]byte(rest[:n])); done != n || err != nil {
					t.Fatal(done, err)
				}
				rest = rest[n:]
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != c.want {
				t.Errorf("%s, %d bytes at a time: %q, want %q", c.name, step, got, c.want)
			}
			if !utf8.ValidString(out.String()) {
				t.Errorf("%s: no UTF-8", c.name)
			}
		}
	}
}

// Without colour nothing is painted, and no sequence goes through.
func TestWriterWithoutColour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewWriter(&out, Style{})
	if _, err := w.Write([]byte("\x1b[31;m\x1b[31mx" + Style{}.Bad("y"))); err != nil || out.String() != `\u001b[31;m\u001b[31mxy` {
		t.Errorf("%v, %q", err, out.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriterFails(t *testing.T) {
	t.Parallel()
	w := NewWriter(broken{}, Style{})
	if n, err := w.Write([]byte("x")); n != 0 || err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Error(n, err)
	}
}

// JSON says the same behind a writer, and nothing in it acts.
func FuzzWriter(f *testing.F) {
	all := make([]rune, 0, 0x3000)
	for r := rune(0); r < 0x3000; r++ {
		all = append(all, r)
	}
	for _, s := range []string{string(all), "a\x1b[31;4711mb", "\xff\u009b", "\\u202e", "😀\u202e", ""} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, text string, step int) {
		text = strings.ToValidUTF8(text, "?")
		var doc, out bytes.Buffer
		e := json.NewEncoder(&doc)
		e.SetEscapeHTML(false)
		if err := e.Encode([]string{text}); err != nil {
			t.Fatal(err)
		}
		w := NewWriter(&out, Style{Color: true, key: "4711"})
		for rest := doc.Bytes(); len(rest) > 0; {
			n := min(max(step, 1), len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		var again []string
		if err := json.Unmarshal(out.Bytes(), &again); err != nil || len(again) != 1 || again[0] != text {
			t.Errorf("%q is now %q: %v", text, out.String(), err)
		}
		if strings.ContainsFunc(out.String(), acts) {
			t.Errorf("%q acts", out.String())
		}
	})
}
