package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is a text that acts on a terminal, in each way in which one can.
const hostile = "m\x1b[31m\x1b]0;t\x07\u009b1m\u0085\u202e\u2066\u2028\r\x7fz"

// inJSON returns a text as it stands in JSON, with what JSON does not need to escape as it is.
func inJSON(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	quoted := strings.ReplaceAll(string(data[1:len(data)-1]), `\u2028`, "\u2028")
	return strings.ReplaceAll(quoted, `\u007f`, "\x7f")
}

// No text of a file, a store or a command line acts on the terminal, on the standard output or
// on that for errors. JSON says the same.
func TestTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "EVIL", inJSON(hostile))), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	doc := `{"events":{"a":{"description":"EVIL","metadata":{"k":{"type":"string"}}}},"segments":{"s":{"user":"EVIL","op":"is","value":"EVIL"}},"messages":[{"id":"EVIL","title":"EVIL","status":"live","trigger":{"event":"a"},"audience":{"any":[{"user":"EVIL","op":"is_not","value":"EVIL"},{"user":"EVIL","op":"is","value":"EVIL"}]},"content":{"subject":"EVIL","body":"EVIL {{ event.k | fallback: \"EVIL\" }}","data":{"EVIL":"EVIL"}}}]}`
	p, q := write("p.json", doc), write("q.json", strings.Replace(doc, `"id":"EVIL"`, `"id":"EVILx","channel":"push"`, 1))
	good := write("good.json", strings.NewReplacer(`"id":"EVIL"`, `"id":"m"`, `"user":"EVIL"`, `"user":"plan"`, `"data":{"EVIL"`, `"data":{"k"`, `"title":"EVIL",`, "").Replace(doc))
	event := write("event.json", `{"event_name":"a","metadata":{"k":"EVIL"}}`)
	contact := write("contact.json", `{"user_id":"EVIL","name":"EVIL","attributes":{"EVIL":"EVIL"}}`)
	steps := write("steps.jsonl", `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"EVIL","metadata":{"k":"EVIL"}}}`+"\n"+`{"EVIL":1}`)
	scenario := write(hostile+".json", `{"name":"EVIL","program":{"messages":[{"id":"m","status":"live","trigger":{"event":"a"},"content":{"body":"EVIL"}}]},"steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"EVIL"},"want":{"sent":[{"message":"EVILx","body":"EVIL"}],"held":{"EVIL":"EVIL"}}}]}`)
	broken := write("broken"+hostile, `{"EVIL":1}`)
	store := "sqlite:" + filepath.Join(dir, "s.db")
	wicked := strings.ReplaceAll(`{"messages":[{"id":"m","status":"live","trigger":{"event":"a"},"content":{"body":"EVIL"}},{"id":"news","channel":"push","status":"live","trigger":{"event":"b"},"content":{"body":"EVIL"}}]}`, "EVIL", inJSON(hostile))
	if err := fillStore(store, wicked, strings.ReplaceAll(`{"at":"2026-03-02T09:00:00Z","contact":{"user_id":"u1","name":"EVIL","attributes":{"plan":"EVIL"}}}
{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1","metadata":{"k":"EVIL"}}}
{"at":"2026-03-02T09:00:00Z","track":{"event_name":"b","user_id":"u1"}}
{"at":"2026-03-02T09:10:00Z","give_up":"news"}`, "EVIL", inJSON(hostile))); err != nil {
		t.Fatal(err)
	}
	live := filepath.Join(dir, "live.json")
	if err := os.WriteFile(live, []byte(wicked), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, args := range [][]string{
		{hostile},
		{"help", hostile},
		{hostile, "--help"},
		{"completion", hostile},
		{"vet", "-" + hostile, p},
		{"vet", "-catalogue", broken, p},
		{"vet", p, q, hostile, broken},
		{"vet", "-json", p, broken},
		{"fmt", p},
		{"fmt", "-d", p},
		{"fmt", "-l", p, broken},
		{"words", p, q},
		{"words", "-json", p},
		{"words", "-id", hostile + "y", p},
		{"diff", p, q},
		{"diff", "-json", p, q},
		{"render", "-program", good, "-contact", contact, "-event", event, "m"},
		{"render", "-json", "-program", good, "m"},
		{"render", "-program", good, hostile + "y"},
		{"gen", p},
		{"gen", "-lang", "ts", p},
		{"gen", "-lang", hostile, p},
		{"test", dir},
		{"test", "-json", dir},
		{"test", "-v", scenario},
		{"test", "-run", hostile, scenario},
		{"test", "-run", hostile + "(", scenario},
		{"explain", "-program", good, "-contact", contact, "-event", event},
		{"explain", "-json", "-program", good, "-contact", contact, "-event", event},
		{"explain", "-program", good, "-contact", contact, "-at", hostile},
		{"replay", "-program", good, "-events", steps, "-against", live},
		{"replay", "-json", "-program", good, "-events", steps, "-against", live},
		{"replay", "-program", p, "-events", hostile},
		{"messages", "-store", store},
		{"messages", "-store", store, "-status", hostile},
		{"contact", "-store", store, "u1"},
		{"contact", "-store", store, "-json", "u1"},
		{"contact", "-store", store, hostile},
		{"totals", "-store", store, hostile},
		{"why", "-store", store, "-program", live, "u1", "m"},
		{"why", "-store", store, "-program", live, "-json", "u1", "m"},
		{"why", "-store", store, "-program", live, "u1", hostile},
		{"why", "-store", store, "-program", live, hostile, "m"},
		{"outbox", "-store", store},
		{"outbox", "-store", store, "-json"},
		{"outbox", "-store", store, "-dead"},
		{"outbox", "-store", store, "-dead", "-retry", hostile},
		{"check", "-store", "sqlite:" + hostile},
		{"dump", "-store", "sqlite:" + hostile, "x"},
		{"restore", "-check", broken},
		{"schema", hostile},
		{"version", hostile},
	} {
		var stdout, stderr bytes.Buffer
		run(args, &stdout, &stderr)
		text := stdout.String() + stderr.String()
		if i := strings.IndexFunc(text, actsOnTerminal); i >= 0 || !utf8.ValidString(text) {
			t.Errorf("%q: %q", args, text[max(0, i-60):min(len(text), i+20)])
		}
		if strings.Contains(text, "31m") {
			seen++
		}
		if slices.Contains(args, "-json") {
			for line := range strings.Lines(stdout.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("%q: no JSON: %s", args, line)
				}
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d outputs have the text at all", seen)
	}
}

func actsOnTerminal(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// A text of several lines stands on one where a verb prints a line for each thing: it cannot
// feign another.
func TestLines(t *testing.T) {
	t.Parallel()
	doc := `{"messages":[{"id":"m\np.json:1:1: error: feigned","channel":"banner","audience":{"all":[{"user":"a","op":"is","value":1},{"user":"a","op":"is","value":2}]},"content":{"body":"x"}}]}`
	paths := files(t, doc, strings.Replace(doc, `"content":{"body":"x"}`, `"content":{"body":"x\n+ feigned"}`, 1))
	for _, args := range [][]string{{"vet", paths[0]}, {"diff", paths[0], paths[1]}, {"explain", "-program", paths[0], "-contact", paths[1]}} {
		var stdout, stderr bytes.Buffer
		run(args, &stdout, &stderr)
		for line := range strings.Lines(stdout.String()) {
			if strings.HasPrefix(line, "p.json:1:1") || strings.HasPrefix(line, "+ feigned") {
				t.Errorf("%v:\n%s", args, &stdout)
			}
		}
	}
}
