package programfile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/together"
)

// Load reads the program that stands in the files of fsys whose names match a pattern of
// [path.Match], such as "program.json" or "*.json". The pattern is compared element by
// element, as [fs.Glob] does, and links are followed. What is wrong with the files' form is
// [Faults]; whether the program makes sense is judged when it is published.
//
// Load returns all of the program or an error. It is an error if no file matches, if a
// directory or a file on the way cannot be read, and if what matches is neither a regular
// file nor a directory, such as a named pipe; directories that match are passed over. Files
// with more than [beckon.MaxProgramBytes], one of them or all together, are [Faults]: they
// are refused by the size that they state, and reading ends one byte over the limit. A byte
// order mark at the beginning of a file is passed by.
func Load(fsys fs.FS, pattern string) (beckon.Program, error) {
	files, _, err := read(fsys, pattern)
	if err != nil {
		return beckon.Program{}, err
	}
	return programOf(together.Join(files))
}

// programOf reads the document of files that are joined.
func programOf(j *together.Program) (beckon.Program, error) {
	if list := j.Faults(); len(list) > 0 {
		return beckon.Program{}, faultsOf(list)
	}
	p, err := beckon.ParseProgram(j.Text())
	return p, placed(j, err)
}

// placed says of the faults of a program where in the files they are. It returns any other
// error as it is.
func placed(j *together.Program, err error) error {
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	out := make([]together.Fault, len(list))
	for i, e := range list {
		out[i] = j.Placed(e)
	}
	return faultsOf(out)
}

func faultsOf(list []together.Fault) Faults {
	out := make(Faults, len(list))
	for i, f := range list {
		own := Fault(f)
		out[i] = &own
	}
	return out
}

// A stamp says how files looked when they were last read: which, how large, how old.
type stamp struct {
	text  string
	files []fs.FileInfo
	blind bool // a file system that does not say when they were written
}

// same reports whether files look as they did. A link that leads to another file may do so
// in name, size and time: a file system of the operating system tells files apart.
func (s *stamp) same(o *stamp) bool {
	if s.blind || s.text != o.text {
		return false
	}
	for i, f := range s.files {
		if os.SameFile(f, f) && !os.SameFile(f, o.files[i]) {
			return false
		}
	}
	return true
}

// names returns the files that match, in the order of their names, and their stamp. Files
// that say that they are too large are [Faults].
func names(fsys fs.FS, pattern string) (list []string, s stamp, err error) {
	if err := check(pattern); err != nil {
		return nil, s, err
	}
	var b strings.Builder
	var large Faults
	var total int64
	err = walk(fsys, ".", pattern, func(name string, info fs.FileInfo) error {
		switch size := max(info.Size(), 0); {
		case info.IsDir():
			return nil
		case !info.Mode().IsRegular(): // to read it might never end
			return fmt.Errorf("%s is not a regular file", name)
		case size > beckon.MaxProgramBytes:
			if len(large) < beckon.MaxFaults {
				large = append(large, tooLarge(name))
			}
		case total <= beckon.MaxProgramBytes:
			total += size
		}
		list, s.files = append(list, name), append(s.files, info)
		s.blind = s.blind || info.ModTime().IsZero()
		b.WriteString(strconv.Quote(name) + " " + strconv.FormatInt(info.Size(), 10) + " " + strconv.FormatInt(info.ModTime().UnixNano(), 10) + "\n")
		return nil
	})
	switch {
	case err != nil:
		return nil, s, fmt.Errorf("programfile: %w", err)
	case len(list) == 0:
		return nil, s, fmt.Errorf("programfile: no file matches %q", pattern)
	case len(large) > 0:
		return nil, s, large
	case total > beckon.MaxProgramBytes:
		return nil, s, Faults{tooLarge("")}
	}
	s.text = b.String()
	return list, s, nil
}

// check returns what is wrong with a pattern, also with an element that no name is
// compared with.
func check(pattern string) error {
	for element := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(element, ""); err != nil {
			return fmt.Errorf("programfile: %q: %w", pattern, err)
		}
	}
	return nil
}

// walk calls found for each file and directory below dir that matches a pattern, in the
// order of their names, with what it says of itself, or of what a link leads to. Unlike
// [fs.Glob] it returns what the file system fails in: a part of the program would be
// missing. A name that the pattern spells out may be missing, and what is not a directory
// has nothing below it.
func walk(fsys fs.FS, dir, pattern string, found func(name string, info fs.FileInfo) error) error {
	element, rest, more := strings.Cut(pattern, "/")
	listed := strings.ContainsAny(element, `*?[\`)
	names := []string{element}
	if listed {
		entries, err := fs.ReadDir(fsys, dir)
		if err != nil {
			return err
		}
		names = names[:0]
		for _, e := range entries {
			if ok, err := path.Match(element, e.Name()); err != nil {
				return err
			} else if ok {
				names = append(names, e.Name())
			}
		}
	}
	for _, name := range names {
		if dir != "." {
			name = dir + "/" + name
		}
		if !fs.ValidPath(name) {
			continue // as "/" and ".." have it: no file has such a name
		}
		info, err := fs.Stat(fsys, name)
		if !listed && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch {
		case err != nil:
		case !more:
			err = found(name, info)
		case info.IsDir():
			err = walk(fsys, name, rest, found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tooLarge is the fault of a file that is larger than a program may be, or of all files
// together if name is empty.
func tooLarge(name string) *Fault {
	return &Fault{File: name, Err: &beckon.Error{Code: beckon.ErrProgramInvalid, Message: fmt.Sprintf("the body has more than %d bytes", beckon.MaxProgramBytes)}}
}

// read reads the files that match. If they change meanwhile it begins again, so that no
// half of a change is taken for a program. It reads one byte more than a program may have at
// most, whatever the files say of their size.
func read(fsys fs.FS, pattern string) (files []together.File, s stamp, err error) {
	list, s, err := names(fsys, pattern)
	for range 3 {
		if err != nil {
			return nil, s, err
		}
		files = files[:0]
		left := int64(beckon.MaxProgramBytes)
		for _, name := range list {
			data, err := readFile(fsys, name, left+1)
			if err != nil {
				return nil, s, fmt.Errorf("programfile: %w", err)
			}
			if len(data) > beckon.MaxProgramBytes {
				return nil, s, Faults{tooLarge(name)}
			}
			if left -= int64(len(data)); left < 0 {
				return nil, s, Faults{tooLarge("")}
			}
			files = append(files, together.File{Name: name, Data: bytes.TrimPrefix(data, []byte("\ufeff"))})
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

// readFile reads a file, at most limit bytes of it.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit))
	_ = f.Close() // it was only read
	return data, err
}

// sum is the sum of what was read.
func sum(files []together.File) [sha256.Size]byte {
	h := sha256.New()
	for _, f := range files {
		_, _ = fmt.Fprintf(h, "%d %s %d ", len(f.Name), f.Name, len(f.Data))
		h.Write(f.Data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
