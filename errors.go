package beckon

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/suggest"
)

// An Error is one thing that is wrong with an event, a contact, a program or a call. Message
// quotes at most 64 escaped characters of input and no secret.
type Error struct {
	Code    Code      `json:"code"`
	Field   string    `json:"field,omitempty"`   // the field of an event or contact, such as "metadata.price"; may be empty
	Path    string    `json:"path,omitempty"`    // the place in a program, such as "messages[0].audience.all[1].op"; may be empty
	ID      string    `json:"id,omitempty"`      // of the message, series or cap that Path lies in, where it has one
	Message string    `json:"message"`           // a sentence
	RetryAt time.Time `json:"retry_at,omitzero"` // when the call could succeed; zero if not known or never
}

// Error returns the place with its id, the sentence and the code.
func (e *Error) Error() string {
	return (&fault.Error{Code: e.Code, Field: e.Field, Path: e.Path, ID: e.ID, Message: e.Message}).Error()
}

// Is makes errors.Is(err, code) true for the error's own [Code].
func (e *Error) Is(target error) bool {
	c, ok := target.(Code) // compared by identity, never wrapped
	return ok && c == e.Code
}

// An ErrorList is everything that is wrong, in the order of the input. As an error
// it is never empty. It has at most [MaxErrors] (of a program [MaxFaults]), then
// one that says how many are left: its code is more, for a program program_invalid.
// errors.Is finds any of the codes, errors.As the first. (E3)
type ErrorList []*Error

// Error joins the sentences of all errors, one a line.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single errors to errors.Is and errors.As.
func (l ErrorList) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// unknownID says that there is no message or series of an id, and which of the known ones
// was probably meant.
func unknownID(field, says, id string, known ...func() *suggest.Index) error {
	near, least := "", 0
	for _, index := range known {
		// Of several that are as near, always the same.
		if k, slips := index().Nearest(id); k != "" && (near == "" || slips < least || slips == least && k < near) {
			near, least = k, slips
		}
	}
	if near != "" {
		says += ", did you mean " + fault.Quote(near) + "?"
	}
	return ErrorList{{Code: ErrMessageUnknown, Field: field, Message: says}}
}

type errorListJSON struct {
	Type   string   `json:"type"`
	Errors []*Error `json:"errors"`
}

const errorListType = "error.list"

// MarshalJSON returns {"type": "error.list", "errors": […]}.
func (l ErrorList) MarshalJSON() ([]byte, error) {
	list := []*Error(l)
	if list == nil {
		list = []*Error{}
	}
	return json.Marshal(errorListJSON{errorListType, list})
}

// UnmarshalJSON reads what [ErrorList.MarshalJSON] returns; other fields are ignored.
func (l *ErrorList) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var j errorListJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if j.Type != errorListType || j.Errors == nil || slices.Contains(j.Errors, nil) {
		return errors.New("beckon: the document is no list of errors")
	}
	*l = j.Errors
	return nil
}

// raise returns faults as the error that a host gets, and nil where there are
// none.
func raise(faults fault.List) error {
	if len(faults) == 0 {
		return nil
	}
	list := make(ErrorList, len(faults))
	for i, f := range faults {
		list[i] = raised(f)
	}
	return list
}

// raiseOne is raise for an error that is a single fault; it returns any other as it
// is.
func raiseOne(err error) error {
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // as it was made
		return raised(f)
	}
	return err
}

func raised(f *fault.Error) *Error {
	e := &Error{Code: f.Code, Field: f.Field, Path: f.Path, ID: f.ID, Message: f.Message}
	if f.RetryAt != 0 {
		e.RetryAt = unixMilli(f.RetryAt)
	}
	return e
}

// What stands below this package makes its errors through this one.
func init() { //nolint:gochecknoinits // says which types there are, does no work
	fault.OnRaise(raise, func(f *fault.Error) error { return raised(f) })
}

// A Warning is about something odd in an event that was recorded all the same.
type Warning struct {
	Code    Code   `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// raisedWarnings returns warnings as a host gets them.
func raisedWarnings(list []fault.Warning) []Warning {
	if len(list) == 0 {
		return nil
	}
	out := make([]Warning, len(list))
	for i, w := range list {
		out[i] = Warning(w)
	}
	return out
}

// A Code names one kind of refusal: the stable half of an [Error], for
// programs. errors.Is(err, beckon.ErrContactUnknown) asks for it.
type Code = fault.Code

// The codes of refused events, contacts, programs and calls.
const (
	ErrEventNameMissing      = fault.ErrEventNameMissing      // E2
	ErrEventNameInvalid      = fault.ErrEventNameInvalid      // E2
	ErrEventNamesLimit       = fault.ErrEventNamesLimit       // E6
	ErrContactMissing        = fault.ErrContactMissing        // E1
	ErrContactAmbiguous      = fault.ErrContactAmbiguous      // E1
	ErrContactUnknown        = fault.ErrContactUnknown        // an option refuses contacts never seen
	ErrCreatedAtInvalid      = fault.ErrCreatedAtInvalid      // E5
	ErrMetadataKeyInvalid    = fault.ErrMetadataKeyInvalid    // M2
	ErrMetadataKeyDuplicate  = fault.ErrMetadataKeyDuplicate  // M2
	ErrMetadataTooMany       = fault.ErrMetadataTooMany       // M1, strict
	ErrMetadataMismatch      = fault.ErrMetadataMismatch      // V1, strict
	ErrMetadataUndeclared    = fault.ErrMetadataUndeclared    // V1
	ErrMetadataStringTooLong = fault.ErrMetadataStringTooLong // M3
	ErrMetadataNested        = fault.ErrMetadataNested        // M4
	ErrMetadataNull          = fault.ErrMetadataNull          // M4
	ErrMetadataNumberInvalid = fault.ErrMetadataNumberInvalid // M3
	ErrMetadataURLInvalid    = fault.ErrMetadataURLInvalid    // M3
	ErrMetadataCurrency      = fault.ErrMetadataCurrency
	ErrMetadataAmountInvalid = fault.ErrMetadataAmountInvalid
	ErrMetadataStripeInvalid = fault.ErrMetadataStripeInvalid
	ErrMetadataDateInvalid   = fault.ErrMetadataDateInvalid
	ErrTextNotUTF8           = fault.ErrTextNotUTF8
	ErrEmailInvalid          = fault.ErrEmailInvalid
	ErrTypeInvalid           = fault.ErrTypeInvalid
	ErrSourceUnknown         = fault.ErrSourceUnknown
	ErrJSONInvalid           = fault.ErrJSONInvalid
	ErrBodyTooLarge          = fault.ErrBodyTooLarge
	ErrAttributeInvalid      = fault.ErrAttributeInvalid
	ErrTimezoneUnknown       = fault.ErrTimezoneUnknown
	ErrRenderTooLarge        = fault.ErrRenderTooLarge // content that renders past its limit
	ErrProgramInvalid        = fault.ErrProgramInvalid // A8; the Error carries Path
	ErrProgramMissing        = fault.ErrProgramMissing // D12: the call needs a program, and none was published
	ErrMessageUnknown        = fault.ErrMessageUnknown
	ErrMessageStopped        = fault.ErrMessageStopped // D7
	ErrModeFixed             = fault.ErrModeFixed      // D7
	ErrDeliveryUnknown       = fault.ErrDeliveryUnknown
	ErrIdentitiesLimit       = fault.ErrIdentitiesLimit // C2
	ErrLeaseLost             = fault.ErrLeaseLost       // Z1: another has the delivery, or it was dealt with
	ErrCheckTooSoon          = fault.ErrCheckTooSoon    // D4; the Error carries RetryAt
	ErrDataCorrupt           = fault.ErrDataCorrupt
	ErrDataVersion           = fault.ErrDataVersion
	ErrMore                  = fault.ErrMore                // the last of a long list: so many more there are
	ErrSubscriptionUnknown   = fault.ErrSubscriptionUnknown // D11
	ErrClosed                = fault.ErrClosed
	ErrOptionConflict        = fault.ErrOptionConflict // the store is in use with another option; see WithExactEmail
	ErrEngineView            = fault.ErrEngineView     // the call is the engine's itself, not one of its views; see Engine.Using
)

// The limits of what one call reports. A last entry counts those left out.
const (
	MaxErrors = fault.MaxErrors // errors of one event, contact or call, and its warnings
	MaxFaults = fault.MaxFaults // faults of one program
)

// The codes of warnings: what was accepted, but not quite as it was sent.
const (
	WarnEventImported        = fault.WarnEventImported        // E5
	WarnMetadataKeyDropped   = fault.WarnMetadataKeyDropped   // M1
	WarnEventArchived        = fault.WarnEventArchived        // E10
	WarnMetadataValueDropped = fault.WarnMetadataValueDropped // M4
	WarnMetadataMismatch     = fault.WarnMetadataMismatch     // V1
	WarnMetadataUndeclared   = fault.WarnMetadataUndeclared   // V1
	WarnCompanyNotMember     = fault.WarnCompanyNotMember     // E11
	WarnFieldUnknown         = fault.WarnFieldUnknown         // a field that the event does not have, near one that it has
	WarnURLSuspicious        = fault.WarnURLSuspicious
	WarnStripePrefix         = fault.WarnStripePrefix        // M3
	WarnCurrencyNoMinorUnit  = fault.WarnCurrencyNoMinorUnit // M3
	WarnMore                 = fault.WarnMore                // the last of a long list: so many more there are
)
