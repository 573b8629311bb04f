package beckonhttp

import (
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/bodytime"
)

// body reads what was posted: JSON in UTF-8 of at most so many bytes, which comes in time.
// The body of a request without one is empty.
func (c *call) body(limit int64) (string, error) {
	limit = min(limit, c.room.bodyLimit)
	if c.r.Body == nil || c.r.ContentLength == 0 {
		return "", nil
	}
	if err := c.mediaType(); err != nil {
		return "", err
	}
	packed := c.r.Header.Get("Content-Encoding") != "" && !strings.EqualFold(c.r.Header.Get("Content-Encoding"), "identity")
	if c.r.ContentLength > limit {
		return "", tooLarge(limit)
	}
	bodytime.Within(c.w, c.r, c.room.readTime) // anew: until now it has been found out who the caller is
	var b strings.Builder
	b.Grow(int(min(max(c.r.ContentLength, 0), 4<<10))) // no more memory than has come, whatever was announced
	var in io.Reader = http.MaxBytesReader(c.w, c.r.Body, limit)
	var err error
	if packed {
		in, err = unpacked(in, limit)
	}
	if err == nil {
		// A small piece at a time: while it comes, a body takes memory for what has come.
		_, err = io.CopyBuffer(&b, in, make([]byte, 2<<10))
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", refuse(ErrTimeout, "", "the body did not come within "+c.room.readTime.String())
	case err != nil:
		return "", refuse(beckon.ErrJSONInvalid, "", "the body could not be read to its end")
	}
	return b.String(), nil
}

// unpacked reads what gzip has packed, of at most so many bytes.
func unpacked(r io.Reader, limit int64) (io.Reader, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return http.MaxBytesReader(nil, z, limit), nil
}

func tooLarge(limit int64) error {
	return refuse(beckon.ErrBodyTooLarge, "", "the body has more than "+strconv.FormatInt(limit, 10)+" bytes")
}

// mediaType reports what is wrong with the kind of a body. None is taken for JSON.
func (c *call) mediaType() error {
	if encoding := c.r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		switch {
		case !c.room.gzip:
			return refuse(ErrMediaType, "", "a body must not be compressed")
		case !strings.EqualFold(encoding, "gzip"):
			return refuse(ErrMediaType, "", "a body must be packed by gzip, or not at all")
		}
	}
	header := c.r.Header.Get("Content-Type")
	if header == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(header)
	isJSON := kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
	if err != nil || !isJSON && !(c.room.plain && kind == "text/plain") {
		return refuse(ErrMediaType, "", "the body must be application/json")
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii": // the second is no name of it, and is what some clients say
		return nil
	}
	return refuse(ErrMediaType, "", "the body must be in UTF-8")
}
