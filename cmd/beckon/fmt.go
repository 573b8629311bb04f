package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/cmd/beckon/internal/canonical"
)

func fmtVerb() *verb {
	return &verb{
		name: "fmt", group: groupPrograms,
		purpose: "lays out programs, always in the same way.",
		usage:   "[-w | -l | -d] [-json] [FILE…]",
		about: `
It prints the program of a file, or of the standard input, with two spaces a
level, members in the order of the documentation, and what fits into 100 columns
on one line. What the program says stays the same. Of a folder it lays out all
*.json that are in it, each by itself.

With -l and -d the exit status is 1 if a file is not laid out like that.`,
		examples: []string{
			"beckon fmt -w program.json",
			"beckon fmt -l programs/",
			"beckon fmt < program.json",
		},
		flags: []cli.Flag{
			boolFlag("w", "write the files instead of printing them"),
			boolFlag("l", "print only the names of files that are laid out differently"),
			boolFlag("d", "print only what is different"),
			jsonFlag("print a line of JSON for each file: its name, and whether it changes"),
		},
		run: formats,
	}
}

// formats lays out programs.
func formats(_ context.Context, c *call) error {
	if c.is("l") && c.is("d") {
		return usagef("-l and -d print different things: take one of them")
	}
	files := c.args()
	if len(files) == 0 {
		files = []string{"-"}
	}
	var unread, differs bool
	if c.is("w") && slices.Contains(files, "-") {
		return usagef("-w cannot write the standard input")
	}
	for _, name := range files {
		parts := []string{name}
		var err error
		if isFolder(name) {
			parts, err = c.namesOf(name)
		}
		if err != nil {
			c.warn(err)
			unread = true
			continue
		}
		for _, name := range parts {
			changed, err := format(c, name)
			if err != nil {
				c.warn(err)
				unread = true
			}
			differs = differs || changed
		}
	}
	switch {
	case unread:
		return errUnread
	case differs && (c.is("l") || c.is("d")):
		return errFound
	}
	return nil
}

// namesOf returns the names of the files of a program in a folder.
func (c *call) namesOf(folder string) (names []string, err error) {
	files, err := c.filesOf(folder)
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names, err
}

// format lays out one file, and reports whether it was laid out otherwise.
func format(c *call, name string) (changed bool, err error) {
	before, err := c.readRaw(name)
	if err != nil {
		return false, err
	}
	after, err := canonical.Format(withoutMark(before))
	if err != nil {
		return false, fmt.Errorf("%s: %w", fileName(name), err)
	}
	changed = !bytes.Equal(before, after)
	switch {
	case c.is("json"):
		err = c.printJSON(map[string]any{"file": fileName(name), "changed": changed})
	case c.is("l") && changed:
		_, err = fmt.Fprintln(c.out, fileName(name))
	case c.is("d"):
		_, err = c.out.Write(colored(c, diff.Diff(fileName(name), before, "laid out "+fileName(name), after)))
	case !c.is("l") && !c.is("w"):
		_, err = c.out.Write(after)
	}
	if err == nil && changed && c.is("w") {
		err = replaceFile(name, after)
	}
	return changed, err
}

// colored paints the lines of a difference.
func colored(c *call, text []byte) []byte {
	if !c.style.Color {
		return text
	}
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		s := string(bytes.TrimSuffix(line, []byte("\n")))
		switch {
		case s == "":
		case s[0] == '-':
			s = c.style.Bad(s)
		case s[0] == '+':
			s = c.style.Good(s)
		case s[0] == '@':
			s = c.style.Faint(s)
		}
		out.WriteString(s + "\n")
	}
	return out.Bytes()
}

// replaceFile writes a file in the place of another, whole or not at all, with its
// permissions. What a link leads to is written, and not the link.
func replaceFile(name string, data []byte) (err error) {
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
