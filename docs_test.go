package beckon_test

import (
	"context"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
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
	code, heading := regexp.MustCompile("(?ms)^```.*?^```$"), regexp.MustCompile(`(?m)^#+ (.*)$`)
	link, dropped := regexp.MustCompile(`\]\(([^)\s]+)\)`), regexp.MustCompile(`[^\pL\pN_ -]`)
	text := func(file string) string { return code.ReplaceAllString(readFile(t, file), "") }
	known := map[string]map[string]bool{} // a page's anchors
	anchors := func(file string) map[string]bool {
		if known[file] == nil {
			known[file] = map[string]bool{}
			for _, h := range heading.FindAllStringSubmatch(text(file), -1) {
				known[file][strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
			}
		}
		return known[file]
	}
	links := 0
	for _, page := range pages {
		for _, m := range link.FindAllStringSubmatch(text(page), -1) {
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
			if anchor != "" && !anchors(target)[anchor] {
				t.Errorf("%s links to %s, which is no heading there", page, m[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links were found", links)
	}
}

// The files that docs/architecture.md names are there: by their whole path, or in a folder
// that the same line names before.
func TestArchitectureNamesFiles(t *testing.T) {
	files := 0
	for i, line := range strings.Split(readFile(t, "docs/architecture.md"), "\n") {
		folders := []string{"."}
		for _, m := range regexp.MustCompile("`([a-z0-9_./*-]+)`").FindAllStringSubmatch(line, -1) {
			name := m[1]
			isFolder := strings.HasSuffix(name, "/")
			if !isFolder && !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, ".md") {
				continue
			}
			files++
			found := false
			for _, folder := range folders {
				matches, err := filepath.Glob(filepath.Join(folder, name))
				if err != nil {
					t.Fatal(err)
				}
				found = found || len(matches) > 0
			}
			if !found {
				t.Errorf("docs/architecture.md:%d: there is no %s in %s", i+1, name, strings.Join(folders, ", "))
			}
			if isFolder {
				folders = append(folders, name)
			}
		}
	}
	if files < 150 {
		t.Errorf("only %d files were found", files)
	}
}

// Every package says what it is for, in exactly one file: go doc joins
// several comments in the order of file names, which nobody reads as one text.
func TestEveryPackageHasOneComment(t *testing.T) {
	packages := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); path != "." && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		name, comments := packageComments(t, path)
		if name == "" {
			return nil
		}
		packages++
		if len(comments) != 1 {
			t.Errorf("%s: %d files with a package comment, want 1", path, len(comments))
			return nil
		}
		want := "Package " + name + " "
		if name == "main" {
			want = "Command " + filepath.Base(path) + " "
		}
		if !strings.HasPrefix(comments[0], want) {
			t.Errorf("%s: the package comment begins with %.40q, want %q", path, comments[0], want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if packages == 0 {
		t.Fatal("no package was looked at")
	}
}

// packageComments returns the name of the package in a folder, tests aside, and
// the comments on its package clauses. The name is empty if there is no
// package.
func packageComments(t *testing.T, dir string) (name string, comments []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		var matches bool
		matches, err = build.Default.MatchFile(dir, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !matches {
			continue // a generator, or a file for another system
		}
		var file *ast.File
		file, err = parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		name = file.Name.Name
		if file.Doc != nil {
			comments = append(comments, file.Doc.Text())
		}
	}
	return name, comments
}

// Z4: docs/security.md states every limit that the package exports, with the
// value that the code has.
func TestDocumentedLimits(t *testing.T) {
	limits := map[string]any{
		"CheckEvery":             beckon.CheckEvery,
		"SessionGap":             beckon.SessionGap,
		"DefaultAliases":         beckon.DefaultAliases,
		"DefaultCatalogueNames":  beckon.DefaultCatalogueNames,
		"DefaultDeadLetters":     beckon.DefaultDeadLetters,
		"DefaultEvery":           beckon.DefaultEvery,
		"DefaultEventNames":      beckon.DefaultEventNames,
		"DefaultPending":         beckon.DefaultPending,
		"DefaultRecentEvents":    beckon.DefaultRecentEvents,
		"DefaultRepeats":         beckon.DefaultRepeats,
		"DefaultSendLog":         beckon.DefaultSendLog,
		"DefaultComposed":        beckon.DefaultComposed,
		"DefaultWaitingBytes":    beckon.DefaultWaitingBytes,
		"DefaultWindowValues":    beckon.DefaultWindowValues,
		"LeaseFor":               beckon.LeaseFor,
		"MaxAttributeLength":     beckon.MaxAttributeLength,
		"MaxAttributeName":       beckon.MaxAttributeName,
		"MaxAttributes":          beckon.MaxAttributes,
		"MaxCapSends":            beckon.MaxCapSends,
		"MaxTags":                beckon.MaxTags,
		"MaxBlocks":              beckon.MaxBlocks,
		"MaxCompanies":           beckon.MaxCompanies,
		"MaxContactBytes":        beckon.MaxContactBytes,
		"MaxCountInWindow":       beckon.MaxCountInWindow,
		"MaxFieldCount":          beckon.MaxFieldCount,
		"MaxDamagedTold":         store.MaxDamagedTold,
		"MaxDistinct":            beckon.MaxDistinct,
		"MaxDeclared":            beckon.MaxDeclared,
		"MaxDefinitionKeys":      beckon.MaxDefinitionKeys,
		"MaxDescriptionLength":   beckon.MaxDescriptionLength,
		"MaxErrors":              beckon.MaxErrors,
		"MaxFaults":              beckon.MaxFaults,
		"MaxEventBytes":          beckon.MaxEventBytes,
		"MaxEventDepth":          beckon.MaxEventDepth,
		"MaxEventNameLength":     beckon.MaxEventNameLength,
		"MaxExponent":            beckon.MaxExponent,
		"DefaultHolds":           beckon.DefaultHolds,
		"MaxGiveUpReason":        beckon.MaxGiveUpReason,
		"MaxIDLength":            beckon.MaxIDLength,
		"MaxIdentityLength":      beckon.MaxIdentityLength,
		"MaxListLength":          beckon.MaxListLength,
		"MaxMessages":            beckon.MaxMessages,
		"MaxMetadataKeyLength":   beckon.MaxMetadataKeyLength,
		"MaxMetadataKeys":        beckon.MaxMetadataKeys,
		"MaxNumberDigits":        beckon.MaxNumberDigits,
		"MaxOccasionConditions":  beckon.MaxOccasionConditions,
		"MaxOffsetDays":          beckon.MaxOffsetDays,
		"MaxUnless":              beckon.MaxUnless,
		"MaxPageURLLength":       beckon.MaxPageURLLength,
		"MaxProgramBytes":        beckon.MaxProgramBytes,
		"MaxProgramDepth":        beckon.MaxProgramDepth,
		"MaxRenderedSize":        beckon.MaxRenderedSize,
		"MaxRetryAfter":          beckon.MaxRetryAfter,
		"MaxRuleConditions":      beckon.MaxRuleConditions,
		"MaxRuleExpanded":        beckon.MaxRuleExpanded,
		"MaxRuleDepth":           beckon.MaxRuleDepth,
		"MaxRuleList":            beckon.MaxRuleList,
		"MaxRuleText":            beckon.MaxRuleText,
		"MaxStringLength":        beckon.MaxStringLength,
		"MaxTemplateSize":        beckon.MaxTemplateSize,
		"MaxTemplateVariables":   beckon.MaxTemplateVariables,
		"MaxURLLength":           beckon.MaxURLLength,
		"MaxUnsubscribed":        beckon.MaxUnsubscribed,
		"MaxDecisions":           beckon.MaxDecisions,
		"NamesListedFor":         beckon.NamesListedFor,
		"OverdueFor":             beckon.OverdueFor,
		"RecentEventsFor":        beckon.RecentEventsFor,
		"RepeatsKnownFor":        beckon.RepeatsKnownFor,
		"VisitorsKeptFor":        beckon.VisitorsKeptFor,
		"DefaultFrequencyValues": beckon.DefaultFrequencyValues,
	}
	for _, name := range exportedLimits(t) {
		if _, known := limits[name]; !known {
			t.Errorf("the package exports %s, which is not in this test", name)
		}
	}
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| `([A-Za-z]+)`[^|]* \\|")
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		stated, name := m[1], m[2]
		limit, known := limits[name]
		if !known {
			t.Errorf("%s stands in the table and not in this test", name)
			continue
		}
		delete(limits, name)
		if got := limitStated(stated); got != limit {
			t.Errorf("%s is %v, the table says %s", name, limit, stated)
		}
	}
	for name := range limits {
		t.Errorf("%s is missing from the table", name)
	}
}

// limitStated reads a limit as the table has it: a number, or a time.
func limitStated(s string) any {
	words := strings.Fields(s)
	n, err := strconv.Atoi(strings.TrimLeft(strings.ReplaceAll(words[0], ",", ""), "±"))
	if err != nil {
		return err
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	if len(words) > 1 {
		if unit, ok := units[strings.TrimSuffix(words[1], "s")]; ok {
			return time.Duration(n) * unit
		}
	}
	return n
}

// exportedLimits returns the names of the package's exported constants that are
// limits by their name.
func exportedLimits(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	limit := regexp.MustCompile(`^(Max|Default)[A-Z]|^[A-Z][A-Za-z]+(For|Every)$`)
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				for _, id := range s.(*ast.ValueSpec).Names {
					if limit.MatchString(id.Name) {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	return names
}
