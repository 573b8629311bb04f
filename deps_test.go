package beckon_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// directDependencies are the modules that the root module may require itself,
// each with its reason. Another one needs a line here, and so a review.
var directDependencies = map[string]string{
	"github.com/bojanz/currency":    "money as CLDR writes it in a locale",
	"github.com/google/go-cmp":      "tests: readable differences",
	"github.com/shopspring/decimal": "exact numbers at the edge of the API",
	"golang.org/x/exp":              "constraints, for numeric constructors",
	"golang.org/x/text":             "names of locales, international domain names",
	"pgregory.net/rapid":            "tests: properties",
}

// testPackages are for users' tests and stores' tests, so they may import
// package testing. Nothing else that ships may.
var testPackages = []string{
	"github.com/beckon-go/beckon/beckontest",
	"github.com/beckon-go/beckon/storetest",
	"github.com/beckon-go/beckon/examples/internal/golden",
	"github.com/beckon-go/beckon/internal/testserver",
	"github.com/beckon-go/beckon/internal/clockrace",
	"github.com/beckon-go/beckon/internal/testall",
	"github.com/beckon-go/beckon/internal/zonetest",
}

func TestDirectDependencies(t *testing.T) {
	var mod struct {
		Go      string
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal([]byte(goTool(t, "mod", "edit", "-json")), &mod); err != nil {
		t.Fatal(err)
	}
	required := map[string]bool{}
	for _, r := range mod.Require {
		required[r.Path] = true
		if !r.Indirect && directDependencies[r.Path] == "" {
			t.Errorf("go.mod requires %s: give its reason in directDependencies, and in the commit", r.Path)
		}
	}
	for path := range directDependencies {
		if !required[path] {
			t.Errorf("go.mod no longer requires %s: strike it from directDependencies", path)
		}
	}
	if mod.Go != "1.25.0" {
		t.Errorf("go.mod asks for Go %s; users on 1.25 are promised to be served", mod.Go)
	}
}

// What a program links in by using the library: all that its packages import,
// directly or not.
func TestShippingPackagesImportNoTestHelpers(t *testing.T) {
	packages := slices.DeleteFunc(strings.Fields(goTool(t, "list", "./...")), func(p string) bool {
		return slices.Contains(testPackages, p)
	})
	for _, p := range []string{"testing", "github.com/google/go-cmp", "pgregory.net/rapid"} {
		for _, dep := range dependencies(t, packages...) {
			if dep == p || strings.HasPrefix(dep, p+"/") {
				t.Errorf("shipping code imports %s", dep)
			}
		}
	}
}

func TestRootImportsNoStore(t *testing.T) {
	const root = "github.com/beckon-go/beckon"
	for _, dep := range dependencies(t, ".") {
		if strings.HasPrefix(dep, root+"/") && !strings.HasPrefix(dep, root+"/internal/") {
			t.Errorf("the root imports %s; arrows point at the root", dep)
		}
	}
}

// No URL that an event carries is ever opened: the root cannot even reach the
// network.
func TestRootHasNoNetwork(t *testing.T) {
	for _, dep := range dependencies(t, ".") {
		if dep == "net" || dep == "net/http" || dep == "os/exec" || dep == "plugin" {
			t.Errorf("the root depends on %s", dep)
		}
	}
}

func dependencies(t *testing.T, packages ...string) []string {
	t.Helper()
	return strings.Fields(goTool(t, append([]string{"list", "-deps"}, packages...)...))
}

// goTool runs the go command in the module's root and gives what it prints;
// where there is none, as on a machine that only runs a compiled test, it
// skips the test.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("the go command looks at all packages")
	}
	path, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	var stderr strings.Builder
	cmd := exec.Command(path, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
