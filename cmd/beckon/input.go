package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/beckon-go/beckon"
)

// maxFile is how long a file that is read whole may be, in bytes.
const maxFile = 64 << 20

// An input is a file that a verb reads.
type input struct {
	name string      // as it is told
	info os.FileInfo // nil for a file of a store, which may come and go
}

var errTwice = &usageError{"the standard input is named twice: it can be read only once"}

// namesInputOnce returns an error if the command line names the standard input more than once:
// what was read in the place of the other would be wrong in a way that is hard to understand.
func (c *call) namesInputOnce() error {
	names := c.args()
	for _, flag := range []string{"program", "against", "events", "contact", "event", "catalogue"} {
		names = append(names, c.text(flag))
	}
	n := 0
	for _, name := range names {
		if name == "-" {
			n++
		}
	}
	if n > 1 {
		return errTwice
	}
	return nil
}

// openInput opens a file, or, by the name -, the standard input, which can be read once.
// size is 0 if it is not known. What is written later does not replace it.
func (c *call) openInput(name string) (in io.ReadCloser, size int64, err error) {
	var f *os.File
	if name == "-" {
		if c.stdinRead {
			return nil, 0, errTwice
		}
		c.stdinRead = true
		file, ok := c.in.(*os.File)
		if !ok {
			return io.NopCloser(c.in), 0, nil
		}
		f = file
	} else if f, err = os.Open(name); err != nil { //nolint:gosec // the user's own file
		return nil, 0, err
	}
	info, err := f.Stat()
	switch {
	case err == nil && info.IsDir():
		err = fmt.Errorf("%s is a folder", fileName(name))
	case err == nil && info.Mode().IsRegular():
		size = info.Size()
		err = c.reads(input{fileName(name), info})
	}
	if err != nil {
		_ = f.Close() // it was not read
		return nil, 0, err
	}
	return f, size, nil
}

// reads remembers an input. The error is that it is the standard output, too.
func (c *call) reads(in input) error {
	c.inputs = append(c.inputs, in)
	out, ok := c.stdout.(*os.File)
	if !ok {
		return nil
	}
	info, err := out.Stat()
	if err == nil && info.Mode().IsRegular() && in.is(info) {
		return fmt.Errorf("%s is the standard output, too", in.name)
	}
	return nil
}

// is reports whether a file is the input.
func (in input) is(file os.FileInfo) bool {
	if in.info != nil {
		return os.SameFile(in.info, file)
	}
	info, err := os.Stat(in.name)
	return err == nil && os.SameFile(info, file)
}

// mayWrite returns an error if a file that is to be written is one of those that the verb
// reads, also by another name.
func (c *call) mayWrite(name string) error {
	info, err := os.Stat(name)
	for _, in := range c.inputs {
		if err == nil && in.is(info) || in.info == nil && (err != nil || !exists(in.name)) && samePlace(in.name, name) {
			return fmt.Errorf("%s is read, and would be replaced: name another file", name)
		}
	}
	return nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// samePlace reports whether two names, of files that need not be there, are of one file.
func samePlace(a, b string) bool {
	if !strings.EqualFold(filepath.Base(a), filepath.Base(b)) { // systems differ in what case means
		return false
	}
	first, err := os.Stat(filepath.Dir(a))
	second, other := os.Stat(filepath.Dir(b))
	return errors.Join(err, other) == nil && os.SameFile(first, second)
}

// readFile reads a file, or, by the name -, the standard input. A byte order mark is left out.
func (c *call) readFile(name string) ([]byte, error) {
	data, err := c.readRaw(name)
	if err != nil {
		return nil, err
	}
	return withoutMark(data), nil
}

// readRaw is readFile with the byte order mark.
func (c *call) readRaw(name string) ([]byte, error) {
	in, _, err := c.openInput(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", fileName(name), err)
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s has more than %d MB", fileName(name), maxFile>>20)
	case bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")):
		return nil, fmt.Errorf("%s is written in UTF-16: save it in UTF-8", fileName(name))
	}
	return data, nil
}

// withoutMark returns a text without the byte order mark that some editors write before it.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\ufeff")) }

// readNamed reads a file that the user has not named: it is in a folder, or another file
// names it. Only a regular file can be one: others may have no end, or never have anything to read.
func (c *call) readNamed(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	return c.readFile(name) // which has the same error
}

// fileName returns the name by which a file is told.
func fileName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// readProgram reads a program: a file, or the folder of one in several files.
func (c *call) readProgram(name string) (beckon.Program, error) {
	if isFolder(name) {
		return c.readFolder(name)
	}
	data, err := c.readFile(name)
	if err != nil {
		return beckon.Program{}, err
	}
	program, err := beckon.ParseProgram(data)
	if err != nil {
		return program, mistaken(name, data, aProgram, err)
	}
	return program, nil
}
