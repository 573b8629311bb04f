package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/suggest"
)

// verbs are all that the command does, in the order in which help lists them.
func verbs() []*verb {
	return []*verb{
		testVerb(), vetVerb(), fmtVerb(), wordsVerb(), diffVerb(), renderVerb(), genVerb(),
		explainVerb(), replayVerb(),
		messagesVerb(), totalsVerb(), contactVerb(), whyVerb(), outboxVerb(), dumpVerb(), restoreVerb(), checkVerb(),
		schemaVerb(), versionVerb(),
	}
}

// run is the whole command except for the process: it returns the exit status.
func (s *shell) run(ctx context.Context, args []string) int {
	out, told := term.NewWriter(s.out, s.style), term.NewWriter(s.err, s.style)
	inner := *s
	inner.stdout, inner.stderr = s.out, s.err
	inner.out, inner.err = out, masked{told, &inner}
	status := inner.runVerb(ctx, args)
	if err := out.Flush(); err != nil {
		fmt.Fprintf(inner.err, "beckon: %v\n", err)
		status = unable
	}
	_ = told.Flush() // there is nowhere else to tell it
	return status
}

// runVerb runs the verb that the arguments name.
func (s *shell) runVerb(ctx context.Context, args []string) int {
	list := verbs()
	asks := func(arg string) bool { return slices.Contains([]string{"-h", "--h", "-help", "--help"}, arg) }
	switch { // not as the library would print it
	case len(args) == 1 && asks(args[0]):
		args = []string{"help"}
	case len(args) > 1 && args[0] == "completion" && slices.ContainsFunc(args, asks):
		args = []string{"help", "completion"}
	}
	current := "beckon"
	root := &cli.Command{
		Name:                            "beckon",
		Usage:                           purpose,
		Flags:                           []cli.Flag{helpFlag()},
		Reader:                          s.in,
		Writer:                          s.out,
		ErrWriter:                       s.err,
		HideHelp:                        true,
		HideVersion:                     true,
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: func(c *cli.Command) { configureCompletion(c, &current) },
		ExitErrHandler:                  func(context.Context, *cli.Command, error) {}, // Run returns it
		OnUsageError:                    func(_ context.Context, c *cli.Command, err error, _ bool) error { return mistyped(err, nil) },
		Action:                          func(_ context.Context, c *cli.Command) error { return s.noVerb(c, list) },
	}
	for _, v := range list {
		root.Commands = append(root.Commands, s.command(v, &current))
	}
	root.Commands = append(root.Commands, s.helpCommand(list))
	err := root.Run(ctx, append([]string{"beckon"}, args...))
	var wrong *usageError
	var unknown *unknownError
	switch {
	case err == nil:
		return passed
	case errors.Is(err, errFound):
		return failed
	case errors.Is(err, errUnread):
		return unable
	case errors.As(err, &unknown):
		fmt.Fprintf(s.err, "%s: %v\n", current, err)
		return failed
	case errors.As(err, &wrong):
		fmt.Fprintf(s.err, "%s: %v\n", current, err)
		fmt.Fprintf(s.err, "%q says how it is used.\n", strings.Replace(current, "beckon", "beckon help", 1))
		return unable
	}
	fmt.Fprintf(s.err, "%s: %v\n", current, err)
	return unable
}

// command returns a verb as the library that reads command lines has it. current is set to
// the name of the one that runs.
func (s *shell) command(v *verb, current *string) *cli.Command {
	return &cli.Command{
		Name:               v.name,
		Usage:              v.purpose,
		Flags:              append(slices.Clone(v.flags), helpFlag()),
		HideHelp:           true,
		CustomHelpTemplate: asTemplate(s.help(v)),
		OnUsageError: func(_ context.Context, _ *cli.Command, err error, _ bool) error {
			*current = "beckon " + v.name
			return mistyped(err, v.flagNames())
		},
		ShellComplete: func(_ context.Context, c *cli.Command) { completeFlags(c, v) },
		Action: func(ctx context.Context, c *cli.Command) error {
			*current = "beckon " + v.name
			call := &call{shell: s, verb: v, flags: c}
			if err := call.namesInputOnce(); err != nil {
				return err
			}
			return v.run(ctx, call)
		},
	}
}

// mistyped says of a fault of the library that reads flags what was probably meant.
func mistyped(err error, known []string) error {
	text := err.Error()
	if flag, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
		text = "there is no flag " + flag
		if near := suggest.Nearest(strings.TrimLeft(flag, "-"), known); near != "" {
			text += ", did you mean -" + near + "?"
		}
	}
	return &usageError{text}
}

// noVerb is the command without a verb, or with one that is none.
func (s *shell) noVerb(c *cli.Command, list []*verb) error {
	if c.NArg() == 0 {
		if _, err := io.WriteString(s.err, s.usage(list)); err != nil {
			return err
		}
		return usagef("a verb is missing")
	}
	return unknownVerb(c.Args().First(), list)
}

func unknownVerb(name string, list []*verb) error {
	names := []string{"help", "completion"}
	for _, v := range list {
		names = append(names, v.name)
	}
	text := fmt.Sprintf("there is no verb %q", name)
	if near := suggest.Nearest(name, names); near != "" {
		text += fmt.Sprintf(", did you mean %q?", near)
	}
	return &usageError{text}
}

func verbNamed(name string, list []*verb) *verb {
	if i := slices.IndexFunc(list, func(v *verb) bool { return v.name == name }); i >= 0 {
		return list[i]
	}
	return nil
}
