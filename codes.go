package beckon

import "github.com/beckon-go/beckon/internal/fault"

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
	WarnCompanyNotMember     = fault.WarnCompanyNotMember     // E11
	WarnFieldUnknown         = fault.WarnFieldUnknown         // a field that the event does not have, near one that it has
	WarnURLSuspicious        = fault.WarnURLSuspicious
	WarnStripePrefix         = fault.WarnStripePrefix        // M3
	WarnCurrencyNoMinorUnit  = fault.WarnCurrencyNoMinorUnit // M3
	WarnMore                 = fault.WarnMore                // the last of a long list: so many more there are
)
