package sqlstore

import (
	"crypto/sha256"
	"strings"
	"unicode/utf8"
)

// Ids are any text, and as long as they like; an index takes keys up to some
// size only. So an id beyond maxID bytes is kept in the record's state, and the
// column has a form that stands for it: what begins with 0xff is no UTF-8, so
// nothing else can have that form.
const (
	maxID    = 1000
	longMark = 0xff
)

// columnID returns what the column id has for an id, also for a name of
// columnName.
func columnID(id string) []byte {
	if named(id) {
		return []byte(id[:len(id)-1])
	}
	if len(id) <= maxID && (id == "" || id[0] != longMark) {
		return []byte(id)
	}
	sum := sha256.Sum256([]byte(id))
	out := append(make([]byte, 0, maxID), longMark)
	out = append(out, sum[:]...)
	return append(out, id[:min(len(id), maxID-len(out))]...)
}

// columnName returns the id to call a record by if only its column is known. Of a long id that is the column and a mark: the id itself cannot be read
// from a damaged record, and the column alone may be the id of another.
func columnName(column []byte) string {
	if isLong(column) {
		return string(append(column[:len(column):len(column)], longMark))
	}
	return string(column)
}

// named reports whether an id is a name that columnName made of a long id: no
// text begins or ends so.
func named(id string) bool {
	return len(id) > 1+sha256.Size+1 && id[0] == longMark && id[len(id)-1] == longMark
}

// isLong reports whether what a column has stands for a longer id.
func isLong(column []byte) bool { return len(column) > 0 && column[0] == longMark }

// cut returns the beginning of a text, at most n bytes of it and no part of a
// character; what is not UTF-8 is replaced, since columns do not take it.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
