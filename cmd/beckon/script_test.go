package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/testserver"
)

var update = flag.Bool("update", false, "write what the command prints into the scripts")

func TestMain(m *testing.M) {
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
			"server": server,
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
	ctx := context.Background()
	address, err := stores.Parse(args[0])
	ts.Check(err)
	if path, ok := strings.CutPrefix(args[0], "sqlite:"); ok {
		address, err = stores.Parse("sqlite:" + ts.MkAbs(path))
		ts.Check(err)
	}
	s, closeStore, err := stores.Open(ctx, address, "", stores.Make)
	ts.Check(err)
	now := noon
	e, err := beckon.New(s, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return now }), beckon.WithLease(time.Minute))
	ts.Check(err)
	program, err := beckon.ParseProgram([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	for i, line := range strings.Split(strings.TrimSpace(ts.ReadFile(args[2])), "\n") {
		var step struct {
			At      time.Time
			Contact json.RawMessage
			Track   json.RawMessage
			GiveUp  string `json:"give_up"`
		}
		ts.Check(json.Unmarshal([]byte(line), &step))
		now = step.At
		if i == 0 {
			ts.Check(e.Publish(ctx, program))
		}
		switch {
		case step.Contact != nil:
			contact, err := beckon.ParseContact(step.Contact)
			ts.Check(err)
			_, err = e.Update(ctx, contact)
			ts.Check(err)
		case step.Track != nil:
			_, err := e.TrackJSON(ctx, bytes.NewReader(step.Track))
			ts.Check(err)
		case step.GiveUp != "":
			for d, err := range e.Pending(ctx) {
				ts.Check(err)
				if d.Message == step.GiveUp {
					ts.Check(e.GiveUp(ctx, d, "the address bounced"))
				}
			}
		}
	}
	ts.Check(errors.Join(e.Close(), closeStore()))
}

// server starts a server and puts its address into the variable STORE; where there is none it
// skips the script.
func server(ts *testscript.TestScript, _ bool, args []string) {
	t, ok := ts.Value("t").(testing.TB)
	if !ok || len(args) != 1 {
		ts.Fatalf("usage: server postgres | redis")
	}
	switch args[0] {
	case "postgres":
		ts.Setenv("STORE", testserver.Postgres(t))
	case "redis":
		ts.Setenv("STORE", testserver.Redis(t))
	}
}
