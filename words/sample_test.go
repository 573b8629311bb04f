package words_test

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
)

// A slot is a place in a program where a value can be put.
type slot struct {
	path string
	v    reflect.Value
}

// fill puts a random value into v: also one that could not be published. full fills all that
// can be empty.
func fill(t *rapid.T, v reflect.Value, depth int, full bool) {
	present := func(n int) bool { return full || rapid.IntRange(0, n).Draw(t, "present") > 0 }
	word := func() string {
		return rapid.SampledFrom([]string{"a", "b", "plan", "email", "news", "", "gb used", `q"\`, strings.Repeat("long text ", 40)}).Draw(t, "word")
	}
	switch v.Interface().(type) {
	case beckon.Rule:
		if present(2) {
			v.Set(reflect.ValueOf(rules(1).Draw(t, "rule")))
		}
		return
	case beckon.Duration:
		if present(2) {
			d, _ := beckon.ParseDuration(rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign") + durations().Draw(t, "duration"))
			v.Set(reflect.ValueOf(d))
		}
		return
	case time.Time:
		if present(2) {
			zone := time.FixedZone("", rapid.IntRange(-2, 2).Draw(t, "zone")*3600)
			v.Set(reflect.ValueOf(time.Unix(rapid.SampledFrom([]int64{1, 1e9, 1767225600}).Draw(t, "seconds"), rapid.SampledFrom([]int64{0, 5e8}).Draw(t, "fraction")).In(zone)))
		}
		return
	case beckon.Value:
		v.Set(reflect.ValueOf(rapid.SampledFrom([]beckon.Value{
			{},
			beckon.String(""), beckon.String("99"), beckon.NumberLiteral("1.50"), beckon.Bool(true), beckon.List("a", "b"), beckon.List(), beckon.Monetary(100, "eur"),
			beckon.RichLink("https://a.example/", "x"),
		}).Draw(t, "value")))
		return
	}
	switch v.Kind() {
	case reflect.String:
		s := word()
		if options := enumerations[v.Type().Name()]; options != nil {
			s = rapid.SampledFrom(options).Draw(t, v.Type().Name())
		}
		v.SetString(s)
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(0, 3).Draw(t, "int")))
	case reflect.Float64:
		v.SetFloat(rapid.SampledFrom([]float64{0, 0.05, 0.1, 1}).Draw(t, "float"))
	case reflect.Pointer:
		if present(1) {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), depth, full)
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 3).Draw(t, "length")
		if full {
			n = 2
		}
		if n < 0 || depth > 2 && v.Type() == reflect.TypeFor[[]beckon.Unless]() {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), depth+1, full)
		}
	case reflect.Map:
		n := rapid.IntRange(-1, 3).Draw(t, "size")
		if full {
			n = 2
		}
		if n < 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for i := range n {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e, depth+1, full)
			v.SetMapIndex(reflect.ValueOf(fmt.Sprintf("%s%d", word(), i)), e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), depth+1, full)
		}
	}
}

// enumerations are the words that fields of a type have, and one that none has.
var enumerations = map[string][]string{
	"Channel": {"", "chat", "push", "product_tour", "custom:a b"}, "Mode": {"", "triggered", "ongoing", "one_off", "x"}, "Status": {"", "draft", "live", "paused", "stopped", "x"},
	"Weekday": {"mon", "tue", "wed", "sun", "x"}, "TimeOfDay": {"", "09:00", "17:30", "x"}, "Outside": {"", "drop", "hold", "x"}, "Period": {"", "year", "day"},
	"Format": {"", "text", "html"}, "Missing": {"", "empty", "hold", "x"}, "Others": {"", "accept", "warn", "refuse", "x"},
}

// slots lists the places in v that can be set.
func slots(v reflect.Value, path string) (list []slot) {
	switch v.Interface().(type) {
	case beckon.Rule, beckon.Duration, time.Time, beckon.Value:
		return []slot{{path, v}}
	}
	if v.Kind() != reflect.Struct {
		list = []slot{{path, v}}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			list = append(list, slots(v.Elem(), path)...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			list = append(list, slots(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" || name == "" {
				name = map[string]string{"EventDate": "date", "Or": "unless"}[f.Name]
			}
			list = append(list, slots(v.Field(i), strings.TrimPrefix(path+"."+name, "."))...)
		}
	}
	return list
}

// cloned copies a value, so that slots of the copy can be set.
func cloned(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Interface().(type) {
	case beckon.Rule, beckon.Duration, time.Time, beckon.Value:
		return c
	}
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		c.Set(reflect.New(v.Type().Elem()))
		c.Elem().Set(cloned(v.Elem()))
	case v.Kind() == reflect.Slice && !v.IsNil():
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(cloned(v.Index(i)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			c.Field(i).Set(cloned(v.Field(i)))
		}
	}
	return c
}

func samplePrograms(full bool) *rapid.Generator[beckon.Program] {
	return rapid.Custom(func(t *rapid.T) (p beckon.Program) {
		fill(t, reflect.ValueOf(&p).Elem(), 0, full)
		return p
	})
}
