// Package unsubscribe makes links by which a contact unsubscribes, and serves what they
// lead to. A link carries a signed token, so it needs no login and no row in a table:
//
//	signer, err := unsubscribe.NewSigner(key) // 32 bytes or more, kept secret
//	…
//	http.Handle("/unsubscribe", unsubscribe.Handler(engine, signer))
//
// A mail gets two headers, by which mail programs show a button of their own (RFC 8058):
//
//	headers, err := signer.Headers("https://example.com/unsubscribe", unsubscribe.Subject{
//		Contact: d.Contact, From: "email",
//	})
//	…
//	header.Set("List-Unsubscribe", headers.ListUnsubscribe)
//	header.Set("List-Unsubscribe-Post", headers.ListUnsubscribePost)
//
// They count only if the mail is signed by DKIM, and the signature covers both: the server
// that sends your mail does that, or can be told to.
//
// A token is signed, and not encrypted: who sees a link can read which contact it names, by
// the first of its identities that is known, can unsubscribe that contact, and, where
// [Preferences] is served, choose topics for it. It opens nothing else. Keep links out of logs that others read.
package unsubscribe
