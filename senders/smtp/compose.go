package smtp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/unsubscribe"
)

// A letter is a mail, ready to be sent: it is made before there is a connection, so that
// nothing can go wrong in the middle of one.
type letter struct {
	from string   // in angle brackets, as SMTP has it
	to   []string // the same
	utf8 bool     // an address is not ASCII
	data []byte
}

// compose makes the mail of a delivery. The error is what Send returns.
func (s *Sender) compose(ctx context.Context, d beckon.Delivery) (*letter, error) {
	to := d.Contact.Email
	switch {
	case to == "":
		return nil, beckonwork.Never(errors.New("smtp: the contact has no email"))
	case !plainAddress(to):
		return nil, beckonwork.Never(fmt.Errorf("smtp: %q is no address", to))
	case d.ID == "" || strings.ContainsFunc(d.ID, func(r rune) bool { return !isIDRune(r) }):
		return nil, beckonwork.Never(fmt.Errorf("smtp: %q is no ID of a delivery", d.ID))
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from := s.from
	m.FromMailAddress(&from)
	m.ToMailAddress(&netmail.Address{Address: to})
	m.Subject(oneLine(d.Subject))
	m.SetMessageIDWithValue(d.ID + s.from.Address[strings.LastIndexByte(s.from.Address, '@'):])
	if d.At.IsZero() {
		d.At = s.now()
	}
	m.SetDateWithValue(d.At.UTC())
	m.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence is a reply to it (RFC 3834)
	link, err := s.link(d, m)
	if err != nil {
		return nil, beckonwork.Never(fmt.Errorf("smtp: %w", err))
	}
	parts := s.parts(d, link)
	switch {
	case parts.Text == "" && parts.HTML == "":
		return nil, beckonwork.Never(errors.New("smtp: the mail says nothing"))
	case parts.Text == "":
		m.SetBodyString(mail.TypeTextHTML, parts.HTML)
	default:
		m.SetBodyString(mail.TypeTextPlain, parts.Text)
		if parts.HTML != "" {
			m.AddAlternativeString(mail.TypeTextHTML, parts.HTML)
		}
	}
	if s.change != nil {
		if err := s.change(ctx, d, m); err != nil {
			return nil, fmt.Errorf("smtp: the mail is not ready: %w", err)
		}
	}
	return written(m)
}

// written writes a mail down.
func written(m *mail.Msg) (*letter, error) {
	var l letter
	var err error
	if l.from, err = m.GetSender(false); err != nil {
		return nil, fmt.Errorf("smtp: the mail has no sender: %w", err)
	}
	if l.to, err = m.GetRecipients(); err != nil {
		return nil, fmt.Errorf("smtp: the mail has no recipient: %w", err)
	}
	for _, a := range append(l.to, l.from) {
		if !plainAddress(strings.TrimSuffix(strings.TrimPrefix(a, "<"), ">")) {
			return nil, fmt.Errorf("smtp: %q is no address", a)
		}
		l.utf8 = l.utf8 || strings.ContainsFunc(a, func(r rune) bool { return r > unicode.MaxASCII })
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("smtp: the mail cannot be written: %w", err)
	}
	l.data = b.Bytes()
	return &l, nil
}

// link sets the headers to unsubscribe, and returns the link; "" if there is none.
func (s *Sender) link(d beckon.Delivery, m *mail.Msg) (string, error) {
	u := s.unsubscribe
	if u == nil {
		return "", nil
	}
	sub := unsubscribe.Subject{Contact: d.Contact, From: string(beckon.Email)}
	if u.From != nil {
		sub.From = u.From(d)
	}
	if sub.From == "" {
		return "", nil
	}
	if u.TTL > 0 {
		sub.Expires = d.At.Add(u.TTL)
	}
	h, err := u.Signer.Headers(u.Page, sub)
	if err != nil {
		return "", err
	}
	m.SetGenHeader(mail.HeaderListUnsubscribe, h.ListUnsubscribe)
	m.SetGenHeader(mail.HeaderListUnsubscribePost, h.ListUnsubscribePost)
	return strings.Trim(h.ListUnsubscribe, "<>"), nil
}

// plainAddress reports whether a text is an address and nothing beside: no name, no second
// address, no quotes, nothing that could end a line or a pair of brackets.
func plainAddress(text string) bool {
	a, err := netmail.ParseAddress(text)
	return err == nil && a.Address == text && a.Name == "" &&
		!strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>"\(),;:`, r)
		})
}

func isIDRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_'
}

// oneLine makes one line of a text: what ends a line, or is not shown, is a space.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}
