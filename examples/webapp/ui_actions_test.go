package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/beckon-go/beckon"
)

// tabTo presses Tab until what has the focus is what an expression of it says.
func (p *tab) tabTo(is string) {
	p.t.Helper()
	for range 60 {
		if p.press(kb.Tab); p.eval("(e => Boolean("+is+"))("+focused+")") == "true" {
			if p.eval(`getComputedStyle(`+focused+`).outlineStyle`) == "none" {
				p.t.Errorf("the focus on %q is not seen", p.eval(focused+`.innerText`))
			}
			return
		}
	}
	p.t.Fatalf("no Tab leads to %s", is)
}

// All that was given up is redelivered by keyboard, by who is sure, and the page says how many.
func TestAdminRedeliverAll(t *testing.T) {
	s := newShop(t)
	stuck(t, s)
	p := openAdmin(t, s, "editor", "outbox?dead=yes")
	p.tabTo(`e.innerText?.startsWith('Redeliver all')`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('form[action=redeliver-all]')`)
	if got := p.eval(`document.querySelector('main').innerText`); !strings.Contains(got, "4 deliveries") || !strings.Contains(got, "mailbox is unavailable") {
		t.Errorf("it asks %q", got)
	}
	p.clickOn(`form[action=redeliver-all] button`)
	if p.eval(`document.querySelector('form[action=redeliver-all]') !== null`) != "true" {
		t.Error("who was not sure has redelivered")
	}
	p.goTo("/admin/redeliver-all")
	p.tabTo(`e.name === 'sure'`)
	p.press(" ")
	p.tabTo(`e.tagName === 'BUTTON'`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('[role=status]')?.innerText === '4 deliveries are pending again.'`)
	for _, err := range s.engine.DeadLetters(t.Context()) {
		t.Error("some are left", err)
	}
	if p.eval("window.hacked") != "false" {
		t.Error("a script of somebody else ran")
	}
}

// An event name is archived and restored by keyboard; what it triggers follows.
func TestAdminArchive(t *testing.T) {
	s := newShop(t)
	busy(t, s)
	p := openAdmin(t, s, "editor", "event?name=upload-complete")
	p.tabTo(`e.innerText === 'Archive it'`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('form[action=archive]').checkVisibility()`)
	p.tabTo(`e.innerText === 'Archive'`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('.head .badge')?.innerText === 'archived'`)
	before := s.sends(t)
	if got := p.eval(`document.querySelector('[role=status]').innerText`); got != "It is archived." {
		t.Errorf("it says %q", got)
	}
	if _, err := s.engine.Track(t.Context(), beckon.Event{Name: "upload-complete", UserID: "new", Metadata: beckon.Fields{beckon.F("duration", 30)}}); err != nil {
		t.Fatal(err)
	}
	if got := s.sends(t); got != before {
		t.Errorf("an archived event sends: %s, before %s", got, before)
	}
	p.goTo("/admin/events?archived=yes")
	p.tabTo(`e.innerText === 'upload-complete'`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('form[action=restore]')`)
	p.tabTo(`e.innerText === 'Restore'`)
	p.press(kb.Enter)
	p.wait(`document.querySelector('[role=status]')?.innerText.startsWith('It is restored')`)
	if _, err := s.engine.Track(t.Context(), beckon.Event{Name: "upload-complete", UserID: "new", Metadata: beckon.Fields{beckon.F("duration", 30)}}); err != nil {
		t.Fatal(err)
	}
	if got := s.sends(t); got == before {
		t.Error("a restored event sends nothing")
	}
}

// sends is how often the message of uploads was sent.
func (s *shop) sends(t *testing.T) string {
	t.Helper()
	totals, err := s.engine.Totals(t.Context(), "upload-ready")
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(totals.Sent, 10)
}
