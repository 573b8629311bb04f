package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/internal/together"
	"github.com/beckon-go/beckon/internal/vet"
)

// A finding is a line of vet.
type finding struct {
	File     string `json:"file"`
	Path     string `json:"path"`
	ID       string `json:"id"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Fix      string `json:"fix"`
}

func vetVerb() *verb {
	return &verb{
		name: "vet", group: groupPrograms,
		purpose: "finds what in programs is legal and surely wrong.",
		usage:   "[-json] [-catalogue FILE] FILE…",
		about: `
It prints what publishing would refuse, and else what no one can have meant:
rules that never or always hold, messages that never send, names that nobody
knows. "vet_ignore": ["code"] on a message, series, segment or the program
silences a finding.
` + aboutFolders + `

A catalogue has the events and attributes that are known:
{"events": [{"name": "purchased", "metadata": [{"key": "price", "types":
["monetary"]}]}], "attributes": ["plan"]}

docs/vet.md lists the codes, with an example of each:
https://github.com/beckon-go/beckon/blob/main/docs/vet.md`,
		examples: []string{
			"beckon vet program.json",
			"beckon vet -catalogue known.json programs/",
		},
		flags: []cli.Flag{
			jsonFlag("print a line of JSON for each finding"),
			textFlag("catalogue", "the `file` of the events and attributes that are known"),
		},
		run: vets,
	}
}

// vets finds what in programs is wrong, or legal and surely not meant.
func vets(_ context.Context, c *call) error {
	if err := c.needArgs(1, math.MaxInt, "a file"); err != nil {
		return err
	}
	catalogue, err := readCatalogue(c)
	if err != nil {
		return err
	}
	var unread, found bool
	lines := c.lines(c.out)
	for _, name := range c.args() {
		list, err := c.vet(name, catalogue)
		if err != nil {
			c.warn(err)
			unread = true
			continue
		}
		for _, f := range list {
			found = true
			if c.is("json") {
				err = lines.Encode(f)
			} else {
				err = printFinding(c.out, c.style, f)
			}
			if err != nil {
				return err
			}
		}
	}
	switch {
	case unread:
		return errUnread
	case found:
		return errFound
	}
	return nil
}

// readCatalogue reads the file of the flag; nil if there is none.
func readCatalogue(c *call) (*vet.Catalogue, error) {
	name := c.text("catalogue")
	if name == "" {
		return nil, nil
	}
	data, err := c.readFile(name)
	if err != nil {
		return nil, err
	}
	catalogue, faults := vet.ParseCatalogue(data)
	if len(faults) > 0 {
		return nil, mistaken(name, data, aCatalogue, faults)
	}
	return catalogue, nil
}

func printFinding(w io.Writer, style term.Style, f finding) error {
	about := ""
	if f.ID != "" {
		about = " (" + f.ID + ")"
	}
	severity := style.Warn(f.Severity)
	if f.Severity == "error" {
		severity = style.Bad(f.Severity)
	}
	text := strings.TrimPrefix(f.Path+about+": ", ": ") + f.Message
	_, err := fmt.Fprintf(w, "%s:%d:%d: %s: %s (%s)\n", term.Line(f.File), f.Line, f.Column, severity, term.Line(text), f.Code)
	if err == nil && f.Fix != "" {
		_, err = fmt.Fprintf(w, "    %s\n", term.Line(f.Fix))
	}
	return err
}

// vet returns the findings of a file, or of the folder of a program in several files.
func (c *call) vet(name string, catalogue *vet.Catalogue) ([]finding, error) {
	if isFolder(name) {
		files, err := c.filesOf(name)
		return vetFolder(files, catalogue), err
	}
	data, err := c.readFile(name)
	if err != nil {
		return nil, err
	}
	return vetFile(fileName(name), data, catalogue), nil
}

// vetFile returns the findings of one file.
func vetFile(name string, data []byte, catalogue *vet.Catalogue) []finding {
	doc, err := nodeOf(data)
	list, isRefused := vetText(data, &doc, catalogue)
	line, column := 1, 1
	var broken *ojson.Error
	if errors.As(err, &broken) && broken.Line > 0 {
		line, column = broken.Line, broken.Column
	}
	for i := range list {
		list[i].File, list[i].Line, list[i].Column = name, line, column
	}
	if err == nil {
		locate(list, string(data), &doc)
	}
	if !isRefused {
		slices.SortStableFunc(list, byPlace)
	}
	return list
}

// vetFolder returns the findings of a program in several files, by file.
func vetFolder(files []together.File, catalogue *vet.Catalogue) (list []finding) {
	j := together.Join(files)
	for _, f := range j.Faults() {
		own := refused(beckon.ErrorList{f.Err})[0]
		own.File, own.Line, own.Column = f.File, max(f.Line, 1), max(f.Column, 1)
		list = append(list, own)
	}
	if len(list) > 0 {
		return list
	}
	doc, _ := nodeOf(j.Text()) // what is wrong with it, as its size, ParseProgram says too
	found, _ := vetText(j.Text(), &doc, catalogue)
	of := make([][]finding, len(files))
	for _, f := range found {
		i, path, ok := j.Find(f.Path)
		if !ok { // it is of no one file, and told of the first
			path = f.Path
		}
		f.File, f.Path = files[i].Name, path
		of[i] = append(of[i], f)
	}
	for i := range of {
		locate(of[i], string(files[i].Data), j.Node(i))
		slices.SortStableFunc(of[i], byPlace)
		list = append(list, of[i]...)
	}
	return list
}

func nodeOf(data []byte) (ojson.Node, error) {
	return ojson.ParseString(string(data), ojson.Limits{Bytes: beckon.MaxProgramBytes, Depth: beckon.MaxProgramDepth, Nodes: beckon.MaxProgramBytes})
}

// vetText returns the findings of a program, without places, and whether publishing refuses
// it: then that is all that is said of it.
func vetText(data []byte, doc *ojson.Node, catalogue *vet.Catalogue) (list []finding, isRefused bool) {
	program, bad := beckon.ParseProgram(data)
	if bad == nil {
		_, bad = scenario.NewPlayer(context.Background(), program, time.Unix(0, 0))
	}
	if bad != nil {
		return refused(bad), true
	}
	for _, f := range vet.Check(doc, catalogue) {
		list = append(list, finding{Path: f.Path, ID: f.ID, Severity: "warning", Code: f.Code, Message: f.Message, Fix: f.Fix})
	}
	return list, false
}

// refused returns the findings that are the faults for which publishing refuses a program.
func refused(bad error) (list []finding) {
	var all beckon.ErrorList
	if !errors.As(bad, &all) {
		all = beckon.ErrorList{{Message: bad.Error()}}
	}
	for _, e := range all {
		list = append(list, finding{Path: cmp.Or(e.Path, e.Field), ID: e.ID, Severity: "error", Code: vet.ProgramInvalid, Message: e.Message})
	}
	return list
}

// locate sets the lines and columns of findings, in one pass over the document and one over
// its text.
func locate(list []finding, text string, doc *ojson.Node) {
	paths, order := make([]string, len(list)), make([]int, len(list))
	for i := range list {
		paths[i], order[i] = list[i].Path, i
	}
	offsets := document.Offsets(doc, paths)
	slices.SortFunc(order, func(a, b int) int { return offsets[a] - offsets[b] })
	cursor := ojson.NewCursor(text)
	for _, i := range order {
		list[i].Line, list[i].Column = cursor.Place(offsets[i])
	}
}

func byPlace(a, b finding) int {
	return cmp.Or(a.Line-b.Line, a.Column-b.Column)
}
