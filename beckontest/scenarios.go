package beckontest

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/internal/together"
)

// Scenarios runs the scenarios of all files that match the pattern of [fs.Glob], each
// as a subtest of its file's. The test fails if a file cannot be read, or if no file
// matches: a test that checks nothing should not pass. A program_file is read from fsys,
// relative to the scenario's, and has to be in it. It may be a directory: all files *.json in it are one program then,
// as package programfile joins them.
//
// A failure names the file, the line and the column of what was wanted, says what came
// instead, field by field, and shows the rules of the message with the values they saw.
//
//	func TestRules(t *testing.T) { beckontest.Scenarios(t, os.DirFS("testdata"), "*.json") }
func Scenarios(t *testing.T, fsys fs.FS, glob string) {
	t.Helper()
	eachScenario(t, fsys, glob, func(t testing.TB, file string, s *scenario.Scenario) {
		t.Helper()
		s.Load(func(program string) ([]together.File, error) { return programFiles(fsys, path.Dir(file), program) })
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

// programFiles reads the file of a program, or those of a directory, and names them as a
// scenario does that stands in dir.
func programFiles(fsys fs.FS, dir, name string) ([]together.File, error) {
	at := path.Join(dir, name)
	if !fs.ValidPath(at) {
		return nil, fmt.Errorf("%s is outside of the files of the test: give it the files of a folder above, such as os.DirFS(\"..\")", name)
	}
	info, err := fs.Stat(fsys, at)
	if err != nil || !info.IsDir() {
		data, err := fs.ReadFile(fsys, at)
		return []together.File{{Name: name, Data: data}}, err
	}
	entries, err := fs.ReadDir(fsys, at)
	if err != nil {
		return nil, err
	}
	var files []together.File
	for _, e := range entries {
		inner := path.Join(at, e.Name())
		if info, err := fs.Stat(fsys, inner); path.Ext(inner) != ".json" || err == nil && info.IsDir() {
			continue
		}
		data, err := fs.ReadFile(fsys, inner)
		if err != nil {
			return nil, err
		}
		files = append(files, together.File{Name: path.Join(name, e.Name()), Data: bytes.TrimPrefix(data, []byte("\ufeff"))})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no program: no file *.json is in it", name)
	}
	return files, nil
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
