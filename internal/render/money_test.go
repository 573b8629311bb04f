package render

import (
	"os"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/repr"
)

// R5: money in the manner of a locale is what CLDR says. The table was written
// by another implementation of it, see testdata/money.js.
func TestMoneyFollowsCLDR(t *testing.T) {
	data, err := os.ReadFile("testdata/money.tsv")
	if err != nil {
		t.Fatal(err)
	}
	amounts := []int64{5, -123450, 1234567, -1234567890}
	filters := map[string]filter{}
	n := 0
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 2+len(amounts) {
			continue
		}
		locale, code := fields[0], fields[1]
		f := filters[locale]
		if f == nil {
			if f, err = newMoneyFilter([]string{locale}); err != nil {
				t.Fatal(err)
			}
			filters[locale] = f
		}
		for i, minor := range amounts {
			got, ok := f.apply(nil, repr.Monetary(minor, code))
			if n++; !ok || string(got) != fields[2+i] {
				t.Errorf("%s %s %d: %q, want %q", locale, code, minor, got, fields[2+i])
			}
		}
	}
	if n < 4000 {
		t.Errorf("the table has %d amounts", n)
	}
}
