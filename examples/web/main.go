// Command web is a web application with beckon: a handler tracks what browsers
// post, and a worker sends what they lead to. The program posts three events
// to itself, so that it ends and always prints the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) (err error) {
	engine, err := beckon.New(memstore.New(), // SQLite or PostgreSQL in production
		beckon.WithWorkers()) // mail, push and SMS are the worker's
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Channel: beckon.Email, Status: beckon.Live,
		Trigger:   beckon.On("upload-complete"),
		Frequency: beckon.Every(beckon.Hours(1)),
		Content:   beckon.Content{Body: "{{ event.file_name }} is ready"},
	}}}); err != nil {
		return err
	}

	// The web process.
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /events", track(engine, user))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		closed := server.Close()
		if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
			err = errors.Join(err, stopped)
		}
		err = errors.Join(err, closed)
	}()
	for _, body := range []string{
		`{"event_name": "upload-complete", "metadata": {"file_name": "cat.mp4"}}`,
		`{"event_name": "upload-complete", "metadata": {"file_name": "dog.mp4"}}`,
		`{"event_name": ""}`,
	} {
		if err := post(ctx, w, "http://"+listener.Addr().String()+"/events", body); err != nil {
			return err
		}
	}

	// The worker, until it has sent what there is.
	working, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	return work(working, engine, func(_ context.Context, d beckon.Delivery) error {
		// Call your provider here, with d.ID as its idempotency key.
		_, err := fmt.Fprintf(w, "it sent: %s to %s by %s\n", d.Body, d.Contact.UserID, d.Channel)
		end() // a program that goes on would not
		return err
	})
}

// user returns who is logged in. Ask your own session instead.
func user(r *http.Request) beckon.Identity {
	if cookie, err := r.Cookie("session"); err == nil && cookie.Value == "secret-1" {
		return beckon.Identity{UserID: "u1"}
	}
	return beckon.Identity{} // TrackJSON refuses an event of nobody
}

// post is the browser.
func post(ctx context.Context, w io.Writer, url, body string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.AddCookie(&http.Cookie{Name: "session", Value: "secret-1"})
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "POST %s\n     %s\n", body, strings.TrimSpace(response.Status+" "+string(answer)))
	return err
}
