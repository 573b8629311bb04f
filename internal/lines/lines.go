// Package lines reads text line by line, and keeps no more of a line than a limit.
package lines

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// ErrTooLong is the error of a line that has more bytes than the limit. The line has
// been passed over: the next one follows.
var ErrTooLong = errors.New("the line is too long")

// A Reader reads lines. It is not for concurrent use.
type Reader struct {
	r     *bufio.Reader
	limit int
	whole []byte // a line that is longer than the reader's memory
	begun bool
}

// New makes a reader of lines of at most limit bytes.
func New(r io.Reader, limit int) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

const byteOrderMark = "\xef\xbb\xbf"

// Next returns the next line, without the line feed that ends it, or a carriage return
// before that. It is good until the next call. What follows the last line feed is a line
// if there is anything. At the end the error is io.EOF. An error of the reader's own is
// returned in place of the line that it has cut short.
//
// A byte order mark at the beginning of all is no part of the first line.
func (r *Reader) Next() ([]byte, error) {
	r.whole = r.whole[:0]
	long, some := false, false
	for {
		part, err := r.r.ReadSlice('\n')
		if !r.begun {
			r.begun = true
			part = bytes.TrimPrefix(part, []byte(byteOrderMark))
		}
		some = some || len(part) > 0
		switch {
		case err == nil && !long && len(r.whole) == 0:
			return r.line(part)
		case long:
		case len(r.whole)+len(part) > r.limit+len("\r\n"):
			long, r.whole = true, r.whole[:0]
		default:
			r.whole = append(r.whole, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || !some):
			return nil, err
		case long:
			return nil, ErrTooLong
		}
		return r.line(r.whole)
	}
}

// line returns what was read without its end.
func (r *Reader) line(text []byte) ([]byte, error) {
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = bytes.TrimSuffix(text[:n-1], []byte{'\r'})
	}
	if len(text) > r.limit {
		return nil, ErrTooLong
	}
	return text, nil
}
