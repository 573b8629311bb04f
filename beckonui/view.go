package beckonui

import (
	"bytes"
	"html/template"
	"io/fs"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon"
)

// A view is what the frame of a page shows.
type view struct {
	Title   string // of the page
	Nav     string // which part of the pages it belongs to
	Of      any    // what the page is about
	Wide    bool
	Site    string
	Edits   bool // the reader may change something
	Publish bool // so is the text of the program one that the reader may change
	Program bool // there is a text of the program
	Version string
	Zone    string
}

// pages are the templates, by the name of their page.
type pages map[string]*template.Template

func newPages(u *ui) pages {
	frame := template.Must(template.New("frame.html").Funcs(u.funcs()).ParseFS(embedded, "assets/frame.html", "assets/parts.html"))
	names, err := fs.Glob(embedded, "assets/page-*.html")
	if err != nil {
		panic(err) // the pattern is one
	}
	list := pages{}
	for _, name := range names {
		own := template.Must(template.Must(frame.Clone()).ParseFS(embedded, name))
		list[strings.TrimSuffix(strings.TrimPrefix(name, "assets/page-"), ".html")] = own
	}
	return list
}

// show writes a page.
func (q *request) show(status int, page string, v view) {
	v.Site, v.Edits, v.Program, v.Version = q.title, q.editor(), q.source != nil, q.assets.version
	_, writes := q.source.(Publisher)
	v.Publish, v.Zone = writes && v.Edits, q.zone.String()
	var body bytes.Buffer
	if err := q.pages[page].ExecuteTemplate(&body, "frame.html", v); err != nil {
		q.tell(err)
		http.Error(q.w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q.w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	q.w.WriteHeader(status)
	_, _ = q.w.Write(body.Bytes()) // who does not read it has gone
}

func (u *ui) funcs() template.FuncMap {
	return template.FuncMap{
		"link":     link,
		"number":   number,
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"shown":    u.shown,
		"ago":      func(t time.Time) string { return distance(u.now(), t) },
		"reason":   func(r beckon.Reason) string { return reasonText(r) },
		"plain":    func(v beckon.Value) string { return v.String() },
		"share":    share,
		"held":     func(t beckon.Totals) int64 { return t.Judged - t.Sent },
		"failed":   func(t beckon.Totals) int64 { return t.Held[beckon.ReasonFailed] },
		"by":       byOccasion,
		"label":    labelOf,
		"sentence": asSentence,
		"brief":    brief,
	}
}

// labelOf returns how people are shown a metadata key (M2), where that is more than a capital in
// the place of its first letter; else nothing. A page shows the key itself beside it, as it was
// tracked and as rules have it.
func labelOf(key string) string {
	if label := beckon.DisplayKey(key); !strings.EqualFold(label, key) {
		return label
	}
	return ""
}

// link returns the address of a page: its name, then pairs of a parameter and its value.
// A parameter without a value is left out.
func link(page string, pairs ...any) string {
	args := url.Values{}
	for i := 0; i < len(pairs); i++ {
		switch x := pairs[i].(type) {
		case url.Values:
			for name, list := range x {
				args[name] = append(args[name], list...)
			}
		case string:
			if i++; i < len(pairs) {
				if value := text(pairs[i]); value != "" {
					args.Add(x, value)
				}
			}
		}
	}
	if len(args) == 0 {
		return page
	}
	return page + "?" + args.Encode()
}

func text(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case beckon.Status:
		return string(x)
	case beckon.Mode:
		return string(x)
	case beckon.Channel:
		return string(x)
	case int:
		return strconv.Itoa(x)
	}
	return ""
}

// whose returns the parameters that name a contact, by what decides (E1).
func whose(who beckon.Identity) url.Values {
	switch {
	case who.UserID != "":
		return url.Values{"user_id": {who.UserID}}
	case who.ID != "":
		return url.Values{"contact_id": {who.ID}}
	case who.Email != "":
		return url.Values{"email": {who.Email}}
	}
	return url.Values{"anonymous_id": {who.AnonymousID}}
}

// who reads what whose wrote.
func (q *request) who() (beckon.Identity, bool) {
	who := beckon.Identity{
		UserID: q.args.Get("user_id"), ID: q.args.Get("contact_id"), Email: q.args.Get("email"), AnonymousID: q.args.Get("anonymous_id"),
	}
	return who, who != (beckon.Identity{})
}

// named returns by what name a contact is shown, and which of its identities that is.
func named(who beckon.Identity) (name, kind string) {
	switch {
	case who.UserID != "":
		return who.UserID, "user"
	case who.ID != "":
		return who.ID, "id"
	case who.Email != "":
		return who.Email, "e-mail"
	}
	return who.AnonymousID, "visitor"
}

// number writes a count with its thousands apart.
func number(v any) string {
	var n int64
	switch x := v.(type) {
	case int:
		n = int64(x)
	case int64:
		n = x
	case uint64:
		n = int64(min(x, math.MaxInt64))
	}
	s, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// share writes how many of all there are, as a percentage; empty if there are none.
func share(part, all int64) string {
	if all <= 0 {
		return ""
	}
	p := float64(part) * 100 / float64(all)
	switch {
	case part == 0:
		return "0 %"
	case p < 0.1:
		return "< 0.1 %"
	case p >= 10:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

// shown writes an instant for people.
func (u *ui) shown(t time.Time) string {
	t = t.In(u.zone)
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2 Jan 2006, 15:04 MST")
	}
	return t.Format("2 Jan 2006, 15:04:05 MST")
}

// distance says how far an instant is from now.
func distance(now, t time.Time) string {
	d := now.Sub(t)
	ahead := d < 0
	if ahead {
		d = -d
	}
	n, unit := 0, ""
	switch {
	case d < 10*time.Second:
		return "now"
	case d < 90*time.Second:
		n, unit = int(d/time.Second), "second"
	case d < 90*time.Minute:
		n, unit = int((d+30*time.Second)/time.Minute), "minute"
	case d < 36*time.Hour:
		n, unit = int((d+30*time.Minute)/time.Hour), "hour"
	case d < 365*24*time.Hour:
		n, unit = int((d+12*time.Hour)/(24*time.Hour)), "day"
	default:
		n, unit = int(d/(365*24*time.Hour)), "year"
	}
	if n != 1 {
		unit += "s"
	}
	if ahead {
		return "in " + strconv.Itoa(n) + " " + unit
	}
	return strconv.Itoa(n) + " " + unit + " ago"
}

// asSentence begins a text with a capital and ends it with a full stop.
func asSentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// maxBrief is how much of a text a list shows.
const maxBrief = 120 // characters

// brief returns the beginning of a text.
func brief(text string) string {
	n := 0
	for i := range text {
		if n++; n > maxBrief {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}
