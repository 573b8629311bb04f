// Package smtp sends deliveries as mail, by SMTP. It is a sender of a [beckonwork] worker:
//
//	mail, err := smtp.New("smtp.example.com", "Shop <shop@example.com>",
//		smtp.WithLogin("shop", os.Getenv("SMTP_PASSWORD")),
//		smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer, Page: "https://example.com/unsubscribe"}),
//	)
//	…
//	defer mail.Close()
//	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, mail))
//
// A mail goes to the email of the delivery's contact. It has the delivery's ID in its
// Message-ID, so that a repeat after a crash is the same mail to those who receive it.
// Connections are encrypted, unless an option says otherwise, and used again.
//
// A body in HTML is sent as HTML, with the content's text beside it if there is one, and any
// other as text; see [WithParts].
package smtp
