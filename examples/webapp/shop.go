package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/examples/internal/mailbox"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/senders/smtp"
	"github.com/beckon-go/beckon/unsubscribe"
)

// A config is what the command line says.
type config struct {
	listener     net.Listener
	store        string
	program      string // a file; empty: the one that is built in
	token        string
	stripeSecret string
	key          []byte
	logger       *slog.Logger
}

// A shop is the process.
type shop struct {
	config
	clock  clock
	engine *beckon.Engine
	panel  panel
	inbox  inbox
	editor editor
	days   *beckonui.Days
	orders atomic.Int64
	url    string
	failed chan struct{} // closed when a part of it has ended by itself
	stop   func() error
}

// start opens the shop. What it returns must be stopped.
func start(ctx context.Context, c config) (s *shop, err error) {
	s = &shop{config: c, url: urlOf(c.listener.Addr()), days: beckonui.NewDays(nil), failed: make(chan struct{})}
	var closers []func() error // in the order in which they were opened
	shut := func() (err error) {
		for i := len(closers) - 1; i >= 0; i-- {
			err = errors.Join(err, closers[i]())
		}
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, shut())
		}
	}()

	store, closeStore, err := openStore(ctx, c.store)
	if err != nil {
		return nil, err
	}
	closers = append(closers, closeStore)
	s.engine, err = beckon.New(store,
		beckon.WithWorkers(), // mail is the worker's; all else is for pages
		beckon.WithRepeatsKnownFor(beckonhttp.StripeRetriesFor),
		beckon.WithObserver(observe.Observer{Decided: s.panel.decided}), beckon.WithObserver(s.days.Observer()), beckon.WithDecisions(100),
		beckon.WithLogger(c.logger), beckon.WithClock(s.clock.now))
	if err != nil {
		return nil, err
	}
	if err := s.editor.open(ctx, s.engine, c.program); err != nil {
		return nil, err
	}

	box, err := mailbox.Open()
	if err != nil {
		return nil, err
	}
	closers = append(closers, box.Close)
	signer, err := unsubscribe.NewSigner(c.key)
	if err != nil {
		return nil, err
	}
	mail, err := smtp.New("127.0.0.1", "Video shop <shop@example.com>",
		smtp.WithPort(box.Port()), smtp.WithoutTLS(), smtp.WithHELO("localhost"), smtp.WithClock(s.clock.now), // a server in this process
		smtp.WithParts(withLink),
		smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer, Page: s.url + "/unsubscribe", From: refusable}))
	if err != nil {
		return nil, err
	}
	closers = append(closers, func() error { mail.Close(); return nil })
	worker, err := beckonwork.New(s.engine, beckonwork.Send(beckon.Email, mail),
		beckonwork.WithLogger(c.logger), beckonwork.WithClock(s.clock.now),
		beckonwork.WithPollEvery(100*time.Millisecond), beckonwork.WithDueEvery(time.Second), beckonwork.WithSweepEvery(5*time.Second)) // nobody waits long in a demonstration
	if err != nil {
		return nil, err
	}
	handler, err := s.routes(signer, store)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute}

	// What runs until the shop is stopped. Each part returns when its context ends.
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	var worked, served error
	var once sync.Once
	part := func(run func()) {
		wg.Go(func() { run(); once.Do(func() { close(s.failed) }) })
	}
	part(func() { worked = worker.Run(running) })
	part(func() { served = server.Serve(c.listener) })
	part(func() { s.inbox.fill(running, box) })
	closers = append(closers, func() error {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := server.Shutdown(soon) // no new events first, then no new sends
		end()
		wg.Wait()
		if errors.Is(served, http.ErrServerClosed) {
			served = nil
		}
		return errors.Join(err, worked, served)
	})
	s.stop = shut
	return s, nil
}

// urlOf returns where the shop is for those on the same machine.
func urlOf(addr net.Addr) string {
	host, port, _ := net.SplitHostPort(addr.String()) // it is an address that is listened at
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
