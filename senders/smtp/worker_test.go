package smtp_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/senders/smtp"
)

// From an event to a mail, by a worker: one is made, one is refused, one has no address.
func TestWorkerSendsMail(t *testing.T) {
	s := serve(t, func(s *server) {
		s.answer = func(command string, n int) string {
			return map[string]string{"RCPT": map[int]string{2: "550 5.1.1 no such user"}[n]}[command]
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	engine, err := beckon.New(memstore.New(), beckon.WithWorkers())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Content: beckon.Content{Subject: "Ready", Body: "{{ event.file_name }} is ready"},
	}}}); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"ada@example.org", "bob@example.org", ""} {
		who := beckon.Contact{UserID: "u" + address, Email: address}
		if _, err := engine.Update(ctx, who); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: who.UserID, Metadata: beckon.Fields{{Key: "file_name", Value: beckon.String("cat.mp4")}}}); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	results := map[beckonwork.Result]int{}
	done, end := context.WithCancel(ctx)
	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, s.sender(smtp.WithClock(nil))), beckonwork.WithConcurrency(1),
		beckonwork.WithObserver(func(o beckonwork.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			results[o.Result]++
			if results[beckonwork.Made]+results[beckonwork.Dead] == 3 {
				end()
			}
		}))
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Run(done); err != nil || ctx.Err() != nil {
		t.Fatal(err, ctx.Err())
	}
	if got := s.got(); len(got) != 1 || parse(t, got[0].data).parts["text/plain"] != "cat.mp4 is ready" {
		t.Errorf("got %+v", got)
	}
	letters := 0
	for _, err := range engine.DeadLetters(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		letters++
	}
	if letters != 2 || results[beckonwork.Made] != 1 {
		t.Errorf("%d dead letters, %v", letters, results)
	}
}
