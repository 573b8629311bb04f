package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/beckon-go/beckon"
)

// track records what a browser posts. The session says who the contact is: a body could name anybody.
func track(engine *beckon.Engine, user func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		event, _ := beckon.ParseEvent(r.Body) // Track reports what is wrong with it
		event.UserID, event.ID, event.Email, event.AnonymousID = user(r), "", "", ""
		event.CompanyID, event.Source, event.Import = "", beckon.SourceJavaScript, false
		event.CreatedAt, event.EventID = time.Time{}, ""
		_, err := engine.Track(r.Context(), event)
		if bad := beckon.ErrorList(nil); errors.As(err, &bad) { // nothing was recorded
			http.Error(w, bad.Error(), http.StatusBadRequest)
		} else if err != nil { // the store failed
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}
