package beckon_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
