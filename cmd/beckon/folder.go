package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/together"
)

// aboutFolders is what help says of folders.
const aboutFolders = `
Each FILE is a program of its own. A folder is one program in several files: all *.json
in it, which package programfile joins in the same way.`

// isFolder reports whether a name is that of a folder.
func isFolder(name string) bool {
	info, err := os.Stat(name)
	return name != "-" && err == nil && info.IsDir()
}

// readFolder reads the program that stands in the files of a folder.
func (c *call) readFolder(folder string) (program beckon.Program, err error) {
	files, err := c.filesOf(folder)
	if err != nil {
		return program, err
	}
	j := together.Join(files)
	list := j.Faults()
	if len(list) == 0 {
		var bad beckon.ErrorList
		if program, err = beckon.ParseProgram(j.Text()); !errors.As(err, &bad) {
			return program, err
		}
		for _, e := range bad {
			list = append(list, j.Placed(e))
		}
	}
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = f.String()
	}
	return program, errors.New(strings.Join(lines, "\n"))
}

// filesOf reads the files of a program in a folder: those that programfile takes by the
// pattern *.json.
func (c *call) filesOf(folder string) (files []together.File, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		if filepath.Ext(name) != ".json" || isFolder(name) {
			continue
		}
		data, err := c.readNamed(name)
		if err != nil {
			return nil, err
		}
		if is := whatIs(withoutMark(data)); is != "" && is != aProgram {
			return nil, fmt.Errorf("%s is %s, not a part of a program", name, is)
		}
		files = append(files, together.File{Name: name, Data: data})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s is a folder without a program: no file *.json is in it", folder)
	}
	return files, nil
}
