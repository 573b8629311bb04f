package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

//go:embed static
var static embed.FS

//go:embed pages
var pageFiles embed.FS

// uploadTakes is how long an upload takes on the shop's clock: the fourth is ready an hour
// after the first.
const uploadTakes = 20 * time.Minute

// A video is one that the shop sells.
type video struct {
	ID, Title, Length, About string
	Cents                    int64
}

// Price is what the page shows.
func (v video) Price() string { return fmt.Sprintf("€%d.%02d", v.Cents/100, v.Cents%100) }

var catalogue = []video{ //nolint:gochecknoglobals // a table that nothing writes to
	{"tides", "The Night Tides", "48 min", "A coast, a lantern, and what the sea brings back.", 499},
	{"bread", "Bread, Slowly", "31 min", "Flour, water, salt and three days of patience.", 349},
	{"peaks", "Four Small Peaks", "72 min", "Two friends walk the ridge that nobody names.", 799},
	{"radio", "Radio Silence", "55 min", "The last long-wave station says goodbye.", 599},
	{"moss", "A Year of Moss", "40 min", "One stone wall, filmed every morning.", 249},
	{"depot", "Depot 9", "64 min", "Trams, timetables and the people who keep both.", 449},
}

// A view is what a page is executed with.
type view struct {
	Page   string
	User   beckon.Contact
	Videos []video
	Clock  string
	Mails  []caught
	Editor editorView
}

// show writes a page.
func (s *shop) show(w http.ResponseWriter, r *http.Request, page string, v view) {
	v.Page, v.Clock = page, s.clock.now().Format("15:04")
	if who := s.welcome(w, r); who.UserID != "" {
		if c, err := s.engine.Contact(r.Context(), who); err == nil {
			v.User = c
		}
	}
	var b bytes.Buffer
	t, err := template.New(page).Funcs(template.FuncMap{"held": held}).ParseFS(pageFiles, "pages/layout.html", "pages/"+page+".html")
	if err == nil {
		err = t.ExecuteTemplate(&b, "layout.html", v)
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // who does not read it has gone
}

// held counts what was held of a message, for all reasons.
func held(t beckon.Totals) int64 { return t.Judged - t.Sent }

func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "home", view{Videos: catalogue})
}

// documents is a page that was written for another messenger: its code runs unchanged, and
// its script comes from a tag manager.
func (s *shop) documents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", strings.TrimSuffix(policy, trustedTypes)) // tag managers know none
	s.show(w, r, "documents", view{})
}

// upload takes a video, which needs its time, and answers with what is known of it. The page
// tracks the event, as in the documents' example.
func (s *shop) upload(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "the body must be {\"name\": \"…\"}", http.StatusBadRequest)
		return
	}
	name := strings.TrimSpace(in.Name)
	if name == "" {
		name = "video.mp4"
	}
	s.clock.pass(uploadTakes)
	kind := strings.ToUpper(strings.TrimPrefix(path.Ext(name), "."))
	if kind == "" {
		kind = "MP4"
	}
	s.answer(w, map[string]any{
		"file_name": name, "file_location": s.url + "/?video=mine", "type": kind, "duration": int(uploadTakes / time.Minute),
	})
}

// buy sells a video. A page could claim to have paid, so the shop itself tracks it.
func (s *shop) buy(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "the body must be {\"id\": \"…\"}", http.StatusBadRequest)
		return
	}
	who, err := s.who(r)
	if err != nil || who.UserID == "" {
		http.Error(w, "sign in to buy", http.StatusUnauthorized)
		return
	}
	for _, v := range catalogue {
		if v.ID != in.ID {
			continue
		}
		order := fmt.Sprintf("TX%06d", s.orders.Add(1))
		res, err := s.engine.Track(r.Context(), beckon.Event{
			Name: "bought-video", UserID: who.UserID,
			Metadata: beckon.Fields{
				beckon.F("title", v.Title), beckon.F("price", beckon.Monetary(v.Cents, "eur")),
				beckon.F("order", beckon.RichLink(s.url+"/mail?order="+order, order)),
			},
		})
		if err != nil {
			s.fail(w, err)
			return
		}
		s.offer(r.Context(), res)
		s.answer(w, map[string]string{"order": order})
		return
	}
	http.Error(w, "there is no such video", http.StatusNotFound)
}

// wait lets an hour pass on the shop's clock: what waits for it goes out by Due.
func (s *shop) wait(w http.ResponseWriter, _ *http.Request) {
	s.clock.pass(time.Hour)
	w.WriteHeader(http.StatusNoContent)
}

func (s *shop) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.logger.Error("an answer", "err", err)
	}
}

// fail tells the log what a visitor need not know.
func (s *shop) fail(w http.ResponseWriter, err error) {
	s.logger.Error("the shop", "err", err)
	http.Error(w, "not now: try again", http.StatusServiceUnavailable)
}
