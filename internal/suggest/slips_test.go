package suggest

import (
	"math/rand/v2"
	"testing"
)

// slipsByTable is slips by the whole table, without a limit.
func slipsByTable(x, y []rune) int {
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		for j := range d[i] {
			switch {
			case i == 0:
				d[i][j] = j
			case j == 0:
				d[i][j] = i
			default:
				cost := 1
				if x[i-1] == y[j-1] {
					cost = 0
				}
				d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					d[i][j] = min(d[i][j], d[i-2][j-2]+1)
				}
			}
		}
	}
	return d[len(x)][len(y)]
}

// What is told early, by the letters alone or by a row, is what the whole table says. Letters
// that share a bit of the set are among them.
func TestSlips(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	letters := []rune("abcdé!\u0121ı5u") // of them ! and a share a bit, 5 and u, é and others
	draw := func() (name []rune) {
		for range random.IntN(8) {
			name = append(name, letters[random.IntN(len(letters))])
		}
		return name
	}
	near := 0
	for range 30_000 {
		x := draw()
		y := append([]rune(nil), x...)
		for range random.IntN(4) {
			if len(y) > 1 && random.IntN(2) == 0 {
				i := random.IntN(len(y) - 1)
				y[i], y[i+1] = y[i+1], y[i]
			} else if len(y) > 0 {
				y[random.IntN(len(y))] = letters[random.IntN(len(letters))]
			}
		}
		if random.IntN(3) == 0 {
			y = draw()
		}
		var a, b foldedName
		if !a.fold(string(x)) || !b.fold(string(y)) {
			t.Fatal(string(x), string(y))
		}
		whole := slipsByTable(x, y)
		for limit := 1; limit < 5; limit++ {
			if got, want := a.slips(&b, limit), min(whole, limit); got != want {
				t.Fatalf("%q and %q: %d slips, want %d", string(x), string(y), got, want)
			}
		}
		if whole < 3 {
			near++
		}
	}
	if near < 5000 {
		t.Errorf("%d were near: the test does not reach what it is for", near)
	}
}
