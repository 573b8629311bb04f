package beckontest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/value"
)

// A MaskOption says how a contact is masked.
type MaskOption func(*masker)

// Keep leaves the values of attributes and metadata keys as they are. Name those whose
// text rules test, if it is not personal: a plan, a country, the day on which a trial ends.
func Keep(names ...string) MaskOption {
	return func(m *masker) {
		for _, n := range names {
			m.keep[strings.ToLower(n)] = true
		}
	}
}

// MaskKey makes the masks of a text the same wherever it is masked with the same key, so
// that contacts that were masked apart still have the same company. Without it each call
// of [Mask] has a key of its own. Who knows the key can tell whether a mask is that of a
// text; keep it as you keep the data.
func MaskKey(key []byte) MaskOption {
	return func(m *masker) { m.key = slices.Clone(key) }
}

// Mask returns what [beckon.Engine.Export] says of a contact without who it is: every text
// in it is replaced. The same text has the same mask, so rules that compare two texts still
// come to the same. Numbers, booleans and money stay, and so do values that are dates by
// their kind; a text that rules would read as a date, such as "1990-01-02", is a text, and is
// replaced: it may be a birthday. The attributes timezone, language and role stay, and names of
// attributes, keys, events, messages and topics, and all times. An e-mail address is still one (at masked.example), a link a link, an image
// an image, a telephone number has its digits replaced. An empty text stays.
//
// Rules that test a text come to the same if [Keep] names it. Control groups are shares by
// who a contact is (D10), so a masked contact may be on the other side.
//
// Times and numbers can tell who somebody is, too: a fixture with the birthday and the
// salary of a person is not anonymous. Pending deliveries and dead letters are left out,
// because they are rendered texts. The export is not changed.
func Mask(export beckon.ContactExport, opts ...MaskOption) beckon.ContactExport {
	m := &masker{keep: map[string]bool{"timezone": true, "language": true, "role": true}}
	for _, o := range opts {
		o(m)
	}
	if m.key == nil {
		m.key = make([]byte, sha256.Size)
		_, _ = rand.Read(m.key) // it never fails
	}
	x := export
	x.Identity = m.identity(x.Identity)
	x.Aliases = each(x.Aliases, m.identity)
	x.Companies = each(x.Companies, m.company)
	x.Attributes = m.attributes(x.Attributes)
	x.Choices = slices.Clone(x.Choices)
	for i := range x.Choices {
		x.Choices[i].From = m.text(x.Choices[i].From)
	}
	x.Recent = each(x.Recent, m.event)
	x.Sends = slices.Clone(x.Sends)
	for i := range x.Sends {
		x.Sends[i].CompanyID = m.company(x.Sends[i].CompanyID)
	}
	x.Log = slices.Clone(x.Log)
	for i := range x.Log {
		x.Log[i].ID, x.Log[i].CompanyID = m.sum(x.Log[i].ID)[:32], m.company(x.Log[i].CompanyID)
	}
	x.Waiting = slices.Clone(x.Waiting)
	for i := range x.Waiting {
		x.Waiting[i].CompanyID, x.Waiting[i].Event = m.company(x.Waiting[i].CompanyID), m.event(x.Waiting[i].Event)
	}
	x.Pending, x.DeadLetters = nil, nil
	return x
}

func each[T any](list []T, mask func(T) T) []T {
	list = slices.Clone(list)
	for i := range list {
		list[i] = mask(list[i])
	}
	return list
}

// A masker replaces texts.
type masker struct {
	key  []byte
	keep map[string]bool // attributes and metadata keys, in lower case
}

// sum returns what stands for a text.
func (m *masker) sum(text string) string {
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// text masks a text by what it looks like.
func (m *masker) text(text string) string {
	switch name, domain, is := strings.Cut(text, "@"); {
	case text == "":
		return ""
	case is && name != "" && strings.Contains(domain, ".") && !strings.ContainsAny(text, " \t\n"):
		return m.email(text)
	case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"):
		return m.link(text)
	}
	return "text-" + m.sum(text)[:12]
}

// email masks an address. Letter case does not count (E1).
func (m *masker) email(text string) string {
	if text == "" {
		return ""
	}
	return m.sum(strings.ToLower(text))[:12] + "@masked.example"
}

// link masks a URL. What ends in the name of an image still does.
func (m *masker) link(text string) string {
	if text == "" {
		return ""
	}
	to, _, _ := strings.Cut(text, "?")
	to, _, _ = strings.Cut(to, "#")
	extension := path.Ext(to)
	if len(extension) > 5 || strings.Count(to, "/") < 3 || strings.Trim(extension, ".abcdefghijklmnopqrstuvwxyz") != "" {
		extension = ""
	}
	return "https://masked.example/" + m.sum(text)[:12] + extension
}

// phone masks the digits of a telephone number.
func (m *masker) phone(text string) string {
	sum, i := m.sum(text), 0
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			if strings.ContainsRune("+-() /.", r) {
				return r
			}
			return 'x'
		}
		i++
		return '0' + rune(sum[i%len(sum)]%10)
	}, text)
}

func (m *masker) named(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + m.sum(text)[:12]
}

func (m *masker) company(id string) string { return m.named("company-", id) }

func (m *masker) identity(who beckon.Identity) beckon.Identity {
	return beckon.Identity{UserID: m.named("user-", who.UserID), ID: m.named("lead-", who.ID), Email: m.email(who.Email), AnonymousID: m.named("visitor-", who.AnonymousID)}
}

func (m *masker) attributes(a beckon.Attributes) beckon.Attributes {
	a = maps.Clone(a)
	for name, v := range a {
		if m.keep[strings.ToLower(name)] {
			continue
		}
		switch name {
		case "user_id":
			a[name] = beckon.String(m.named("user-", v.Text()))
		case "id":
			a[name] = beckon.String(m.named("lead-", v.Text()))
		case "anonymous_id":
			a[name] = beckon.String(m.named("visitor-", v.Text()))
		case "email":
			a[name] = beckon.String(m.email(v.Text()))
		case "name":
			a[name] = beckon.String(m.named("Name ", v.Text()))
		case "phone":
			a[name] = beckon.String(m.phone(v.Text()))
		default:
			a[name] = m.value(v)
		}
	}
	return a
}

func (m *masker) event(e beckon.PastEvent) beckon.PastEvent {
	e.EventID, e.CompanyID = m.named("event-", e.EventID), m.company(e.CompanyID)
	if e.Page != nil {
		page := *e.Page
		page.URL = m.text(page.URL)
		e.Page = &page
	}
	e.Metadata = slices.Clone(e.Metadata)
	for i := range e.Metadata {
		if f := &e.Metadata[i]; !m.keep[strings.ToLower(f.Key)] {
			f.Value = m.value(f.Value)
		}
	}
	return e
}

// value masks the text of a value; what has none stays.
func (m *masker) value(v beckon.Value) beckon.Value {
	switch v.Kind() {
	case value.KindString:
		return beckon.String(m.text(v.Text()))
	case value.KindList:
		return beckon.List(each(v.Texts(), m.text)...)
	case value.KindLink:
		return beckon.Link(m.link(v.Text()))
	case value.KindImage:
		return beckon.Image(m.link(v.Text()))
	case value.KindRichLink:
		url, _ := v.URL()
		title, _ := v.Title()
		return beckon.RichLink(m.link(url), m.text(title))
	case value.KindStripe:
		prefix, _, is := strings.Cut(v.Text(), "_")
		if !is {
			prefix = "id"
		}
		return beckon.Stripe(prefix + "_" + m.sum(v.Text())[:12])
	}
	return v
}
