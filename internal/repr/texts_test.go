package repr

import (
	"slices"
	"strings"
	"testing"
)

// TestJoinedTexts: texts come out of a row as they went in, whatever their length.
func TestJoinedTexts(t *testing.T) {
	for _, texts := range [][]string{
		{},
		{""},
		{"", ""},
		{"a", "", "b"},
		{strings.Repeat("x", 127), strings.Repeat("y", 128), strings.Repeat("z", 129)},
		{strings.Repeat("é", 10_000), "\x80", "end"},
	} {
		v := List(texts...)
		if got := v.Texts(); !slices.Equal(got, texts) || got == nil {
			t.Errorf("%.40q comes back as %.40q", texts, got)
		}
		size := 0
		for _, s := range texts {
			size += SizedLength(len(s))
		}
		if size != len(v.Str) {
			t.Errorf("%.40q: sizedLength says %d bytes, there are %d", texts, size, len(v.Str))
		}
		if v.Text() != strings.Join(texts, ", ") {
			t.Errorf("%.40q has the text %.40q", texts, v.Text())
		}
	}
}
