package beckon

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// maxAhead is how far in the future an event may lie, for clocks that
// disagree (E5).
const maxAhead = 24 * 60 * 60 // seconds

// eventOptions are what an engine's options change about the checking of
// events.
type eventOptions struct {
	strictMetadata  bool // a key past MaxMetadataKeys is an error (M1)
	lenientMetadata bool // nested values and null are dropped with a warning (M4)
	decoded         bool // the event comes straight from the decoder, which has typed its metadata (M3)
	named           bool // its name is one
	plain           bool // and has seen that nothing is wrong with the metadata
	quiet           bool // nor anything to warn of
}

// validate finds all that is wrong with an event, whether built in Go or
// decoded: what decoding found comes first, the rest in the order of the
// fields (E3). With no errors, warnings are what was accepted but not quite as
// it was sent. Whether the event lies in the future is judged by now; a zero
// now leaves that out.
//
// It brings the event into the form in which it is judged: the source
// "direct" is the zero Source, and a text that is a URL is a link, as if it
// had been decoded (M3). The caller's metadata are copied for that, not
// changed. Otherwise it allocates nothing unless there is something to say.
func (e *Event) validate(now time.Time, opt eventOptions) (warnings []Warning, errs fault.List) {
	errs = slices.Clone(e.faults)
	if errs.About("") {
		return nil, errs // the body could not be read whole: what is missing may have stood in the rest
	}
	if _, code := fold.EventName(e.Name); !opt.named && code != "" && !(code == ErrEventNameMissing && errs.About("event_name")) {
		errs.Add(code, "event_name", fold.EventNameFault(e.Name, code))
	}
	addIdentityFaults(e.identity(), &errs)
	addTextFaults(&errs, "event_id", e.EventID, MaxIdentityLength)
	addTextFaults(&errs, "company_id", e.CompanyID, MaxIdentityLength)
	if sec, given := e.createdAt(); given {
		if message := createdAtFault(sec, now); message != "" {
			errs.Add(ErrCreatedAtInvalid, "created_at", message)
		}
	}
	if source, known := canonicalSource(e.Source); known {
		e.Source = source
	} else {
		code := ErrSourceUnknown
		if !utf8.ValidString(string(source)) {
			code = ErrTextNotUTF8
		}
		errs.Add(code, "source", "must be one of javascript, tag_manager, mobile_sdk, rest, integration or direct, got "+fault.Quote(string(source)))
	}
	addPageFaults(e.Page, &errs)
	if !opt.decoded {
		e.typeMetadata()
	}
	if !opt.plain {
		addMetadataFaults(e.Metadata, &errs, opt)
	}
	if !opt.quiet {
		warnings, e.unwarned = metadataWarnings(e.Metadata, &errs, opt)
		if opt.lenientMetadata {
			e.Metadata = event.WithoutNested(e.Metadata)
		}
	}
	if len(e.strays) > 0 {
		warnings = e.addStrays(warnings)
		e.blameStrays(errs)
	}
	return warnings, errs
}

// identity returns who did it.
func (e *Event) identity() Identity {
	return Identity{UserID: e.UserID, ID: e.ID, Email: e.Email, AnonymousID: e.AnonymousID}
}

// createdAtFault judges Unix seconds by E5, "" if they are fine.
func createdAtFault(sec int64, now time.Time) string {
	message := ""
	switch {
	case sec < 0:
		message = "must not lie before 1970"
	case sec > calendar.MaxDate:
		message = "must be whole Unix seconds" + looksLike(sec)
	case !now.IsZero() && sec > now.Unix()+maxAhead:
		message = "must not lie more than 24 hours ahead"
	default:
		return ""
	}
	return message + ", got " + strconv.FormatInt(sec, 10)
}

// looksLike says which unit a time after the year 9999 was probably meant in.
func looksLike(n int64) string {
	unit := "nanoseconds"
	switch {
	case n/1_000 <= calendar.MaxDate:
		unit = "milliseconds"
	case n/1_000_000 <= calendar.MaxDate:
		unit = "microseconds"
	}
	return ", and this looks like " + unit
}

// addPageFaults appends all that is wrong with a page; a nil page is fine.
func addPageFaults(p *Page, l *fault.List) {
	if p == nil {
		return
	}
	addTextFaults(l, "page.url", p.URL, MaxPageURLLength)
	switch v := peek.Of(&p.Seconds); v.Kind {
	case repr.KindUnknown:
	case repr.KindNumber:
		if repr.CompareNumbers(*v, repr.Number(0)) < 0 {
			l.Add(ErrTypeInvalid, "page.seconds", "must not be negative, got "+fault.Quote(v.Text()))
		}
	case repr.KindInvalid:
		v.AddFaults(l, "page.seconds")
	default:
		l.Add(ErrTypeInvalid, "page.seconds", "must be a number, got a "+v.Kind.String())
	}
}

// typeMetadata returns each value the type that its key and text ask for (M3).
func (e *Event) typeMetadata() {
	copied := false
	for i := range e.Metadata[:min(len(e.Metadata), MaxMetadataKeys)] {
		f := &e.Metadata[i]
		was := peek.Of(&f.Value)
		if was.Kind != repr.KindString && was.Kind != repr.KindNumber {
			continue // the types that ask for another: a short cut, for this is per event
		}
		if was.Kind == repr.KindString && !repr.MayBeTyped(f.Key, was.Str) {
			continue
		}
		v := repr.Typed(f.Key, *was)
		if v.Kind == was.Kind {
			continue
		}
		if !copied {
			e.Metadata, copied = slices.Clone(e.Metadata), true
		}
		e.Metadata[i].Value = peek.Value(v)
	}
}

// addFaults appends all that is wrong with metadata: keys and values of the
// first MaxMetadataKeys, UTF-8 and twins of all (M1 to M4).
func addMetadataFaults(f Fields, l *fault.List, opt eventOptions) {
	twins := twinFinder{fields: f}
	for i := range f {
		key, v := f[i].Key, peek.Of(&f[i].Value)
		switch {
		case event.PlainKey(key):
		case !utf8.ValidString(key):
			l.Add(ErrTextNotUTF8, event.FieldName(key), "the key is not valid UTF-8: "+fault.Quote(key))
		case i < MaxMetadataKeys:
			if message := event.KeyFault(key); message != "" {
				l.Add(ErrMetadataKeyInvalid, event.FieldName(key), message)
			}
		}
		if j := twins.find(i); j >= 0 {
			l.Add(ErrMetadataKeyDuplicate, event.FieldName(key), "the key "+fault.Quote(key)+
				" is the same as "+fault.Quote(f[j].Key)+" before it: letter case does not matter")
		}
		if opt.lenientMetadata && v.Nested() {
			continue // a warning
		}
		if code, _ := v.Fault(); code == ErrTextNotUTF8 || code != "" && i < MaxMetadataKeys {
			v.AddFaults(l, event.FieldName(key))
		}
	}
}

// warnings returns what is odd about metadata that has no faults, and the error
// of keys past MaxMetadataKeys if they are one. Of warnings past MaxErrors there is
// the number alone.
func metadataWarnings(f Fields, l *fault.List, opt eventOptions) (warnings []Warning, more int) {
	for i := range f {
		v := peek.Of(&f[i].Value)
		if i >= MaxMetadataKeys {
			if opt.strictMetadata {
				l.Add(ErrMetadataTooMany, event.FieldName(f[i].Key), "an event has at most 20 metadata keys, got "+strconv.Itoa(len(f)))
				break // one sentence about the number says it all
			}
			if len(warnings) >= MaxErrors {
				more += len(f) - i
				break // those behind are dropped, too
			}
			warnings = append(warnings, Warning{
				WarnMetadataKeyDropped, event.FieldName(f[i].Key),
				"dropped: only the first 20 metadata keys count, and this is number " + strconv.Itoa(i+1),
			})
		} else if opt.lenientMetadata && v.Nested() {
			_, message := v.Fault()
			warnings = append(warnings, Warning{WarnMetadataValueDropped, event.FieldName(f[i].Key), "dropped: it " + message})
		} else if code, message := repr.ValueWarning(f[i].Key, v); code != "" {
			warnings = append(warnings, Warning{code, event.FieldName(f[i].Key), message})
		}
	}
	return warnings, more
}
