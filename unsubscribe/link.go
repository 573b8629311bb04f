package unsubscribe

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
)

// parameter is the parameter of a link that has the token.
const parameter = "token"

// MaxHeaderLink is how many bytes a link in a header of a mail has at most: a line of a mail
// has no more than 998 (RFC 5322), and a link cannot be folded.
const MaxHeaderLink = 900

// oneClick is what a mail program posts (RFC 8058).
const (
	oneClickName  = "List-Unsubscribe"
	oneClickValue = "One-Click"
)

// Link returns the link by which a subject unsubscribes: page with the token as parameter
// "token". The page is where [Handler] is served, such as
// "https://example.com/unsubscribe"; it may have other parameters. It has to be https; http
// is accepted on the machine itself (localhost, 127.0.0.1, ::1), to try it. The error says
// what is wrong with the page, or with the subject.
func (s *Signer) Link(page string, sub Subject) (string, error) {
	u, err := url.Parse(page)
	if err != nil {
		return "", errors.New("unsubscribe: the page is no URL")
	}
	switch {
	case u.Host == "" || u.Opaque != "" || u.User != nil || u.Fragment != "":
		return "", errors.New("unsubscribe: the page must be a URL such as https://example.com/unsubscribe, without user, password and fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())):
		return "", fmt.Errorf("unsubscribe: the page must be https, not %q: mail programs open no other", u.Scheme)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", errors.New("unsubscribe: the parameters of the page are none")
	}
	token, err := s.Token(sub)
	if err != nil {
		return "", err
	}
	query.Set(parameter, token)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// local reports whether a host is this machine.
func local(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Headers are the values of two headers of a mail. They are ASCII on one line.
type Headers struct {
	ListUnsubscribe     string // of "List-Unsubscribe": the link in angle brackets
	ListUnsubscribePost string // of "List-Unsubscribe-Post"
}

// Headers returns the headers that make a mail one from which a click unsubscribes
// (RFC 8058). Errors are those of [Signer.Link]; and a link of more than [MaxHeaderLink] bytes
// is one, which takes an identity or a page of hundreds.
func (s *Signer) Headers(page string, sub Subject) (Headers, error) {
	link, err := s.Link(page, sub)
	if err != nil {
		return Headers{}, err
	}
	if len(link) > MaxHeaderLink {
		return Headers{}, fmt.Errorf("unsubscribe: the link has %d bytes, and a header at most %d", len(link), MaxHeaderLink)
	}
	return Headers{"<" + link + ">", oneClickName + "=" + oneClickValue}, nil
}
