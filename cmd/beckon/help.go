package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/internal/suggest"
)

const purpose = "beckon tests programs of messages, shows what they do, and looks into stores."

// The groups in which help lists verbs.
const (
	groupPrograms = "programs"
	groupHistory  = "what they do"
	groupStores   = "a store"
	groupOther    = "other"
)

// statuses is what help says of exit statuses.
const statuses = `The exit status is 0 if all is well, 1 if there are findings or failures, or if
what is asked for is not known, and 2 for a wrong command line and for what
cannot be read.
`

func helpFlag() cli.Flag {
	return &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "print this", Local: true}
}

// asTemplate returns a template, as the library that reads command lines wants it, that is a
// text.
func asTemplate(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// usage says what verbs there are.
func (s *shell) usage(list []*verb) string {
	var b strings.Builder
	b.WriteString(purpose + "\n\nusage: beckon VERB [flags] …\n")
	group := ""
	if verbNamed("help", list) == nil {
		list = append(slices.Clone(list), completionVerb(), helpVerb())
	}
	for _, v := range list {
		if v.group != group {
			group = v.group
			fmt.Fprintf(&b, "\n%s\n", s.style.Bold(group))
		}
		fmt.Fprintf(&b, "  %-10s %s\n", v.name, v.purpose)
	}
	b.WriteString("\n" + statuses)
	return b.String()
}

// help says how a verb is used.
func (s *shell) help(v *verb) string {
	var b strings.Builder
	fmt.Fprintf(&b, "beckon %s %s\n\nusage: beckon %s %s\n", v.name, v.purpose, v.name, v.usage)
	if v.about != "" {
		b.WriteString("\n" + strings.Trim(v.about, "\n") + "\n")
	}
	if len(v.flags) > 0 {
		fmt.Fprintf(&b, "\n%s\n", s.style.Bold("flags"))
		for _, f := range v.flags {
			b.WriteString(flagHelp(f))
		}
	}
	if len(v.examples) > 0 {
		fmt.Fprintf(&b, "\n%s\n", s.style.Bold("examples"))
		for _, line := range v.examples {
			b.WriteString("  " + line + "\n")
		}
	}
	b.WriteString("\n" + statuses)
	return b.String()
}

// flagHelp returns the lines of one flag.
func flagHelp(f cli.Flag) string {
	usage := ""
	if d, ok := f.(cli.DocGenerationFlag); ok {
		usage = d.GetUsage()
	}
	value, usage := unquoted(usage)
	name := "-" + f.Names()[0]
	if value != "" {
		name += " " + strings.ToUpper(value)
	}
	if len(name) < 16 {
		return fmt.Sprintf("  %-16s %s\n", name, usage)
	}
	return fmt.Sprintf("  %s\n  %16s %s\n", name, "", usage)
}

// helpVerb and completionVerb are only told of as verbs: they are commands of their own.
func helpVerb() *verb {
	return &verb{
		name: "help", group: groupOther, purpose: "says how a verb is used.", usage: "[VERB]",
		about: "Without a verb it lists them.", examples: []string{"beckon help why"},
	}
}

// shells are those that completion knows.
func shells() []string { return []string{"bash", "zsh", "fish", "pwsh"} }

func completionVerb() *verb {
	return &verb{
		name: "completion", group: groupOther, purpose: "prints a script for bash, zsh, fish or pwsh.", usage: strings.Join(shells(), " | "),
		about: "With it the shell completes verbs and flags.",
		examples: []string{
			"source <(beckon completion bash)",
			`beckon completion zsh > "${fpath[1]}/_beckon"`,
			"beckon completion fish > ~/.config/fish/completions/beckon.fish",
		},
	}
}

// helpCommand is the verb help.
func (s *shell) helpCommand(list []*verb) *cli.Command {
	list = append(slices.Clone(list), completionVerb(), helpVerb())
	return &cli.Command{
		Name: "help", Usage: helpVerb().purpose, HideHelp: true, Flags: []cli.Flag{helpFlag()}, CustomHelpTemplate: asTemplate(s.help(helpVerb())),
		ShellComplete: func(_ context.Context, c *cli.Command) {
			for _, v := range list {
				fmt.Fprintf(c.Root().Writer, "%s:%s\n", v.name, v.purpose)
			}
		},
		Action: func(_ context.Context, c *cli.Command) error {
			name := c.Args().First()
			text := s.usage(list)
			if name != "" {
				v := verbNamed(name, list)
				if v == nil {
					return unknownVerb(name, list)
				}
				text = s.help(v)
			}
			_, err := io.WriteString(s.out, text)
			return err
		},
	}
}

// completeFlags prints what can stand next after a verb: its flags, once a hyphen is there.
// Else the shell completes names of files.
func completeFlags(c *cli.Command, v *verb) {
	args := c.Args().Slice()
	if len(args) == 0 || !strings.HasPrefix(args[len(args)-1], "-") {
		return
	}
	for _, f := range v.flags {
		usage := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			_, usage = unquoted(d.GetUsage())
		}
		fmt.Fprintf(c.Root().Writer, "-%s:%s\n", f.Names()[0], strings.ReplaceAll(usage, ":", ","))
	}
}

// configureCompletion shows the verb that prints scripts for shells. The library's script for
// bash would need a package that not every system has, only to split words; that for fish would
// complete no names of files.
func configureCompletion(c *cli.Command, current *string) {
	v := completionVerb()
	c.HideHelp, c.Hidden, c.Usage = true, false, v.purpose
	c.Action = func(_ context.Context, c *cli.Command) error {
		*current = "beckon completion"
		name := c.Args().First()
		if name == "" {
			return usagef("the name of a shell is missing: %s", v.usage)
		}
		text := fmt.Sprintf("there is no shell %q", name)
		if near := suggest.Nearest(name, shells()); near != "" {
			text += fmt.Sprintf(", did you mean %q?", near)
		}
		return &usageError{text}
	}
	for _, sub := range c.Commands {
		sub.HideHelp = true
		switch sub.Name {
		case "bash":
			rewrite(sub, "  else\n    _get_comp_words_by_ref ", "  elif declare -F _get_comp_words_by_ref >/dev/null 2>&1; then\n    _get_comp_words_by_ref ")
		case "fish":
			rewrite(sub, "complete -c beckon -f -a", "complete -c beckon -a")
		}
	}
}

// rewrite replaces a part of the script that a command prints.
func rewrite(c *cli.Command, before, after string) {
	write := c.Action
	c.Action = func(ctx context.Context, c *cli.Command) error {
		var b strings.Builder
		out := c.Root().Writer
		c.Root().Writer = &b
		err := write(ctx, c)
		c.Root().Writer = out
		if err == nil {
			_, err = io.WriteString(out, strings.ReplaceAll(b.String(), before, after))
		}
		return err
	}
}
