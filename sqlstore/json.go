package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// The JSON of the columns stats, event_names, attributes and companies. All
// text in it is escaped as escapeText says.

// appendText appends a text as a JSON string.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		dst = append(dst, s...)
		return append(dst, '"')
	}
	for _, r := range escapeText(s) { // what is not UTF-8 becomes U+FFFD
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// isPlain reports whether JSON has a text unchanged. Nearly all do.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendStats appends statistics as {"name":[count,first,last],…}.
func appendStats(dst []byte, stats []store.Stats) []byte {
	dst = append(dst, '{')
	for i := range stats {
		s := &stats[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, s.Name.Value())
		dst = append(dst, ':', '[')
		dst = strconv.AppendUint(dst, s.Count, 10)
		dst = append(dst, ',')
		dst = strconv.AppendInt(dst, s.First, 10)
		dst = append(dst, ',')
		dst = strconv.AppendInt(dst, s.Last, 10)
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendNames appends the names of statistics as ["name",…].
func appendNames(dst []byte, stats []store.Stats) []byte {
	dst = append(dst, '[')
	for i := range stats {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, stats[i].Name.Value())
	}
	return append(dst, ']')
}

// appendTexts appends texts as ["text",…].
func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, s := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, s)
	}
	return append(dst, ']')
}

// appendAttributes appends attributes as {"name":value,…}: text, numbers,
// booleans and lists as such, dates as Unix seconds, what else there is as
// Value.MarshalJSON has it.
func appendAttributes(dst []byte, attributes []store.Attribute) []byte {
	dst = append(dst, '{')
	for i := range attributes {
		a := &attributes[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, a.Name.Value())
		dst = append(dst, ':')
		switch a.Value.Kind() {
		case beckon.KindString:
			dst = appendText(dst, a.Value.Text())
		case beckon.KindList:
			dst = appendTexts(dst, a.Value.Texts())
		default:
			text, err := a.Value.MarshalJSON()
			if err != nil {
				text = []byte("null") // state has the value; here it only is to be found
			}
			dst = appendEscaped(dst, text)
		}
	}
	return append(dst, '}')
}

// appendEscaped appends JSON with the text in it escaped as escapeText says.
func appendEscaped(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		switch {
		case bytes.HasPrefix(text, []byte(`\u0000`)):
			dst, text = append(dst, `\u0001\u0001`...), text[6:]
		case bytes.HasPrefix(text, []byte(`\u0001`)):
			dst, text = append(dst, `\u0001\u0002`...), text[6:]
		default:
			dst, text = append(dst, text[:2]...), text[2:]
		}
	}
}

// parseStats reads what appendStats wrote, in whatever form and order the
// database returns it.
func parseStats(text []byte, names *nameCache) ([]store.Stats, error) {
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
	names *nameCache
}

// A nameCache knows the names that came before, so that they are found without
// a copy of the text. It is not for concurrent use; nil knows none.
type nameCache struct {
	names   map[string]unique.Handle[string]
	decoded bool
	records *store.RecordDecoder // nil until the second record: for one alone it is too large
	// brief says that a record is good only until the next one is decoded.
	brief bool
	stats []store.Stats // then their memory
}

// decode is [store.DecodeRecordUnder], faster from the third record on.
func (c *nameCache) decode(under store.Key, data []byte) (*store.Record, error) {
	switch {
	case c == nil:
		return store.DecodeRecordUnder(under, data)
	case c.records != nil && c.brief:
		return c.records.DecodeNextUnder(under, data)
	case c.records != nil:
		return c.records.DecodeUnder(under, data)
	case c.decoded:
		c.records = new(store.RecordDecoder)
		return c.records.DecodeUnder(under, data)
	}
	c.decoded = true
	return store.DecodeRecordUnder(under, data)
}

// room returns an empty list with room for n statistics.
func (c *nameCache) room(n int) []store.Stats {
	if c == nil || !c.brief {
		return make([]store.Stats, 0, n)
	}
	if n > cap(c.stats) {
		c.stats = make([]store.Stats, 0, 2*n)
	}
	return c.stats[:0:n]
}

// maxNames bounds a cache: names come from events, which anybody may invent.
const maxNames = 4096

// get returns the name for a text as a column has it.
func (c *nameCache) get(raw []byte) unique.Handle[string] {
	if c == nil {
		return unique.Make(unescapeText(string(raw)))
	}
	if h, ok := c.names[string(raw)]; ok {
		return h
	}
	if c.names == nil || len(c.names) >= maxNames {
		c.names = make(map[string]unique.Handle[string])
	}
	s := string(raw)
	h := unique.Make(unescapeText(s))
	c.names[s] = h
	return h
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
			return unique.Make(unescapeText(s)), true
		}
	}
	return unique.Handle[string]{}, false
}

// A term is a row of beckon_terms, without the contact that it belongs to.
type term struct {
	class int
	name  string
	value string
}

const (
	termEvent     = 1
	termAttribute = 2
	maxTerm       = 200 // bytes of a value
)

// termsOf returns what of a record is found by beckon_terms, sorted, each once.
func termsOf(r *store.Record) []term {
	var all []term
	for i := range r.Stats {
		all = append(all, term{class: termEvent, name: escapeText(r.Stats[i].Name.Value())})
	}
	if r.Profile != nil {
		for i := range r.Profile.Attributes {
			a := &r.Profile.Attributes[i]
			t := term{class: termAttribute, name: escapeText(cut(a.Name.Value(), maxID))}
			switch a.Value.Kind() {
			case beckon.KindString:
				t.value = termValue(a.Value.Text())
			case beckon.KindList:
				for _, s := range a.Value.Texts() {
					t.value = termValue(s)
					all = append(all, t)
				}
				t.value = ""
			}
			all = append(all, t)
		}
	}
	slices.SortFunc(all, compareTerms)
	return slices.Compact(all)
}

// termValue returns a text as beckon_terms has it.
func termValue(s string) string { return cut(escapeText(s), maxTerm) }

func compareTerms(a, b term) int {
	return cmp.Or(cmp.Compare(a.class, b.class), strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
}
