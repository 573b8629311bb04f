package decimal

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) { // M3, faults 4 and 5
	for _, c := range []struct {
		s             string
		valid, within bool
	}{
		{"0", true, true},
		{"-0", true, true},
		{"1.50", true, true},
		{"-1.5e-3", true, true},
		{"1E+2", true, true},
		{"12909364407", true, true},
		{"9007199254740993", true, true},
		{strings.Repeat("9", 100), true, true},
		{strings.Repeat("9", 101), true, false},
		{"0." + strings.Repeat("0", 99), true, true},
		{"0." + strings.Repeat("0", 100), true, false},
		{strings.Repeat("9", 4000), true, false},
		{"1e308", true, true},
		{"1e-308", true, true},
		{"1e309", true, false},
		{"1e-309", true, false},
		{"1e400", true, false},
		{"1e0000000308", true, true},
		{"1e99999999999999999999", true, false},
		{"-1e-99999999999999999999", true, false},
		{"", false, false},
		{"-", false, false},
		{"+1", false, false},
		{".5", false, false},
		{"1.", false, false},
		{"1.e1", false, false},
		{"01", false, false},
		{"-01", false, false},
		{"1e", false, false},
		{"1e+", false, false},
		{"1e1.5", false, false},
		{"1 ", false, false},
		{" 1", false, false},
		{"1,5", false, false},
		{"0x1", false, false},
		{"1_000", false, false},
		{"NaN", false, false},
		{"Inf", false, false},
		{"-Infinity", false, false},
		{"１", false, false},
	} {
		if valid, within := Check(c.s); valid != c.valid || within != c.within {
			t.Errorf("Check(%.40q) = %v, %v", c.s, valid, within)
		}
	}
}

// Plain agrees with Check and Small on all that it takes, and takes what is usual.
func TestPlain(t *testing.T) {
	for s, want := range map[string]bool{
		"0": true, "-0": true, "7": true, "-12.50": true, "0.5": true, "1389913941": true,
		"999999999999999999": true, "-999999999999999999": true, "9999999999999999999": false, "0.00000000000000001": false,
		"": false, "-": false, "01": false, "-00": false, "00.5": false, "1.": false, ".5": false, "-.5": false,
		"1.2.3": false, "1e2": false, "+1": false, "1 ": false, "--1": false, "1-": false, "1a": false,
	} {
		coef, exp, ok := Plain(s)
		if ok != want {
			t.Errorf("%q: %v", s, ok)
		}
		if valid, within := Check(s); ok && !(valid && within) {
			t.Errorf("%q is not valid", s)
		}
		if c, e, small := Small(s); ok && (!small || c != coef || e != exp) {
			t.Errorf("%q: %d, %d; want %d, %d", s, coef, exp, c, e)
		}
	}
}

func TestSmall(t *testing.T) {
	for _, c := range []struct {
		s    string
		coef int64
		exp  int32
		ok   bool
	}{
		{"0", 0, 0, true},
		{"-0.0", 0, -1, true},
		{"1.50", 150, -2, true},
		{"-12e3", -12, 3, true},
		{"1.5e-3", 15, -4, true},
		{"9223372036854775807", math.MaxInt64, 0, true},
		{"9223372036854775808", 0, 0, false},
		{"-9223372036854775808", 0, 0, false}, // its magnitude does not fit
		{"99999999999999999999", 0, 0, false},
		{"184467440737095516160", 0, 0, false},
		{"0.00000000000000000000000000001", 1, -29, true},
	} {
		coef, exp, ok := Small(c.s)
		if coef != c.coef || exp != c.exp || ok != c.ok {
			t.Errorf("Small(%q) = %d, %d, %v", c.s, coef, exp, ok)
		}
	}
}

func TestCompare(t *testing.T) { // fault 36
	// Each line is one number in several forms; the lines ascend.
	lines := [][]string{
		{"-1e308"},
		{"-" + strings.Repeat("9", 30)},
		{"-9223372036854775809"},
		{"-9223372036854775808"},
		{"-10", "-1e1", "-10.0"},
		{"-1.5", "-15e-1", "-1.50"},
		{"-1e-308"},
		{"0", "-0", "0.0", "0e5", "-0.00e-7"},
		{"1e-308", "0.1e-307"},
		{"0.1", "0.10", "1e-1"},
		{"0.1000000000000000000000000000000000001"},
		{"1", "1.0", "10e-1", "0.001e3"},
		{"1.0000000000000000000000000000000001"},
		{"9007199254740992"},
		{"9007199254740993", "9007199254740993.000", "9.007199254740993e15"},
		{"9223372036854775807"},
		{"9223372036854775808"},
		{"1e20", strings.Repeat("10", 1) + strings.Repeat("0", 19)},
		{"1e100", "10e99"},
		{"1e308"},
	}
	for i, a := range lines {
		for j, b := range lines {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			for _, x := range a {
				for _, y := range b {
					check(t, x, y, want)
				}
			}
		}
	}
}

// check compares two literals in every way there is.
func check(t *testing.T, x, y string, want int) {
	t.Helper()
	if got := Compare(x, y); got != want {
		t.Errorf("Compare(%s, %s) = %d, want %d", x, y, got, want)
	}
	if got := Compare([]byte(x), y); got != want {
		t.Errorf("Compare(%s, %s) of bytes = %d, want %d", x, y, got, want)
	}
	cx, ex, okx := Small(x)
	cy, ey, oky := Small(y)
	if okx && oky {
		if got := CompareSmall(cx, ex, cy, ey); got != want {
			t.Errorf("CompareSmall(%s, %s) = %d, want %d", x, y, got, want)
		}
	}
	same := string(AppendCanonical(nil, x)) == string(AppendCanonical(nil, y))
	if same != (want == 0) {
		t.Errorf("AppendCanonical(%s), of %s: the same is %v", x, y, same)
	}
}

func TestCompareSmallAtTheEdges(t *testing.T) {
	for _, c := range []struct {
		a    int64
		ea   int32
		b    int64
		eb   int32
		want int
	}{
		{math.MinInt64, 0, math.MinInt64, 0, 0},
		{math.MinInt64, 1, math.MinInt64, 0, -1},
		{math.MaxInt64, 0, 1, 19, -1},
		{1, 19, math.MaxInt64, 0, 1},
		{1, 20, math.MaxInt64, 0, 1},
		{-1, 20, math.MinInt64, 0, -1},
		{9, 18, math.MaxInt64, 0, -1},
		{0, 300, 0, -300, 0},
		{-1, 300, 1, -300, -1},
	} {
		if got := CompareSmall(c.a, c.ea, c.b, c.eb); got != c.want {
			t.Errorf("CompareSmall(%d, %d, %d, %d) = %d, want %d", c.a, c.ea, c.b, c.eb, got, c.want)
		}
	}
}

func TestAppendSmall(t *testing.T) {
	for _, c := range []struct {
		coef int64
		exp  int32
		want string
	}{
		{0, 0, "0"},
		{0, -2, "0.00"},
		{5, -2, "0.05"},
		{-5, -2, "-0.05"},
		{34999, -2, "349.99"},
		{-12345, -3, "-12.345"},
		{math.MinInt64, 0, "-9223372036854775808"},
		{math.MaxInt64, -4, "922337203685477.5807"},
		{1, -18, "0.000000000000000001"},
	} {
		if got := string(AppendSmall(nil, c.coef, c.exp)); got != c.want {
			t.Errorf("AppendSmall(%d, %d) = %s, want %s", c.coef, c.exp, got, c.want)
		}
	}
}

func TestWholeAndRound(t *testing.T) { // M3: monetary, date
	for _, c := range []struct {
		s              string
		whole, round   bool
		wholeN, roundN int64
	}{
		{"0", true, true, 0, 0},
		{"-0.000", true, true, 0, 0},
		{"1999", true, true, 1999, 1999},
		{"-1999.0", true, true, -1999, -1999},
		{"1.999e3", true, true, 1999, 1999},
		{"1e3", true, true, 1000, 1000},
		{"1998.9999999999998", false, true, 0, 1999},
		{"-1998.9999999999998", false, true, 0, -1999},
		{"1999.0000000000002", false, true, 0, 1999},
		{"19.5", false, false, 0, 0},
		{"19.000001", false, true, 0, 19},
		{"19.0000011", false, false, 0, 0},
		{"19.999999", false, true, 0, 20},
		{"19.9999989", false, false, 0, 0},
		{"0.0000005", false, true, 0, 0},
		{"-0.9999995", false, true, 0, -1},
		{"1e-300", false, true, 0, 0},
		{"9223372036854775807", true, true, math.MaxInt64, math.MaxInt64},
		{"9223372036854775808", false, false, 0, 0},
		{"-9223372036854775808", true, true, math.MinInt64, math.MinInt64},
		{"-9223372036854775809", false, false, 0, 0},
		{"9223372036854775807.9999999", false, false, 0, 0},
		{"9999999999999999999.9999999", false, false, 0, 0},
		{"10000000000000000000", false, false, 0, 0},
		{"1e308", false, false, 0, 0},
	} {
		if n, ok := Whole(c.s); ok != c.whole || ok && n != c.wholeN {
			t.Errorf("Whole(%s) = %d, %v", c.s, n, ok)
		}
		if n, ok := Round(c.s); ok != c.round || ok && n != c.roundN {
			t.Errorf("Round(%s) = %d, %v", c.s, n, ok)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	long, buf := strings.Repeat("9", 100), make([]byte, 0, 128)
	if n := testing.AllocsPerRun(100, func() {
		Check(long)
		Compare(long, "1e99")
		Compare(AppendSmall(buf, 5, -2), long)
		CompareSmall(1, 2, 3, 4)
		Whole("1e3")
		Round("1998.9999999999998")
		AppendCanonical(buf, long)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzCompare holds every answer against math/big.
func FuzzCompare(f *testing.F) {
	for _, s := range [][2]string{
		{"1", "1.0"},
		{"-0", "0e9"},
		{"1e308", "-1e-308"},
		{"9007199254740993", "9007199254740992"},
		{"0.1", "0.10000000000000000001"},
		{"1998.9999999999998", "1999"},
		{"123e-5", "12.3e-4"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, x, y string) {
		_, okx := Check(x)
		_, oky := Check(y)
		if okx {
			var any big.Float
			if _, _, err := any.Parse(x, 10); err != nil {
				t.Fatalf("accepted %q: %v", x, err)
			}
		}
		if !okx || !oky {
			return
		}
		a, b := rat(t, x), rat(t, y)
		check(t, x, y, a.Cmp(b))
		check(t, y, x, b.Cmp(a))
		if n, ok := Whole(x); ok != (a.IsInt() && a.Num().IsInt64()) || ok && a.Num().Int64() != n {
			t.Errorf("Whole(%s) = %d, %v", x, n, ok)
		}
		n, ok := Round(x)
		if ok {
			slip := new(big.Rat).Sub(a, new(big.Rat).SetInt64(n))
			if slip.Abs(slip).Cmp(big.NewRat(1, 1e6)) > 0 {
				t.Errorf("Round(%s) = %d", x, n)
			}
		} else if _, whole := Whole(x); whole {
			t.Errorf("Round(%s) refuses a whole number", x)
		}
		if Sign(x) != a.Sign() {
			t.Errorf("Sign(%s) = %d", x, Sign(x))
		}
	})
}

func rat(t *testing.T, s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("accepted %s", strconv.Quote(s))
	}
	return r
}
