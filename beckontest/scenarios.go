package beckontest

import (
	"io/fs"
	"path"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// Scenarios runs the scenarios of all files that match the pattern of [fs.Glob], each
// as a subtest of its file's. The test fails if a file cannot be read, or if no file
// matches: a test that checks nothing should not pass. A program_file is read from fsys,
// relative to the scenario's.
//
// A failure names the file, the line and the column of what was wanted, says what came
// instead, field by field, and shows the rules of the message with the values they saw.
//
//	func TestRules(t *testing.T) { beckontest.Scenarios(t, os.DirFS("testdata"), "*.json") }
func Scenarios(t *testing.T, fsys fs.FS, glob string) {
	t.Helper()
	eachScenario(t, fsys, glob, func(t testing.TB, file string, s *scenario.Scenario) {
		t.Helper()
		s.Load(func(program string) ([]byte, error) { return fs.ReadFile(fsys, path.Join(path.Dir(file), program)) })
		runScenario(t, file, s)
	})
}

// ScenariosFor is [Scenarios] for a program of the caller's, such as one that is built in
// Go. It runs in place of the program of each scenario, which needs none; a program_file is
// not read. A publish step still publishes what it has. The options are those of the
// engine; where the scenario has options that say otherwise, these hold.
//
// Only a *[testing.T] has subtests. Another t, such as that of package mutate, fails itself.
func ScenariosFor(t testing.TB, program beckon.Program, fsys fs.FS, glob string, opts ...beckon.Option) {
	t.Helper()
	eachScenario(t, fsys, glob, func(t testing.TB, file string, s *scenario.Scenario) {
		t.Helper()
		s.For(program, opts...)
		runScenario(t, file, s)
	})
}

func eachScenario(t testing.TB, fsys fs.FS, glob string, run func(testing.TB, string, *scenario.Scenario)) {
	t.Helper()
	names, err := fs.Glob(fsys, glob)
	if err != nil {
		t.Fatalf("beckontest: %q: %v", glob, err)
	}
	if len(names) == 0 {
		t.Fatalf("beckontest: no file is named by %q", glob)
	}
	for _, name := range names {
		part(t, name, func(t testing.TB) {
			scenarios, err := read(fsys, name)
			if err != nil {
				t.Fatal(err)
			}
			if len(scenarios) == 0 { // what tests nothing must not pass for a test
				t.Fatal("no scenario in it")
			}
			for i := range scenarios {
				part(t, scenarios[i].Name, func(t testing.TB) { run(t, name, &scenarios[i]) })
			}
		})
	}
}

// part runs a part of a test as a subtest, if there are such.
func part(t testing.TB, name string, run func(testing.TB)) {
	t.Helper()
	if whole, is := t.(*testing.T); is {
		whole.Run(name, func(t *testing.T) { run(t) })
		return
	}
	run(t)
}

func read(fsys fs.FS, name string) ([]scenario.Scenario, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return scenario.Parse(data)
}

func runScenario(t tester, file string, s *scenario.Scenario) {
	t.Helper()
	for _, d := range s.Run(t.Context()).Differences {
		t.Errorf("%s: %s%s", d.Place(file), d, d.Tree())
	}
}
