package beckon

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDurationPrintsAsWritten(t *testing.T) {
	for _, s := range []string{
		"90s", "15m", "12h", "7d", "2w", "1d12h", "14d", "336h", "0s", "0d", "0w", "60s", "1m30s", "1w1d1h1m1s",
		"24h", "1d24h", "1d36h", "1d0h", "0h30m", "-3d", "-1d12h", "3600s", "4194303d", "34359738367s", "599186w",
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
		"-0s", "--1d", "1d-12h", "7y", "1µs", "5ms", "４d", "4194304d", "599187w", "34359738368s", "9999999999999h",
		"99999999999999999999s", "1d\x00", strings.Repeat("1", 1000) + "d",
	} {
		if d, err := ParseDuration(s); err == nil {
			t.Errorf("%q is taken as %s", s, d)
		} else if len(err.Error()) > 300 {
			t.Errorf("%q: a long error: %v", s, err)
		}
	}
}

func TestDurationConstants(t *testing.T) {
	for _, c := range []struct {
		d       Duration
		want    string
		elapsed time.Duration
		days    int64
		whole   bool
	}{
		{7 * Day, "7d", 168 * time.Hour, 7, true},
		{Week, "7d", 168 * time.Hour, 7, true},
		{168 * Hour, "168h", 168 * time.Hour, 0, false},
		{90 * Second, "90s", 90 * time.Second, 0, false},
		{60 * Second, "1m", time.Minute, 0, false},
		{Day + 12*Hour, "1d12h", 36 * time.Hour, 1, false},
		{-3 * Day, "-3d", -72 * time.Hour, -3, true},
		{Day - Hour, "23h", 23 * time.Hour, 1, false},
		{-Day + Hour, "-23h", -23 * time.Hour, -1, false},
		{Day - 24*Hour, "0s", 0, 1, false},
		{0, "0s", 0, 0, false},
		{ZeroDuration, "0s", 0, 0, false},
		{maxDurationDays * Day, "4194303d", math.MaxInt64, maxDurationDays, true},
		{-maxDurationDays * Day, "-4194303d", math.MinInt64, -maxDurationDays, true},
	} {
		days, whole := c.d.Days()
		if c.d.String() != c.want || c.d.Elapsed() != c.elapsed || days != c.days || whole != c.whole {
			t.Errorf("%s (want %s): elapsed %v, days %d %v", c.d, c.want, c.d.Elapsed(), days, whole)
		}
		if c.d.Negative() != (c.elapsed < 0) {
			t.Errorf("%s: negative is %v", c.d, c.d.Negative())
		}
	}
	// A6: seven days and 168 hours are not the same.
	if 7*Day == 168*Hour {
		t.Error("7d == 168h")
	}
	parse := func(s string) Duration {
		d, err := ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if parse("7d") != 7*Day || parse("0s") != ZeroDuration || parse("1w") == 7*Day {
		t.Error("what is written canonically must equal the constant, and only that")
	}
	// Arithmetic keeps the length, and the spelling where that can be.
	if d := parse("2w") + parse("2w"); d.seconds() != 28*86400 {
		t.Errorf("2w + 2w = %s", d)
	}
	if d := 3 * parse("1w"); d.seconds() != 21*86400 {
		t.Errorf("3 * 1w = %s", d)
	}
	minute := parse("60s")
	if d := minute - parse("60s"); d.seconds() != 0 {
		t.Errorf("60s - 60s = %s", d)
	}
	if d := parse("1w") + Hour; d.seconds() != 169*3600 || !strings.HasSuffix(d.String(), "1h") {
		t.Errorf("1w + 1h = %s", d)
	}
}

func TestDurationJSON(t *testing.T) {
	var v struct {
		D Duration `json:"d,omitzero"`
	}
	for _, s := range []string{`{"d":"2w"}`, `{"d":"0s"}`, `{}`} {
		v.D = 0
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
	days := rapid.Int64Range(-maxDurationDays, maxDurationDays)
	seconds := rapid.Int64Range(-maxDurationSeconds, maxDurationSeconds)
	rapid.Check(t, func(t *rapid.T) {
		d, s := days.Draw(t, "days"), seconds.Draw(t, "seconds")
		mask := rapid.Uint64Range(0, 31).Draw(t, "mask")
		made := makeDuration(d, s, mask)
		if gotDays, gotSeconds, gotMask := made.parts(); gotDays != d || gotSeconds != s || gotMask != mask {
			t.Fatalf("made of %d, %d, %d: %d, %d, %d", d, s, mask, gotDays, gotSeconds, gotMask)
		}
		printed := made.String()
		again, err := ParseDuration(printed)
		if (d < 0) != (s < 0) && d != 0 && s != 0 {
			// A sum of both signs prints as elapsed time, which can be too long.
			if err == nil && again.seconds() != made.seconds() {
				t.Fatalf("%s: %d, not %d seconds", printed, again.seconds(), made.seconds())
			}
			return
		}
		if err != nil || again.String() != printed || again.seconds() != made.seconds() {
			t.Fatalf("%s reads back as %s, %v", printed, again, err)
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
