package canonical_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/cmd/beckon/internal/canonical"
)

// One of each thing that a layout decides.
func TestFormat(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 80)
	for _, c := range []struct{ name, in, want string }{
		{"nothing", `{}`, "{}\n"},
		{"an empty list", `{ "messages":[ ] }`, "{\n  \"messages\": []\n}\n"},
		{
			"order", `{"segments":{"b":{"value":1,"op":"is","user":"a"},"a":{"vet_ignore":["always_true"],"any":[{"not":{"all":[]}}]}},"timezone":"UTC"}`,
			"{\n  \"timezone\": \"UTC\",\n  \"segments\": {\n    \"b\": {\"user\": \"a\", \"op\": \"is\", \"value\": 1},\n    \"a\": {\"any\": [{\"not\": {\"all\": []}}], \"vet_ignore\": [\"always_true\"]}\n  }\n}\n",
		},
		{
			"numbers and texts stay", `{"segments":{"a":{"user":"a","op":"in","value":["\u00e9 <b>\n","\ud83d\ude00"]},"b":{"user":"a","op":"is","value":1.50e1}}}`,
			"{\n  \"segments\": {\n    \"a\": {\"user\": \"a\", \"op\": \"in\", \"value\": [\"é <b>\\n\", \"😀\"]},\n    \"b\": {\"user\": \"a\", \"op\": \"is\", \"value\": 1.50e1}\n  }\n}\n",
		},
		{
			"what acts on a terminal is escaped", `{"segments":{"a":{"user":"a","op":"is","value":"\u009b31m` + "\u202e\u0085" + `\u001b"}}}`,
			"{\n  \"segments\": {\n    \"a\": {\"user\": \"a\", \"op\": \"is\", \"value\": \"\\u009b31m\\u202e\\u0085\\u001b\"}\n  }\n}\n",
		},
		{
			"what is too wide is broken", `{"messages":[{"content":{"body":"` + long + `","subject":"s"},"id":"m"}]}`,
			"{\n  \"messages\": [\n    {\n      \"id\": \"m\",\n      \"content\": {\n        \"subject\": \"s\",\n        \"body\": \"" + long + "\"\n      }\n    }\n  ]\n}\n",
		},
		{
			"several followers", `{"messages":[{"id":"m","trigger":{"unless":[{"within":"1h","event":"b"},{"within":"2h","event":"c"}],"event":"a"},"content":{}}]}`,
			"{\n  \"messages\": [\n    {\n      \"id\": \"m\",\n      \"trigger\": {\n        \"event\": \"a\",\n        \"unless\": [{\"event\": \"b\", \"within\": \"1h\"}, {\"event\": \"c\", \"within\": \"2h\"}]\n      },\n      \"content\": {}\n    }\n  ]\n}\n",
		},
	} {
		got, err := canonical.Format([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, c.want)
		}
	}
}

// A line has no more columns than it may, unless it has nothing that could be broken.
func TestColumns(t *testing.T) {
	t.Parallel()
	for n := range 120 {
		doc := `{"messages":[{"id":"m","tags":["` + strings.Repeat("é", n) + `","b"],"content":{}}]}`
		out, err := canonical.Format([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if width := len([]rune(strings.TrimSuffix(line, "\n"))); width > canonical.Columns && strings.Contains(line, "[") {
				t.Errorf("%d columns: %s", width, line)
			}
		}
		if n == 30 && !strings.Contains(string(out), `["`) {
			t.Errorf("a short list is broken:\n%s", out)
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"", "{", "[]", `{"messages":[{"zebra":1}]}`, "\x00\x01", strings.Repeat("[", 100_000)} {
		if out, err := canonical.Format([]byte(doc)); err == nil {
			t.Errorf("%.20q: it is laid out as %.100s", doc, out)
		}
	}
}

// programs are those of all scenarios.
func programs(t testing.TB) (list [][]byte) {
	t.Helper()
	names, err := filepath.Glob("../../../../testdata/scenarios/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var all []struct{ Program json.RawMessage }
		if data[0] != '[' {
			data = append(append([]byte("["), data...), ']')
		}
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(name, err)
		}
		for _, s := range all {
			if s.Program != nil {
				list = append(list, s.Program)
			}
		}
	}
	return list
}

// holds checks what is promised of a layout: the same document as JSON, and laid out again
// the same.
func holds(t *testing.T, doc, out []byte) {
	t.Helper()
	var before, after any
	if json.Unmarshal(doc, &before) != nil || json.Unmarshal(out, &after) != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the layout of\n%s\nsays something else:\n%s", doc, out)
	}
	if again, err := canonical.Format(out); err != nil || !bytes.Equal(out, again) {
		t.Errorf("laid out again it is different: %v\n%s\n%s", err, out, again)
	}
}

func TestEveryProgram(t *testing.T) {
	t.Parallel()
	done := 0
	for _, doc := range programs(t) {
		if out, err := canonical.Format(doc); err == nil { // many are wrong on purpose
			holds(t, doc, out)
			done++
		}
	}
	if done < 100 {
		t.Errorf("only %d programs were laid out", done)
	}
}

func FuzzFormat(f *testing.F) {
	for _, doc := range programs(f)[:20] {
		f.Add([]byte(doc))
	}
	f.Add([]byte(`{"segments":{"a":{"user":"a","op":"is","value":{"user":"b"}}}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if out, err := canonical.Format(doc); err == nil {
			holds(t, doc, out)
		}
	})
}
