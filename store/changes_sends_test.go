package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/google/go-cmp/cmp"
)

// Rows of sends that go in in one pass, many, are what they are one by one, few:
// the later of two counts, and one that counts nothing leaves.
func TestPutRowsOfSends(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 1))
	row := func() Sends {
		s := Sends{Message: fmt.Sprint("m", random.IntN(30)), Company: []string{"", "acme"}[random.IntN(2)], Control: random.IntN(4) == 0}
		if random.IntN(3) > 0 {
			s.Count, s.Last = uint32(1+random.IntN(9)), int64(random.IntN(99))
		}
		if s.Count == 0 && random.IntN(2) == 0 {
			s.Prior = 7 // all released, and still something to know
		}
		return s
	}
	for range 300 {
		byKey := map[Sends]Sends{}
		put := func(rows []Sends) {
			for _, s := range rows {
				key := Sends{Message: s.Message, Company: s.Company, Control: s.Control}
				if byKey[key] = s; s.Count == 0 && s.Prior == 0 {
					delete(byKey, key)
				}
			}
		}
		many := func(n int) (rows []Sends) {
			for range n {
				rows = append(rows, row())
			}
			return rows
		}
		var list []Sends
		for range 4 {
			rows := many(random.IntN(3 * rows.Few))
			before := slices.Clone(rows)
			list = putRows(list, rows)
			put(rows)
			want := make([]Sends, 0, len(byKey))
			for _, s := range byKey {
				want = append(want, s)
			}
			slices.SortFunc(want, Sends.Compare)
			if !slices.Equal(list, want) {
				t.Fatalf("%d rows: %s", len(rows), cmp.Diff(want, list))
			}
			if !slices.Equal(rows, before) {
				t.Fatal("the rows of the changes were moved")
			}
		}
	}
}
