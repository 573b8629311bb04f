package beckon

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
)

// A duration over 100 years is refused wherever a program can have one, with
// its path. The test finds the fields by itself, those of later types too.
func TestProgramRefusesLongDurations(t *testing.T) {
	program := func() *Program {
		rule := Did("bought").Within(Days(7)).AtLeast(1)
		return &Program{
			Segments: map[string]Rule{"s": rule},
			Caps:     []Cap{{ID: "c", Max: 1, Within: Days(1)}},
			Messages: []Message{
				{
					ID: "m", Channel: Email, Status: Live, Trigger: On("go").Unless("stop", Hours(1), ""),
					Frequency: &Frequency{Every: Hours(1)}, Audience: rule,
					Goal: &Goal{Rule: rule, Within: Days(1)}, Content: Content{Body: "x"},
				},
				{ID: "d", Channel: Email, Status: Live, Trigger: OnDate("ends_at", Days(-3)), Content: Content{Body: "x"}},
			},
			Series: []Series{{
				ID: "s", Status: Live, Entry: Entry{Trigger: On("go"), Audience: rule}, Exit: rule,
				Blocks: []Block{
					{ID: "wait", Wait: Days(1), Next: "rule"},
					{ID: "rule", Rule: &rule, Within: Days(1), No: "end"},
					{ID: "end", Exit: true},
				},
			}},
		}
	}
	seen := map[string]bool{}
	for i := 0; ; i++ {
		p, n := program(), 0
		var place string
		eachDuration(reflect.ValueOf(p), func(owner reflect.Type, field string, d *Duration) {
			if n++; n == i && !d.IsZero() {
				place, *d = owner.Name()+"."+field, Days(36526)
			}
		})
		if i > n {
			break
		}
		if place == "" {
			if faults := publishFaults(t, p); len(faults) != 0 && i == 0 {
				t.Fatalf("without a fault: %v", faults)
			}
			continue
		}
		seen[place] = true
		_, field, _ := strings.Cut(place, ".")
		if !slices.ContainsFunc(publishFaults(t, p), func(e *fault.Error) bool { return strings.HasSuffix(e.Path, "."+snake(field)) }) {
			t.Errorf("%s of 36526 days: %v", place, publishFaults(t, p))
		}
	}
	want := map[string]bool{}
	eachDurationField(reflect.TypeFor[Program](), map[reflect.Type]bool{}, want)
	if !maps.Equal(seen, want) {
		t.Errorf("the program of this test has %v, want a duration at each of %v", slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(want)))
	}
}

func publishFaults(t *testing.T, p *Program) fault.List {
	t.Helper()
	_, faults := compile(*p, &config{})
	return faults
}

// eachDuration calls fn with every Duration below v.
func eachDuration(v reflect.Value, fn func(owner reflect.Type, field string, d *Duration)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachDuration(v.Elem(), fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachDuration(v.Index(i), fn)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if d, ok := v.Field(i).Addr().Interface().(*Duration); ok {
				fn(v.Type(), f.Name, d)
			} else {
				eachDuration(v.Field(i), fn)
			}
		}
	}
}

// eachDurationField notes every field of type Duration that t leads to.
func eachDurationField(t reflect.Type, seen map[reflect.Type]bool, out map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		eachDurationField(t.Elem(), seen, out)
	case reflect.Struct:
		if seen[t] || t == reflect.TypeFor[Duration]() {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() {
				continue
			}
			if f.Type == reflect.TypeFor[Duration]() {
				out[t.Name()+"."+f.Name] = true
			} else {
				eachDurationField(f.Type, seen, out)
			}
		}
	}
}

func snake(field string) string {
	var b strings.Builder
	for i, r := range field {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}
