package scenario

import (
	"context"
	"os"
	"strings"
	"testing"
)

// The scenario that docs/scenarios.md shows passes, and the page names every
// verb.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), "\r\n", "\n")
	_, shown, _ := strings.Cut(text, "```json\n")
	shown, _, _ = strings.Cut(shown, "```")
	list, err := Parse([]byte(shown))
	if err != nil || len(list) != 1 {
		t.Fatalf("%d scenarios, %v", len(list), err)
	}
	if r := list[0].Run(context.Background()); !r.OK() {
		t.Error(lines(r))
	}
	for _, verb := range verbs() {
		if !strings.Contains(text, "`"+verb+"`") {
			t.Errorf("the page does not tell of %s", verb)
		}
	}
}
