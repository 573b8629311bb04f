package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v3"
)

// A build is what a program knows of how it was built.
type build struct {
	Version  string `json:"version"` // such as v0.3.0; (devel) for one built from a clone
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"` // of the revision
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Library  string `json:"library,omitempty"` // the version of the library
}

func versionVerb() *verb {
	return &verb{
		name: "version", group: groupOther,
		purpose:  "prints its version, and that of Go.",
		usage:    "[-json]",
		examples: []string{"beckon version"},
		flags:    []cli.Flag{jsonFlag("print JSON")},
		run: func(_ context.Context, c *call) error {
			if err := c.needArgs(0, 0, ""); err != nil {
				return err
			}
			info, _ := debug.ReadBuildInfo()
			b := buildOf(info)
			if c.is("json") {
				return c.printJSON(b)
			}
			_, err := fmt.Fprintln(c.out, b)
			return err
		},
	}
}

// buildOf reads what the go command has put into a program; info is nil if it has not.
func buildOf(info *debug.BuildInfo) build {
	if info == nil {
		return build{Version: "unknown"}
	}
	b := build{Version: info.Main.Version, Go: info.GoVersion}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/beckon-go/beckon" && d.Replace == nil {
			b.Library = d.Version
		}
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	text := "beckon " + b.Version
	if b.Library != "" && b.Library != b.Version {
		text += ", library " + b.Library
	}
	if b.Revision != "" {
		text += ", revision " + b.Revision[:min(12, len(b.Revision))]
		if b.Modified {
			text += " with changes"
		}
	}
	if b.Time != "" {
		text += " of " + b.Time
	}
	if b.Go != "" {
		text += ", " + b.Go
	}
	return text
}
