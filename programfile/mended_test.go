package programfile_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/beckon-go/beckon/programfile"
)

// A fault that was told and is gone is told to be gone, once, also if the program that runs
// was never replaced.
func TestRunTellsWhatIsMended(t *testing.T) {
	const mended, published = "is mended", "was published"
	for name, c := range map[string]struct {
		steps string // "old", "new", "broken" and "gone" put files there, "look" ticks, "publish" and "ended" call Publish
		told  string // a letter for each report: f a fault, n nil
		logs  []string
	}{
		"never broken":                  {"look look", "", nil},
		"put back":                      {"broken look look old look look", "fn", []string{mended}},
		"put back and broken again":     {"broken look old look broken look old look", "fnfn", []string{mended, mended}},
		"files back":                    {"gone look old look", "fn", []string{mended}},
		"one fault for another":         {"broken look gone look old look", "ffn", []string{mended}},
		"mended by a new one":           {"broken look new look look", "fn", []string{published}},
		"mended before the look":        {"broken old look", "", nil},
		"told to the caller":            {"broken publish look old look look", "n", []string{mended}},
		"told, then published by hand":  {"broken look new publish look look", "fn", []string{mended}},
		"told, then put back by hand":   {"broken look old publish look look", "fn", []string{mended}},
		"looked at with an ended ctx":   {"broken look old ended look look", "fn", []string{mended}},
		"no fault, and an ended ctx":    {"new ended old look", "", nil},
		"told the caller of the others": {"broken look gone publish look old look", "fn", []string{mended}},
	} {
		fsys := &folder{files: fstest.MapFS{}}
		at := time.Unix(1_800_000_000, 0)
		put := func(text string) { at = at.Add(time.Second); fsys.set("a.json", text, at) }
		put(message("one"))
		ticks := make(chan time.Time)
		w := watch(t, fsys, programfile.WithTicks(ticks))
		if err := w.files.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		for step := range strings.FieldsSeq(c.steps) {
			switch step {
			case "old":
				put(message("one"))
			case "new":
				put(message("two"))
			case "broken":
				put("{")
			case "gone":
				fsys.remove("a.json")
			case "look":
				w.tick(ticks)
			case "publish":
				_ = w.files.Publish(t.Context())
			case "ended": // a look that the end of Run cut short
				ctx, end := context.WithCancel(t.Context())
				end()
				w.files.Tick(ctx)
			}
		}
		got := ""
		for _, err := range w.told() {
			if err != nil {
				got += "f"
			} else {
				got += "n"
			}
		}
		if got != c.told {
			t.Errorf("%s: told %v, want %s", name, w.told(), c.told)
		}
		if n := strings.Count(w.log.String(), "level=INFO"); n != len(c.logs) {
			t.Errorf("%s: logged %d lines, want %d:\n%s", name, n, len(c.logs), &w.log)
		}
		for _, text := range c.logs {
			if !strings.Contains(w.log.String(), text) {
				t.Errorf("%s: did not log that it %s:\n%s", name, text, &w.log)
			}
		}
	}
}
