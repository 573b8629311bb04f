package vet

import (
	"strings"
	"unicode"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/value"
)

// A pattern is what conditions ask of a text, whatever its letter case: those of one
// pattern say the same, or the opposite.
type pattern struct {
	leaves  []int // of the subject
	asks    *leaf
	typical string // a text of this pattern, and of no other that does not follow from it
	head    string // what a text begins with, folded
	tail    string // what it ends with
	whole   bool   // head is all of it
	opaque  bool   // what it asks for is not known
}

// patterns returns the patterns of the leaves at open.
func (sub *subject) patterns(open []int) []*pattern {
	var list []*pattern
	byName := map[string]*pattern{}
	letter, sign := sub.strangers()
	for _, i := range open {
		l := sub.leaves[i]
		op := l.op
		if op == "does_not_contain" {
			op = "contains"
		}
		v := l.node.Get("value")
		operand := fold.Key(v.Text)
		p := &pattern{asks: l, opaque: v.Kind != ojson.String || letter == "" || sign == ""}
		switch op {
		case "contains":
			p.typical = letter + operand + letter
		case "contains_word":
			p.typical = letter + sign + operand + sign + letter
		case "starts_with":
			p.typical, p.head = operand+letter, operand
		case "ends_with":
			p.typical, p.tail = letter+operand, operand
		default:
			head, rest, stars := strings.Cut(operand, "*")
			p.head, p.whole, p.tail = head, !stars, rest[strings.LastIndexByte(rest, '*')+1:]
			p.typical = strings.ReplaceAll(operand, "*", letter)
		}
		name := op + " " + operand
		if p.opaque {
			name = op + " " + encode(v)
		}
		if byName[name] == nil {
			byName[name] = p
			list = append(list, p)
		}
		byName[name].leaves = append(byName[name].leaves, i)
	}
	return list
}

// strangers returns a letter, and a character that belongs to no word, that stand in no
// operand. They have no case. Empty if there is none.
func (sub *subject) strangers() (letter, sign string) {
	var all strings.Builder
	for _, l := range sub.leaves {
		if v := l.node.Get("value"); v != nil {
			all.WriteString(encode(v) + v.Text)
		}
	}
	first := func(from rune, fits func(rune) bool) string {
		for r := from; r < from+10_000; r++ {
			if fits(r) && !strings.ContainsRune(all.String(), r) {
				return string(r)
			}
		}
		return ""
	}
	letter = first('\u4e00', unicode.IsLetter)
	sign = first('\u2190', func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return letter, sign
}

// fits reports whether a text is what a pattern asks for.
func (p *pattern) fits(text string) bool {
	if p.opaque {
		return false
	}
	holds := p.asks.holds(single(value.String(text), "string", false))
	return holds != (p.asks.op == "does_not_contain")
}

// implies reports whether each text of one pattern is of another, too.
func (p *pattern) implies(q *pattern) bool { return !p.opaque && !q.opaque && q.fits(p.typical) }

// excludes reports whether no text is of both patterns.
func (p *pattern) excludes(q *pattern) bool {
	switch {
	case p.opaque || q.opaque:
		return false
	case p.whole:
		return !q.fits(p.typical)
	case q.whole:
		return !p.fits(q.typical)
	}
	return !strings.HasPrefix(p.head, q.head) && !strings.HasPrefix(q.head, p.head) || !strings.HasSuffix(p.tail, q.tail) && !strings.HasSuffix(q.tail, p.tail)
}

// The most patterns of one subject whose relations are looked at, and the most ways in
// which they may come out together. Of more it is not said what holds.
const (
	maxPatterns = 32
	maxSpread   = 4096
)

// spread returns the ways in which the leaves at open, all of them patterns, come out as
// one text can make them: a byte for each. It reports whether there are few enough.
func (sub *subject) spread(open []int) (ways [][]byte, few bool) {
	list := sub.patterns(open)
	if len(list) > maxPatterns {
		return nil, false
	}
	place := map[int]int{}
	for k, i := range open {
		place[i] = k
	}
	var implies, excludes [maxPatterns][maxPatterns]bool
	for i, p := range list {
		for k, q := range list {
			implies[i][k], excludes[i][k] = i != k && p.implies(q), i != k && p.excludes(q)
		}
	}
	letter, _ := sub.strangers()
	var holds [maxPatterns]bool
	fits := func(i int) bool {
		if !holds[i] && list[i].fits(letter) {
			return false // any text fits
		}
		for k := range i {
			if holds[k] && holds[i] && excludes[k][i] || holds[k] && !holds[i] && implies[k][i] || holds[i] && !holds[k] && implies[i][k] {
				return false
			}
		}
		return true
	}
	var choose func(i int) bool
	choose = func(i int) bool {
		if i < len(list) {
			for _, holds[i] = range []bool{false, true} {
				if fits(i) && !choose(i+1) {
					return false
				}
			}
			return true
		}
		way := make([]byte, len(open))
		for k, p := range list {
			for _, at := range p.leaves {
				way[place[at]] = '0'
				if holds[k] != (sub.leaves[at].op == "does_not_contain") {
					way[place[at]] = '1'
				}
			}
		}
		ways = append(ways, way)
		return len(ways) <= maxSpread
	}
	return ways, choose(0)
}
