package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/scenario"
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

// vets finds what in programs is wrong, or legal and surely not meant.
func vets(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("beckon vet", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print a line of JSON for each finding")
	known := flags.String("catalogue", "", "the `file` of the events and attributes that are known")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return passed
	} else if err != nil {
		return unable
	}
	if flags.NArg() == 0 {
		fmt.Fprintf(stderr, "beckon vet: no files\n\n%s", usage)
		return unable
	}
	var catalogue *vet.Catalogue
	if *known != "" {
		data, err := os.ReadFile(*known)
		if err == nil {
			c, faults := vet.ParseCatalogue(data)
			if catalogue = c; len(faults) > 0 {
				err = faults
			}
		}
		if err != nil {
			fmt.Fprintf(stderr, "beckon vet: %s: %v\n", *known, err)
			return unable
		}
	}
	status := passed
	lines := json.NewEncoder(stdout)
	lines.SetEscapeHTML(false)
	for _, name := range flags.Args() {
		data, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintf(stderr, "beckon vet: %v\n", err)
			status = unable
			continue
		}
		for _, f := range vetFile(name, data, catalogue) {
			if status == passed {
				status = failed
			}
			if *asJSON {
				err = lines.Encode(f)
			} else {
				err = printFinding(stdout, f)
			}
			if err != nil {
				fmt.Fprintf(stderr, "beckon vet: %v\n", err)
				return unable
			}
		}
	}
	return status
}

func printFinding(w io.Writer, f finding) error {
	about := ""
	if f.ID != "" {
		about = " (" + f.ID + ")"
	}
	_, err := fmt.Fprintf(w, "%s:%d:%d: %s: %s%s: %s (%s)\n", f.File, f.Line, f.Column, f.Severity, f.Path, about, f.Message, f.Code)
	if err == nil && f.Fix != "" {
		_, err = fmt.Fprintf(w, "    %s\n", f.Fix)
	}
	return err
}

// vetFile returns the findings of one file. What publishing refuses is all that is said of a
// program that it refuses.
func vetFile(name string, data []byte, catalogue *vet.Catalogue) []finding {
	doc, err := ojson.ParseString(string(data), ojson.Limits{Bytes: beckon.MaxProgramBytes, Depth: beckon.MaxProgramDepth, Nodes: beckon.MaxProgramBytes})
	place := func(f finding, path string) finding {
		f.File, f.Path = name, path
		f.Line, f.Column = 1, 1
		if err == nil {
			f.Line, f.Column = ojson.Place(string(data), document.Offset(&doc, path))
		}
		return f
	}
	refused := func(bad error) (list []finding) {
		var broken *ojson.Error
		var all beckon.ErrorList
		if !errors.As(bad, &all) {
			all = beckon.ErrorList{{Message: bad.Error()}}
		}
		for _, e := range all {
			path := e.Path
			if path == "" {
				path = e.Field
			}
			f := place(finding{ID: e.ID, Severity: "error", Code: vet.ProgramInvalid, Message: e.Message}, path)
			if errors.As(err, &broken) && broken.Line > 0 {
				f.Line, f.Column = broken.Line, broken.Column
			}
			list = append(list, f)
		}
		return list
	}
	program, bad := beckon.ParseProgram(data)
	if bad != nil {
		return refused(bad)
	}
	if _, bad := scenario.NewPlayer(context.Background(), program, time.Unix(0, 0)); bad != nil {
		return refused(bad)
	}
	var list []finding
	for _, f := range vet.Check(&doc, catalogue) {
		list = append(list, place(finding{ID: f.ID, Severity: "warning", Code: f.Code, Message: f.Message, Fix: f.Fix}, f.Path))
	}
	slices.SortStableFunc(list, func(a, b finding) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return list
}
