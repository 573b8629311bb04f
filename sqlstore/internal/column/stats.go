package column

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// ParseStats reads what AppendStats wrote, in whatever form and order the
// database returns it.
func ParseStats(text []byte, names *Names) ([]store.Stats, error) {
	p := statsParser{text: text, names: names}
	stats, ok := p.object()
	if p.space(); !ok || p.at != len(p.text) {
		return nil, &beckon.Error{Code: store.ErrDataCorrupt, Message: "stored statistics are not what was written"}
	}
	sorted := func(a, b store.Stats) int { return cmp.Compare(a.Name.Value(), b.Name.Value()) }
	if !slices.IsSortedFunc(stats, sorted) { // jsonb has an order of its own
		slices.SortFunc(stats, sorted)
	}
	return stats, nil
}

type statsParser struct {
	text  []byte
	at    int
	names *Names
}

func (p *statsParser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\n' || p.text[p.at] == '\t') {
		p.at++
	}
}

// next takes a character, if it is the one that comes next.
func (p *statsParser) next(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c { // without a space before it, mostly
		p.at++
		return true
	}
	p.space()
	if p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *statsParser) object() ([]store.Stats, bool) {
	if !p.next('{') {
		return nil, false
	}
	if p.next('}') {
		return nil, true
	}
	stats := p.names.room(bytes.Count(p.text, []byte("["))) // a little more if names have brackets
	for {
		name, ok := p.string()
		if !ok || !p.next(':') || !p.next('[') {
			return nil, false
		}
		s := store.Stats{Name: name}
		if s.Count, ok = p.uint64(); !ok || !p.next(',') {
			return nil, false
		}
		if s.First, ok = p.int64(); !ok || !p.next(',') {
			return nil, false
		}
		if s.Last, ok = p.int64(); !ok || !p.next(']') {
			return nil, false
		}
		stats = append(stats, s)
		if p.next('}') {
			return stats, true
		}
		if !p.next(',') {
			return nil, false
		}
	}
}

// safeDigits is how many digits no number of 64 bits is too small for.
const safeDigits = 19

func (p *statsParser) uint64() (n uint64, ok bool) {
	p.space()
	digits := p.text[p.at:]
	for i, c := range digits {
		d := uint64(c - '0')
		if d > 9 {
			p.at += i
			return n, i > 0
		}
		if i >= safeDigits && n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	p.at = len(p.text)
	return n, len(digits) > 0
}

func (p *statsParser) int64() (int64, bool) {
	negative := p.next('-')
	n, ok := p.uint64()
	if negative {
		return -int64(n), ok && n <= -math.MinInt64
	}
	return int64(n), ok && n <= math.MaxInt64
}

// string reads a JSON string as a name.
func (p *statsParser) string() (unique.Handle[string], bool) {
	if !p.next('"') {
		return unique.Handle[string]{}, false
	}
	start, plain := p.at, true
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '\\':
			plain = false
			p.at++ // whatever it is, it does not end the string
		case c < ' ':
			return unique.Handle[string]{}, false
		case c == '"':
			raw := p.text[start:p.at]
			p.at++
			if plain {
				return p.names.get(raw), true
			}
			var s string
			if json.Unmarshal(p.text[start-1:p.at], &s) != nil {
				return unique.Handle[string]{}, false
			}
			return unique.Make(Unescape(s)), true
		}
	}
	return unique.Handle[string]{}, false
}
