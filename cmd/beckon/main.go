// Command beckon tests programs of messages, shows what they do, and looks into stores.
//
//	beckon test FILE…      runs scenarios
//	beckon vet FILE…       finds what in programs is legal and surely wrong
//	beckon help            lists the other verbs
//	beckon help VERB       says how one is used
//
// The exit status is 0 if all is well, 1 if there are findings or failures, or if what is
// asked for is not known, and 2 for a wrong command line and for what cannot be read. With -json a verb prints lines of JSON.
// See docs/command.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"time"
	_ "time/tzdata" // programs name zones, also where the system has no zone files

	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
)

func main() {
	stores.Quiet()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	s := &shell{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now, env: os.Getenv, style: term.StyleOf(os.Stdout, os.Getenv)}
	status := s.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}
