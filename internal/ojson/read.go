package ojson

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// ReadBody reads r to its end, but never more than one byte over the limit
// (0: DefaultBytes): a longer body is an [Error] TooLarge. An error of the
// reader is returned as it is. A nil reader is an empty body.
func ReadBody(r io.Reader, limit int) (string, error) {
	if r == nil {
		return "", nil
	}
	limit = orDefault(limit, DefaultBytes, maxLimit)
	switch m := r.(type) { // these keep their word about what they hold
	case *Text:
		return m.rest(limit)
	case *strings.Reader:
		if m.Len() <= min(limit, smallBody) {
			return readSmall(m), nil
		}
		return drain(m, m.Len(), limit)
	case *bytes.Reader:
		return drain(m, m.Len(), limit)
	case *bytes.Buffer:
		return drain(m, m.Len(), limit)
	}
	buf, err := readAll(nil, r, limit)
	if err != nil {
		return "", err
	}
	return string(buf), nil
}

// ReadBodyInto is [ReadBody] into the memory of buf, from its beginning, or into larger
// memory if that is too small. What is read is returned with every error, too: the memory
// is the caller's.
func ReadBodyInto(buf []byte, r io.Reader, limit int) ([]byte, error) {
	buf = buf[:0]
	if r == nil {
		return buf, nil
	}
	limit = orDefault(limit, DefaultBytes, maxLimit)
	switch m := r.(type) { // these keep their word about what they hold
	case *strings.Reader:
		return readSized(buf, m, m.Len(), limit)
	case *bytes.Reader:
		return readSized(buf, m, m.Len(), limit)
	case *bytes.Buffer:
		return readSized(buf, m, m.Len(), limit)
	}
	return readAll(buf, r, limit)
}

// readSized takes all that r holds, which is size bytes.
func readSized(buf []byte, r io.Reader, size, limit int) ([]byte, error) {
	if size > limit {
		return buf, tooLarge(limit)
	}
	if size > cap(buf) {
		buf = make([]byte, size)
	}
	n, err := r.Read(buf[:size])
	if err == io.EOF { // it is empty
		err = nil
	}
	return buf[:n], err
}

// readAll reads r to its end into buf, which is empty.
func readAll(buf []byte, r io.Reader, limit int) ([]byte, error) {
	if cap(buf) == 0 {
		buf = make([]byte, 0, min(512, limit+1))
	}
	buf = buf[:0:min(cap(buf), limit+1)]
	for idle := 0; ; {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(2*cap(buf), limit+1))
			copy(grown, buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		if n < 0 || n > cap(buf)-len(buf) {
			return buf, fmt.Errorf("reader returned an impossible count %d", n)
		}
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			return buf, tooLarge(limit)
		}
		if err == io.EOF { // readers return io.EOF itself, by contract
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle == 100 { // as bufio: a reader that neither reads nor fails
			return buf, io.ErrNoProgress
		}
	}
}

// smallBody is the size in bytes of a body for which there is room on the stack.
const smallBody = 1024

// readSmall takes all that r holds, at most smallBody bytes, without memory that
// an interface would make outlive the call.
func readSmall(r *strings.Reader) string {
	if r.Len() <= smallBody/4 { // as most are: the rest of the room need not be cleared
		var buf [smallBody / 4]byte
		n, _ := r.Read(buf[:])
		return string(buf[:n])
	}
	var buf [smallBody]byte
	n, _ := r.Read(buf[:]) // the error is io.EOF
	return string(buf[:n])
}

// drain takes all that r holds, without a buffer in between.
func drain(r io.WriterTo, size, limit int) (string, error) {
	if size > limit {
		return "", tooLarge(limit)
	}
	var b strings.Builder
	b.Grow(size)
	_, err := r.WriteTo(&b)
	return b.String(), err
}

func tooLarge(limit int) *Error {
	return &Error{Reason: TooLarge, Offset: limit, Message: fmt.Sprintf("the body has more than %d bytes", limit)}
}
