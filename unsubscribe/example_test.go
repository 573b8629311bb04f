package unsubscribe_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/unsubscribe"
)

// A contact unsubscribes by one click in its mail program, which posts a form.
func Example() {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	key := []byte("32 random bytes, kept as a secret") // openssl rand 32
	signer, err := unsubscribe.NewSigner(key)
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(unsubscribe.Handler(engine, signer))
	defer server.Close()

	who := beckon.Identity{UserID: "u1"}
	link, err := signer.Link(server.URL, unsubscribe.Subject{Contact: who, From: "email"})
	if err != nil {
		log.Fatal(err)
	}
	answer, err := http.Post(link, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		log.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		log.Fatal(err)
	}
	contact, _, err := engine.Export(context.Background(), who)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Status, contact.Unsubscribed)
	// Output: 200 OK [email]
}
