package smtp_test

import (
	"html"
	"log"
	"os"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/senders/smtp"
	"github.com/beckon-go/beckon/unsubscribe"
)

// A sender of mails, with a link by which their contacts unsubscribe.
func Example() {
	signer, err := unsubscribe.NewSigner([]byte(os.Getenv("UNSUBSCRIBE_KEY")))
	if err != nil {
		log.Print(err)
		return
	}
	var mail beckonwork.Sender
	sender, err := smtp.New("smtp.example.com", "Shop <shop@example.com>",
		smtp.WithLogin("shop", os.Getenv("SMTP_PASSWORD")),
		smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer, Page: "https://example.com/unsubscribe"}),
		smtp.WithParts(func(d beckon.Delivery, link string) smtp.Parts {
			parts := smtp.PartsOf(d)
			if link == "" { // the mail has none
				return parts
			}
			if parts.HTML != "" {
				parts.HTML += `<p><a href="` + html.EscapeString(link) + `">Unsubscribe</a></p>`
			}
			if parts.Text != "" {
				parts.Text += "\n\nUnsubscribe: " + link
			}
			return parts
		}),
	)
	if err != nil {
		log.Print(err)
		return
	}
	defer sender.Close() // when the worker has drained
	mail = sender
	_ = mail // beckonwork.Send(beckon.Email, mail)
}
