package beckon

import (
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/exp/constraints"

	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// The limits of metadata and values, which no option widens. (M1, M2, M3)
const (
	MaxMetadataKeys      = value.MaxMetadataKeys      // keys that count; later ones are dropped
	MaxMetadataKeyLength = value.MaxMetadataKeyLength // Unicode code points of a key
	MaxStringLength      = value.MaxStringLength      // Unicode code points of a string, a title or a Stripe identifier
	MaxURLLength         = value.MaxURLLength         // Unicode code points of a URL
	MaxNumberDigits      = value.MaxNumberDigits      // digits of a number before its exponent, as written
	MaxExponent          = value.MaxExponent          // magnitude of a number's exponent, as written
	MaxAttributeLength   = value.MaxAttributeLength   // Unicode code points of a text in an attribute, and of each text of a list there
	MaxListLength        = value.MaxListLength        // texts in a list
)

// A Value is one piece of metadata or one attribute; package value has its methods and
// kinds. The zero Value is unknown. A Value is immutable and safe to share. Constructors
// return no error: what they refuse becomes an invalid value, which [value.Value.Err]
// explains, and an event or a contact with it is refused. Package value says what each
// takes, and the code of a refusal. (E3)
type Value = value.Value

// Bool makes a boolean.
func Bool(b bool) Value { return value.Bool(b) }

// Date makes a date, to the second.
func Date(t time.Time) Value { return value.Date(t) }

// Decimal makes a number of an exact decimal.
func Decimal(d decimal.Decimal) Value { return value.Decimal(d) }

// Image makes an image of its URL.
func Image(url string) Value { return value.Image(url) }

// Link makes an http or https link.
func Link(url string) Value { return value.Link(url) }

// List makes a list of texts, for attributes only. (M4)
func List(texts ...string) Value { return value.List(texts...) }

// Monetary makes an amount in minor units of an ISO 4217 currency:
// Monetary(34999, "eur") is 349.99 EUR, Monetary(500, "jpy") 500 yen. (M3)
func Monetary[T constraints.Integer](minor T, currency string) Value {
	return value.Monetary(minor, currency)
}

// MonetaryMajor is [Monetary] of an amount in units of its currency: 349.99.
func MonetaryMajor(amount decimal.Decimal, currency string) Value {
	return value.MonetaryMajor(amount, currency)
}

// Number makes a number: of a float the shortest that reads back the same.
func Number[T constraints.Integer | constraints.Float](n T) Value { return value.Number(n) }

// NumberLiteral makes a number of a JSON literal: "1.50" stays 1.50. (M5)
func NumberLiteral(s string) Value { return value.NumberLiteral(s) }

// RichLink makes a link with a title.
func RichLink(url, title string) Value { return value.RichLink(url, title) }

// String makes a text, in metadata of up to [MaxStringLength] code points.
func String(s string) Value { return value.String(s) }

// Stripe makes the identifier of a customer, an invoice or a charge.
func Stripe(id string) Value { return value.Stripe(id) }

// ValueOf makes a value of any Go value that is one, see [value.Of].
func ValueOf(v any) Value { return value.Of(v) }

// A Field is one key of an event's metadata with its value.
type Field = value.Field

// F returns a field, its value made by [ValueOf].
func F(key string, v any) Field { return Field{Key: key, Value: value.Of(v)} }

// Fields is an event's metadata, in the order sent. Nil is empty. Any number of
// goroutines may read it. (M1)
type Fields = value.Fields

// An EventDeclaration says what events of a name carry. Others are taken with warnings, or
// refused: metadata_mismatch ([WithStrictMetadata]), metadata_undeclared. Names and keys fold;
// one event twice is a fault. (V1)
type EventDeclaration struct {
	Description string                    `json:"description,omitzero"`
	Metadata    map[string]KeyDeclaration `json:"metadata,omitzero"`
	Others      Others                    `json:"others,omitzero"` // keys that are not declared
}

// A KeyDeclaration says what stands under a metadata key.
type KeyDeclaration struct {
	Type     string  `json:"type,omitzero"` // string, number, boolean, date, link, rich_link, image, stripe or monetary; empty: any. An image is a link, and both are strings
	Required bool    `json:"required,omitzero"`
	Values   []Value `json:"values,omitzero"` // nothing else; compared exactly. Nil: any
}

// Others says what happens to keys that are not declared.
type Others string

// judgeDeclared judges the metadata of an event by its declaration. Of what could not be
// read nothing is said.
func (e *Engine) judgeDeclared(by *declared.Event, ev *event.Event, warnings []fault.Warning, errs fault.List) ([]fault.Warning, fault.List) {
	if errs.About("") || errs.About("metadata") {
		return warnings, errs
	}
	c := declared.Check{Strict: e.cfg.strict, Errs: errs, Warnings: warnings}
	by.Check(&c, ev.Metadata)
	ev.Unwarned += c.More
	return c.Warnings, c.Errs
}

// compileEvents makes declarations of events ready.
func compileEvents(events map[string]EventDeclaration, faults *fault.List) map[string]*declared.Event {
	given := make(map[string]declared.Given, len(events))
	for name, d := range events {
		keys := make(map[string]declared.GivenKey, len(d.Metadata))
		for key, k := range d.Metadata {
			out := declared.GivenKey{Type: k.Type, Required: k.Required}
			if k.Values != nil {
				out.Values = make([]repr.Value, len(k.Values))
			}
			for i := range k.Values {
				out.Values[i] = *peek.Of(&k.Values[i])
			}
			keys[key] = out
		}
		given[name] = declared.Given{Description: d.Description, Keys: keys, Others: string(d.Others)}
	}
	return declared.Compile(given, "events", MaxDescriptionLength, faults)
}

// UnmarshalJSON reads a declaration, as [ParseProgram] does.
func (d *EventDeclaration) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, d, (*shape).declaration)
}

// UnmarshalJSON reads a key's declaration, as [ParseProgram] does.
func (k *KeyDeclaration) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, k, (*shape).keyDeclaration)
}

func (s *shape) declaration(n *ojson.Node, path string) (d EventDeclaration) {
	s.Object(n, path,
		member("description", s.Text(&d.Description)),
		member("metadata", func(n *ojson.Node, path string) { document.Entries(&s.Reader, &d.Metadata, n, path, s.keyDeclaration) }),
		member("others", document.Word(&s.Reader, &d.Others, OthersAccept, OthersWarn, OthersRefuse)),
	)
	return d
}

func (s *shape) keyDeclaration(n *ojson.Node, path string) (k KeyDeclaration) {
	s.Object(n, path,
		member("type", document.Word(&s.Reader, &k.Type, declared.TypeWords()...)),
		member("required", s.Flag(&k.Required)),
		member("values", document.ListOf(&s.Reader, &k.Values, func(n *ojson.Node, path string) Value {
			v := repr.DecodeMetadataValue("", n) // its key may make another type of it: the compiler sees to that
			if _, message := v.Fault(); message != "" {
				s.Fault(ErrTypeInvalid, path, message)
			}
			return peek.Value(v)
		})),
	)
	return k
}

// The ways. The zero Others accepts them.
const (
	OthersAccept Others = declared.Accept
	OthersWarn   Others = declared.Warn   // a warning for each
	OthersRefuse Others = declared.Refuse // the event is refused
)
