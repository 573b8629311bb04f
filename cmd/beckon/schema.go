package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/schema"
)

func schemaVerb() *verb {
	return &verb{
		name: "schema", group: groupOther,
		purpose: "prints the JSON Schema of programs, for editors and other tools.",
		usage:   "[program | scenario | contact | event | visit | result]",
		about:   "Without an argument it prints that of programs.",
		examples: []string{
			"beckon schema > program.schema.json",
			"beckon schema scenario",
		},
		run: printSchema,
	}
}

func printSchema(_ context.Context, c *call) error {
	if err := c.needArgs(0, 1, "the name of a schema"); err != nil {
		return err
	}
	name := "program"
	if c.flags.NArg() > 0 {
		name = c.args()[0]
	}
	files, err := schema.Files()
	if err != nil {
		return err
	}
	text, ok := files[name+".json"]
	if !ok {
		var names []string
		for _, f := range slices.Sorted(maps.Keys(files)) {
			names = append(names, strings.TrimSuffix(f, ".json"))
		}
		return usagef("there is no schema %q; there are %s", name, strings.Join(names, ", "))
	}
	_, err = fmt.Fprintf(c.out, "%s\n", strings.TrimSpace(string(text)))
	return err
}
