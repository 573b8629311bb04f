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
	"github.com/beckon-go/beckon/beckontest/golden",
	"github.com/beckon-go/beckon/beckontest/fuzz",
	"github.com/beckon-go/beckon/beckontest/mutate",
	"github.com/beckon-go/beckon/storetest",
	"github.com/beckon-go/beckon/examples/internal/golden",
	"github.com/beckon-go/beckon/internal/testserver",
	"github.com/beckon-go/beckon/internal/clockrace",
	"github.com/beckon-go/beckon/internal/testall",
	"github.com/beckon-go/beckon/internal/zonetest",
	"github.com/beckon-go/beckon/internal/oldform",
	"github.com/beckon-go/beckon/internal/failover",
	"github.com/beckon-go/beckon/internal/sharedmodel",
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

// imports says which packages of the module each of its packages may import, one
// row per package: a room has one purpose, and arrows have one direction. "." is the
// root. Tests, examples and tools stand outside.
var imports = map[string]string{
	"internal/ahead":      "internal/decide store",
	"internal/attribute":  "internal/calendar internal/document internal/fault internal/fold internal/ojson internal/peek internal/repr store value",
	"internal/bodytime":   "",
	"internal/calendar":   "internal/fault",
	"internal/cldr":       "",
	"internal/clock":      "",
	"internal/dates":      "internal/calendar internal/repr",
	"internal/decimal":    "",
	"internal/declared":   "internal/event internal/fault internal/fold internal/peek internal/repr value",
	"internal/definition": "internal/fold value",
	"internal/document":   "internal/calendar internal/fault internal/identity internal/ojson",
	"internal/event":      "internal/calendar internal/decimal internal/fault internal/fold internal/identity internal/ojson internal/peek internal/repr internal/suggest internal/weburl store value",
	"internal/fault":      "internal/suggest",
	"internal/fold":       "internal/fault",
	"internal/group":      "",
	"internal/htmlescape": "",
	"internal/htmlplace":  "",
	"internal/identity":   "internal/fault internal/fold store",
	"internal/intern":     "",
	"internal/iso4217":    "",
	"internal/lines":      "",
	"internal/ojson":      "",
	"internal/page":       "",
	"internal/peek":       "internal/repr value",
	"internal/render":     "internal/calendar internal/cldr internal/event internal/fault internal/htmlescape internal/htmlplace internal/iso4217 internal/peek internal/repr internal/weburl value",
	"internal/repr":       "internal/calendar internal/decimal internal/fault internal/fold internal/iso4217 internal/ojson internal/weburl",
	"internal/recent":     "",
	"internal/rows":       "",
	"internal/consent":    "internal/plan internal/rows store",
	"internal/hours":      "internal/calendar internal/plan internal/schedule",
	"explain":             "internal/calendar store value",
	"internal/rule":       "explain internal/calendar internal/decimal internal/event internal/fault internal/fold internal/intern internal/iso4217 internal/ojson internal/peek internal/repr internal/rows internal/suggest internal/tally internal/textmatch store value",
	"internal/plan":       "internal/calendar internal/declared internal/dates internal/fault internal/fold internal/intern internal/render internal/repr internal/rule internal/schedule internal/suggest store value",
	"internal/decide":     "explain internal/attribute internal/calendar internal/clock internal/consent internal/dates internal/event internal/fault internal/fold internal/hours internal/identity internal/intern internal/ledger internal/peek internal/perkey internal/plan internal/render internal/repr internal/rows internal/rule internal/schedule internal/standing internal/tally internal/walk store value",
	"internal/perkey":     "store",
	"internal/standing":   "explain internal/calendar internal/consent internal/hours internal/plan internal/schedule store",
	"internal/foresee":    "explain internal/calendar internal/clock internal/dates internal/decide internal/hours internal/plan internal/rule internal/standing store",
	"internal/schedule":   "internal/calendar",
	"internal/parts":      "store value",
	"internal/virtual":    "",
	"internal/walk":       "store",
	"internal/vet":        "internal/calendar internal/declared internal/document internal/fault internal/fold internal/iso4217 internal/ojson internal/render internal/rule internal/schedule internal/suggest internal/tally store value",
	"internal/structs":    "internal/event internal/fault internal/fold value",
	"internal/suggest":    "",
	"internal/tally":      "internal/decimal internal/repr",
	"internal/textmatch":  "internal/fold internal/repr",
	"internal/weburl":     "",
	"value":               "internal/fault internal/fold internal/ojson internal/repr",
	"store":               "internal/calendar internal/fault internal/fold internal/intern internal/peek internal/repr internal/rows value",
	"store/readonly":      "internal/fault store",
	"observe":             "internal/ledger store",
	"internal/ledger":     "store",
	"internal/watch":      "observe store",
	"throttle":            "internal/calendar internal/clock internal/fault internal/plan store",
	".": "explain internal/ahead internal/attribute internal/calendar internal/clock internal/consent internal/dates internal/decide internal/decimal internal/declared internal/definition internal/document internal/event internal/fault internal/fold internal/foresee internal/identity internal/intern internal/iso4217 internal/ledger internal/lines internal/ojson " +
		"internal/parts internal/peek internal/plan internal/render internal/repr internal/rows internal/rule internal/schedule internal/structs internal/suggest internal/vet internal/virtual internal/walk internal/watch internal/weburl observe store throttle value",
	"memstore":                 ". store value internal/peek internal/repr",
	"dump":                     ". internal/walk store",
	"storetest":                ". memstore store value",
	"beckontest":               ". internal/identity internal/scenario internal/together memstore store value",
	"beckontest/golden":        "",
	"beckontest/fuzz":          ". internal/history internal/scenario",
	"beckontest/mutate":        ". internal/calendar internal/history internal/scenario words",
	"internal/history":         "internal/calendar internal/ojson",
	"replay":                   ". internal/fold internal/lines internal/scenario store store/readonly",
	"replay/report":            ". replay",
	"gen":                      ". internal/declared internal/event internal/fault internal/fold internal/vet value",
	"gen/internal/shop":        ".",
	"words":                    ". internal/fault internal/iso4217 internal/plan internal/render",
	"beckonwork":               ". store",
	"beckonhttp":               ". beckonhttp/internal/wire internal/bodytime internal/consent internal/fault internal/identity internal/ojson",
	"beckonhttp/internal/wire": "internal/decimal internal/event internal/fault internal/fold internal/identity internal/iso4217 internal/ojson internal/peek internal/repr internal/rows store value",
	"beckonui":                 ". explain internal/bodytime internal/document internal/ojson internal/plan observe replay store words",
	"internal/together":        ". internal/document internal/fault internal/ojson",
	"programfile":              ". internal/together",
	"unsubscribe":              ". internal/bodytime internal/consent internal/fault internal/identity internal/plan store",
}

// outside are folders whose packages no row speaks of: they may import all.
var outside = []string{"examples/", "internal/clockrace", "internal/failover", "internal/oldform", "internal/randtest", "internal/scenario", "internal/schema", "internal/sharedmodel", "internal/simulation", "internal/testall", "internal/testserver", "internal/workload", "internal/zonetest"}

func TestImports(t *testing.T) {
	const root = "github.com/beckon-go/beckon"
	local := func(path string) (string, bool) {
		if path == root {
			return ".", true
		}
		return strings.CutPrefix(path, root+"/")
	}
	for line := range strings.Lines(goTool(t, "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")) {
		words := strings.Fields(line)
		from, _ := local(words[0])
		if slices.ContainsFunc(outside, func(p string) bool { return strings.HasPrefix(from, p) }) {
			continue
		}
		row, known := imports[from]
		if !known {
			t.Errorf("%s has no row: say what it may import", from)
		}
		for _, path := range words[1:] {
			if to, own := local(path); own && !slices.Contains(strings.Fields(row), to) {
				t.Errorf("%s imports %s, which its row does not allow", from, to)
			}
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

// goTool runs the go command in the module's root and returns what it prints;
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
