package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The README quotes files of this folder. Each such block names its file behind
// the language, and is that file, word for word.
func TestQuotedInReadme(t *testing.T) {
	page := read(t, "../../README.md")
	quoted := map[string]bool{}
	for _, m := range regexp.MustCompile("(?ms)^```[a-z]+ ([^\n]+)\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		file, text := m[1], m[2]
		if got := read(t, "../../"+file); got != text {
			t.Errorf("README.md quotes %s as\n%s\nand it is\n%s", file, text, got)
		}
		quoted[strings.TrimPrefix(file, "examples/web/")] = true
	}
	for _, file := range []string{"handler.go", "worker.go", "testdata/output.txt"} {
		if !quoted[file] {
			t.Errorf("README.md does not quote %s", file)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}
