package beckon_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Every way into the library is shown in an example that runs: the functions
// of the package, and the methods of the types that do the work.
func TestEveryEntryPointIsShown(t *testing.T) {
	shown := map[string]bool{}
	entry := map[string]bool{}
	worker := map[string]bool{"Engine": true, "Renderer": true, "Throttler": true, "Trigger": true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if matches, err := build.Default.MatchFile(".", name); err != nil || !matches {
			continue // a generator
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case !strings.HasSuffix(name, "_test.go"):
				receiver := receiverName(f)
				if f.Name.IsExported() && !strings.HasSuffix(f.Name.Name, "JSON") && (receiver == "" || worker[receiver]) {
					entry[f.Name.Name] = true
				}
			case strings.HasPrefix(f.Name.Name, "Example"):
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						shown[s.Sel.Name] = true
					}
					return true
				})
			}
		}
	}
	if len(entry) < 50 {
		t.Fatalf("only %d entry points were found", len(entry))
	}
	for name := range entry {
		if !shown[name] {
			t.Errorf("no example shows %s", name)
		}
	}
}

func receiverName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	e := f.Recv.List[0].Type
	if p, ok := e.(*ast.StarExpr); ok {
		e = p.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return "?"
}
