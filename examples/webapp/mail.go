package main

import (
	"context"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/examples/internal/mailbox"
	"github.com/beckon-go/beckon/senders/smtp"
)

// maxMails is how many the inbox keeps.
const maxMails = 100

// An inbox is what the mail server of the shop was sent: all mail, to whomever.
type inbox struct {
	mu    sync.Mutex
	mails []caught
}

// A caught mail is one as the page shows it.
type caught struct {
	Number            int
	To, Subject, Text string
	HTML              string
	Unsubscribe       string // the link of its header
	At                string
}

// fill keeps what a mailbox is sent, until ctx ends.
func (b *inbox) fill(ctx context.Context, box *mailbox.Mailbox) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-box.Mails:
			c := read(m)
			b.mu.Lock()
			if c.Number = 1; len(b.mails) > 0 {
				c.Number = b.mails[0].Number + 1
			}
			b.mails = slices.Insert(b.mails, 0, c)
			b.mails = b.mails[:min(len(b.mails), maxMails)]
			b.mu.Unlock()
		}
	}
}

func (b *inbox) list() []caught {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// read reads a mail as a mail program would.
func read(m *netmail.Message) caught {
	var words mime.WordDecoder
	header := func(name string) string {
		text, err := words.DecodeHeader(m.Header.Get(name))
		if err != nil {
			return m.Header.Get(name)
		}
		return text
	}
	c := caught{
		To: strings.Trim(header("To"), "<>"), Subject: header("Subject"),
		Unsubscribe: strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"), At: time.Now().Format("15:04:05"),
	}
	c.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return c
}

// part reads a part of a mail, and the parts within.
func (c *caught) part(kind, encoding string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(kind)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if err != nil {
				return // the last one, or what cannot be read
			}
			c.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return
	}
	if kind == "text/html" {
		c.HTML = string(text)
	} else {
		c.Text = string(text)
	}
}

// preferences returns the link to the page on which topics are chosen, by a link to
// unsubscribe: a token is good for both.
func preferences(link string) string {
	return strings.Replace(link, "/unsubscribe?", "/preferences?", 1)
}

// Preferences is the link to the page on which topics are chosen.
func (c caught) Preferences() string { return preferences(c.Unsubscribe) }

// withLink adds the links to choose topics and to unsubscribe to what a mail says.
func withLink(d beckon.Delivery, link string) smtp.Parts {
	parts := smtp.PartsOf(d)
	if link == "" {
		return parts
	}
	if parts.Text != "" {
		parts.Text += "\n\nChoose what you get: " + preferences(link) + "\nUnsubscribe: " + link
	}
	if parts.HTML != "" {
		parts.HTML += `<p><a href="` + html.EscapeString(preferences(link)) + `">Choose what you get</a> · <a href="` + html.EscapeString(link) + `">Unsubscribe</a></p>`
	}
	return parts
}

func (s *shop) mailPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "mail", view{Mails: s.inbox.list()})
}

// mailBody serves a mail in HTML for a frame, where nothing of it runs.
func (s *shop) mailBody(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	list := s.inbox.list()
	i := slices.IndexFunc(list, func(c caught) bool { return c.Number == n })
	if err != nil || i < 0 || list[i].HTML == "" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox allow-popups; default-src 'none'; img-src data: https:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, `<!DOCTYPE html><base target="_blank">`+list[i].HTML) // who does not read it has gone
}
