package column

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// texts are what escapes may get wrong.
var texts = []string{
	"", "a", "\x00", "\x01", "\x00\x01", "\x01\x00", "\x01\x01", "\x01\x02", "a\x00b", `\u0000`, `\`, `\\u0000`, `"`, "é", "\u2028", "\U0001f600",
	"\n\t\r\x7f\x1f", "[", "]", "{", "}", ",", ":", `","`, `\x01`,
}

// The escape is reversible, leaves no NUL, keeps texts apart and their order.
func TestEscape(t *testing.T) {
	for _, a := range texts {
		e := Escape(a)
		if strings.ContainsRune(e, 0) || Unescape(e) != a {
			t.Errorf("%q is %q, and back %q", a, e, Unescape(e))
		}
		for _, b := range texts {
			if strings.Compare(a, b) != strings.Compare(e, Escape(b)) {
				t.Errorf("%q and %q are in another order", a, b)
			}
		}
	}
}

// Statistics come back from JSON exactly, also after another program has
// written it its own way.
func TestStatsJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := []int64{0, 1, -1, 999_999_999, 1_000_000_000, 1_700_000_000, 1_790_123_456, 9_999_999_999, 10_000_000_000, math.MaxInt64, math.MinInt64}
	counts := []uint64{0, 1, math.MaxUint32, math.MaxUint64}
	names := &Names{}
	for range 300 {
		var stats []store.Stats
		for _, i := range random.Perm(len(texts))[:random.IntN(6)] {
			stats = append(stats, store.Stats{
				Name: unique.Make(texts[i]), Count: counts[random.IntN(len(counts))],
				First: numbers[random.IntN(len(numbers))], Last: numbers[random.IntN(len(numbers))],
			})
		}
		slices.SortFunc(stats, func(a, b store.Stats) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
		text := AppendStats(nil, stats)
		var decoded map[string][3]json.Number
		if err := json.Unmarshal(text, &decoded); err != nil || len(decoded) != len(stats) {
			t.Fatalf("%s: %v", text, err)
		}
		other, err := json.MarshalIndent(decoded, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{text, other} {
			got, err := ParseStats(text, names)
			if err != nil || !slices.Equal(got, stats) {
				t.Fatalf("%s gave %v, %v", text, got, err)
			}
		}
	}
}

// Names that came before, and times of ten digits, are read in a way of their own: to the
// same result, whatever the text is.
func TestUsualStats(t *testing.T) {
	const whole = `{"a":[1,1700000000,1790123456],"b":[1234567890,2098765432,1000000000]}`
	names := &Names{}
	if _, err := ParseStats([]byte(whole), names); err != nil {
		t.Fatal(err)
	}
	check := func(text []byte) {
		t.Helper()
		stats, err := ParseStats(text, nil)
		usual, err2 := ParseStats(text, names)
		if !slices.Equal(stats, usual) || (err == nil) != (err2 == nil) {
			t.Fatalf("%s: %v, %v and %v, %v", text, stats, err, usual, err2)
		}
	}
	for i := range whole {
		check([]byte(whole[:i]))
		check([]byte(whole[:i] + whole[i+1:]))
		for c := range 256 {
			text := []byte(whole)
			text[i] = byte(c)
			check(text)
			check([]byte(whole[:i] + string(rune(c)) + whole[i:]))
		}
	}
	for _, count := range []string{"0", "00", "01", "9", "10", "999999999", "1000000000", "9999999999", "18446744073709551615", "18446744073709551616"} {
		check([]byte(`{"a":[` + count + `,1700000000,1790123456]}`))
	}
}

// What is no statistics is an error, never a panic.
func TestStatsDamaged(t *testing.T) {
	whole := `{"a":[1,2,3],"b\n":[4,5,-6]}`
	for i := range len(whole) {
		if _, err := ParseStats([]byte(whole[:i]), nil); err == nil {
			t.Errorf("%q was read", whole[:i])
		}
	}
	for _, text := range []string{
		"null", "[]", `{"a":[1,2]}`, `{"a":[1,2,3,4]}`, `{"a":[-1,2,3]}`, `{"a":[1.5,2,3]}`, `{"a":[18446744073709551616,2,3]}`,
		`{"a":[1,9223372036854775808,3]}`, `{"a":[1,-9223372036854775809,3]}`, `{"a":[1,2,3]}x`, `{"a":[1,2,3],}`, `{"\x":[1,2,3]}`, "{\"\n\":[1,2,3]}",
	} {
		if _, err := ParseStats([]byte(text), nil); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func FuzzStats(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,3],"b":[4,5,-6]}`))
	f.Add([]byte(`{"\u0001\u0001\\":[18446744073709551615,9223372036854775807,-9223372036854775808]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		stats, err := ParseStats(text, nil)
		if err != nil {
			return
		}
		for _, s := range stats {
			if !utf8.ValidString(s.Name.Value()) {
				return // what a database returns is UTF-8
			}
		}
		again, err := ParseStats(AppendStats(nil, stats), nil)
		if err != nil || !slices.Equal(again, stats) {
			t.Fatalf("%q: %v, then %v, %v", text, stats, again, err)
		}
	})
}

// Attributes have their own types in JSON.
func TestAttributesJSON(t *testing.T) {
	attributes := []store.Attribute{
		store.NewAttribute("a\x00", beckon.String("x\x00\x01\"")),
		store.NewAttribute("b", beckon.NumberLiteral("1e3")),
		store.NewAttribute("c", beckon.Bool(true)),
		store.NewAttribute("d", beckon.List("p", "q\x00")),
		store.NewAttribute("e", beckon.RichLink("https://x.test", "title\x00")),
	}
	text := string(AppendAttributes(nil, attributes))
	const want = `{"a\u0001\u0001":"x\u0001\u0001\u0001\u0002\"","b":1e3,"c":true,"d":["p","q\u0001\u0001"],"e":{"url":"https://x.test","value":"title\u0001\u0001"}}`
	if text != want || !json.Valid([]byte(text)) {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}
