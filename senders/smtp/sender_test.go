package smtp_test

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/senders/smtp"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

const id = "0123456789abcdef0123456789abcdef"

func delivery() beckon.Delivery {
	return beckon.Delivery{
		ID: id, Message: "upload-ready", Channel: beckon.Email, Sequence: 1, At: now.Add(-time.Minute),
		Contact: beckon.Identity{UserID: "u1", Email: "ada@example.org"},
		Subject: "Käse is ready", Body: "cat.mp4 < dog.mp4\n.\nGrüße",
	}
}

// parsed is a mail as a mail program reads it.
type parsed struct {
	header netmail.Header
	parts  map[string]string // by type
}

func parse(t *testing.T, data string) parsed {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	p := parsed{m.Header, map[string]string{}}
	read := func(contentType, encoding string, r io.Reader) {
		kind, params, err := mime.ParseMediaType(contentType)
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") || encoding != "quoted-printable" {
			t.Errorf("%q %q: %v", contentType, encoding, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(r))
		if err != nil {
			t.Error(err)
		}
		p.parts[kind] = strings.TrimSuffix(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n") // a mail ends with one
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "multipart/alternative" {
		read(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return p
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		read(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
	}
}

func TestSend(t *testing.T) {
	s := serve(t, nil)
	if err := s.sender().Send(t.Context(), delivery()); err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if len(got) != 1 || got[0].from != "<shop@example.com> BODY=8BITMIME" || !reflect.DeepEqual(got[0].to, []string{"<ada@example.org>"}) || !got[0].encrypted {
		t.Fatalf("got %+v", got)
	}
	m := parse(t, got[0].data)
	for name, want := range map[string]string{
		"From": `"Shop" <shop@example.com>`, "To": "<ada@example.org>", "Message-Id": "<" + id + "@example.com>",
		"Date": "Mon, 02 Mar 2026 08:59:00 +0000", "Auto-Submitted": "auto-generated", "Mime-Version": "1.0",
		"List-Unsubscribe": "", "List-Unsubscribe-Post": "", "User-Agent": "", "X-Mailer": "", "Bcc": "",
	} {
		if got := m.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject")); subject != "Käse is ready" || err != nil {
		t.Errorf("subject: %q, %v", subject, err)
	}
	if want := map[string]string{"text/plain": delivery().Body}; !reflect.DeepEqual(m.parts, want) {
		t.Errorf("parts: %q", m.parts)
	}
	if strings.ContainsFunc(got[0].data, func(r rune) bool { return r > '~' }) {
		t.Errorf("it is not ASCII:\n%s", got[0].data)
	}
	if !s.said("EHLO client.example.com") {
		t.Errorf("it says %q", s.commands)
	}
}

// A repeat is the same mail, whatever the clock says meanwhile.
func TestRepeatIsTheSameMail(t *testing.T) {
	s := serve(t, nil)
	for _, at := range []time.Time{now, now.Add(time.Hour)} {
		d := delivery()
		d.Attempt++
		if err := s.sender(smtp.WithClock(func() time.Time { return at })).Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.got(); got[0].data != got[1].data {
		t.Errorf("they differ:\n%s\n%s", got[0].data, got[1].data)
	}
}
