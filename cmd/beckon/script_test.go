package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
)

var update = flag.Bool("update", false, "write what the command prints into the scripts")

func TestMain(m *testing.M) {
	stores.Quiet()
	testscript.Main(m, map[string]func(){
		"beckon": func() {
			style := term.StyleOf(os.Stdout, os.Getenv)
			s := &shell{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: func() time.Time { return noon }, env: os.Getenv, style: style}
			os.Exit(s.run(context.Background(), os.Args[1:]))
		},
	})
}

// The scripts in testdata/script run the command as a process, and compare what it prints.
// "status N" before a command is its exit status; "fill STORE PROGRAM STEPS" makes a store.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: false,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"fill":   fill,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			return nil
		},
	})
}

// status runs the command and wants an exit status of it.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N beckon …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("%q: status %s, want %s", args[1:], got, args[0])
	}
}

// fill makes a store with an outbox of a program and steps, lines of {"at": …, "contact" or
// "track" or "give_up": …}.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: fill STORE PROGRAM STEPS")
	}
	path, ok := strings.CutPrefix(args[0], "sqlite:")
	if !ok {
		ts.Fatalf("fill makes stores in SQLite")
	}
	ts.Check(fillStore("sqlite:"+ts.MkAbs(path), ts.ReadFile(args[1]), ts.ReadFile(args[2])))
}

// fillStore makes a store of a program and steps.
func fillStore(address, programText, steps string) error {
	ctx := context.Background()
	a, err := stores.Parse(address)
	if err != nil {
		return err
	}
	s, closeStore, err := stores.Open(ctx, a, "", stores.Make)
	if err != nil {
		return err
	}
	now := noon
	e, err := beckon.New(s, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return now }), beckon.WithLease(time.Minute))
	if err != nil {
		return err
	}
	program, err := beckon.ParseProgram([]byte(programText))
	if err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimSpace(steps), "\n") {
		var step struct {
			At      time.Time
			Contact json.RawMessage
			Track   json.RawMessage
			GiveUp  string `json:"give_up"`
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			return err
		}
		now = step.At
		if i == 0 {
			if err := e.Publish(ctx, program); err != nil {
				return err
			}
		}
		switch {
		case step.Contact != nil:
			contact, bad := beckon.ParseContact(step.Contact)
			if err = bad; err == nil {
				_, err = e.Update(ctx, contact)
			}
		case step.Track != nil:
			_, err = e.TrackJSON(ctx, bytes.NewReader(step.Track))
		default:
			err = giveUp(ctx, e, step.GiveUp)
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return errors.Join(e.Close(), closeStore())
}

// giveUp gives up all pending deliveries of a message.
func giveUp(ctx context.Context, e *beckon.Engine, message string) error {
	for d, err := range e.Pending(ctx) {
		if err == nil && d.Message == message {
			err = e.GiveUp(ctx, d, "the address bounced")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
