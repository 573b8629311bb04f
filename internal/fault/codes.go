// Package fault has what is found wrong with an event, a contact, a program or a
// call: codes, sentences, and lists of them that are bounded. It quotes input and
// suggests the names that were meant.
package fault

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
	ErrMetadataMismatch      Code = "metadata_mismatch"        // V1, strict
	ErrMetadataUndeclared    Code = "metadata_undeclared"      // V1
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
	ErrRenderTooLarge        Code = "render_too_large"
	ErrDeliveryUnknown       Code = "delivery_unknown"
	ErrIdentitiesLimit       Code = "identities_limit"     // C2
	ErrLeaseLost             Code = "lease_lost"           // Z1: another has the delivery, or it was dealt with
	ErrCheckTooSoon          Code = "check_too_soon"       // D4; the Error carries RetryAt
	ErrDataCorrupt           Code = "data_corrupt"         // stored data was cut short, changed, or never encoded here
	ErrDataVersion           Code = "data_version"         // stored data was written by a newer version
	ErrQueryInvalid          Code = "query_invalid"        // a scan that no store can carry out
	ErrMore                  Code = "more"                 // the last of a long list: so many more there are
	ErrSubscriptionUnknown   Code = "subscription_unknown" // D11
	ErrClosed                Code = "closed"
	ErrOptionConflict        Code = "option_conflict" // the store is in use with another option; see WithExactEmail
	ErrEngineView            Code = "engine_view"     // the call is the engine's itself, not one of its views; see Engine.Using
)

// The limits of what one call tells. Behind so many, one last entry says how many
// more there are.
const (
	MaxErrors = 100  // errors of one event, contact or call, and its warnings
	MaxFaults = 1000 // faults of one program
)

// The codes of warnings: what was accepted, but not quite as it was sent.
const (
	WarnEventImported        Code = "event_imported"         // E5
	WarnMetadataKeyDropped   Code = "metadata_key_dropped"   // M1
	WarnEventArchived        Code = "event_archived"         // E10
	WarnMetadataValueDropped Code = "metadata_value_dropped" // M4
	WarnMetadataMismatch     Code = "metadata_mismatch"      // V1
	WarnMetadataUndeclared   Code = "metadata_undeclared"    // V1
	WarnCompanyNotMember     Code = "company_not_member"     // E11
	WarnFieldUnknown         Code = "field_unknown"          // a field that the event does not have, near one that it has
	WarnURLSuspicious        Code = "url_suspicious"
	WarnStripePrefix         Code = "stripe_prefix"          // M3
	WarnCurrencyNoMinorUnit  Code = "currency_no_minor_unit" // M3
	WarnMore                 Code = "more"                   // the last of a long list: so many more there are
)
