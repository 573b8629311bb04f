// Command webapp is a small video shop whose pages are told what happens: beckon in a web
// application, as a whole.
//
//	go run ./examples/webapp
//
// Then open http://localhost:8080. Each upload takes twenty minutes on the shop's own clock,
// and the banner that says it is ready comes once an hour: at the first and the fourth click.
// The panel says what was held, and why. Mail goes by SMTP to a server in the same process,
// which shows it. Messages are edited as JSON and published while the shop runs.
//
// The pages of the team are at /admin/: log in as editor, or by any other name to look only,
// with the token as password.
//
// Other clients come in at /api (REST, token demo), /segment (write key demo) and /stripe.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer end()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves the shop until ctx ends.
func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("webapp", flag.ContinueOnError)
	addr := flags.String("addr", "localhost:8080", "`HOST:PORT` to listen at")
	kept := flags.String("store", "sqlite:webapp.db", "memory, sqlite:`FILE`, postgres:URL or redis:URL")
	file := flags.String("program", "", "`FILE` that the messages are read from and written to; none: they begin anew with the process")
	token := flags.String("token", "demo", "`TOKEN` of the REST interface, write key of Segment's, and password of /admin/")
	secret := flags.String("stripe", "whsec_demo", "`SECRET` of Stripe's webhooks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	key := []byte(os.Getenv("SHOP_KEY")) // signs sessions and links to unsubscribe
	if len(key) == 0 {
		key = []byte(rand.Text() + rand.Text())
		fmt.Fprintln(w, "Sessions and links to unsubscribe end with this process: set SHOP_KEY to 32 bytes or more to keep them.")
	}

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	s, err := start(ctx, config{
		listener: listener, store: *kept, program: *file, token: *token, stripeSecret: *secret, key: key, logger: logger,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(w, "The shop is open: %s\n", s.url)
	select {
	case <-ctx.Done():
	case <-s.failed:
	}
	return s.stop()
}
