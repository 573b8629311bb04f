package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/senders/webhook"
)

// A sender, and a receiver of what it sends.
func Example() {
	keys, err := webhook.ParseKeys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") // from your secrets
	if err != nil {
		log.Fatal(err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = keys.Verify(r.Header, body, time.Now())
		}
		var d beckon.Delivery
		if err == nil {
			err = json.Unmarshal(body, &d)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Printf("%s for %s: %s\n", d.Message, d.Contact.UserID, d.Body)
	}))
	defer receiver.Close()

	var sender beckonwork.Sender
	sender, err = webhook.New(receiver.URL, keys)
	if err != nil {
		log.Fatal(err)
	}
	// A worker calls this for each delivery of its channel.
	err = sender.Send(context.Background(), beckon.Delivery{
		ID: "0123456789abcdef0123456789abcdef", Message: "upload-ready", Channel: beckon.Push,
		Contact: beckon.Identity{UserID: "u1"}, Body: "cat.mp4 is ready",
	})
	fmt.Println("error:", err)
	// Output:
	// upload-ready for u1: cat.mp4 is ready
	// error: <nil>
}
