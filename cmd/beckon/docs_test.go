package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The documents say of each verb what each of its flags does.
func TestFlagsAreDocumented(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, part := range strings.Split(page(t, "command.md"), "\n### ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		for verb := range strings.SplitSeq(name, " and ") {
			said[verb] = text
		}
	}
	said["replay"] += page(t, "replay.md")
	_, store, _ := strings.Cut(page(t, "command.md"), "\n## A store\n") // what all have that look into one
	store, _, _ = strings.Cut(store, "\n### ")
	for _, v := range verbs() {
		if v.group == groupOther && said[v.name] == "" {
			continue // it has a line of its own in the help, and no more
		}
		for _, name := range v.flagNames() {
			flag := regexp.MustCompile("[` \n]-" + name + "[` \n,;:.)]")
			if !flag.MatchString(said[v.name]) && (v.group != groupStores || !flag.MatchString(store)) && name != "json" {
				t.Errorf("docs/command.md does not say of %s what -%s does", v.name, name)
			}
		}
	}
}

// What docs/command.md shows of verbs is what they print of the programs that it is about.
func TestShownOutput(t *testing.T) {
	const (
		ready = `{"id": "upload-ready", "channel": "banner", "status": "live", "trigger": {"event": "upload-complete"},
		"frequency": {"every": "1h"}, "content": {"body": "Ready"}}`
		pro   = `{"messages": [{"id": "upload-ready", "status": "live", "trigger": {"event": "upload-complete"}, "audience": {"user": "plan", "op": "is", "value": "pro"}}]}`
		track = `"track": {"event_name": "upload-complete", "user_id": "u1"}`
	)
	outputs := shownOutputs(t)
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"live.json":   `{"messages": [` + ready + `]}`,
		"edited.json": `{"messages": [` + strings.Replace(ready, "1h", "2h", 1) + `]}`,
		"receipt.json": `{"messages": [{"id": "receipt", "channel": "email", "trigger": {"event": "bought"}, "content": {
			"subject": "Your order, {{ name }}", "body": "You paid {{ event.price }} for {{ event.plan | fallback: \"it\" }}"}}]}`,
		"pro.json":    pro,
		"ada.json":    `{"user_id": "u1", "name": "Ada", "attributes": {"plan": "free"}}`,
		"order.json":  `{"event_name": "bought", "metadata": {"price": {"amount": 1250, "currency": "eur"}}}`,
		"upload.json": `{"event_name": "upload-complete"}`,
		"scenarios/uploads.json": `[{"name": "once an hour", "program_file": "../live.json", "steps": [{"at": "2026-03-02T09:00:00Z", ` + track + `}]},
{"name": "pro users only", "program": ` + pro + `,
 "steps": [
   {"at": "2026-03-02T09:00:00Z",
    ` + track + `,
    "want": {"sent": [{"message": "upload-ready"}]}}]}]`,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		verb string
		args []string
	}{
		{"test", []string{"scenarios/"}},
		{"words", []string{"-id", "upload-ready", "live.json"}},
		{"diff", []string{"live.json", "edited.json"}},
		{"render", []string{"-program", "receipt.json", "-contact", "ada.json", "-event", "order.json", "receipt"}},
		{"explain", []string{"-program", "pro.json", "-contact", "ada.json", "-event", "upload.json", "-at", "2026-03-02T09:00:00Z"}},
	} {
		var out strings.Builder
		run(append([]string{tt.verb}, tt.args...), &out, &out)
		want, short := strings.CutSuffix(outputs[tt.verb], " …\n") // only the beginning is shown
		if got := out.String(); want == "" || got != want && !(short && strings.HasPrefix(got, want)) {
			t.Errorf("docs/command.md shows of %s\n%s\nand it prints\n%s", tt.verb, want, got)
		}
	}
}

// shownOutputs returns the first text that docs/command.md shows of each verb.
func shownOutputs(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, part := range strings.Split(page(t, "command.md"), "\n### ")[1:] {
		verb, rest, _ := strings.Cut(part, "\n")
		if _, text, ok := strings.Cut(rest, "```text\n"); ok {
			all[verb], _, _ = strings.Cut(text, "```")
		}
	}
	return all
}

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
