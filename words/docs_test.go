package words_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// What docs/words.md shows is what programs and edits are in words.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/words.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.ReplaceAll(string(page), "\r\n", "\n"), "```text\n")[1:]
	want := func(i int) string {
		text, _, _ := strings.Cut(parts[i], "```")
		return text
	}
	const ready = `{"id": "upload-ready", "channel": "banner", "status": "live",
		"trigger": {"event": "upload-complete", "where": {"metadata": "duration", "op": "greater_than", "value": 2}},
		"audience": {"all": [{"user": "plan", "op": "in", "value": ["pro", "team"]}, {"event": "upload-complete", "stat": "count", "op": "is", "value": 0}]},
		"frequency": {"every": "1h"}, "content": {"body": "{{ event.file_name }} is ready."}}`
	if got := words.Program(parse(t, `{"messages": [`+ready+`]}`)) + "\n"; got != want(0) {
		t.Errorf("docs/words.md shows\n%s\nand it is\n%s", want(0), got)
	}
	edit := func(max int, audience string, order ...string) beckon.Program {
		messages := map[string]string{"a": `{"id": "a"}`, "b": `{"id": "b"}`, "nudge": `{"id": "nudge"}`, "welcome": `{"id": "welcome"` + audience + `}`}
		for i, id := range order {
			order[i] = messages[id]
		}
		return parse(t, fmt.Sprintf(`{"caps": [{"id": "push-per-day", "max": %d, "within": "24h"}], "messages": [%s]}`, max, strings.Join(order, ",")))
	}
	var got strings.Builder
	for _, change := range words.Diff(edit(3, "", "a", "nudge", "b", "welcome"), edit(2, `, "audience": {"user": "plan", "op": "is", "value": "pro"}`, "a", "b", "welcome", "nudge")) {
		fmt.Fprintln(&got, change)
	}
	if got.String() != want(1) {
		t.Errorf("docs/words.md shows\n%s\nand it is\n%s", want(1), got.String())
	}

	rule, err := beckon.ParseRule([]byte(`{"all": [{"user": "plan", "op": "in", "value": ["pro", "team"]},
		{"any": [{"event": "uploaded-video", "stat": "count", "op": "at_least", "value": 3, "within": "7d"}, {"segment": "power-users"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := words.Outline(rule) + "\n"; got != want(2) {
		t.Errorf("docs/words.md shows\n%s\nand it is\n%s", want(2), got)
	}
}

func parse(t *testing.T, text string) beckon.Program {
	t.Helper()
	p, err := beckon.ParseProgram([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
