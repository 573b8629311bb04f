// Package event decodes and judges events: what a host builds or posts, before an
// engine decides by it.
package event

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/value"
)

// KeyFault judges a metadata key by M2, "" if it is fine.
func KeyFault(key string) string {
	if key == "" {
		return "a metadata key must not be empty"
	}
	for _, r := range key {
		switch r {
		case '.', '$', '~', '`', '!', '@', '#', '%', '^', '&', '*', '\'', '"', '{', '}', '|', '\\':
			return "a metadata key must not contain " + strconv.QuoteRuneToASCII(r) + ", got " + fault.Quote(key)
		}
		if unicode.IsControl(r) {
			return "a metadata key must not contain the control character " + strconv.QuoteRuneToASCII(r) + ", got " + fault.Quote(key)
		}
	}
	if len(key) > value.MaxMetadataKeyLength && utf8.RuneCountInString(key) > value.MaxMetadataKeyLength {
		return "a metadata key must have at most 255 characters, got " + strconv.Itoa(utf8.RuneCountInString(key))
	}
	return ""
}

// PlainKey tells the usual key at a glance: ASCII without what KeyFault refuses.
func PlainKey(key string) bool {
	if key == "" || len(key) > value.MaxMetadataKeyLength {
		return false
	}
	for i := range len(key) {
		if !plainBytes[key[i]] {
			return false
		}
	}
	return true
}

// plainBytes are what a plain key has.
var plainBytes = func() (plain [256]bool) { //nolint:gochecknoglobals // a table that nothing writes to
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ") {
		plain[c] = true
	}
	return plain
}()

// FieldName names a key in an error or a warning: as it is, but escaped if
// it holds what cannot be shown, and cut after 64 characters.
func FieldName(key string) string { return "metadata." + fault.Shown(key) }
