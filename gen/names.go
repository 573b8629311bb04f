package gen

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable reports whether a character has a shape of its own.
func printable(r rune) bool { return unicode.IsPrint(r) }

// initialisms are words that Go writes in capitals.
var initialisms = map[string]bool{ //nolint:gochecknoglobals // a table that nothing writes to
	"api": true, "csv": true, "css": true, "html": true, "http": true, "https": true, "id": true, "ip": true, "json": true, "pdf": true, "sku": true, "sms": true,
	"sql": true, "ui": true, "uid": true, "uri": true, "url": true, "utc": true, "uuid": true, "vat": true, "xml": true,
}

// exported makes an exported name of any text: file_name is FileName, order-id OrderID, and
// what begins with a digit, or with a letter that has no capital, gets a word before it.
func exported(s, word string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if initialisms[strings.ToLower(part)] {
			b.WriteString(strings.ToUpper(part))
			continue
		}
		for i, r := range part {
			if i == 0 {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
		}
	}
	name := b.String()
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsUpper(first) {
		return name
	}
	return word + name
}

// A scope is a set of names.
type scope map[string]bool

// take returns the name, or with a number behind it if it is taken.
func (s scope) take(name string) string {
	unique := name
	for n := 2; s[unique]; n++ {
		unique = name + strconv.Itoa(n)
	}
	s[unique] = true
	return unique
}
