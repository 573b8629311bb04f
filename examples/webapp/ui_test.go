package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/beckon-go/beckon"
)

// openAdmin opens a page of the team, as somebody who may edit or who may not.
func openAdmin(t *testing.T, s *shop, user, path string) *tab {
	t.Helper()
	p := open(t, s, "/static/shop.css") // a page that shows nothing
	p.goTo(strings.Replace(s.url, "://", "://"+user+":"+s.token+"@", 1) + "/admin/" + path)
	return p
}

// busy has two contacts do things, one of them with a hostile name.
func busy(t *testing.T, s *shop) {
	t.Helper()
	ctx := t.Context()
	for _, c := range []beckon.Contact{
		{UserID: "ada@example.org", Email: "ada@example.org", Name: "Ada", Attributes: beckon.Attributes{"plan": beckon.String("pro")}, Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}},
		{UserID: hostile, Name: hostile, Attributes: beckon.Attributes{"plan": beckon.String(hostile)}},
		{UserID: wide, Name: wide, Email: wide[:60] + "@example.org", Attributes: beckon.Attributes{wide: beckon.String(wide)}, Companies: []beckon.Membership{{CompanyID: wide, Name: wide, Attributes: beckon.Attributes{wide: beckon.String(wide)}}}},
	} {
		if _, err := s.engine.Update(ctx, c); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if _, err := s.engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: c.UserID, Metadata: beckon.Fields{
				beckon.F("file_name", strings.Repeat("long-name-", 10)+c.Name), beckon.F("duration", 20+i), beckon.F("file_location", "https://example.com/a"),
			}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := s.engine.Track(ctx, beckon.Event{Name: wide, UserID: wide, CompanyID: wide, Source: beckon.SourceREST, Page: &beckon.Page{URL: "https://example.org/" + wide}, Metadata: beckon.Fields{beckon.F(wide, wide)}}); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.Describe(ctx, wide, wide); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.Unsubscribe(ctx, beckon.Identity{UserID: wide}, "email:another-"+wide, wide); err != nil {
		t.Fatal(err)
	}
}

const hostile = `"><script>hacked = true</script><img src=x onerror="hacked = true">`

// wide is a name of one word that is wider than any screen.
const wide = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"

// adminPages are all pages of the team.
func adminPages() []string {
	return []string{
		"", "messages?status=live", "message?id=upload-ready", "message?id=upload-ready&user_id=ada%40example.org", "message?id=thanks", "contacts", "contacts?q=nobody", "contact?user_id=ada%40example.org",
		"contact?user_id=" + escaped(hostile), "why", "why?user_id=ada%40example.org&message=upload-ready", "why?user_id=" + escaped(hostile) + "&on=event&event=upload-complete", "why?user_id=x&on=event&event=e&metadata=nope",
		"contacts?q=" + wide, "events?q=" + wide,
		"events", "event?name=upload-complete", "program", "stop?message=receipt", "nope",
	}
}

// stuck has deliveries given up and a contact walk through a series, and returns their pages.
func stuck(t *testing.T, s *shop, changes ...func(*beckon.Program)) []string {
	t.Helper()
	ctx := t.Context()
	text, err := os.ReadFile("programs/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	program, err := beckon.ParseProgram(text)
	if err != nil {
		t.Fatal(err)
	}
	letter := beckon.Message{ID: "onboarding-letter", Channel: beckon.Email, Content: beckon.Content{Subject: "Welcome", Body: "Good to have you here"}}
	for _, change := range changes {
		change(&program)
	}
	program.Series = append(program.Series,
		beckon.Series{ID: "onboarding", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("upload-complete")}, Exit: beckon.User("plan").Is("gone"), Blocks: []beckon.Block{
			{ID: "has-shared", Rule: ruled(beckon.Did("shared-video").AtLeast(1)), Within: beckon.Days(3), Yes: "welcome", No: "welcome"}, {ID: "welcome", Message: &letter},
		}},
		beckon.Series{ID: "winback-after-a-long-silence", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.All(beckon.User("plan").Is("free"), beckon.User("last_seen_at").MoreThanAgo(beckon.Days(30)))}, Blocks: []beckon.Block{{ID: "w", Wait: beckon.Days(1)}}},
	)
	if err := s.engine.Publish(ctx, program); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Track(ctx, beckon.Event{Name: "old-name", UserID: "u-4711"}); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.Archive(ctx, "old-name"); err != nil {
		t.Fatal(err)
	}
	var pages []string
	for _, who := range []string{"edsger@example.org", "grace@example.org", hostile, "u-4711"} {
		res, err := s.engine.Track(ctx, beckon.Event{Name: "watched-video", UserID: who, Metadata: beckon.Fields{beckon.F("title", strings.Repeat("a-title-without-spaces-", 6))}})
		if err != nil || len(res.Deliveries) == 0 {
			t.Fatal(res, err)
		}
		if err := s.engine.GiveUp(ctx, res.Deliveries[0], "smtp: 550 5.1.1 the mailbox is unavailable", strings.Repeat("long-reason-", 20), hostile); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, "letter?user_id="+escaped(who)+"&delivery="+res.Deliveries[0].ID)
		if _, err := s.engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: who, Metadata: beckon.Fields{beckon.F("duration", 9)}}); err != nil {
			t.Fatal(err)
		}
	}
	return append(pages[1:3], "outbox", "outbox?dead=yes", "outbox?dead=yes&channel=sms", "redeliver-all", "redeliver-all?channel=sms", "redeliver-all?n=2&failed=yes", "events?archived=yes", "event?name=old-name", "why?user_id=grace%40example.org&on=series", "why?user_id="+escaped(hostile)+"&message=onboarding", "contact?user_id=grace%40example.org")
}

// widen adds to a program what is called by a wide name.
func widen(program *beckon.Program) {
	program.Messages = append(program.Messages, beckon.Message{
		ID: wide, Name: wide, Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On(wide).Where(beckon.Metadata(wide).Is(wide)), Frequency: beckon.EachTime(), Tags: []string{wide},
		Audience: beckon.User(wide).Is(wide), Content: beckon.Content{Subject: wide, Body: wide, Data: map[string]string{wide: wide}},
	})
	program.Topics = append(program.Topics, beckon.Topic{ID: wide, Name: wide})
	program.Series = append(program.Series,
		beckon.Series{ID: wide + "-series", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On(wide)}, Blocks: []beckon.Block{{ID: wide, Rule: ruled(beckon.User(wide).Is("x")), Within: beckon.Days(3)}}},
	)
}

// widePages has a delivery of a wide name given up, and returns the pages about it.
func widePages(t *testing.T, s *shop) []string {
	t.Helper()
	ctx := t.Context()
	if _, err := s.engine.Update(ctx, beckon.Contact{UserID: wide, Attributes: beckon.Attributes{wide: beckon.String(wide)}}); err != nil {
		t.Fatal(err)
	}
	res, err := s.engine.Track(ctx, beckon.Event{Name: wide, UserID: wide, Metadata: beckon.Fields{beckon.F(wide, wide)}})
	if err != nil || len(res.Deliveries) != 1 {
		t.Fatal(res, err)
	}
	if err := s.engine.GiveUp(ctx, res.Deliveries[0], wide); err != nil {
		t.Fatal(err)
	}
	return []string{
		"letter?user_id=" + wide + "&delivery=" + res.Deliveries[0].ID, "contact?user_id=" + wide, "message?id=" + wide, "series?id=" + wide + "-series", "why?user_id=" + wide + "&message=" + wide, "why?user_id=" + wide + "&on=series", "stop?message=" + wide, "event?name=" + wide,
	}
}

func ruled(r beckon.Rule) *beckon.Rule { return &r }

func escaped(text string) string {
	b, _ := json.Marshal(text) // a string always can be
	return strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E", " ", "%20", "=", "%3D").Replace(strings.TrimSuffix(strings.TrimPrefix(strings.NewReplacer(`\"`, `"`, `\u003c`, "<", `\u003e`, ">").Replace(string(b)), `"`), `"`))
}

// contrasts lists texts that are hard to read: less than 4.5 to 1 with what is behind them.
const contrasts = `(() => {
	const parse = (c) => (c.match(/[\d.]+/g) ?? []).map(Number);
	const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const rgba = (c) => { probe.clearRect(0, 0, 1, 1); probe.fillStyle = c; probe.fillRect(0, 0, 1, 1); const d = probe.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255] };
	const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 }; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > .99) return c } return rgba(getComputedStyle(document.body).backgroundColor) };
	const bad = [];
	for (const e of document.querySelectorAll('body *')) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length || e.closest('.sr, .skip, svg, iframe')) continue;
		const a = light(rgba(getComputedStyle(e).color)), b = light(behind(e));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5) bad.push(e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
	}
	return bad.join('\n');
})()`

// Each page of the team fits on a phone and on a desktop, is readable in light and dark, runs
// no script of anybody else, and keeps to its policy.
func TestAdminPages(t *testing.T) {
	s := newShop(t)
	busy(t, s)
	paths := append(append(adminPages(), stuck(t, s, widen)...), widePages(t, s)...)
	p := openAdmin(t, s, "editor", "")
	for i, path := range paths {
		// A page is loaded for a wide screen and for the smallest, and then turned to what else
		// there is: most of the time goes into loading it.
		for k, size := range []struct {
			name          string
			width, height int64
		}{{"desktop", 1280, 900}, {"small phone", 320, 568}, {"phone", 390, 844}} {
			p.do(chromedp.EmulateViewport(size.width, size.height))
			if k < 2 {
				p.goTo("/admin/" + path)
				p.wait(`document.readyState === 'complete'`)
			}
			for _, theme := range []string{"light", "dark"} {
				at := fmt.Sprintf("%s, %s, %s", path, size.name, theme)
				p.media("prefers-color-scheme", theme)
				if got := p.eval(`document.documentElement.scrollWidth - innerWidth`); got != "0" && !strings.HasPrefix(got, "-") {
					t.Errorf("%s: %s pixels too wide: %s", at, got, p.eval(`[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className).slice(0, 5).join()`))
				}
				if bad := p.eval(contrasts); bad != "" {
					t.Errorf("%s: hard to read:\n%s", at, bad)
				}
				if p.eval("window.hacked") != "false" {
					t.Errorf("%s: a script of somebody else ran", at)
				}
				dark := p.eval(`getComputedStyle(document.body).backgroundColor`)
				if (dark == "rgb(16, 19, 24)") != (theme == "dark") {
					t.Errorf("%s: the paper is %s", at, dark)
				}
				if *shots != "" {
					picture := ask(p, chromedp.FullScreenshot(100))
					if err := os.WriteFile(filepath.Join(*shots, fmt.Sprintf("admin-%02d-%s-%s.png", i, size.name, theme)), picture, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// All of it can be reached by keyboard, and where the focus is can be seen.
func TestAdminKeyboard(t *testing.T) {
	s := newShop(t)
	busy(t, s)
	p := openAdmin(t, s, "reader", "")
	p.press(kb.Tab)
	if got := p.eval(focused + `.innerText`); got != "Skip to the content" || p.eval(focused+`.getBoundingClientRect().top >= 0`) != "true" {
		t.Errorf("the first stop is %q", got)
	}
	p.press(kb.Enter)
	p.wait(`document.activeElement.id === 'main'`)
	p.goTo("/admin/")
	for range 4 { // skip, brand, Messages, Contacts
		p.press(kb.Tab)
		if p.eval(`getComputedStyle(document.activeElement).outlineStyle`) == "none" {
			t.Errorf("the focus on %q is not seen", p.eval(focused+`.innerText`))
		}
	}
	p.press(kb.Enter)
	p.wait(`document.title.startsWith('Contacts') && document.querySelector('#q')`)
	for i := 0; p.eval(focused+`.id`) != "q" && i < 20; i++ {
		p.press(kb.Tab)
	}
	p.press("ada@example.org", kb.Enter)
	p.wait(`document.querySelector('h1')?.innerText === 'Ada'`)
	p.clickOn("#why input[name=message]")
	p.press("upload-ready", kb.Enter)
	p.wait(`document.querySelector('.verdict')`)
	if got := p.eval(`document.querySelector('.verdict').innerText`); !strings.Contains(got, "held filter") {
		t.Errorf("why: %q", got)
	}
	for i := 0; p.eval(focused+`.name`) != "metadata" && i < 40; i++ {
		p.press(kb.Tab)
	}
	p.press(`{"duration": 9}`)
	for i := 0; p.eval(focused+`.tagName`) != "BUTTON" && i < 10; i++ {
		p.press(kb.Tab)
	}
	p.press(kb.Enter)
	p.wait(`/held throttled/.test(document.querySelector('.verdict')?.innerText) && document.querySelector('.tree .yes')`) // it comes in parts
	if got := p.eval(`document.querySelector('.tree .yes').innerText`); !strings.Contains(got, "the event's duration is greater than 2") || !strings.Contains(got, "it is") {
		t.Errorf("the tree says %q", got)
	}
}

// What was given up is found, read and redelivered by keyboard, and dropped only by who is sure.
func TestAdminOutbox(t *testing.T) {
	s := newShop(t)
	stuck(t, s)
	p := openAdmin(t, s, "editor", "outbox")
	p.clickOn(`.tabs a[href*="dead"]`)
	p.wait(`document.title.startsWith('What was given up') && document.querySelectorAll('.list tbody tr').length === 4`)
	for i := 0; !strings.HasPrefix(p.eval(focused+`.getAttribute('href') ?? ''`), "letter?") && i < 40; i++ {
		p.press(kb.Tab)
	}
	p.press(kb.Enter)
	p.wait(`document.querySelector('form[action=redeliver]')`)
	for i := 0; p.eval(focused+`.innerText`) != "Redeliver" && i < 40; i++ {
		p.press(kb.Tab)
	}
	p.press(kb.Enter)
	p.wait(`document.querySelector('[role=status]')?.innerText.includes('pending again')`)
	if n := p.eval(`document.querySelectorAll('.list tbody tr').length`); n != "3" {
		t.Errorf("%s are left", n)
	}
	p.clickOn(`.list tbody th a`)
	p.wait(`document.querySelector('form[action=discard]')`)
	p.clickOn(`form[action=discard] button`)
	if got := p.eval(`document.title`); strings.HasPrefix(got, "What was given up") {
		t.Error("it is dropped by who was not sure")
	}
	p.clickOn(`input[name=sure]`)
	p.clickOn(`form[action=discard] button`)
	p.wait(`document.querySelector('[role=status]')?.innerText.includes('dropped') && document.querySelectorAll('.list tbody tr').length === 2`)
	n := 0
	for _, err := range s.engine.DeadLetters(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d dead letters are left", n)
	}
	if p.eval("window.hacked") != "false" {
		t.Error("a script of somebody else ran")
	}
}

// An edit is checked, put right, published, and what the shop sends follows it.
func TestAdminEdit(t *testing.T) {
	s := newShop(t)
	busy(t, s)
	p := openAdmin(t, s, "editor", "program")
	p.wait(`document.querySelector('.gutter')?.textContent.startsWith('1\n2\n3\n')`)
	p.eval(`document.getElementById('text').value = document.getElementById('text').value.replace('"1h"', '"1hour"')`)
	p.clickOn(".editor button")
	p.wait(`document.querySelector('.findings')`)
	if got := p.eval(`document.querySelector('.findings').innerText`); !strings.Contains(got, "messages[0].frequency.every") || !strings.Contains(got, `"1hour"`) {
		t.Errorf("the fault is %q", got)
	}
	p.clickOn(".findings [data-line]")
	if got := p.eval(`(() => { const t = document.getElementById('text'); return document.activeElement === t && t.value.slice(t.selectionStart, t.selectionEnd) })()`); !strings.Contains(got, `"every": "1hour"`) {
		t.Errorf("the link of the fault leads to %q", got)
	}
	p.eval(`document.getElementById('text').value = document.getElementById('text').value.replace('"1hour"', '"2h"').replace('Share it with your team.', 'Tell everybody.')`)
	p.clickOn(".editor button")
	p.wait(`document.querySelector('.changes')`)
	if got := p.eval(`document.querySelector('.changes').innerText`); !strings.Contains(got, "2 hours") || !strings.Contains(got, "Tell everybody") {
		t.Errorf("the changes are %q", got)
	}
	p.clickOn(".review button[value=backtest]")
	p.wait(`/Over what happened/.test(document.querySelector('.review')?.innerText)`)
	if got := p.eval(`document.querySelector('.review').innerText`); !strings.Contains(got, "would have changed no send") {
		t.Errorf("the backtest says %q", got)
	}
	if *shots != "" {
		if err := os.WriteFile(filepath.Join(*shots, "admin-review.png"), ask(p, chromedp.FullScreenshot(100)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.clickOn(".review button[value=publish]")
	p.wait(`document.querySelector('[role=status]')?.innerText.includes('It is published')`)
	res, err := s.engine.Track(t.Context(), beckon.Event{Name: "upload-complete", UserID: "new", Metadata: beckon.Fields{beckon.F("file_name", "a"), beckon.F("duration", 3), beckon.F("file_location", "https://example.com/a")}})
	if err != nil || len(res.Deliveries) != 1 || !strings.Contains(res.Deliveries[0].Body, "Tell everybody.") {
		t.Errorf("%+v %v", res, err)
	}
	p.goTo("/admin/message?id=upload-ready")
	p.clickOn("form[action=pause] button")
	p.wait(`document.querySelector('.head .badge')?.innerText === 'paused'`)
	p.clickOn("form[action=resume] button")
	p.wait(`document.querySelector('.head .badge')?.innerText === 'live'`)
}

// A mail in HTML stands in a frame that runs nothing.
func TestAdminPreview(t *testing.T) {
	s := newShop(t)
	busy(t, s)
	text := `{"messages": [{"id": "mail", "channel": "email", "content": {"format": "html", "body": "<p>Hello</p><scr` + `ipt>parent.hacked = true; top.hacked = true</scr` + `ipt><img src=x onerror=\"top.hacked = true\"><form action=/x><button>b</button></form>"}}]}`
	if err := s.editor.publish(t.Context(), []byte(text)); err != nil {
		t.Fatal(err)
	}
	p := openAdmin(t, s, "reader", "")
	p.eval(`window.tolerated = /./`)
	p.goTo("/admin/message?id=mail")
	p.wait(`document.querySelector('iframe')?.contentWindow && document.readyState === 'complete'`)
	picture := ask(p, chromedp.FullScreenshot(100))
	if *shots != "" {
		if err := os.WriteFile(filepath.Join(*shots, "admin-preview.png"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if p.eval("window.hacked") != "false" || p.eval(`document.querySelector('iframe').contentDocument`) != "null" {
		t.Error("the frame reaches the page")
	}
}

// Who does not log in sees nothing, and who may not edit is shown no way to.
func TestAdminRefuses(t *testing.T) {
	s := newShop(t)
	for _, path := range []string{"", "messages", "style.css", "program"} {
		if status, body := get(t, http.MethodGet, s.url+"/admin/"+path, ""); status != http.StatusUnauthorized || strings.Contains(body, "upload-ready") {
			t.Errorf("%q: %d", path, status)
		}
	}
	p := openAdmin(t, s, "reader", "message?id=upload-ready")
	if p.eval(`document.querySelectorAll('form[method=post]').length`) != "0" {
		t.Error("a reader is shown how to change something")
	}
	if got := p.eval(`document.querySelector('footer').innerText`); !strings.Contains(got, "not change anything") {
		t.Errorf("%q", got)
	}
}
