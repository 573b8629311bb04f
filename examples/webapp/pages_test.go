package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/beckon-go/beckon"
)

var shots = flag.String("shots", "", "write pictures of the pages to this `folder`")

// TestPictures takes pictures to look at: go test -run Pictures -shots /tmp/shots.
func TestPictures(t *testing.T) {
	if *shots == "" {
		t.Skip("-shots names no folder")
	}
	s := newShop(t)
	for _, theme := range []string{"light", "dark"} {
		for name, size := range map[string][2]int64{"desktop": {1280, 900}, "phone": {390, 844}} {
			p := open(t, s, "/")
			p.media("prefers-color-scheme", theme)
			p.do(chromedp.EmulateViewport(size[0], size[1]))
			shot := func(what string) {
				t.Helper()
				picture := ask(p, chromedp.CaptureScreenshot())
				if err := os.WriteFile(filepath.Join(*shots, what+"-"+name+"-"+theme+".png"), picture, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			shot("home")
			p.upload(1)
			p.wait(in(".banner"))
			p.clickOn("[data-watch]")
			p.wait(in(".chat"))
			p.upload(2)
			p.clickOn("[data-message=upload-ready]")
			p.wait(`document.querySelector('.why')`)
			p.eval(`scrollTo(0, 0)`)
			shot("shown")
			p.eval(`document.querySelector('.panel').scrollIntoView()`)
			shot("panel")
			p.signIn()
			p.clickOn("[data-buy]")
			p.wait(in("dialog"))
			shot("post")
			p.press("\x1b")
			p.wait("!" + in("dialog"))
			p.goTo("/mail")
			shot("mail")
			p.goTo("/messages")
			shot("messages")
		}
	}
}

// The documents' example: of four uploads twenty minutes apart the first and the fourth are
// told, and the panel says why the others are not.
func TestUpload(t *testing.T) {
	p := open(t, newShop(t), "/")
	p.upload(1)
	p.wait(in(".banner"))
	if got := p.eval(in(".banner .main") + ".innerText"); got != "Your upload is ready\nholiday.mp4 took 20 minutes. Share it with your team." {
		t.Errorf("%q", got)
	}
	p.click(in(".banner .close"))
	p.wait("!" + in(".banner"))
	p.upload(2)
	p.upload(3)
	if p.eval(`[...document.querySelectorAll('.entry .badge')].map(e => e.innerText).join()`) != "held,held,sent" || p.eval(in(".banner")) != "null" {
		t.Error("the second and third click are not throttled")
	}
	p.wait(`/throttled you have had it too recently, until \d\d:\d\d/.test(document.querySelector('.held .reason').innerText)`)
	p.clickOn(".held .link")
	p.wait(`document.querySelector('.why')?.innerText.includes('Sent before: 1')`)
	if got := p.eval(`document.querySelector('.why .yes').innerText`); got != `{"metadata":"duration","op":"greater_than","value":2} (it is 20)` {
		t.Errorf("%q", got)
	}
	p.upload(4)
	p.wait(in(".banner"))
	p.wait(`document.querySelectorAll('.entry .badge')[0].innerText === 'sent'`)
}

// However quick the clicks are, and whether or not the banner was dismissed.
func TestQuickUploads(t *testing.T) {
	p := open(t, newShop(t), "/")
	p.eval(`[1, 2, 3, 4].forEach(n => { document.getElementById('name').value = n + '.mp4'; document.querySelector('#upload').requestSubmit() })`)
	p.wait(`[...document.querySelectorAll('.entry .badge')].map(e => e.innerText).join() === 'sent,held,held,sent'`)
	p.wait(in(".banner .text") + "?.innerText.startsWith('4.mp4')")
	p.click(in(".banner .close"))
	p.wait("!" + in(".banner"))
}

// Who buys gets mail, and by its link no more of that kind.
func TestMail(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/")
	p.clickOn("[data-buy]")
	p.wait(`document.activeElement.id === 'email'`) // a visitor has no address
	p.upload(1)
	p.signIn()
	p.wait(`document.querySelector('.entry')`) // what the visitor did is the user's
	p.clickOn("[data-buy]")
	p.wait(in("dialog"))
	if got := p.eval(in("dialog .main") + ".innerText"); got != "It is yours\n\nThe Night Tides for €4.99: order TX000001.\n\nWe have sent you a receipt." {
		t.Errorf("%q", got)
	}
	if got := p.eval(in("dialog .main a") + ".href"); got != s.url+"/mail?order=TX000001" {
		t.Error(got)
	}
	p.click(in("dialog .action"))
	p.wait("!" + in("dialog"))
	mails := func(n string) {
		t.Helper()
		p.goTo("/mail")
		for range 200 {
			if p.eval(`[...document.querySelectorAll('.mail h2')].map(e => e.innerText).sort().join('; ')`) == n {
				return
			}
			p.goTo("/mail")
		}
		t.Fatalf("the mails are %s", p.eval(`document.querySelector('main').innerText`))
	}
	mails("More like The Night Tides; Your receipt for The Night Tides")
	if p.eval(`document.querySelectorAll('.unsubscribe').length`) != "1" {
		t.Error("a receipt is no mail to unsubscribe from")
	}
	p.clickOn(".unsubscribe")
	p.wait(`document.querySelector('form button')`)
	p.clickOn("form button")
	p.wait(`document.body.innerText.includes('It is done')`)
	p.goTo("/")
	p.clickOn(`[data-buy=bread]`)
	p.wait(in("dialog"))
	p.wait(`[...document.querySelectorAll('.held')].some(e => e.innerText.includes('more-like-this') && e.innerText.includes('unsubscribed'))`)
	mails("More like The Night Tides; Your receipt for Bread, Slowly; Your receipt for The Night Tides")
}

// Who wants no mail about films says so on the page of topics, and gets receipts all the same.
func TestChoicesOfTopics(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/")
	p.signIn()
	p.clickOn("[data-buy]")
	p.wait(in("dialog"))
	for range 200 {
		if p.goTo("/mail"); p.eval(`document.querySelectorAll('.preferences').length`) == "1" {
			break
		}
	}
	p.clickOn(".preferences")
	p.wait(`document.querySelectorAll('input[type=checkbox]').length === 2`)
	if got := p.eval(`[...document.querySelectorAll('label')].map(e => e.innerText.trim() + ': ' + e.querySelector('input').checked).join('; ')`); got != "Films you may like: true; The film club, once a month: false" {
		t.Errorf("the page has %s", got)
	}
	p.clickOn("label")
	p.clickOn("button")
	p.wait(`document.querySelector('[role=status]') && !document.querySelector('input[type=checkbox]').checked`)
	p.goTo("/")
	p.clickOn(`[data-buy=bread]`)
	p.wait(in("dialog"))
	p.wait(`[...document.querySelectorAll('.held')].some(e => e.innerText.includes('more-like-this') && e.innerText.includes('unsubscribed'))`)
	for range 200 {
		if p.goTo("/mail"); p.eval(`document.querySelectorAll('.mail').length`) == "3" {
			break
		}
	}
	if got := p.eval(`[...document.querySelectorAll('.mail h2')].map(e => e.innerText).sort().join('; ')`); got != "More like The Night Tides; Your receipt for Bread, Slowly; Your receipt for The Night Tides" {
		t.Errorf("the mails are %s", got)
	}
}

// What a page sends is text wherever it is shown, and what the author of a message wrote has
// no script in it.
func TestHostileMetadata(t *testing.T) {
	s := newShop(t)
	const evil = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>.mp4`
	program := beckon.Program{Messages: []beckon.Message{
		{
			ID: "text", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("upload-complete"),
			Content: beckon.Content{Subject: "{{ event.file_name }}", Body: "{{ event.file_name }}", Data: map[string]string{"button": "{{ event.file_name }}", "url": "javascript:window.hacked=1"}},
		},
		{
			ID: "upload-ready", Channel: beckon.Chat, Status: beckon.Live, Trigger: beckon.On("upload-complete"),
			Content: beckon.Content{
				Format: beckon.FormatHTML, Subject: "{{ event.file_name }}",
				Body: `<p id="own" class="x" style="color:red" onclick="window.hacked=1">{{ event.file_name }} <b>bold</b> <a href="https://a.example/?a=1&amp;b=2">far</a>` +
					` <a href="/near">near</a> <a href="javascript:window.hacked=1">no</a></p>` +
					`<script>window.hacked=1</script><style>* { display: none }</style><iframe src="/"></iframe><svg onload="window.hacked=1"></svg><form action="/buy"><input></form>`,
				Data: map[string]string{"button": "{{ event.file_name }} &amp; more"},
			},
		},
	}}
	if err := s.engine.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	p := open(t, s, "/")
	// The policy forbids what the author wrote already where it is parsed, and reports that.
	p.eval(`window.tolerated = /^(script-src-attr|style-src-attr|style-src-elem)$/`)
	p.eval(fmt.Sprintf("document.getElementById('name').value = %q", evil))
	p.upload(1)
	p.wait(in(".banner") + "&&" + in(".chat"))
	for element, want := range map[string]string{
		".banner h2": evil, ".banner .text": evil, ".banner .action": evil, ".chat h2": evil, ".chat .action": evil + " & more",
		".chat .html": evil + " bold far near no",
	} {
		if got := p.eval(in(element) + ".textContent"); got != want {
			t.Errorf("%s: %q", element, got)
		}
	}
	const html = `<p>&lt;img src=x onerror="window.hacked=1"&gt;&lt;script&gt;window.hacked=1&lt;/script&gt;.mp4 <b>bold</b> ` +
		`<a href="https://a.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">far</a> <a href="URL/near">near</a> <a>no</a></p>`
	if got := p.eval(in(".chat .html") + ".innerHTML.replace(location.origin, 'URL')"); got != html {
		t.Error(got)
	}
	if p.eval(in(".banner .action")+".tagName") != "BUTTON" {
		t.Error("a link that is none is one")
	}
	p.wait(`document.getElementById('said').innerText.includes('<img')`)
	p.goTo("/")
	p.wait(`document.querySelector('.entry')`)
	if p.eval("window.hacked") != "false" {
		t.Error("a script ran")
	}
}

// The documents' snippet and calls run as they are, when a tag manager brings the script
// under another name.
func TestTagManager(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/documents")
	p.eval(`Intercom('trackEvent', 'upload-complete', {duration: 19, file_name: 'early.jpg'})`) // the script may not be there yet
	p.wait(in(".banner"))
	if got := p.eval(in(".banner .text") + ".innerText"); got != "early.jpg took 19 minutes. Share it with your team." || p.eval("typeof beckon") != "undefined" {
		t.Errorf("%q", got)
	}
	p.press(kb.Tab)
	p.clickID("exit")
	p.eval(`[Intercom('show'), Intercom('onShow', () => {}), Intercom('nonsense')]`) // methods that are not there
	id := p.eval(`Intercom('getVisitorId')`)
	if len(id) != 32 {
		t.Error(id)
	}
	p.goTo("/")
	p.wait(`document.querySelectorAll('.entry').length === 2`)
	var who beckon.Identity
	for c, err := range s.engine.Match(t.Context(), beckon.All()) {
		if err != nil {
			t.Fatal(err)
		}
		who = c
	}
	list, err := s.engine.RecentEvents(t.Context(), who, nil, 0)
	if err != nil || len(list) != 2 || list[0].Source != beckon.SourceTagManager || list[0].Page.URL != s.url+"/documents" {
		t.Errorf("%+v, %v", list, err)
	}
}

// All by keys alone: what is shown is announced, reached, dismissed, and gives the focus back.
func TestKeyboard(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/")
	for range 20 {
		if p.press(kb.Tab); p.eval(focused+".id") == "name" {
			break
		}
	}
	p.press(kb.End, "x", kb.Enter)
	p.wait(in(".banner"))
	if got := p.eval(in(".banner") + ".closest('[role=status]').getAttribute('aria-live')"); got != "polite" {
		t.Error(got)
	}
	if got := p.eval(in(".banner") + ".getRootNode().getElementById(" + in(".banner") + ".getAttribute('aria-labelledby')).innerText"); got != "Your upload is ready" {
		t.Error(got)
	}
	if p.eval(focused+".id") != "name" {
		t.Error("a banner took the focus")
	}
	if got := p.eval(in(".banner .text") + ".innerText"); got != "holiday.mp4x took 20 minutes. Share it with your team." {
		t.Error(got)
	}
	for range 20 {
		if p.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))); p.eval(focused+".ariaLabel") == "Dismiss" {
			break
		}
	}
	if p.eval(focused+".tagName") != "BUTTON" {
		t.Fatal("Tab does not come to the banner")
	}
	p.press(kb.Escape)
	p.wait("!" + in(".banner"))

	// A dialog has the focus, keeps it, and gives it back.
	p.signIn()
	for range 30 {
		if p.press(kb.Tab); p.eval(focused+".dataset.buy") == "tides" {
			break
		}
	}
	p.press(kb.Enter)
	p.wait(in("dialog:modal"))
	for range 8 {
		p.press(kb.Tab)
		if p.eval(focused+".closest('dialog, body').tagName") == "BODY" && p.eval(focused+".tagName") != "BODY" {
			t.Fatalf("the focus left the dialog for %s", p.eval(focused+".outerHTML"))
		}
	}
	p.press(kb.Escape)
	p.wait("!" + in("dialog"))
	if p.eval(focused+".dataset.buy") != "tides" {
		t.Errorf("the focus is at %s", p.eval(focused+".outerHTML"))
	}
	s.counted(p, "message-dismissed", 2)
}

// An event has one id for all tries: if the answer is lost it is sent again, and if the page
// closes before it was sent, the next one sends it.
func TestLostRequests(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/")
	p.wait(`!localStorage['beckon:none']`)
	p.eval(`sessionStorage.lost = 'answer'`)
	p.clickOn("[data-watch]")
	p.wait(`document.querySelector('.entry')`)
	p.wait(`!sessionStorage.lost && Object.keys(localStorage).filter(k => k.startsWith('beckon:q')).length === 0`)

	p.eval(`(sessionStorage.lost = 'request', localStorage['beckon:qbroken'] = '{', tries = 0)`)
	p.clickOn("[data-watch]")
	p.wait(`tries > 0`)
	p.eval(`(tries = 0, [1, 2, 3, 4, 5].forEach(() => beckon('update')))`)
	if got := p.eval("tries"); got != "0" && got != "1" { // the second try, if a second has passed
		t.Errorf("%s tries while it waits", got)
	}
	p.wait(`Object.keys(localStorage).some(k => k.startsWith('beckon:q'))`)
	p.goTo("/mail")
	if p.eval(`Object.keys(localStorage).filter(k => k.startsWith('beckon:q')).length`) != "1" { // what is broken has gone
		t.Error("it was lost with its page")
	}
	p.eval(`delete sessionStorage.lost`)
	p.goTo("/mail")
	p.wait(`Object.keys(localStorage).filter(k => k.startsWith('beckon:q')).length === 0`)

	// Closed in the middle: what was not sent yet goes off, without another page.
	p.goTo("/")
	p.eval(`(beckon('trackEvent', 'watched-video', {title: 'last'}), beckon('trackEvent', 'watched-video', {title: 'very last'}), setTimeout(() => location.href = 'about:blank'))`)
	s.counted(p, "watched-video", 4)
	p.goTo("/mail")
	p.wait(`Object.keys(localStorage).filter(k => k.startsWith('beckon:q')).length === 0`)
	s.counted(p, "watched-video", 4)
}

// counted waits until an event of the only contact is counted so many times.
func (s *shop) counted(p *tab, event string, n uint64) {
	p.t.Helper()
	var last uint64
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // the page may be going
		for who, err := range s.engine.Match(p.t.Context(), beckon.All()) {
			if err != nil {
				p.t.Fatal(err)
			}
			x, _, err := s.engine.Export(p.t.Context(), who)
			if err != nil {
				p.t.Fatal(err)
			}
			for _, e := range x.Events {
				if e.Name == event {
					last = e.Count
				}
			}
		}
		if last == n {
			return
		}
	}
	p.t.Errorf("%s is counted %d times, not %d", event, last, n)
}

// The pages follow what the system prefers.
func TestPreferences(t *testing.T) {
	p := open(t, newShop(t), "/")
	p.upload(1)
	p.wait(in(".banner"))
	style := func(property string) string {
		return p.eval("getComputedStyle(" + in(".banner") + ")." + property)
	}
	if light := style("backgroundColor"); light != "rgb(255, 255, 255)" || style("animationName") != "in" {
		t.Error(light, style("animationName"))
	}
	p.media("prefers-color-scheme", "dark")
	if dark := style("backgroundColor"); dark != "rgb(31, 34, 41)" {
		t.Error(dark)
	}
	p.media("prefers-reduced-motion", "reduce")
	if got := style("animationName"); got != "none" {
		t.Error(got)
	}
	p.do(chromedp.EmulateViewport(390, 844))
	if got := p.eval(`document.documentElement.scrollWidth`); got != "390" {
		t.Errorf("the page is %s wide on a phone", got)
	}
	if got := p.eval(in(".banner") + ".getBoundingClientRect().right"); got != "378" {
		t.Error(got)
	}
}

// Messages are published while the shop runs. What is wrong is told with its place.
func TestEditor(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/messages")
	replace := func(from, to string) {
		t.Helper()
		p.eval(fmt.Sprintf("(e => e.value = e.value.replace(%q, %q))(document.getElementById('text'))", from, to))
		p.clickOn("#program button")
	}
	replace(`"where"`, `"were"`)
	p.wait(`document.querySelectorAll('#faults li').length === 1`)
	if got := p.eval(`document.getElementById('faults').innerText`); got != `messages[0].trigger.were unknown field, did you mean "where"?` {
		t.Errorf("%q", got)
	}
	replace(`"were"`, `"where"`)
	p.wait(`document.getElementById('published').innerText.startsWith('Published') && !document.querySelector('#faults li')`)
	replace("Share it with your team.", "Tell everybody.")
	p.wait(`document.getElementById('published').innerText.startsWith('Published')`)
	p.goTo("/")
	p.upload(1)
	p.wait(in(".banner .text") + "?.innerText.endsWith('Tell everybody.')")
}

// The page fills a survey in, and a message that waits comes by itself.
func TestSurvey(t *testing.T) {
	s := newShop(t)
	p := open(t, s, "/")
	for i := range 3 {
		p.click(fmt.Sprintf("document.querySelectorAll('[data-watch]')[%d]", i))
		p.wait(fmt.Sprintf(`[...document.querySelectorAll('.entry')].filter(e => e.innerText.includes('tell-us')).length === %d`, i+1))
	}
	p.wait(in("dialog.survey"))
	if got := p.eval(in("dialog .main") + ".innerText.replace(/\\s+/g, ' ')"); got != "Three videos! How did you like Four Small Peaks? Not at all It was fine Loved it" {
		t.Errorf("%q", got)
	}
	p.click(`[...document.querySelector('beckon-messages').shadowRoot.querySelectorAll('dialog .main button')].at(-1)`)
	p.wait("!" + in("dialog"))
	p.click(in(".chat .close"))
	p.clickID("wait")
	p.wait(in(".chat .text") + "?.innerText === 'The Night Tides is still here for you.'")
}

// Who logs out takes along what was shown, and is a new visitor.
func TestShutdown(t *testing.T) {
	p := open(t, newShop(t), "/")
	before := p.eval(`beckon('getVisitorId')`)
	p.upload(1)
	p.wait(in(".banner"))
	p.eval(`beckon('shutdown')`)
	if p.eval(`document.querySelector('beckon-messages')`) != "null" || p.eval(`beckon('getVisitorId')`) == before {
		t.Error("something stays")
	}
	p.eval(`(beckon('trackEvent', 'watched-video', {title: 'x'}), beckon('boot', {}))`) // waits for the boot
	p.wait(in(".chat"))
	p.eval(`beckon('update', {user_id: 'other'})`) // somebody else: another session
	p.wait("!" + in(".chat"))
}
