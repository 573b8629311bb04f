package lines

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// read returns all lines, "!" for each that is too long, and what ended them.
func read(r io.Reader, limit int) (list []string, err error) {
	for in := New(r, limit); ; {
		line, err := in.Next()
		switch {
		case errors.Is(err, ErrTooLong):
			list = append(list, "!")
		case err != nil:
			return list, err
		default:
			list = append(list, string(line))
		}
	}
}

func TestLines(t *testing.T) {
	const bom, limit = "\xef\xbb\xbf", 100_000
	most, big := strings.Repeat("a", limit), strings.Repeat("b", 3*limit)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\n", []string{""}},
		{"a", []string{"a"}},
		{"a\n", []string{"a"}},
		{"a\r\nb\r\n", []string{"a", "b"}},
		{"a\rb\r", []string{"a\rb\r"}},
		{"a\n\n\r\nb", []string{"a", "", "", "b"}},
		{bom, nil},
		{bom + "a\n" + bom + "b", []string{"a", bom + "b"}},
		{bom + "\na", []string{"", "a"}},
		{most + "\nx\n" + most, []string{most, "x", most}},
		{most + "\r\nx", []string{most, "x"}},
		{most + "a\nx", []string{"!", "x"}},
		{most + "a", []string{"!"}},
		{big + "\n" + big + "\nx\n" + big, []string{"!", "!", "x", "!"}},
		{"\x00\xff\n\u2028a\u0085b", []string{"\x00\xff", "\u2028a\u0085b"}},
	} {
		for _, one := range []bool{false, true} {
			var r io.Reader = strings.NewReader(c.text)
			if one {
				r = iotest.OneByteReader(r)
			}
			if got, err := read(r, limit); !slices.Equal(got, c.want) || err != io.EOF { //nolint:errorlint // as it is
				t.Errorf("%.40q, byte by byte %v: %.80q, %v", c.text, one, got, err)
			}
		}
	}
}

// What the reader of a line has failed in is no line: it may have been cut short.
func TestReadFails(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"a\nb", "a\n" + strings.Repeat("b", 200_000), "a\n"} {
		got, err := read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), 1000)
		if !slices.Equal(got, []string{"a"}) || !errors.Is(err, broken) {
			t.Errorf("%.20q: %.40q, %v", text, got, err)
		}
	}
}

// Of a line without end no more is kept than the limit.
func TestMemory(t *testing.T) {
	r := New(io.MultiReader(io.LimitReader(endless{}, 64<<20), strings.NewReader("\nx\n")), 1<<20)
	if _, err := r.Next(); !errors.Is(err, ErrTooLong) {
		t.Fatal(err)
	}
	if line, err := r.Next(); string(line) != "x" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	if cap(r.whole) > 4<<20 {
		t.Errorf("%d bytes are kept", cap(r.whole))
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "a\nb\r\n\n", "\xef\xbb\xbf{}\n", "0123456789\n01234567\r\n", "\r\n\r\r\n", "x\x00\xff"} {
		f.Add([]byte(seed), 8)
	}
	f.Fuzz(func(t *testing.T, text []byte, limit int) {
		limit = min(max(limit, 0), 1000)
		got, err := read(bytes.NewReader(text), limit)
		if err != io.EOF { //nolint:errorlint // as it is
			t.Fatal(err)
		}
		var want []string
		for line := range bytes.Lines(bytes.TrimPrefix(text, []byte(byteOrderMark))) {
			if bytes.HasSuffix(line, []byte("\n")) {
				line = bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))
			}
			if len(line) > limit {
				line = []byte("!")
			}
			want = append(want, string(line))
		}
		if !slices.Equal(got, want) {
			t.Fatal(fmt.Sprintf("%q", got), fmt.Sprintf("%q", want))
		}
	})
}
