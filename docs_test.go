package beckon_test

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// What docs/programs.md shows can be read and published.
func TestDocumentedPrograms(t *testing.T) {
	published := 0
	for _, b := range fencedBlocks(t, "docs/programs.md") {
		if b.language != "json" {
			continue
		}
		program, err := beckon.ParseProgram([]byte(b.text))
		if err != nil {
			t.Errorf("docs/programs.md:%d: %v", b.line, err)
			continue
		}
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(context.Background(), program); err != nil {
			t.Errorf("docs/programs.md:%d: %v", b.line, err)
		}
		published++
	}
	if published < 4 {
		t.Errorf("docs/programs.md shows %d programs", published)
	}
}

// The pages name every code of a warning, and the fields by which a fault and an
// explanation say more.
func TestPagesNameWhatIsTold(t *testing.T) {
	var pages strings.Builder
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, "README.md", "doc.go") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages.Write(text)
	}
	source, err := os.ReadFile("internal/fault/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"[Error.ID]", "`Note`", "takes a second or more"}
	for _, m := range regexp.MustCompile(`Warn\w+ +Code = "(\w+)"`).FindAllSubmatch(source, -1) {
		want = append(want, "`"+string(m[1])+"`")
	}
	if len(want) < 10 {
		t.Fatalf("found %q", want)
	}
	for _, text := range want {
		if !strings.Contains(pages.String(), text) {
			t.Errorf("no page has %s", text)
		}
	}
}

// The rulebook has every fact, in order, as a heading of its own.
func TestRulebookIsWhole(t *testing.T) {
	var want []string
	for _, section := range []struct {
		letter string
		facts  int
	}{{"E", 11}, {"M", 5}, {"T", 6}, {"A", 9}, {"F", 6}, {"S", 3}, {"D", 12}, {"R", 6}, {"C", 5}, {"X", 4}, {"Z", 4}} {
		for i := range section.facts {
			want = append(want, fmt.Sprintf("%s%d", section.letter, i+1))
		}
	}
	text, got := rulebook(t)
	if g, w := strings.Join(got, " "), strings.Join(want, " "); g != w {
		t.Errorf("docs/rulebook.md has the facts\n%s\nwant\n%s", g, w)
	}
	// No fact is a heading with nothing below.
	if m := regexp.MustCompile(`(?m)^### (.*)\n+#`).FindStringSubmatch(text); m != nil {
		t.Errorf("docs/rulebook.md says nothing under %s", m[1])
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		anchors[strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(m[1]), ":", ""), " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(text, -1) {
		if !anchors[m[1]] {
			t.Errorf("docs/rulebook.md links to #%s, which is no heading", m[1])
		}
	}
}

// Every fact that a comment of the package or of its tests cites is in the
// rulebook.
func TestRulebookHasWhatCommentsCite(t *testing.T) {
	_, facts := rulebook(t)
	known := map[string]bool{}
	for _, fact := range facts {
		known[fact] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	fset := token.NewFileSet()
	for _, name := range files {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				for _, fact := range citedFacts(comment.Text) {
					cited[fact] = true
					if !known[fact] {
						t.Errorf("%s cites %s, which is not in docs/rulebook.md", fset.Position(comment.Pos()), fact)
					}
				}
			}
		}
	}
	if len(cited) < 60 {
		t.Errorf("comments cite %d facts only: are they still found?", len(cited))
	}
}

// What looks like a fact's number inside something else is none.
func TestRulebookCitations(t *testing.T) {
	for _, c := range []struct{ comment, want string }{
		{"// A contact's count (E4, E10): see A6. D11", "E4 E10 A6 D11"},
		{"// M1 to M4; T9", "M1 M4 T9"},
		{"// E4", "E4"},
		{"/* F2: the distance */", "F2"},
		{"// U+00A0, %C2, 0xE2, TestE4, \"E2\", `M3`, E0, E04, A100, e4, P1, RFC3339, x.E4, E4.x, A4-sized", ""},
	} {
		if got := strings.Join(citedFacts(c.comment), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.comment, got, c.want)
		}
	}
}

// citation is a fact's number as a word by itself. E0 and E04 are none.
var citation = regexp.MustCompile(`^[EMTAFSDRCXZ][1-9][0-9]?$`)

// citedFacts returns the facts that a comment cites. Only words of prose count,
// with the punctuation of a sentence around them: neither part of a longer
// token (%C2, x.E4) nor what stands in quotes.
func citedFacts(comment string) []string {
	var facts []string
	for _, word := range strings.FieldsFunc(comment, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("(),;:–", r)
	}) {
		if word = strings.TrimRight(word, ".?!"); citation.MatchString(word) {
			facts = append(facts, word)
		}
	}
	return facts
}

// rulebook returns docs/rulebook.md and the facts that it has a heading for.
func rulebook(t *testing.T) (text string, facts []string) {
	t.Helper()
	data, err := os.ReadFile("docs/rulebook.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(data), -1) {
		facts = append(facts, m[1])
	}
	return string(data), facts
}

// Every link from one page to another leads to a file that is there, and to a heading that
// it has.
func TestLinksBetweenPages(t *testing.T) {
	pages := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"}
	for _, pattern := range []string{"docs/*.md", "*/README.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, files...)
	}
	code := regexp.MustCompile("(?ms)^```.*?^```$")
	text := func(file string) string { return code.ReplaceAllString(readFile(t, file), "") }
	links := 0
	for _, page := range pages {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text(page), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			links++
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor == "" {
				continue
			}
			found := false
			for _, h := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text(target), -1) {
				slug := strings.ReplaceAll(regexp.MustCompile(`[^\pL\pN_ -]`).ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")
				found = found || slug == anchor
			}
			if !found {
				t.Errorf("%s links to %s, which is no heading there", page, m[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links were found", links)
	}
}
