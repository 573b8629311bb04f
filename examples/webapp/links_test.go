package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/unsubscribe"
)

// The pages of links in mails fit on a small phone, whatever topics and tags are called, and are
// readable in light and dark.
func TestLinkPages(t *testing.T) {
	s := newShop(t)
	program, err := beckon.ParseProgram(firstProgram)
	if err != nil {
		t.Fatal(err)
	}
	program.Topics = append(program.Topics, beckon.Topic{ID: "wide", Name: wide})
	if err := s.engine.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	signer, err := unsubscribe.NewSigner(s.key)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, s, "/")
	p.do(chromedp.EmulateViewport(320, 568))
	for _, theme := range []string{"light", "dark"} {
		p.media("prefers-color-scheme", theme)
		for _, page := range []string{"/unsubscribe", "/preferences"} {
			for _, from := range []string{"email:" + wide, wide, "expired"} {
				sub := unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: from}
				if from == "expired" {
					sub.Expires = time.Unix(1, 0)
				}
				token, err := signer.Token(sub)
				if err != nil {
					t.Fatal(err)
				}
				p.goTo(page + "?token=" + token)
				p.wait(`document.readyState === 'complete' && document.querySelector('main')`)
				at := page + " of " + from + ", " + theme
				if got := p.eval(`document.documentElement.scrollWidth`); got != "320" {
					t.Errorf("%s: it is %s wide", at, got)
				}
				if bad := p.eval(contrasts); bad != "" {
					t.Errorf("%s: hard to read:\n%s", at, bad)
				}
				if got := p.eval(`getComputedStyle(document.querySelector('main')).maxWidth + getComputedStyle(document.body).paddingTop`); got != "none24px" {
					t.Errorf("%s: it has no style: %s", at, got)
				}
			}
		}
	}
}
