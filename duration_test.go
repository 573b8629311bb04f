package beckon

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
)

func TestDurationPrintsAsWritten(t *testing.T) {
	for _, s := range []string{
		"90s", "15m", "12h", "7d", "2w", "1d12h", "14d", "336h", "0s", "0d", "0w", "60s", "1m30s", "1w1d1h1m1s",
		"24h", "1d24h", "1d36h", "1d0h", "0h30m", "-3d", "-1d12h", "3600s", "36525d", "-36525d", "876600h", "52596000m", "3155760000s", "5217w", "100d1h",
	} {
		d, err := ParseDuration(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if d.String() != s {
			t.Errorf("%s prints as %s", s, d)
		}
		if d.IsZero() {
			t.Errorf("%s is unset", s)
		}
	}
}

func TestDurationRefuses(t *testing.T) {
	for _, s := range []string{
		"", "-", "7", "d", "7 d", " 7d", "7d ", "07d", "+7d", "7D", "1.5h", "1h90m", "1w10d", "12h1d", "1d1d", "1m1h",
		"-0s", "--1d", "1d-12h", "7y", "1µs", "5ms", "４d", "36526d", "-36526d", "5218w", "876601h", "3155760001s", "36525d1s", "9999999999999h", "9223372036854775807d",
		"99999999999999999999s", "1d\x00", strings.Repeat("1", 1000) + "d",
	} {
		if d, err := ParseDuration(s); err == nil {
			t.Errorf("%q is taken as %s", s, d)
		} else if len(err.Error()) > 300 {
			t.Errorf("%q: a long error: %v", s, err)
		}
	}
}

func TestDurationConstructors(t *testing.T) {
	for _, c := range []struct {
		d       Duration
		want    string
		elapsed time.Duration
		days    int64
		whole   bool
	}{
		{Days(7), "7d", 168 * time.Hour, 7, true},
		{Weeks(1), "1w", 168 * time.Hour, 7, true},
		{Hours(168), "168h", 168 * time.Hour, 0, false},
		{Seconds(90), "90s", 90 * time.Second, 0, false},
		{Seconds(60), "60s", time.Minute, 0, false},
		{Minutes(90), "90m", 90 * time.Minute, 0, false},
		{Days(0), "0d", 0, 0, true},
		{Days(-3), "-3d", -72 * time.Hour, -3, true},
		{Duration{}, "0s", 0, 0, false},
		{Seconds(0), "0s", 0, 0, false},
		{Days(36525), "36525d", 876600 * time.Hour, 36525, true},

		{Days(1).Add(Hours(12)), "1d12h", 36 * time.Hour, 1, false},
		{Hours(12).Add(Days(1)), "1d12h", 36 * time.Hour, 1, false},
		{Hours(1).Add(Minutes(90)), "2h30m", 150 * time.Minute, 0, false},
		{Weeks(2).Add(Weeks(2)), "4w", 28 * 24 * time.Hour, 28, true},
		{Weeks(1).Add(Days(1)), "1w1d", 8 * 24 * time.Hour, 8, true},
		{Days(1).Add(Hours(-1)), "23h", 23 * time.Hour, 0, false},
		{Days(-1).Add(Hours(1)), "-23h", -23 * time.Hour, 0, false},
		{Days(1).Add(Hours(-24)), "0s", 0, 0, false},
		{Days(7).Add(Days(-7)), "0d", 0, 0, true},
		{Days(1).Add(Hours(2)).Add(Hours(-2)), "1d0h", 24 * time.Hour, 1, true},
		{Days(7).Add(Duration{}), "7d", 168 * time.Hour, 7, true},
		{Duration{}.Add(Days(7)), "7d", 168 * time.Hour, 7, true},
		{Duration{}.Add(Duration{}), "0s", 0, 0, false},

		{DurationOf(24 * time.Hour), "24h", 24 * time.Hour, 0, false},
		{DurationOf(90 * time.Minute), "90m", 90 * time.Minute, 0, false},
		{DurationOf(0), "0s", 0, 0, false},
		{DurationOf(time.Nanosecond), "1s", time.Second, 0, false},
		{DurationOf(1500 * time.Millisecond), "2s", 2 * time.Second, 0, false},
		{DurationOf(-1500 * time.Millisecond), "-2s", -2 * time.Second, 0, false},
	} {
		days, whole := c.d.Days()
		if c.d.String() != c.want || c.d.Elapsed() != c.elapsed || days != c.days || whole != c.whole {
			t.Errorf("%s (want %s): elapsed %v, days %d %v", c.d, c.want, c.d.Elapsed(), days, whole)
		}
		if c.d.Negative() != (c.elapsed < 0) || c.d.span.Over() || c.d.IsZero() != (c.d == Duration{}) {
			t.Errorf("%s: negative %v, over %v, unset %v", c.d, c.d.Negative(), c.d.span.Over(), c.d.IsZero())
		}
		if parsed, problem := parseDuration(c.want); !c.d.IsZero() && (problem != "" || parsed != c.d) {
			t.Errorf("%s reads back as another: %+v, %s", c.want, parsed, problem)
		}
	}
	// A6: seven days and 168 hours are not the same, nor are seven days and one week as they are written.
	if Days(7) == Hours(168) || Days(7) == Weeks(1) {
		t.Error("7d == 168h, or 7d == 1w")
	}
}

// What is longer than 100 years is kept as such, however long, with its sign.
func TestDurationOver(t *testing.T) {
	for _, d := range []Duration{
		Days(36526), Days(math.MaxInt), Weeks(5218), Weeks(math.MaxInt), Hours(876601), DurationOf(math.MaxInt64),
		Days(36525).Add(Seconds(1)), Hours(876600).Add(Days(1)), Days(math.MaxInt).Add(Days(math.MaxInt)), Seconds(math.MaxInt).Add(Seconds(math.MaxInt)).Add(Days(36525)),
	} {
		if !d.span.Over() || d.Negative() || d.IsZero() || d.millis() <= 0 {
			t.Errorf("%s: over %v, negative %v", d, d.span.Over(), d.Negative())
		}
		if _, err := ParseDuration(d.String()); err == nil || !strings.Contains(err.Error(), "100 years") {
			t.Errorf("%s: %v", d, err)
		}
	}
	for _, d := range []Duration{Days(-36526), Days(math.MinInt), Weeks(math.MinInt), Hours(-876601), DurationOf(math.MinInt64), Days(math.MinInt).Add(Days(math.MinInt))} {
		if !d.span.Over() || !d.Negative() {
			t.Errorf("%s: over %v, negative %v", d, d.span.Over(), d.Negative())
		}
	}
}

func TestDurationJSON(t *testing.T) {
	var v struct {
		D Duration `json:"d,omitzero"`
	}
	for _, s := range []string{`{"d":"2w"}`, `{"d":"0s"}`, `{}`} {
		v.D = Duration{}
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(v); err != nil || string(b) != s {
			t.Errorf("%s comes back as %s, %v", s, b, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"d":"1y"}`), &v); err == nil {
		t.Error("1y is taken")
	}
}

func TestDurationProperties(t *testing.T) {
	const most = calendar.MaxDuration / calendar.DaySeconds
	part := rapid.Custom(func(t *rapid.T) Duration {
		n := rapid.IntRange(-most/14, most/14).Draw(t, "n")
		return rapid.SampledFrom([]func(int) Duration{Seconds, Minutes, Hours, Days, Weeks}).Draw(t, "unit")(n)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := part.Draw(t, "a"), part.Draw(t, "b")
		sum := a.Add(b)
		if sum.millis() != a.millis()+b.millis() || sum != b.Add(a) {
			t.Fatalf("%s + %s = %s, %s", a, b, sum, b.Add(a))
		}
		if again, problem := parseDuration(sum.String()); problem != "" || again != sum {
			t.Fatalf("%s + %s = %s, which reads as %s, %s", a, b, sum, again, problem)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"7d", "1d12h", "-2w", "0s", "1h90m", "007s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil && d.String() != s {
			t.Errorf("%q prints as %q", s, d)
		}
	})
}

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
					Frequency: &Frequency{Every: Hours(1), Wait: Days(1)}, Audience: rule,
					Goal: &Goal{Rule: rule, Within: Days(1)}, Content: Content{Body: "x"},
				},
				{ID: "d", Channel: Email, Status: Live, Trigger: OnDate("ends_at", Days(-3)), Content: Content{Body: "x"}},
				{ID: "shown", Channel: Banner, Status: Live, Trigger: OnDate("ends_at", Days(-3)).For(Days(2)), Content: Content{Body: "x"}},
			},
			Series: []Series{{
				ID: "s", Status: Live, Entry: Entry{Trigger: On("go"), Audience: rule}, Exit: rule, Reenter: true, ReenterAfter: Days(1),
				Blocks: []Block{
					{ID: "wait", Wait: Days(1), Next: "rule"},
					{ID: "rule", Rule: &rule, Within: Days(1), No: "end"},
					{ID: "end", Exit: true},
				},
			}},
		}
	}
	seen, other := map[string]bool{}, map[string]string{"Span": "for"}
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
		if !slices.ContainsFunc(publishFaults(t, p), func(e *fault.Error) bool { return strings.HasSuffix(e.Path, "."+cmp.Or(other[field], snake(field))) }) {
			t.Errorf("%s of 36526 days: %v", place, publishFaults(t, p))
		}
	}
	want := map[string]bool{}
	eachDurationField(reflect.TypeFor[Program](), map[reflect.Type]bool{}, want)
	if !maps.Equal(seen, want) {
		t.Errorf("the program of this test has %v, want a duration at each of %v", slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(want)))
	}
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
