package beckonhttp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
)

// exampleEngine returns an engine with a message in the chat and a banner.
func exampleEngine() *beckon.Engine {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	var p beckon.Program
	for _, channel := range []beckon.Channel{beckon.Chat, beckon.Banner} {
		p.Messages = append(p.Messages, beckon.Message{
			ID: "ready-" + string(channel), Channel: channel, Status: beckon.Live, Trigger: beckon.On("upload-complete"),
			Content: beckon.Content{Body: "{{ event.file_name }} is ready"},
		})
	}
	if err := engine.Publish(context.Background(), p); err != nil {
		log.Fatal(err)
	}
	return engine
}

// post posts a body and returns the status and the answer.
func post(url, body, header, value string) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(header, value)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		log.Fatal(err)
	}
	return res.Status + " " + string(answer)
}

// A server posts an event. The host sends what comes of it: a banner is not for events of
// the REST interface.
func ExampleREST() {
	mux := http.NewServeMux()
	mux.Handle("/api/", http.StripPrefix("/api", beckonhttp.REST(exampleEngine(), beckonhttp.Tokens("secret"),
		beckonhttp.WithResults(func(_ context.Context, res beckon.Result) {
			for _, d := range res.Deliveries {
				fmt.Println(d.Message, "to", d.Contact.UserID+":", d.Body)
			}
			for _, h := range res.Held() {
				fmt.Println(h.Message, "is held:", h.Reason)
			}
		}))))
	server := httptest.NewServer(mux)
	defer server.Close()

	fmt.Println(post(server.URL+"/api/events", `{"event_name": "upload-complete", "user_id": "u1", "metadata": {"file_name": "cat.mp4"}}`,
		"Authorization", "Bearer secret"))
	// Output:
	// ready-chat to u1: cat.mp4 is ready
	// ready-banner is held: source
	// 202 Accepted
}

// A page posts an event, and gets what it is to show. Who it belongs to, the host knows by
// its session.
func ExampleBrowser() {
	session := func(r *http.Request) (beckon.Identity, error) {
		if cookie, err := r.Cookie("session"); err == nil && cookie.Value == "s-of-u1" {
			return beckon.Identity{UserID: "u1"}, nil
		}
		return beckon.Identity{}, beckonhttp.ErrUnauthorized
	}
	server := httptest.NewServer(beckonhttp.Browser(exampleEngine(), session,
		beckonhttp.WithBrowserEvents("upload-complete"), beckonhttp.WithShownChannels(beckon.Banner)))
	defer server.Close()

	answer := post(server.URL+"/events", `{"event_name": "upload-complete", "user_id": "u2", "metadata": {"file_name": "cat.mp4"}}`,
		"Cookie", "session=s-of-u1")
	fmt.Println(answer[:7], strings.Contains(answer, "cat.mp4 is ready"), strings.Contains(answer, "ready-chat"))
	// Output: 200 OK  true false
}

// Libraries of Segment post batches. The write key is the user of Basic authentication.
func ExampleSegment() {
	handler := beckonhttp.Segment(exampleEngine(), beckonhttp.Tokens("key"),
		beckonhttp.WithResults(func(_ context.Context, res beckon.Result) {
			for _, d := range res.Deliveries {
				fmt.Println(d.Channel, d.Body)
			}
		}))
	server := httptest.NewServer(http.StripPrefix("/segment", handler))
	defer server.Close()

	fmt.Println(post(server.URL+"/segment/v1/batch",
		`{"batch": [{"type": "track", "userId": "u1", "event": "upload-complete", "properties": {"file_name": "cat.jpg"}}]}`,
		"Authorization", "Basic a2V5Og=="))
	// Output:
	// banner cat.jpg is ready
	// chat cat.jpg is ready
	// 200 OK {"success":true}
}

// A page needs the script and the routes that it speaks with.
func ExampleScript() {
	mux := http.NewServeMux()
	mux.Handle("/beckon.js", beckonhttp.Script())
	mux.Handle("/beckon/", http.StripPrefix("/beckon", beckonhttp.Browser(exampleEngine(),
		beckonhttp.Anonymous, beckonhttp.WithBrowserEvents("upload-complete"))))
	server := httptest.NewServer(mux)
	defer server.Close()

	res, err := http.Get(server.URL + "/beckon.js")
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it is not read
	fmt.Println(res.Status, res.Header.Get("Content-Type"))
	// Output:
	// 200 OK text/javascript; charset=utf-8
}
