// Package structs makes metadata of the fields of Go structs, as their tags say.
package structs

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/value"
)

// A Struct is a type whose fields make an event's metadata.
type Struct struct{ fields []field }

// A Part is what a field is that is no metadata.
type Part uint8

// The parts of an event that a field may be.
const (
	Metadata Part = iota
	EventID
	CompanyID
	CreatedAt
)

type field struct {
	index     []int
	key       string
	part      Part
	omitEmpty bool
	make      func(reflect.Value) value.Value
}

// Of compiles a type. What its tags have wrong is told together.
func Of(t reflect.Type) (*Struct, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is no struct", t)
	}
	s := &Struct{}
	var faults []string
	seen, parts := map[string]bool{}, map[Part]bool{}
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("beckon")
		if tag == "-" || !f.IsExported() || f.Anonymous && !tagged || inNamed(t, f) {
			continue
		}
		x := field{index: f.Index, make: func(v reflect.Value) value.Value { return value.Of(v.Interface()) }}
		name, options := nameOf(tag)
		if x.key = name; name == "" {
			x.key = snake(f.Name)
		}
		for options != "" {
			var option string
			option, options, _ = strings.Cut(options, ",")
			if problem := x.apply(option, f.Type); problem != "" {
				faults = append(faults, f.Name+": "+problem)
			}
		}
		key := fold.Key(x.key)
		if x.part == Metadata {
			if problem := event.KeyFault(x.key); problem != "" {
				faults = append(faults, f.Name+": "+problem)
			}
			if !makes(f.Type) {
				faults = append(faults, fmt.Sprintf("%s: no metadata is a %s", f.Name, f.Type))
			}
		}
		if x.part == Metadata && seen[key] || x.part != Metadata && parts[x.part] {
			faults = append(faults, f.Name+": another field is that, too")
		}
		seen[key], parts[x.part] = x.part == Metadata || seen[key], true
		s.fields = append(s.fields, x)
	}
	if faults != nil {
		return nil, fmt.Errorf("%s: %s", t, strings.Join(faults, "; "))
	}
	return s, nil
}

// makes reports whether metadata can be made of a type: not of lists, which only attributes
// have, nor of maps and structs of the host's own. What an interface holds is seen later.
func makes(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case k == reflect.Struct:
		return !errors.Is(value.Of(reflect.Zero(t).Interface()).Err(), fault.ErrTypeInvalid)
	case k == reflect.Complex64 || k == reflect.Complex128 || k == reflect.UnsafePointer:
		return false
	default:
		return k <= reflect.Float64 || k == reflect.Interface || k == reflect.String
	}
}

// nameOf takes the name and the options of a tag apart. A name with a comma stands between
// apostrophes, which no key has (M2).
func nameOf(tag string) (name, options string) {
	if rest, quoted := strings.CutPrefix(tag, "'"); quoted {
		if before, after, closed := strings.Cut(rest, "'"); closed && (after == "" || after[0] == ',') {
			return before, strings.TrimPrefix(after, ",")
		}
	}
	name, options, _ = strings.Cut(tag, ",")
	return name, options
}

// inNamed reports whether a promoted field belongs to an embedded struct that is a field of
// its own, by its tag, or is left out.
func inNamed(t reflect.Type, f reflect.StructField) bool {
	for i := 1; i < len(f.Index); i++ {
		if _, tagged := t.FieldByIndex(f.Index[:i]).Tag.Lookup("beckon"); tagged {
			return true
		}
	}
	return false
}

// apply takes an option of a tag in, and returns what is wrong with it.
func (f *field) apply(option string, t reflect.Type) (problem string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	text := func(of func(string) value.Value) {
		if t.Kind() != reflect.String {
			problem = fmt.Sprintf("%s is for a string, not a %s", option, t)
			return
		}
		f.make = func(v reflect.Value) value.Value {
			if v = pointed(v); !v.IsValid() {
				return value.Value{}
			}
			return of(v.String())
		}
	}
	word, argument, _ := strings.Cut(option, "=")
	switch word {
	case "omitempty":
		f.omitEmpty = true
	case "link":
		text(value.Link)
	case "image":
		text(value.Image)
	case "stripe":
		text(value.Stripe)
	case "event_id":
		f.part = EventID
		text(value.String)
	case "company_id":
		f.part = CompanyID
		text(value.String)
	case "created_at":
		if f.part = CreatedAt; t.String() != "time.Time" {
			problem = fmt.Sprintf("created_at is for a time.Time, not a %s", t)
		}
	case "money":
		problem = f.money(argument, t)
	default:
		problem = fmt.Sprintf("no option of a tag is called %q", option)
	}
	return problem
}

// money makes amounts of a currency: of an integer in its minor units, of a decimal in its
// units.
func (f *field) money(currency string, t reflect.Type) string {
	if m := value.Monetary(0, currency); m.Err() != nil {
		return fmt.Sprintf("money=%s: no such currency", currency)
	}
	switch {
	case t == reflect.TypeFor[decimal.Decimal]():
		f.make = func(v reflect.Value) value.Value {
			if v = pointed(v); !v.IsValid() {
				return value.Value{}
			}
			return value.MonetaryMajor(v.Interface().(decimal.Decimal), currency) //nolint:errcheck // it is one
		}
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		f.make = func(v reflect.Value) value.Value {
			if v = pointed(v); !v.IsValid() {
				return value.Value{}
			}
			return value.Monetary(v.Int(), currency)
		}
	default:
		return fmt.Sprintf("money is for an integer in minor units, or a decimal, not a %s", t)
	}
	return ""
}

// pointed returns what a value is or points at; none if a pointer is nil.
func pointed(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// Make returns the metadata of a struct, in the order of its fields, and calls part with
// what is none.
func (s *Struct) Make(v reflect.Value, part func(Part, reflect.Value)) value.Fields {
	fields := make(value.Fields, 0, len(s.fields))
	for i := range s.fields {
		f := &s.fields[i]
		at, err := v.FieldByIndexErr(f.index)
		if err != nil { // of an embedded pointer that is nil
			continue
		}
		if f.omitEmpty && at.IsZero() {
			continue
		}
		if f.part != Metadata {
			if at = pointed(at); at.IsValid() {
				part(f.part, at)
			}
			continue
		}
		made := f.make(at)
		if made.IsUnknown() && at.Kind() == reflect.Pointer {
			continue // nil: it is not there
		}
		fields = append(fields, value.Field{Key: f.key, Value: made})
	}
	return fields
}

// snake turns the name of a field into a key: FileName is file_name, URL is url, OrderID is
// order_id.
func snake(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) && letters[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
