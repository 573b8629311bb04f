package event

import (
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// The limits of an event.
const (
	MaxBytes = 256 << 10 // of a posted body
	MaxDepth = 64        // nested arrays and objects in a posted body
)

// An Event is one in the form in which it is judged.
type Event struct {
	Name string

	// The contact: the first of these that is given decides (E1).
	UserID, ID, Email, AnonymousID string

	EventID, CompanyID string
	CreatedAt          time.Time // zero: now
	Import             bool
	Source             store.Source
	Page               *store.Page // nil: unknown
	Metadata           value.Fields

	Found    Findings // by the decoder
	Unwarned int      // warnings of the metadata past those that are told
}

// Findings are what the decoder found odd.
type Findings struct {
	Faults fault.List // reported with all others (E3)
	strays []stray    // fields of the body that are none, but near one
}

// ForgetSender takes out of a decoded event what a sender may not choose: whose it is,
// the company, the time, the source and whether it is history. What was wrong with these
// goes, too.
func (e *Event) ForgetSender() {
	e.UserID, e.ID, e.Email, e.AnonymousID = "", "", "", ""
	e.CompanyID, e.CreatedAt, e.Import, e.Source = "", time.Time{}, false, ""
	e.Found.Faults = slices.DeleteFunc(e.Found.Faults, func(f *fault.Error) bool {
		switch f.Field {
		case "user_id", "id", "email", "anonymous_id", "company_id", "created_at", "import", "source":
			return true
		}
		return false
	})
}

// sourceDirect is how the zero Source may be written out.
const sourceDirect store.Source = "direct"

// SourceOf returns the one form of a source, and whether there is such a one.
func SourceOf(s store.Source) (store.Source, bool) {
	switch s {
	case sourceDirect:
		return store.SourceDirect, true
	case store.SourceDirect, store.SourceJavaScript, store.SourceTagManager, store.SourceMobileSDK, store.SourceREST, store.SourceIntegration:
		return s, true
	}
	return s, false
}

// Sources returns the sources as an event may name them, without the empty one.
func Sources() []store.Source {
	return []store.Source{store.SourceJavaScript, store.SourceTagManager, store.SourceMobileSDK, store.SourceREST, store.SourceIntegration, sourceDirect}
}

// SourceList returns what a source may be, as a sentence lists it.
func SourceList() string {
	var list []string
	for _, s := range Sources() {
		list = append(list, string(s))
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}
