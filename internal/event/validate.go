package event

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// Options are what an engine's options change about the checking of events, and
// what is known already of the one that is checked.
type Options struct {
	StrictMetadata  bool // a key past MaxMetadataKeys is an error (M1)
	LenientMetadata bool // nested values and null are dropped with a warning (M4)
	Known           Known
	Shape           *Shape // that the posted body has; nil: none that was known
	Borrowed        string // the body that the event's texts may be parts of, in memory that is used again; empty: none is
}

// Known is a set of what is known of an event, so that it need not be looked at again.
type Known uint8

// What may be known.
const (
	KnownName    Known = 1 << iota // its name is one
	KnownDecoded                   // it comes straight from the decoder, which has typed its metadata (M3)
	knownSound                     // nothing is wrong with the metadata
	knownUsual                     // and there is nothing to warn of
	knownTexts                     // nothing is wrong with its texts, and it names a contact
	KnownKinds                     // its metadata have the keys and the kinds of its Shape
)

// Has reports whether all of what is known.
func (k Known) Has(what Known) bool { return k&what == what }

// Validate finds all that is wrong with an event, whether built in Go or
// decoded: what decoding found comes first, the rest in the order of the
// fields (E3). With no errors, warnings are what was accepted but not quite as
// it was sent. Whether the event lies in the future is judged by now; a zero
// now leaves that out.
//
// It brings the event into the form in which it is judged: the source
// "direct" is the zero Source, and a text that is a URL is a link, as if it
// had been decoded (M3). The caller's metadata are copied for that, not
// changed. Otherwise it allocates nothing unless there is something to say.
func (e *Event) Validate(now time.Time, opt Options) (warnings []fault.Warning, errs fault.List) {
	errs = slices.Clone(e.Found.Faults)
	if errs.About("") {
		return nil, errs // the body could not be read whole: what is missing may have stood in the rest
	}
	if !opt.Known.Has(KnownName) {
		if _, code := fold.EventName(e.Name); code != "" && !(code == fault.ErrEventNameMissing && errs.About("event_name")) {
			errs.Add(code, "event_name", fold.EventNameFault(e.Name, code))
		}
	}
	if !opt.Known.Has(knownTexts) {
		identity.AddFaults(e.Identity(), &errs)
		errs.AddText("event_id", e.EventID, store.MaxIdentityLength)
		errs.AddText("company_id", e.CompanyID, store.MaxIdentityLength)
	}
	if sec, given := Seconds(e.CreatedAt); given {
		if message := createdAtFault(sec, now); message != "" {
			errs.Add(fault.ErrCreatedAtInvalid, "created_at", message)
		}
	}
	if source, known := SourceOf(e.Source); known {
		e.Source = source
	} else {
		code := fault.ErrSourceUnknown
		if !utf8.ValidString(string(source)) {
			code = fault.ErrTextNotUTF8
		}
		errs.Add(code, "source", "must be one of "+SourceList()+", got "+fault.Quote(string(source)))
	}
	AddPageFaults(e.Page, &errs)
	switch {
	case opt.Known.Has(KnownDecoded):
	case isUsual(e.Metadata):
		opt.Known |= knownSound | knownUsual
	default:
		e.typeMetadata()
	}
	if !opt.Known.Has(knownSound) {
		addMetadataFaults(e.Metadata, &errs, opt)
	}
	if !opt.Known.Has(knownUsual) {
		warnings, e.Unwarned = metadataWarnings(e.Metadata, &errs, opt)
		if opt.LenientMetadata {
			e.Metadata = WithoutNested(e.Metadata)
		}
	}
	if len(e.Found.strays) > 0 {
		warnings = e.addStrays(warnings)
		e.blameStrays(errs)
	}
	return warnings, errs
}

// Identity returns who did it.
func (e *Event) Identity() store.Identity {
	return store.Identity{UserID: e.UserID, ID: e.ID, Email: e.Email, AnonymousID: e.AnonymousID}
}

// AddPageFaults appends all that is wrong with a page; a nil page is fine.
func AddPageFaults(p *store.Page, l *fault.List) {
	if p == nil {
		return
	}
	l.AddText("page.url", p.URL, store.MaxPageURLLength)
	switch v := peek.Of(&p.Seconds); v.Kind {
	case repr.KindUnknown:
	case repr.KindNumber:
		if repr.CompareNumbers(*v, repr.Number(0)) < 0 {
			l.Add(fault.ErrTypeInvalid, "page.seconds", "must not be negative, got "+fault.Quote(v.Text()))
		}
	case repr.KindInvalid:
		v.AddFaults(l, "page.seconds")
	default:
		l.Add(fault.ErrTypeInvalid, "page.seconds", "must be a number, got a "+v.Kind.String())
	}
}
