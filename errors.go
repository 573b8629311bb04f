package beckon

import (
	"encoding/json"
	"strings"
	"time"
)

// Code names one kind of refusal. It is the stable, machine-readable half of
// an [Error]; programs act on the code, people read the message. A Code is
// itself an error, so that errors.Is(err, beckon.ErrContactUnknown) asks for
// a class of refusals without a type assertion.
type Code string

// Error implements error; it is the code itself.
func (c Code) Error() string { return string(c) }

// The codes of refused events, contacts, programs and calls.
const (
	ErrEventNameMissing      Code = "event_name_missing"       // E2
	ErrEventNameInvalid      Code = "event_name_invalid"       // E2
	ErrEventNamesLimit       Code = "event_names_limit"        // E6
	ErrContactMissing        Code = "contact_missing"          // E1
	ErrContactAmbiguous      Code = "contact_ambiguous"        // E1
	ErrContactUnknown        Code = "contact_unknown"          // an option refuses contacts never seen
	ErrCreatedAtInvalid      Code = "created_at_invalid"       // E5
	ErrMetadataKeyInvalid    Code = "metadata_key_invalid"     // M2
	ErrMetadataKeyDuplicate  Code = "metadata_key_duplicate"   // M2
	ErrMetadataTooMany       Code = "metadata_too_many"        // M1, strict
	ErrMetadataStringTooLong Code = "metadata_string_too_long" // M3
	ErrMetadataNested        Code = "metadata_value_nested"    // M4
	ErrMetadataNull          Code = "metadata_value_null"      // M4
	ErrMetadataNumberInvalid Code = "metadata_number_invalid"  // M3
	ErrMetadataURLInvalid    Code = "metadata_url_invalid"     // M3
	ErrMetadataCurrency      Code = "metadata_currency_unknown"
	ErrMetadataAmountInvalid Code = "metadata_amount_invalid"
	ErrMetadataStripeInvalid Code = "metadata_stripe_invalid"
	ErrMetadataDateInvalid   Code = "metadata_date_invalid"
	ErrTextNotUTF8           Code = "text_not_utf8"
	ErrEmailInvalid          Code = "email_invalid"
	ErrTypeInvalid           Code = "type_invalid"
	ErrSourceUnknown         Code = "source_unknown"
	ErrJSONInvalid           Code = "json_invalid"
	ErrBodyTooLarge          Code = "body_too_large"
	ErrAttributeInvalid      Code = "attribute_invalid"
	ErrTimezoneUnknown       Code = "timezone_unknown"
	ErrProgramInvalid        Code = "program_invalid" // A8; the Error carries Path
	ErrProgramMissing        Code = "program_missing" // D12: the call needs a program, and none was published
	ErrMessageUnknown        Code = "message_unknown"
	ErrMessageStopped        Code = "message_stopped" // D7
	ErrModeFixed             Code = "mode_fixed"      // D7
	ErrDeliveryUnknown       Code = "delivery_unknown"
	ErrIdentitiesLimit       Code = "identities_limit"     // C2
	ErrLeaseLost             Code = "lease_lost"           // Z1: another has the delivery, or it was dealt with
	ErrCheckTooSoon          Code = "check_too_soon"       // D4; the Error carries RetryAt
	ErrMore                  Code = "more"                 // the last of a long list: so many more there are
	ErrSubscriptionUnknown   Code = "subscription_unknown" // D11
	ErrClosed                Code = "closed"
	ErrEngineView            Code = "engine_view" // the call is the engine's itself, not one of its views; see Engine.Using
)

// The limits of what one call tells. Behind so many, one last entry says how many
// more there are.
const (
	MaxErrors = 20   // errors of one event, contact or call, and its warnings
	MaxFaults = 1000 // faults of one program
)

// The codes of warnings: what was accepted, but not quite as it was sent.
const (
	WarnEventImported        Code = "event_imported"         // E5
	WarnMetadataKeyDropped   Code = "metadata_key_dropped"   // M1
	WarnEventArchived        Code = "event_archived"         // E10
	WarnMetadataValueDropped Code = "metadata_value_dropped" // M4
	WarnCompanyNotMember     Code = "company_not_member"     // E11
	WarnFieldUnknown         Code = "field_unknown"          // a field that the event does not have, near one that it has
	WarnURLSuspicious        Code = "url_suspicious"
	WarnStripePrefix         Code = "stripe_prefix"          // M3
	WarnCurrencyNoMinorUnit  Code = "currency_no_minor_unit" // M3
	WarnMore                 Code = "more"                   // the last of a long list: so many more there are
)

// An Error is one thing that is wrong with an event, a contact, a program or
// a call. Message is a sentence for people; it quotes at most 64 escaped
// characters of input and never a secret, and its wording is not promised.
type Error struct {
	Code    Code
	Field   string    // the field of an event or contact, such as "metadata.price"; may be empty
	Path    string    // the place in a program, such as "messages[0].audience.all[1].op"; may be empty
	ID      string    // of the message, series or cap that Path lies in, where it has one
	Message string    // a sentence
	RetryAt time.Time // when the call could succeed; zero if not known or never
}

// Error returns the place with its id, the sentence and the code.
func (e *Error) Error() string {
	return (&faultError{Code: e.Code, Field: e.Field, Path: e.Path, ID: e.ID, Message: e.Message}).Error()
}

// Is makes errors.Is(err, code) true for the error's own [Code].
func (e *Error) Is(target error) bool {
	c, ok := target.(Code) // compared by identity, never wrapped
	return ok && c == e.Code
}

type errorJSON struct {
	Code    Code       `json:"code"`
	Field   string     `json:"field,omitempty"`
	Path    string     `json:"path,omitempty"`
	ID      string     `json:"id,omitempty"`
	Message string     `json:"message"`
	RetryAt *time.Time `json:"retry_at,omitempty"`
}

// MarshalJSON returns {"code", "field", "path", "id", "message", "retry_at"}, leaving
// out what is empty.
func (e *Error) MarshalJSON() ([]byte, error) {
	j := errorJSON{Code: e.Code, Field: e.Field, Path: e.Path, ID: e.ID, Message: e.Message}
	if !e.RetryAt.IsZero() {
		t := e.RetryAt.UTC()
		j.RetryAt = &t
	}
	return json.Marshal(j)
}

// An ErrorList is everything that is wrong, at once (E3), in the order in
// which it stands in the input. A list that is returned as an error is never
// empty. Of an event, a contact or a call it has at most [MaxErrors], of a program
// at most [MaxFaults], and then one more that says how many there are besides: for
// an event its code is more, for a program program_invalid, without a path. errors.Is finds the code of any of its errors, errors.As the first.
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

// MarshalJSON returns {"type": "error.list", "errors": […]}.
func (l ErrorList) MarshalJSON() ([]byte, error) {
	list := []*Error(l)
	if list == nil {
		list = []*Error{}
	}
	return json.Marshal(struct {
		Type   string   `json:"type"`
		Errors []*Error `json:"errors"`
	}{"error.list", list})
}

// raise returns faults as the error that a host gets, and nil where there are
// none.
func raise(faults faultList) error {
	if len(faults) == 0 {
		return nil
	}
	list := make(ErrorList, len(faults))
	for i, f := range faults {
		list[i] = &Error{Code: f.Code, Field: f.Field, Path: f.Path, ID: f.ID, Message: f.Message}
	}
	return list
}

// A Warning tells of something in an accepted event that was dropped or looks
// wrong. The event was recorded all the same.
type Warning struct {
	Code    Code   `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}
