package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/internal/together"
)

// A file is the scenarios of one file.
type file struct {
	name      string // as it is told
	path      string // empty for the standard input
	is        string // what is in it in the place of scenarios; empty if that is not known
	scenarios []scenario.Scenario
	programs  []string // the files that were read with it
	unread    bool     // one of those could not be read, and its scenario says so
}

// noScenario says that a file has none.
func (f *file) noScenario() error {
	switch f.is {
	case "":
		return fmt.Errorf("%s: no scenario in it", f.name)
	case aProgram:
		return fmt.Errorf("%s: no scenario in it: it is a program, which a scenario can name as its program_file", f.name)
	}
	return fmt.Errorf("%s: no scenario in it: it is %s", f.name, f.is)
}

// files reads what the arguments name, each file once, in order. It tells what cannot be
// read, and reports whether there was any.
func (t *tester) files() (list []*file, unread bool) {
	seen := map[string]bool{}
	for _, arg := range t.args() {
		names, folder, err := namedFiles(arg)
		if err != nil {
			t.warn(err)
			unread = true
			continue
		}
		found := false
		for _, name := range names {
			if seen[name] {
				found = true
				continue
			}
			seen[name] = true
			read := t.readFile
			if folder || name != filepath.Clean(arg) { // it was found
				read = t.readNamed
			}
			data, err := read(name)
			if err == nil && folder && !hasScenarios(data) {
				continue // a program, or a contact
			}
			found = true
			if is := whatIs(data); err == nil && is != "" && is != aScenario {
				list = append(list, &file{name: fileName(name), is: is})
				continue
			}
			var f *file
			if err == nil {
				f, err = t.readScenarios(name, data)
			}
			if err != nil {
				t.warn(err)
				unread = true
				continue
			}
			list = append(list, f)
		}
		if !found {
			list = append(list, &file{name: arg})
		}
	}
	return list, unread
}

// namedFiles returns the files that an argument means: itself, those of a folder, or those
// that match a pattern. folder says that not all of them need be of scenarios.
func namedFiles(arg string) (names []string, folder bool, err error) {
	if arg == "-" {
		return []string{arg}, false, nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		names, err = filesIn(arg)
		return names, true, err
	case err == nil:
		return []string{filepath.Clean(arg)}, false, nil
	case !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(arg, "*?["):
		return nil, false, err
	}
	matches, err := filepath.Glob(arg)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", arg, err)
	}
	if len(matches) == 0 {
		return nil, false, fmt.Errorf("%s: no file matches", arg)
	}
	for _, m := range matches {
		inner, inFolder, err := []string{m}, false, error(nil)
		if info, statErr := os.Stat(m); statErr == nil && info.IsDir() {
			inner, err = filesIn(m)
			inFolder = true
		}
		if err != nil {
			return nil, false, err
		}
		folder = folder || inFolder
		names = append(names, inner...)
	}
	return names, folder, nil
}

// filesIn returns the JSON files of a folder and those inside it, sorted. Folders whose
// name begins with a point are passed over.
func filesIn(folder string) (names []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != folder && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".json"):
			names = append(names, path)
		}
		return nil
	})
	return names, err
}

// hasScenarios reports whether a file of a folder is meant to be one of scenarios: what
// has steps, and what cannot be read, so that it is told.
func hasScenarios(data []byte) bool {
	doc, err := ojson.ParseString(string(data), ojson.Limits{Bytes: maxFile, Depth: ojson.MaxDepth, Nodes: maxFile})
	if err != nil {
		return true
	}
	one := func(n *ojson.Node) bool { return n.Kind == ojson.Object && n.Get("steps") != nil }
	if doc.Kind != ojson.Array {
		return one(&doc)
	}
	for i := range doc.Items {
		if one(&doc.Items[i]) {
			return true
		}
	}
	return false
}

// readScenarios reads the scenarios of a file, and the programs that they name. These may be
// anywhere: a scenario is as trusted as the test that it is.
func (c *call) readScenarios(name string, data []byte) (*file, error) {
	f := &file{name: fileName(name)}
	if name != "-" {
		f.path = name
	}
	scenarios, err := scenario.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	for i := range scenarios {
		scenarios[i].Load(func(program string) ([]together.File, error) {
			at := program
			if !filepath.IsAbs(program) {
				at = filepath.Join(filepath.Dir(f.path), program)
			}
			f.programs = append(f.programs, at)
			files, err := c.programFiles(at, filepath.ToSlash(program))
			f.unread = f.unread || err != nil
			return files, err
		})
	}
	f.scenarios = scenarios
	return f, nil
}

// programFiles reads the file of a program, or those of a folder, and names them as a scenario
// names it.
func (c *call) programFiles(at, name string) ([]together.File, error) {
	if !isFolder(at) {
		data, err := c.readNamed(at)
		return []together.File{{Name: name, Data: data}}, err
	}
	files, err := c.filesOf(at)
	for i := range files {
		files[i].Name = path.Join(name, filepath.Base(files[i].Name))
	}
	return files, err
}

// sharedNames returns the names of scenarios that are in several files, where
// only the file tells them apart.
func sharedNames(files []*file) map[string]bool {
	shared, in := map[string]bool{}, map[string]string{}
	for _, f := range files {
		for i := range f.scenarios {
			name := f.scenarios[i].Name
			if first, seen := in[name]; !seen {
				in[name] = f.name
			} else if first != f.name {
				shared[name] = true
			}
		}
	}
	return shared
}
