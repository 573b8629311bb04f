package beckontest

import (
	"io/fs"
	"path"
	"testing"

	"github.com/beckon-go/beckon/internal/scenario"
)

// Scenarios runs the scenarios of all files that match the pattern of [fs.Glob], each
// as a subtest of its file's. The test fails if a file cannot be read, or if no file
// matches: a test that checks nothing should not pass. A program_file is read from fsys,
// relative to the scenario's.
//
//	func TestRules(t *testing.T) { beckontest.Scenarios(t, os.DirFS("testdata"), "*.json") }
func Scenarios(t *testing.T, fsys fs.FS, glob string) {
	t.Helper()
	names, err := fs.Glob(fsys, glob)
	if err != nil {
		t.Fatalf("beckontest: %q: %v", glob, err)
	}
	if len(names) == 0 {
		t.Fatalf("beckontest: no file is named by %q", glob)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			scenarios, err := read(fsys, name)
			if err != nil {
				t.Fatal(err)
			}
			if len(scenarios) == 0 { // what tests nothing must not pass for a test
				t.Fatal("no scenario in it")
			}
			for i := range scenarios {
				t.Run(scenarios[i].Name, func(t *testing.T) {
					runScenario(t, &scenarios[i])
				})
			}
		})
	}
}

func read(fsys fs.FS, name string) ([]scenario.Scenario, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	scenarios, err := scenario.Parse(data)
	for i := range scenarios {
		scenarios[i].Load(func(program string) ([]byte, error) { return fs.ReadFile(fsys, path.Join(path.Dir(name), program)) })
	}
	return scenarios, err
}

func runScenario(t tester, s *scenario.Scenario) {
	t.Helper()
	for _, d := range s.Run(t.Context()).Differences {
		t.Errorf("%s", d)
	}
}
