package programfile

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// Load reads the program that stands in the files of fsys whose names match a pattern of
// [path.Match], such as "program.json" or "*.json". What is wrong with the files' form is
// [Faults]; whether the program makes sense is judged when it is published. It is an error
// if no file matches.
func Load(fsys fs.FS, pattern string) (beckon.Program, error) {
	files, _, err := read(fsys, pattern)
	if err != nil {
		return beckon.Program{}, err
	}
	return join(files).program()
}

// A file is one file as it was read.
type file struct {
	name string
	data []byte
}

// A stamp says how files looked when they were last read: which, how large, how old.
type stamp struct {
	text  string
	blind bool // a file system that does not say when they were written
}

// names returns the files that match, in the order of their names, and their stamp.
func names(fsys fs.FS, pattern string) (list []string, s stamp, err error) {
	all, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, s, fmt.Errorf("programfile: %q: %w", pattern, err)
	}
	var b strings.Builder
	for _, name := range all {
		info, err := fs.Stat(fsys, name) // of what a link leads to
		if err != nil {
			return nil, s, fmt.Errorf("programfile: %w", err)
		}
		if info.IsDir() {
			continue
		}
		list = append(list, name)
		s.blind = s.blind || info.ModTime().IsZero()
		b.WriteString(strconv.Quote(name) + " " + strconv.FormatInt(info.Size(), 10) + " " + strconv.FormatInt(info.ModTime().UnixNano(), 10) + "\n")
	}
	if len(list) == 0 {
		return nil, s, fmt.Errorf("programfile: no file matches %q", pattern)
	}
	s.text = b.String()
	return list, s, nil
}

// read reads the files that match. If they change meanwhile it begins again, so that no
// half of a change is taken for a program.
func read(fsys fs.FS, pattern string) (files []file, s stamp, err error) {
	list, s, err := names(fsys, pattern)
	for range 3 {
		if err != nil {
			return nil, s, err
		}
		files = files[:0]
		for _, name := range list {
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, s, fmt.Errorf("programfile: %w", err)
			}
			files = append(files, file{name, data})
		}
		before := s.text
		if list, s, err = names(fsys, pattern); err == nil && s.text == before {
			return files, s, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("programfile: the files of %q change all the time", pattern)
	}
	return nil, s, err
}

// sum is the sum of what was read.
func sum(files []file) [sha256.Size]byte {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d %s %d ", len(f.name), f.name, len(f.data))
		h.Write(f.data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
