package ojson

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// RFC 8259, one line a rule: what is accepted.
func TestAccepts(t *testing.T) {
	for _, body := range []string{
		`null`, `true`, `false`, ` 1 `, "\t\r\n 1\n", `""`, `[]`, `{}`, `[ ]`, `{ }`,
		`0`, `-0`, `-1`, `10`, `0.5`, `-0.5`, `1e5`, `1E5`, `1e+5`, `1e-5`, `1.25e2`, `0e0`, `0e+1`,
		`123456789012345678901234567890123456789012345678901234567890.5e999999`,
		`[1,2]`, `[1 , 2]`, `[[[]],{}]`, `{"a":1}`, `{"a" : 1 , "b" : [ ] }`, `{"a":1,"a":2}`, `{"":0}`,
		`"\"\\\/\b\f\n\r\t\u0000\u00e9\uD83D\uDE00"`, `"é😀"`, "\"\u2028\u2029\u007f\ufeff\"", `"\uFFFF\uFFFE"`,
		`"\uDBFF\uDFFF"`, `["\u0022"]`, `"/"`,
	} {
		if _, err := ParseString(body, Limits{}); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if !json.Valid([]byte(body)) {
			t.Errorf("%s: the table is wrong, encoding/json refuses it", body)
		}
	}
}

// RFC 8259, one line a rule: what is refused, and where.
func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		body   string
		reason Reason
		offset int
	}{
		{``, Syntax, 0},
		{`  `, Syntax, 2},
		{"\ufeff{}", Syntax, 0},
		{"{}\ufeff", Syntax, 2},
		{`nul`, Syntax, 0},
		{`nullx`, Syntax, 4},
		{`True`, Syntax, 0},
		{`fals`, Syntax, 0},
		{`NaN`, Syntax, 0},
		{`Infinity`, Syntax, 0},
		{`-Infinity`, Syntax, 1},
		{`01`, Syntax, 1},
		{`-`, Syntax, 1},
		{`-01`, Syntax, 2},
		{`+1`, Syntax, 0},
		{`.5`, Syntax, 0},
		{`1.`, Syntax, 2},
		{`-.5`, Syntax, 1},
		{`1.e1`, Syntax, 2},
		{`1e`, Syntax, 2},
		{`1e+`, Syntax, 3},
		{`0x1`, Syntax, 1},
		{`1_0`, Syntax, 1},
		{`１`, Syntax, 0},
		{`1.5.5`, Syntax, 3},
		{`1e5.5`, Syntax, 3},
		{`[`, Syntax, 1},
		{`[1`, Syntax, 2},
		{`[1,`, Syntax, 3},
		{`[1,]`, Syntax, 3},
		{`[,1]`, Syntax, 1},
		{`[1 2]`, Syntax, 3},
		{`[1,,2]`, Syntax, 3},
		{`[1}`, Syntax, 2},
		{`]`, Syntax, 0},
		{`[]]`, Syntax, 2},
		{`[:]`, Syntax, 1},
		{`["a":1]`, Syntax, 4},
		{`{`, Syntax, 1},
		{`{"a"`, Syntax, 4},
		{`{"a":`, Syntax, 5},
		{`{"a":1`, Syntax, 6},
		{`{"a":1,`, Syntax, 7},
		{`{"a":1,}`, Syntax, 7},
		{`{,}`, Syntax, 1},
		{`{a:1}`, Syntax, 1},
		{`{'a':1}`, Syntax, 1},
		{`{1:1}`, Syntax, 1},
		{`{"a" 1}`, Syntax, 5},
		{`{"a",1}`, Syntax, 4},
		{`{"a":1 "b":2}`, Syntax, 7},
		{`{"a":1]`, Syntax, 6},
		{`{null:1}`, Syntax, 1},
		{`{"a"::1}`, Syntax, 5},
		{`"`, Syntax, 1},
		{`"a`, Syntax, 2},
		{"\"\n\"", Syntax, 1},
		{"\"\x00\"", Syntax, 1},
		{"\"\x1f\"", Syntax, 1},
		{`"\`, Syntax, 1},
		{`"\"`, Syntax, 3},
		{`"\a"`, Syntax, 1},
		{`"\x41"`, Syntax, 1},
		{`"\U0041"`, Syntax, 1},
		{`"\u12"`, Syntax, 1},
		{`"\u12G4"`, Syntax, 1},
		{`"\u 123"`, Syntax, 1},
		{`"\uD800\u12"`, NotUTF8, 1},
		{`{}{}`, Syntax, 2},
		{`1 2`, Syntax, 2},
		{`{} //c`, Syntax, 3},
		{`/**/{}`, Syntax, 0},
		{"\u00a01", Syntax, 0},
		{"\v1", Syntax, 0},
		{"\f[]", Syntax, 0},
		{"[\x00]", Syntax, 1},
		{"\"\xff\"", NotUTF8, 1},
		{"[\"a\xc3\"]", NotUTF8, 3},
		{"\"\xc0\xaf\"", NotUTF8, 1},
		{"\"\xed\xa0\x80\"", NotUTF8, 1},
		{"\"\xf4\x90\x80\x80\"", NotUTF8, 1},
		{"[\xff]", NotUTF8, 1},
		{"1\xe5", NotUTF8, 1},
		{"{\"\xb9\":1}", NotUTF8, 2},
		{`"\uD800"`, NotUTF8, 1},
		{`"\uDC00"`, NotUTF8, 1},
		{`"\uDC00\uD800"`, NotUTF8, 1},
		{`"\uD800\n"`, NotUTF8, 1},
		{`"\uD800a"`, NotUTF8, 1},
		{`"\uD800\uD800\uDC00"`, NotUTF8, 1},
		{strings.Repeat("[", 100_000), TooDeep, DefaultDepth},
		{strings.Repeat(`{"a":`, 100_000), TooDeep, 5 * DefaultDepth},
		{strings.Repeat("[", 129) + strings.Repeat("]", 129), TooDeep, 128},
	} {
		shown := c.body[:min(len(c.body), 40)]
		_, err := ParseString(c.body, Limits{})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v, want an *Error", shown, err)
			continue
		}
		if e.Reason != c.reason || e.Offset != c.offset {
			t.Errorf("%q: got reason %d at %d (%v), want %d at %d", shown, e.Reason, e.Offset, err, c.reason, c.offset)
		}
		// Skipping checks just as much as reading does.
		var s Scanner
		s.Init(c.body, 0, false)
		s.Skip()
		s.End()
		if !errors.As(s.Err(), &e) || e.Reason != c.reason || e.Offset != c.offset {
			t.Errorf("%q: skipped: %v, want reason %d at %d", shown, s.Err(), c.reason, c.offset)
		}
	}
}

func TestDepth(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":[`, n/2) + strings.Repeat(`]}`, n/2) }
	for _, c := range []struct {
		depth, limit int
		ok           bool
	}{{128, 0, true}, {130, 0, false}, {4, 4, true}, {4, 3, false}, {1000, 5000, true}, {1002, 5000, false}} {
		if _, err := ParseString(nested(c.depth), Limits{Depth: c.limit}); (err == nil) != c.ok {
			t.Errorf("depth %d, limit %d: %v", c.depth, c.limit, err)
		}
	}
}

func TestTree(t *testing.T) {
	n, err := Parse(strings.NewReader(` {"b": 1.50, "a": "x\ty", "b": [true, null, {}], "B": -0}`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n.Kind != Object || n.Offset != 1 || len(n.Members) != 4 {
		t.Fatalf("got %+v", n)
	}
	for i, name := range []string{"b", "a", "b", "B"} {
		if n.Members[i].Name != name {
			t.Errorf("member %d is %q, want %q", i, n.Members[i].Name, name)
		}
	}
	if got := n.Get("b"); got.Kind != Number || got.Text != "1.50" || got.Offset != 7 {
		t.Errorf("b: %+v", got)
	}
	if got := n.Get("a"); got.Kind != String || got.Text != "x\ty" {
		t.Errorf("a: %+v", got)
	}
	if got := n.Members[2]; got.Offset != 26 || got.Value.Kind != Array || len(got.Value.Items) != 3 ||
		!got.Value.Items[0].Bool || got.Value.Items[1].Kind != Null || got.Value.Items[2].Kind != Object {
		t.Errorf("second b: %+v", got)
	}
	if n.Get("c") != nil {
		t.Error("a member that is not there")
	}
}

func TestNodeLimit(t *testing.T) {
	if _, err := ParseString(`[1,2,3]`, Limits{Nodes: 4}); err != nil {
		t.Error(err)
	}
	var e *Error
	if _, err := ParseString(`[1,2,3]`, Limits{Nodes: 3}); !errors.As(err, &e) || e.Reason != TooMany || e.Offset != 5 {
		t.Errorf("got %v", err)
	}
}

func TestShallow(t *testing.T) {
	var s Scanner
	var n Node
	s.Init(`[{"a":{"x":[1]},"b":"t","c":[1],"d":2} , [1,[2]], "s", tru]`, 0, false)
	s.Enter()
	s.Next()
	s.Shallow(&n, 3)
	if len(n.Members) != 3 || n.Members[0].Value.Kind != Object || n.Members[0].Value.Members != nil ||
		n.Members[1].Value.Text != "t" || n.Members[2].Value.Kind != Array {
		t.Errorf("got %+v", n)
	}
	s.Next()
	if s.Shallow(&n, 3); n.Kind != Array || len(n.Items) != 0 || len(n.Members) != 0 {
		t.Errorf("got %+v", n)
	}
	s.Next()
	if s.Shallow(&n, 3); n.Kind != String || n.Text != "s" {
		t.Errorf("got %+v", n)
	}
	s.Next()
	if s.Shallow(&n, 3); s.Err() == nil || s.Next() {
		t.Error("a broken word was taken")
	}
}

// After an error every method returns nothing, and the first error stands.
func TestErrorSticks(t *testing.T) {
	var s Scanner
	s.Init(`[1,]`, 0, false)
	s.Enter()
	for s.Next() {
		s.Skip()
	}
	first := s.Err()
	s.Enter()
	s.Null()
	s.Skip()
	s.End()
	if s.Text() != "" || s.Name() != "" || s.Literal() != "" || s.Bool() || s.Next() || s.Kind() != Invalid || s.Err() != first || first == nil { //nolint:errorlint // the very same error stays
		t.Errorf("got %v, then %v", first, s.Err())
	}
}

func TestWrongMethod(t *testing.T) {
	for name, take := range map[string]func(*Scanner){
		"Text": func(s *Scanner) { s.Text() }, "Literal": func(s *Scanner) { s.Literal() }, "Null": func(s *Scanner) { s.Null() },
		"Bool": func(s *Scanner) { s.Bool() }, "Scalar": func(s *Scanner) { s.Scalar(&Node{}) },
	} {
		var s Scanner
		s.Init(`[1]`, 0, false)
		if take(&s); s.Err() == nil {
			t.Errorf("%s took an array", name)
		}
	}
	var s Scanner
	s.Init(`1`, 0, false)
	if s.Enter(); s.Err() == nil {
		t.Error("Enter took a number")
	}
}

// Kept bad text stays different from every other text, and is told.
func TestKeepBadText(t *testing.T) {
	var s Scanner
	s.Init("[\"ok\",\"a\xffb\\n\",\"\\ud800\",\"\\udc01x\",{\"\xfe\":1},\"\\ud83d\\ude00\"]", 0, true)
	s.Enter()
	var got []string
	var at []int
	for s.Next() {
		if s.Kind() == String {
			got = append(got, s.Text())
		} else {
			s.Skip()
		}
		if off, bad := s.TakeBadText(); bad {
			at = append(at, off)
		}
	}
	s.End()
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	want := []string{"ok", "a\xffb\n", "\xed\xa0\x80", "\xed\xb0\x81x", "😀"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(at) != 4 || at[0] != 8 || at[1] != 15 || at[2] != 24 || at[3] != 35 {
		t.Errorf("offsets %v", at)
	}
}

func TestSharing(t *testing.T) {
	small, large := `["`+strings.Repeat("a", 100)+`", 12]`, `["a", 12`+strings.Repeat(" ", sharedBody)+`]`
	for body, want := range map[string]float64{small: 0, large: 2} {
		got := testing.AllocsPerRun(10, func() {
			var s Scanner
			s.Init(body, 0, false)
			s.Enter()
			s.Next()
			s.Text()
			s.Next()
			s.Literal()
			s.Next()
		})
		if got != want {
			t.Errorf("%d bytes: %v allocations, want %v", len(body), got, want)
		}
	}
}

// Eight bytes at a time find what one at a time find, wherever it stands.
func TestPlainEnd(t *testing.T) {
	slow := func(src string, i int) int {
		for ; i < len(src); i++ {
			switch c := src[i]; {
			case c == '"':
				return i
			case c < ' ' || c >= utf8.RuneSelf || c == '\\':
				return -1
			}
		}
		return -1
	}
	body := []byte(strings.Repeat("a", 27))
	for at := range body {
		for c := range 256 {
			body[at] = byte(c)
			for _, end := range []int{at + 1, 19, 26} {
				old := body[end%27]
				if end != at {
					body[end%27] = '"'
				}
				for from := range 10 {
					if got, want := PlainEnd(string(body), from), slow(string(body), from); got != want {
						t.Fatalf("%q from %d: %d, want %d", body, from, got, want)
					}
				}
				if end != at {
					body[end%27] = old
				}
			}
		}
		body[at] = byte("a \x7f!#[]\xff"[at%8])
		if body[at] >= utf8.RuneSelf {
			body[at] = '~'
		}
	}
}

func TestOffset(t *testing.T) {
	var s Scanner
	s.Init(` [ "a" , 12]`, 0, false)
	s.Enter()
	s.Next()
	s.Text()
	if got := s.Offset(); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}

func TestErrorText(t *testing.T) {
	_, err := ParseString(`[1;2]`, Limits{})
	if want := `';' where ',' or ']' is expected at line 1, column 3`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestKindString(t *testing.T) {
	for k, want := range []string{"no value", "null", "a boolean", "a number", "a string", "an array", "an object"} {
		if got := Kind(k).String(); got != want {
			t.Errorf("%d: %q", k, got)
		}
	}
}

// The standard library's checker and this one agree on every body that is
// UTF-8 and has no lone surrogate; and skipping and building agree always.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"\u00e9"],"a":null}`, `[[[`, `"\ud83d"`, "\"\xff\"", `{"a":1,}`, `-0.0E+1`, `tru`, "\ufeff1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		_, err := ParseString(body, Limits{})
		var s Scanner
		s.Init(body, 0, false)
		s.Skip()
		s.End()
		if (err == nil) != (s.Err() == nil) {
			t.Fatalf("Parse: %v, Skip: %v", err, s.Err())
		}
		var e *Error
		switch {
		case err == nil:
			if !json.Valid([]byte(body)) || !utf8.ValidString(body) {
				t.Fatal("accepted what is not JSON")
			}
		case !errors.As(err, &e):
			t.Fatalf("not an *Error: %v", err)
		case e.Offset < 0 || e.Offset > len(body):
			t.Fatalf("offset %d", e.Offset)
		case e.Reason == Syntax && json.Valid([]byte(body)):
			t.Fatalf("refused JSON: %v", err)
		}
	})
}

// Of several texts that are not UTF-8 the first is told.
func TestFirstBadText(t *testing.T) {
	var s Scanner
	s.Init("[\"a\",\"\xff\",\"b\xfe\",\"\xfd\"]", 0, true)
	s.Skip()
	s.End()
	if offset, bad := s.TakeBadText(); !bad || offset != 6 || s.Err() != nil {
		t.Errorf("at %d: %v, %v; want 6", offset, bad, s.Err())
	}
	if _, bad := s.TakeBadText(); bad {
		t.Error("it is told twice")
	}
}

// A cursor tells the same places whichever way it goes.
func TestCursor(t *testing.T) {
	const body = "{\n \"é\": 1,\n\n \"b\": \"ü\", \"c\": 2}\n"
	for _, c := range []struct{ offset, line, column int }{
		{-1, 1, 1}, {0, 1, 1}, {3, 2, 2}, {9, 2, 7}, {10, 2, 8}, {13, 4, 1}, {14, 4, 2}, {19, 4, 7}, {25, 4, 12}, {len(body) + 5, 5, 1},
	} {
		for _, before := range []int{0, 3, 9, 13, len(body)} {
			cursor := NewCursor(body)
			cursor.Place(before)
			if line, column := cursor.Place(c.offset); line != c.line || column != c.column {
				t.Errorf("after %d, %d is at %d:%d, want %d:%d", before, c.offset, line, column, c.line, c.column)
			}
		}
	}
}
