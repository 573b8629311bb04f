package repr

import (
	"encoding/binary"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// A list, the reasons of an invalid value and a rich link hold several texts in
// the one string of a Value: a slice of them would make every value larger by a
// half, and give the collector two more pointers to follow.

// JoinTexts returns texts in a row, each behind its length.
func JoinTexts(texts ...string) string {
	size := 0
	for _, s := range texts {
		size += SizedLength(len(s))
	}
	var row strings.Builder
	row.Grow(size)
	for _, s := range texts {
		var length [binary.MaxVarintLen64]byte
		row.Write(binary.AppendUvarint(length[:0], uint64(len(s))))
		row.WriteString(s)
	}
	return row.String()
}

// appendSized appends a text after its length.
func appendSized(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// SizedLength is how many bytes appendSized takes for a text of n bytes.
func SizedLength(n int) int {
	size := 1 + n
	for n >= 0x80 {
		size, n = size+1, n>>7
	}
	return size
}

// CutText returns the first text of a row, which is not empty, and what follows.
func CutText(row string) (text, rest string) {
	n, from := int(row[0]), 1
	if n >= 0x80 {
		n, from = longLength(row)
	}
	return row[from : from+n], row[from+n:]
}

// longLength reads a length of several bytes, and returns where the text begins.
func longLength(row string) (n, from int) {
	for shift := 0; ; shift += 7 {
		b := row[from]
		from++
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n, from
		}
	}
}

// cutReason returns the first reason of an invalid value, and the row of the others.
func cutReason(row string) (code fault.Code, message, rest string) {
	first, rest := CutText(row)
	message, rest = CutText(rest)
	return fault.Code(first), message, rest
}

// SplitTexts returns the texts of a list or an invalid value, none of another.
func (v *Value) SplitTexts() []string {
	if v.Kind != KindList && v.Kind != KindInvalid {
		return nil
	}
	texts := make([]string, 0, v.Num)
	for row := v.Str; row != ""; {
		var text string
		text, row = CutText(row)
		texts = append(texts, text)
	}
	return texts
}

// RawURL returns the URL of a link, an image or a rich link.
func (v *Value) RawURL() string {
	if v.Kind == KindRichLink {
		return v.Str[:v.Exp]
	}
	return v.Str
}

// RawTitle returns the title of a rich link.
func (v *Value) RawTitle() string { return v.Str[v.Num:] }

// RichLinkIn makes a rich link that has no fault of a text that begins with the
// URL and ends with the title. Of any other text it makes none.
func RichLinkIn(text, url, title string) Value {
	if !strings.HasPrefix(text, url) || !strings.HasSuffix(text, title) {
		return Value{}
	}
	return Value{Kind: KindRichLink, Exp: int32(len(url)), Num: int64(len(text) - len(title)), Str: text}
}
