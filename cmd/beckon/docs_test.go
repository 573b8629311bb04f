package main

import (
	"os"
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

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
