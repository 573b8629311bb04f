package ojson

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadBody(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, r := range map[string]io.Reader{
		"sized":          bytes.NewBufferString(long),
		"unsized":        io.MultiReader(strings.NewReader(long)),
		"one byte":       iotest.OneByteReader(strings.NewReader(long)),
		"text":           textOf(long),
		"text, in parts": iotest.OneByteReader(textOf(long)),
		"with EOF":       iotest.DataErrReader(strings.NewReader(long)),
	} {
		if got, err := ReadBody(r, 5000); err != nil || got != long {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if got, err := ReadBody(nil, 0); got != "" || err != nil {
		t.Errorf("nil: %q, %v", got, err)
	}
	if got, err := ReadBody(new(bytes.Buffer), 0); got != "" || err != nil {
		t.Errorf("empty: %q, %v", got, err)
	}
	var e *Error
	if _, err := ReadBody(strings.NewReader(long), 4999); !errors.As(err, &e) || e.Reason != TooLarge || e.Offset != 4999 {
		t.Errorf("one over the limit: %v", err)
	}
	text := textOf(long)
	if _, err := ReadBody(text, 4999); !errors.As(err, &e) || e.Reason != TooLarge || e.Offset != 4999 {
		t.Errorf("a text of one over the limit: %v", err)
	}
	for _, want := range []string{long, ""} {
		if got, err := ReadBody(text, 5000); got != want || err != nil {
			t.Errorf("a text has %d bytes left, want %d: %v", len(got), len(want), err)
		}
	}
	if _, err := Parse(strings.NewReader(`"aa"`), Limits{Bytes: 3}); !errors.As(err, &e) || e.Reason != TooLarge {
		t.Errorf("Parse: %v", err)
	}
	if _, err := ParseString(`"aa"`, Limits{Bytes: 3}); !errors.As(err, &e) || e.Reason != TooLarge {
		t.Errorf("ParseString: %v", err)
	}
	if _, err := ReadBody(iotest.ErrReader(io.ErrClosedPipe), 0); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the reader's own error: %v", err)
	}
}

// Memory is used again where it is large enough, and never read into beyond one byte over the
// limit.
func TestReadBodyInto(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, r := range map[string]func() io.Reader{
		"string":   func() io.Reader { return strings.NewReader(long) },
		"bytes":    func() io.Reader { return bytes.NewReader([]byte(long)) },
		"buffer":   func() io.Reader { return bytes.NewBufferString(long) },
		"unsized":  func() io.Reader { return io.MultiReader(strings.NewReader(long)) },
		"one byte": func() io.Reader { return iotest.OneByteReader(strings.NewReader(long)) },
	} {
		for _, size := range []int{0, 1, 4999, 5000, 5001, 9000} {
			room := make([]byte, size/2, size)
			got, err := ReadBodyInto(room, r(), 5000)
			if err != nil || string(got) != long {
				t.Errorf("%s into %d: %d bytes, %v", name, size, len(got), err)
			}
			if same := size > 0 && &got[0] == &room[:1][0]; same != (size > 5000 || size == 5000 && name != "unsized" && name != "one byte") {
				t.Errorf("%s into %d: the same memory is used: %v", name, size, same)
			}
			var e *Error
			if _, err := ReadBodyInto(room, r(), 4999); !errors.As(err, &e) || e.Reason != TooLarge || e.Offset != 4999 {
				t.Errorf("%s into %d, one over the limit: %v", name, size, err)
			}
		}
	}
	for name, r := range map[string]io.Reader{"nil": nil, "string": strings.NewReader(""), "buffer": new(bytes.Buffer), "unsized": io.MultiReader()} {
		if got, err := ReadBodyInto([]byte("before"), r, 10); len(got) != 0 || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	asked := 0
	if _, err := ReadBodyInto(make([]byte, 0, 100), readerFunc(func(p []byte) (int, error) { asked = len(p); return 0, io.EOF }), 10); err != nil || asked != 11 {
		t.Errorf("%d bytes were asked for, %v", asked, err)
	}
	for _, broken := range []io.Reader{
		iotest.ErrReader(io.ErrClosedPipe),
		readerFunc(func([]byte) (int, error) { return -1, nil }),
		readerFunc(func([]byte) (int, error) { return 0, nil }),
	} {
		if got, err := ReadBodyInto(make([]byte, 0, 7), broken, 0); err == nil || cap(got) != 7 {
			t.Errorf("room for %d, %v", cap(got), err)
		}
	}
}

func textOf(text string) *Text {
	t := new(Text)
	t.Reset(text)
	return t
}

// readerFunc is a reader that never ends by itself.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestEndlessReaders(t *testing.T) {
	read := 0
	_, err := Parse(readerFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = '['
		}
		read += len(p)
		return len(p), nil
	}), Limits{Bytes: 10_000})
	var e *Error
	if !errors.As(err, &e) || e.Reason != TooLarge || read > 10_001 {
		t.Errorf("%v after %d bytes", err, read)
	}
	if _, err := ReadBody(readerFunc(func([]byte) (int, error) { return 0, nil }), 0); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that does nothing: %v", err)
	}
	for _, n := range []int{-1, 1 << 20} {
		if _, err := ReadBody(readerFunc(func([]byte) (int, error) { return n, nil }), 0); err == nil {
			t.Errorf("count %d was believed", n)
		}
	}
}
