package main

import (
	"errors"
	"net/http"

	"github.com/beckon-go/beckon"
)

// track records what a browser posts. The session says who the contact is: a body could name anybody.
func track(engine *beckon.Engine, user func(*http.Request) beckon.Identity) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, err := engine.TrackJSON(r.Context(), r.Body, beckon.As(user(r), func(event *beckon.Event) {
			event.Source, event.EventID = beckon.SourceJavaScript, "" // the body's name, page and metadata stay
		}))
		if bad := beckon.ErrorList(nil); errors.As(err, &bad) { // nothing was recorded
			http.Error(w, bad.Error(), http.StatusBadRequest)
		} else if err != nil { // the store failed
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}
