package iso4217

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	if _, err := time.Parse(time.DateOnly, Published); err != nil {
		t.Error(err)
	}
	for i, c := range table {
		if len(c.Code) != 3 || strings.Trim(c.Code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			t.Errorf("code %q", c.Code)
		}
		if i > 0 && table[i-1].Code >= c.Code {
			t.Errorf("%s stands after %s", c.Code, table[i-1].Code)
		}
		if c.Digits < NoMinorUnit || c.Digits > 4 {
			t.Errorf("%s has %d digits", c.Code, c.Digits)
		}
		for _, s := range []string{c.Code, strings.ToLower(c.Code), c.Code[:1] + strings.ToLower(c.Code[1:])} {
			if got, ok := Lookup(s); !ok || got != c {
				t.Errorf("Lookup(%q) = %v, %v", s, got, ok)
			}
		}
	}
}

func TestDigits(t *testing.T) { // fault 20: by the standard, not by habit or locale data
	for code, want := range map[string]int8{
		"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "CLP": 0, "UGX": 0, "UYI": 0, "PYG": 0, "XPF": 0,
		"KWD": 3, "BHD": 3, "TND": 3, "OMR": 3, "JOD": 3, "IQD": 3, "LYD": 3, "CLF": 4, "UYW": 4,
		"AFN": 2, "ALL": 2, "LAK": 2, "MMK": 2, "IRR": 2, "HUF": 2, "TWD": 2, "MGA": 2, "MRU": 2,
		"SLE": 2, "VED": 2, "XCG": 2, "ZWG": 2, "XAD": 2, "STN": 2, "BYN": 2,
		"XAU": NoMinorUnit, "XAG": NoMinorUnit, "XDR": NoMinorUnit, "XXX": NoMinorUnit, "XTS": NoMinorUnit,
	} {
		if c, ok := Lookup(code); !ok || c.Digits != want {
			t.Errorf("Lookup(%s) = %v, %v, want %d digits", code, c, ok, want)
		}
	}
}

func TestUnknown(t *testing.T) { // fault 18
	for _, code := range []string{
		"", "E", "EU", "EURO", "eur ", " eur", "E R", "ZZZ", "AAA", "123", "€", "TRY\x00",
		"trı", "TRı", "İRR", "ＥＵＲ", "KRW"[:2] + "ſ", "\u212aRW", // letters outside ASCII, some of which fold into it
		"BGN", "HRK", "ANG", "CUC", "ZWL", "SLL", "DEM", "FRF", "LTL", "VEF", "MRO", "STD", "BYR", "USS", "ZMK", "EEK", "BTC",
	} {
		if c, ok := Lookup(code); ok {
			t.Errorf("Lookup(%q) = %v", code, c)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Lookup("eur"); Lookup("zzz") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
