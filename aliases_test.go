package beckon_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// The root has every channel, source and reason of package store under the same name, and
// every code of internal/fault, or store has that. The lists that are read by have them all.
func TestAliasesOfConstants(t *testing.T) {
	aliases := map[string]bool{}
	for _, folder := range []string{".", "store"} {
		for name, value := range constantsIn(t, folder) {
			if s, ok := value.(*ast.SelectorExpr); ok && s.Sel.Name == name {
				aliases[name] = true
			}
		}
	}
	types := map[string]int{}
	for _, folder := range []string{"store", "internal/fault"} {
		for name, value := range constantsIn(t, folder) {
			v, ok := value.(typedConstant)
			if !ok {
				continue
			}
			switch v.of {
			case "Channel", "Source", "Reason", "Code":
				types[v.of]++
				if !aliases[name] {
					t.Errorf("hosts have no name for %s of %s", name, folder)
				}
			}
		}
	}
	if types["Channel"] != len(plan.Channels()) || types["Source"] != len(event.Sources()) || types["Reason"] != len(plan.Reasons()) {
		t.Errorf("package store has %v, the lists have %d channels, %d sources and %d reasons",
			types, len(plan.Channels()), len(event.Sources()), len(plan.Reasons()))
	}
	for _, s := range event.Sources() {
		if of, known := event.SourceOf(s); !known || of != s && of != store.SourceDirect {
			t.Errorf("%s is read as %q, %v", s, of, known)
		}
	}
}

// docs/programs.md tells of every channel and every operator.
func TestProgramsPageHasEveryWord(t *testing.T) {
	page := readFile(t, "docs/programs.md")
	for _, c := range plan.Channels() {
		if !strings.Contains(page, "`"+string(c)+"`") {
			t.Errorf("docs/programs.md does not name the channel %s", c)
		}
	}
	for _, op := range rule.Operators {
		if !strings.Contains(page, "`"+string(op)+"`") {
			t.Errorf("docs/programs.md does not name the operator %s", op)
		}
	}
}

// A typedConstant is the value of a constant whose type is written with it.
type typedConstant struct {
	ast.Expr
	of string
}

// constantsIn returns the constants that the files of a folder have, tests apart.
func constantsIn(t *testing.T, folder string) map[string]ast.Expr {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]ast.Expr{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				return true
			}
			for _, spec := range d.Specs {
				v := spec.(*ast.ValueSpec) //nolint:forcetypeassert // what a const has
				if len(v.Names) != 1 || len(v.Values) != 1 {
					continue
				}
				value := v.Values[0]
				if of, ok := v.Type.(*ast.Ident); ok {
					value = typedConstant{value, of.Name}
				}
				found[v.Names[0].Name] = value
			}
			return true
		})
	}
	return found
}
