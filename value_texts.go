package beckon

import (
	"encoding/binary"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// A list, the reasons of an invalid value and a rich link hold several texts in
// the one string of a Value: a slice of them would make every value larger by a
// half, and give the collector two more pointers to follow.

// joinTexts returns texts in a row, each behind its length.
func joinTexts(texts ...string) string {
	size := 0
	for _, s := range texts {
		size += sizedLength(len(s))
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

// sizedLength is how many bytes appendSized takes for a text of n bytes.
func sizedLength(n int) int {
	size := 1 + n
	for n >= 0x80 {
		size, n = size+1, n>>7
	}
	return size
}

// cutText returns the first text of a row, which is not empty, and what follows.
func cutText(row string) (text, rest string) {
	n, from := int(row[0]), 1
	if n >= 0x80 {
		n, from = longLength(row)
	}
	return row[from : from+n], row[from+n:]
}

// longLength reads a length of several bytes, and gives where the text begins.
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
	first, rest := cutText(row)
	message, rest = cutText(rest)
	return fault.Code(first), message, rest
}

// splitTexts returns the texts of a list or an invalid value, none of another.
func (v *Value) splitTexts() []string {
	if v.kind != KindList && v.kind != kindInvalid {
		return nil
	}
	texts := make([]string, 0, v.num)
	for row := v.str; row != ""; {
		var text string
		text, row = cutText(row)
		texts = append(texts, text)
	}
	return texts
}

// url returns the URL of a link, an image or a rich link.
func (v *Value) url() string {
	if v.kind == KindRichLink {
		return v.str[:v.exp]
	}
	return v.str
}

// title returns the title of a rich link.
func (v *Value) title() string { return v.str[v.num:] }

// richLinkIn makes a rich link that has no fault of a text that begins with the
// URL and ends with the title. Of any other text it makes none.
func richLinkIn(text, url, title string) Value {
	if !strings.HasPrefix(text, url) || !strings.HasSuffix(text, title) {
		return Value{}
	}
	return Value{kind: KindRichLink, exp: int32(len(url)), num: int64(len(text) - len(title)), str: text}
}
