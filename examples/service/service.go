package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	metrics "github.com/beckon-go/beckon/observe/prometheus"
	"github.com/beckon-go/beckon/programfile"
	"github.com/beckon-go/beckon/senders/smtp"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/unsubscribe"
)

// A config is what a team sets for its service.
type config struct {
	database string // the file of SQLite
	programs string // the folder of the program's files
	smtpPort int
	key      []byte // of the links to unsubscribe
	clock    func() time.Time
	logger   *slog.Logger
	report   func(error) // of programs that were published, or are wrong
}

// A service is one process: handlers, workers, and the program's files.
type service struct {
	engine *beckon.Engine
	url    string
	stop   func() error
}

// start starts the service. What it returns must be stopped.
func start(ctx context.Context, c config) (s *service, err error) {
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

	registry := prometheus.NewRegistry()
	counts, err := metrics.New(registry)
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.OpenSQLite(ctx, c.database)
	if err != nil {
		return nil, err
	}
	closers = append(closers, store.Close)
	engine, err := beckon.New(store,
		beckon.WithWorkers(), // mail is the worker's
		beckon.WithObserver(counts.Observer()), beckon.WithLogger(c.logger), beckon.WithClock(c.clock))
	if err != nil {
		return nil, err
	}
	files, err := programfile.New(engine, os.DirFS(c.programs), "*.json",
		programfile.WithInterval(20*time.Millisecond), // so that the example does not take long
		programfile.WithLogger(c.logger), programfile.WithReport(c.report))
	if err != nil {
		return nil, err
	}
	if err := files.Publish(ctx); err != nil {
		return nil, err // nothing starts with a program that is wrong
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	url := "http://" + listener.Addr().String()
	signer, err := unsubscribe.NewSigner(c.key)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("POST /events", track(engine))
	mux.Handle("/unsubscribe", unsubscribe.Handler(engine, signer, unsubscribe.WithClock(c.clock)))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}

	mail, err := smtp.New("127.0.0.1", "Shop <shop@example.com>",
		smtp.WithPort(c.smtpPort), smtp.WithoutTLS(), smtp.WithHELO("localhost"), smtp.WithClock(c.clock), // a server on this machine
		smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer, Page: url + "/unsubscribe"}))
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	closers = append(closers, func() error { mail.Close(); return nil })
	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, mail),
		beckonwork.WithObserver(counts.Outcome), beckonwork.WithLogger(c.logger), beckonwork.WithClock(c.clock),
		beckonwork.WithPollEvery(20*time.Millisecond))
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}

	// What runs until the service is stopped. Each part returns when its context ends.
	running, end := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var worked, watched, served error
	wg.Go(func() { worked = worker.Run(running) })
	wg.Go(func() { watched = files.Run(running) })
	wg.Go(func() { served = server.Serve(listener) })
	closers = append(closers, func() error {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := server.Shutdown(soon) // no new events first, then no new sends
		end()
		wg.Wait()
		if errors.Is(served, http.ErrServerClosed) {
			served = nil
		}
		return errors.Join(err, worked, watched, served)
	})
	return &service{engine: engine, url: url, stop: shut}, nil
}

// track takes events that the shop's own servers post.
func track(engine *beckon.Engine) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		res, err := engine.TrackJSON(r.Context(), r.Body)
		var list beckon.ErrorList
		switch {
		case errors.As(err, &list):
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(list)
		case err != nil:
			http.Error(w, "not now", http.StatusServiceUnavailable)
		default:
			_ = json.NewEncoder(w).Encode(res)
		}
	}
}

// replace puts a file in the place of another at once, so that nobody reads half of it.
func replace(folder, name string, text []byte) error {
	next := filepath.Join(folder, name+".next")
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(folder, name))
}
