package value

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/repr"
)

// Of makes a value of what Go has for it: a string, a boolean, any integer or float, a
// decimal.Decimal and a json.Number as a number, a time.Time as a date, a url.URL as a
// link, a slice of strings as a list, and a Value as it is; types made of these, and
// pointers, as what they are made of or point at. Nil is the unknown Value, which metadata
// does not take. Anything else is refused where it is used, with type_invalid.
func Of(v any) Value {
	switch v := v.(type) {
	case nil:
		return Value{}
	case Value:
		return v
	case string:
		return String(v)
	case bool:
		return Bool(v)
	case int:
		return Number(v)
	case float64:
		return Number(v)
	case time.Time:
		return Date(v)
	case decimal.Decimal:
		return Decimal(v)
	case json.Number:
		return NumberLiteral(v.String())
	case url.URL:
		return Link(v.String())
	case []string:
		return List(v...)
	}
	return reflected(reflect.ValueOf(v))
}

// reflected makes a value of a type of the host's own.
func reflected(v reflect.Value) Value {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return Value{}
		}
		return Of(v.Elem().Interface())
	case reflect.String:
		return String(v.String())
	case reflect.Bool:
		return Bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Number(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return Number(v.Uint())
	case reflect.Float32:
		return Number(float32(v.Float()))
	case reflect.Float64:
		return Number(v.Float())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.String {
			break
		}
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = v.Index(i).String()
		}
		return List(texts...)
	case reflect.Struct:
		for _, t := range [...]reflect.Type{reflect.TypeFor[time.Time](), reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[url.URL](), reflect.TypeFor[Value]()} {
			if v.CanConvert(t) {
				return Of(v.Convert(t).Interface())
			}
		}
	}
	return of(repr.Invalid(fault.ErrTypeInvalid, fmt.Sprintf("no value is made of a %s", v.Type())))
}
