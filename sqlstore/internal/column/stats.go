package column

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// ParseStats reads what AppendStats wrote, in whatever form and order the
// database returns it.
func ParseStats(text []byte, names *Names) ([]store.Stats, error) {
	p := statsParser{text: text, names: names}
	stats, ok := p.object()
	if p.space(); !ok || p.at != len(p.text) {
		return nil, (&fault.Error{Code: store.ErrDataCorrupt, Message: "stored statistics are not what was written"}).Err()
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
		s, ok := p.usual()
		if !ok {
			if s, ok = p.row(); !ok {
				return nil, false
			}
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

// row takes the statistics of one name.
func (p *statsParser) row() (s store.Stats, ok bool) {
	if s.Name, ok = p.string(); !ok || !p.next(':') || !p.next('[') {
		return s, false
	}
	if s.Count, ok = p.uint64(); !ok || !p.next(',') {
		return s, false
	}
	if s.First, ok = p.int64(); !ok || !p.next(',') {
		return s, false
	}
	if s.Last, ok = p.int64(); !ok {
		return s, false
	}
	return s, p.next(']')
}

// usual is row for what nearly all are: written by AppendStats, with a name that came before,
// and with numbers that are not negative. It takes nothing of what is not like that.
func (p *statsParser) usual() (s store.Stats, ok bool) {
	t := p.text[p.at:]
	if p.names == nil || len(t) == 0 || t[0] != '"' {
		return s, false
	}
	t = t[1:]
	end := bytes.IndexByte(t, '"')
	if end < 0 {
		return s, false
	}
	if s.Name, ok = p.names.names[string(t[:end])]; !ok { // one with an escape is not among them
		return s, false
	}
	if t = t[end+1:]; len(t) < 2 || t[0] != ':' || t[1] != '[' {
		return s, false
	}
	count, t := digits(t[2:], ',')
	first, t := digits(t, ',')
	last, t := digits(t, ']')
	if t == nil {
		return s, false
	}
	s.Count, s.First, s.Last = uint64(count), first, last
	p.at = len(p.text) - len(t)
	return s, true
}

// digits reads a number of up to 18 digits and what is behind it, and returns the rest, or nil.
// Times between the years 2001 and 2286 have ten digits.
func digits(t []byte, behind byte) (int64, []byte) {
	if len(t) > 10 && t[10] == behind {
		if n, ok := tenDigits((*[10]byte)(t)); ok {
			return n, t[11:]
		}
	}
	n := int64(0)
	for i, c := range t[:min(len(t), 19)] {
		if d := c - '0'; d <= 9 {
			n = n*10 + int64(d)
			continue
		}
		if c == behind && i > 0 {
			return n, t[i+1:]
		}
		break
	}
	return 0, nil
}

// tenDigits reads a number of ten digits. It takes eight at once, each in a byte of its own:
// neighbours become one number of two digits, then of four, then of eight.
func tenDigits(t *[10]byte) (int64, bool) {
	x := binary.LittleEndian.Uint64(t[:8])
	a, b := t[8]-'0', t[9]-'0'
	if (x&0xf0f0f0f0f0f0f0f0)|((x+0x0606060606060606)&0xf0f0f0f0f0f0f0f0)>>4 != 0x3333333333333333 || a > 9 || b > 9 {
		return 0, false
	}
	x = (x & 0x0f0f0f0f0f0f0f0f) * (10<<8 + 1) >> 8
	x = (x & 0x00ff00ff00ff00ff) * (100<<16 + 1) >> 16
	x = (x & 0x0000ffff0000ffff) * (10000<<32 + 1) >> 32
	return int64(x)*100 + int64(a)*10 + int64(b), true
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
