package beckon

// A ValueKind is the type of a [Value].
type ValueKind uint8

// The kinds of values (M3). KindList stands in attributes only.
const (
	KindUnknown ValueKind = iota // the zero Value: no value at all (A5)
	KindString
	KindNumber
	KindBool
	KindDate
	KindLink
	KindRichLink
	KindImage
	KindStripe
	KindMonetary
	KindList
	kindInvalid // a constructor was given something it refuses; see Value.Err
)

// A Value is one piece of metadata or one attribute: a small tagged union.
// The zero Value is unknown. A Value is immutable and safe to share.
type Value struct {
	kind ValueKind
	flag uint8 // reserved to the constructors: form of a date, warnings, fault code
	exp  int32 // number: exponent of num; monetary: digits of the minor unit
	num  int64 // number: coefficient; bool: 0 or 1; date: Unix seconds; monetary: minor units
	str  string
	more []string // rich link: the title; list: the texts
}

// Kind gives the type of the value.
func (v Value) Kind() ValueKind { return v.kind }

// IsUnknown reports whether there is no value at all (A5).
func (v Value) IsUnknown() bool { return v.kind == KindUnknown }

// String_ is replaced by the owner of this file.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Text gives the plain form of the value (R4).
func (v Value) Text() string { return v.str }
