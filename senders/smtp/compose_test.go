package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/senders/smtp"
	"github.com/beckon-go/beckon/unsubscribe"
)

func TestParts(t *testing.T) {
	for _, c := range []struct {
		parts smtp.Parts
		want  map[string]string
	}{
		{smtp.Parts{HTML: "<p>ü"}, map[string]string{"text/html": "<p>ü"}},
		{smtp.Parts{Text: "ü"}, map[string]string{"text/plain": "ü"}},
		{smtp.Parts{Text: "ü", HTML: "<p>ü"}, map[string]string{"text/plain": "ü", "text/html": "<p>ü"}},
	} {
		s := serve(t, nil)
		sender := s.sender(smtp.WithParts(func(d beckon.Delivery, link string) smtp.Parts {
			if d.ID != id || link != "" {
				t.Errorf("%+v %s", d, link)
			}
			return c.parts
		}))
		if err := sender.Send(t.Context(), delivery()); err != nil {
			t.Fatal(err)
		}
		if m := parse(t, s.got()[0].data); !reflect.DeepEqual(m.parts, c.want) {
			t.Errorf("%+v: %q", c.parts, m.parts)
		}
	}
}

// A mail says what the delivery says, in the format that it names.
func TestPartsOfADelivery(t *testing.T) {
	for _, c := range []struct {
		format     beckon.Format
		body, text string
		want       map[string]string
		alone      string // the type of a mail with one part
	}{
		{beckon.FormatHTML, "<p>ü", "ü", map[string]string{"text/plain": "ü", "text/html": "<p>ü"}, ""},
		{beckon.FormatHTML, "<p>ü", "", map[string]string{"text/html": "<p>ü"}, "text/html"},
		{beckon.FormatHTML, "", "ü", map[string]string{"text/plain": "ü"}, "text/plain"},
		{"", "<p>ü", "", map[string]string{"text/plain": "<p>ü"}, "text/plain"},
		{beckon.FormatText, "<p>ü", "", map[string]string{"text/plain": "<p>ü"}, "text/plain"},
		{"", "ü", "of no program", map[string]string{"text/plain": "ü"}, "text/plain"},
	} {
		s := serve(t, nil)
		d := delivery()
		d.Format, d.Body, d.Text = c.format, c.body, c.text
		if err := s.sender().Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		m := parse(t, s.got()[0].data)
		kind := m.header.Get("Content-Type")
		if !reflect.DeepEqual(m.parts, c.want) || c.alone != "" && !strings.HasPrefix(kind, c.alone) || c.alone == "" && !strings.HasPrefix(kind, "multipart/alternative") {
			t.Errorf("%+v: %s %q", c, kind, m.parts)
		}
	}
}

func TestUnsubscribe(t *testing.T) {
	signer, err := unsubscribe.NewSigner(bytes.Repeat([]byte{'k'}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, nil)
	var seen []string
	sender := s.sender(
		smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer, Page: "https://example.com/unsubscribe", TTL: time.Hour, From: func(d beckon.Delivery) string {
			return map[string]string{"news": "email:news", "receipt": "", "upload-ready": "email"}[d.Message]
		}}),
		smtp.WithParts(func(d beckon.Delivery, link string) smtp.Parts {
			seen = append(seen, link)
			return smtp.Parts{Text: d.Body + link}
		}),
	)
	for i, c := range []struct{ message, from string }{{"upload-ready", "email"}, {"news", "email:news"}, {"receipt", ""}} {
		d := delivery()
		d.Message = c.message
		if err := sender.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		m := parse(t, s.got()[i].data)
		list, post := m.header.Get("List-Unsubscribe"), m.header.Get("List-Unsubscribe-Post")
		if c.from == "" {
			if list != "" || post != "" || seen[i] != "" {
				t.Errorf("a receipt has a link: %q %q %q", list, post, seen[i])
			}
			continue
		}
		if post != "List-Unsubscribe=One-Click" || list != "<"+seen[i]+">" || !strings.HasPrefix(list, "<https://example.com/unsubscribe?token=") {
			t.Errorf("%s: %q %q", c.message, list, post)
		}
		token := strings.TrimPrefix(seen[i], "https://example.com/unsubscribe?token=")
		want := unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: c.from, Expires: now.Add(59 * time.Minute)}
		if sub, err := signer.Check(token, now); err != nil || sub != want {
			t.Errorf("%s: %+v, %v", c.message, sub, err)
		}
	}
	// By default it is the channel, for good.
	if err := s.sender(smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer, Page: "https://example.com/u"})).Send(t.Context(), delivery()); err != nil {
		t.Fatal(err)
	}
	list := parse(t, s.got()[3].data).header.Get("List-Unsubscribe")
	token := strings.TrimSuffix(strings.TrimPrefix(list, "<https://example.com/u?token="), ">")
	if sub, err := signer.Check(token, now.AddDate(50, 0, 0)); err != nil || sub.From != "email" {
		t.Errorf("%s: %+v, %v", list, sub, err)
	}
	// A link that cannot be made is one that the law may ask for.
	d := delivery()
	d.Contact.UserID = strings.Repeat("x", 1000)
	if err := sender.Send(t.Context(), d); err == nil || !strings.HasPrefix(err.Error(), "it can never be sent: ") {
		t.Errorf("a link that is too long: %v", err)
	}
}

// Nothing that a contact or an event says begins a header, a recipient or a command.
func TestNothingIsInjected(t *testing.T) {
	const evil = "x\r\nBcc: eve@example.net\r\n\r\nhello\nX-A: b\r\x00\u2028end"
	s := serve(t, nil)
	sender := s.sender()
	d := delivery()
	d.Subject, d.Body, d.Message, d.CompanyID = evil, "\r\n.\r\nRCPT TO:<eve@example.net>\r\n"+evil, evil, evil
	if err := sender.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	got := s.got()
	m := parse(t, got[0].data)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject"))
	if err != nil || subject != "x Bcc: eve@example.net hello X-A: b end" || len(m.header) != 9 || m.header.Get("Bcc") != "" {
		t.Errorf("%q, headers %v", subject, m.header)
	}
	if len(got) != 1 || len(got[0].to) != 1 || !strings.Contains(m.parts["text/plain"], "\n.\nRCPT TO:<eve@example.net>\n") {
		t.Errorf("got %+v", got)
	}
	for _, address := range []string{
		"", " ", "ada", "ada@", "@example.org", "ada@example.org\r\nRCPT TO:<eve@example.net>", "ada@example.org>\r\nDATA", "ada@example.org, eve@example.net",
		"Eve <eve@example.net>", "<ada@example.org>", "ada@example.org (x)", `"a> NOTIFY=NEVER <b"@example.org`, "\"a\r\nb\"@example.org", "ada@example.org\x00", "ada@exa mple.org", " ada@example.org", "ada@example.org\n", "a\u2028b@example.org",
	} {
		d := delivery()
		d.Contact.Email = address
		if err := sender.Send(t.Context(), d); err == nil || !strings.HasPrefix(err.Error(), "it can never be sent: ") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, id := range []string{"", "a b", "a>\r\nX: y", "a@b"} {
		d := delivery()
		d.ID = id
		if err := sender.Send(t.Context(), d); err == nil || !strings.HasPrefix(err.Error(), "it can never be sent: ") {
			t.Errorf("the ID %q: %v", id, err)
		}
	}
	if n := len(s.got()); n != 1 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestMailThatSaysNothing(t *testing.T) {
	s := serve(t, nil)
	d := delivery()
	d.Body = ""
	if err := s.sender().Send(t.Context(), d); err == nil || !strings.HasPrefix(err.Error(), "it can never be sent: ") || s.count("CONNECT") > 0 {
		t.Errorf("%v, %d connections", err, s.count("CONNECT"))
	}
}

// SMTPUTF8 is asked for if an address needs it, and only then: the next server on the way may
// not know it.
func TestAddressesThatAreNotASCII(t *testing.T) {
	d := delivery()
	d.Contact.Email = "käse@example.org"
	s := serve(t, nil)
	sender := s.sender()
	if err := sender.Send(t.Context(), d); err == nil || !strings.HasPrefix(err.Error(), "it can never be sent: ") || s.count("MAIL") > 0 {
		t.Errorf("a server without: %v", err)
	}
	s = serve(t, func(s *server) { s.offers = append(s.offers, "SMTPUTF8") })
	sender = s.sender()
	for _, next := range []beckon.Delivery{d, delivery(), d} {
		if err := sender.Send(t.Context(), next); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"<shop@example.com> BODY=8BITMIME SMTPUTF8", "<shop@example.com> BODY=8BITMIME", "<shop@example.com> BODY=8BITMIME SMTPUTF8"} {
		if got := s.got()[i]; got.from != want {
			t.Errorf("%d: %+v", i, got)
		}
	}
}

func TestMessageIsChanged(t *testing.T) {
	s := serve(t, nil)
	fail := error(nil)
	sender := s.sender(smtp.WithMessage(func(_ context.Context, d beckon.Delivery, m *mail.Msg) error {
		if err := m.EnvelopeFrom("bounces+" + d.ID + "@example.com"); err != nil {
			return err
		}
		if err := m.ReplyTo("help@example.com"); err != nil {
			return err
		}
		return errors.Join(fail, m.Bcc("archive@example.com"))
	}))
	if err := sender.Send(t.Context(), delivery()); err != nil {
		t.Fatal(err)
	}
	got := s.got()[0]
	m := parse(t, got.data)
	if got.from != "<bounces+"+id+"@example.com> BODY=8BITMIME" || len(got.to) != 2 || m.header.Get("Reply-To") != "<help@example.com>" || m.header.Get("From") != `"Shop" <shop@example.com>` || m.header.Get("Bcc") != "" {
		t.Errorf("got %+v", got)
	}
	fail = errors.New("no attachment")
	if err := sender.Send(t.Context(), delivery()); !errors.Is(err, fail) || strings.HasPrefix(err.Error(), "never") {
		t.Errorf("%v", err)
	}
}
