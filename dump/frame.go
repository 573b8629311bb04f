package dump

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A dump is a head, frames, and as the last of them the end. A frame is its
// kind, the length of its payload, the payload and a checksum. A checksum goes
// on from that of the frame before, so that a frame that is missing, doubled or
// elsewhere is as much of a fault as one that was changed.
const (
	magic   = "beckon dump\n"
	version = 1

	lengthSize = 4
	headSize   = 1 + lengthSize
	sumSize    = 4
)

// The kinds of frames. Events belong to the record before them; the totals come
// after all records.
const (
	frameRecord = 'R' // store.AppendRecord
	frameEvents = 'E' // store.AppendLoggedEvent, each behind its length
	frameTotals = 'T' // a message, then names and counts
	frameEnd    = 'Z' // the Counts of all before
)

func putLength(b []byte, n int) { binary.LittleEndian.PutUint32(b, uint32(n)) }

// sum goes on from the checksum of what was before. MakeTable makes this table
// only once.
func sum(before uint32, parts ...[]byte) uint32 {
	for _, p := range parts {
		before = crc32.Update(before, crc32.MakeTable(crc32.Castagnoli), p)
	}
	return before
}

type writer struct {
	w   *bufio.Writer
	sum uint32
}

func newWriter(w io.Writer) *writer { return &writer{w: bufio.NewWriter(w)} }

func (o *writer) begin() error {
	head := append([]byte(magic), version)
	o.sum = sum(0, head)
	_, err := o.w.Write(head)
	return err
}

func (o *writer) frame(kind byte, payload []byte) error {
	var head [headSize]byte
	head[0] = kind
	if uint64(len(payload)) > maxPayload {
		return errors.New("beckon dump: a record is larger than a dump can hold")
	}
	putLength(head[1:], len(payload))
	o.sum = sum(o.sum, head[:], payload)
	_, _ = o.w.Write(head[:]) // the error of a bufio.Writer stays
	_, _ = o.w.Write(payload)
	_, err := o.w.Write(binary.LittleEndian.AppendUint32(nil, o.sum))
	return err
}

// maxPayload is what a length can say.
const maxPayload = 1<<32 - 1

// A DamagedError says that a dump is not, or not any more, what Write wrote:
// where the fault is, and how much stood whole before it. By its Err it is
// [store.ErrDataCorrupt], or [store.ErrDataVersion] for a dump of a later
// version.
type DamagedError struct {
	Offset int64  // bytes from the beginning to the frame that is at fault
	Whole  Counts // before it
	Err    error
}

// Error says so.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("beckon dump: damaged at byte %d, after %d records, %d events, the totals of %d messages: %v",
		e.Offset, e.Whole.Records, e.Whole.Events, e.Whole.Messages, e.Err)
}

// Unwrap returns what is wrong there.
func (e *DamagedError) Unwrap() error { return e.Err }

func corrupt(what string) error {
	return &beckon.Error{Code: store.ErrDataCorrupt, Message: "the dump " + what}
}

// A reader returns the frames of a dump.
type reader struct {
	r      *bufio.Reader
	sum    uint32
	offset int64 // of the frame that is read
	buf    bytes.Buffer
}

// begin reads the head.
func (in *reader) begin() error {
	head := make([]byte, len(magic)+1)
	if _, err := io.ReadFull(in.r, head); err != nil {
		return readError(err)
	}
	switch v := head[len(magic)]; {
	case string(head[:len(magic)]) != magic:
		return corrupt("does not begin like one")
	case v > version:
		return &beckon.Error{Code: store.ErrDataVersion, Message: fmt.Sprintf("the dump has version %d; this package reads up to %d", v, version)}
	case v != version:
		return corrupt("has a version that never was")
	}
	in.sum = sum(0, head)
	in.offset = int64(len(head))
	return nil
}

// next returns the next frame, which is good until the one after.
func (in *reader) next() (kind byte, payload []byte, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(in.r, head[:]); err != nil {
		return 0, nil, readError(err)
	}
	n := int64(binary.LittleEndian.Uint32(head[1:]))
	in.buf.Reset()
	// What is there, not what the length says, decides how much memory is taken.
	if _, err := io.CopyN(&in.buf, in.r, n+sumSize); err != nil {
		return 0, nil, readError(err)
	}
	data := in.buf.Bytes()
	payload = data[:n]
	in.sum = sum(in.sum, head[:], payload)
	if binary.LittleEndian.Uint32(data[n:]) != in.sum {
		return 0, nil, corrupt("does not match its checksum")
	}
	return head[0], payload, nil
}

// end reports whether nothing follows.
func (in *reader) end() error {
	switch _, err := in.r.ReadByte(); {
	case err == nil:
		return corrupt("goes on after its end")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

// readError tells the end of the data from a failure to read them, which is
// returned as it is.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return corrupt("is cut short")
	}
	return err
}

func appendCounts(b []byte, c Counts) []byte {
	b = binary.AppendVarint(b, c.Records)
	b = binary.AppendVarint(b, c.Events)
	return binary.AppendVarint(b, c.Messages)
}

func appendTotals(b []byte, message string, list []store.Total) []byte {
	b = appendText(b, message)
	for _, t := range list {
		b = appendText(b, t.Name)
		b = binary.AppendVarint(b, t.Count)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// readTotals reads what appendTotals wrote.
func readTotals(b []byte) (message string, list []store.Total, err error) {
	if message, b, err = readText(b); err != nil {
		return "", nil, err
	}
	for len(b) > 0 {
		var t store.Total
		if t.Name, b, err = readText(b); err != nil {
			return "", nil, err
		}
		n, size := binary.Varint(b)
		if size <= 0 {
			return "", nil, corrupt("has a count that is none")
		}
		t.Count, b = n, b[size:]
		list = append(list, t)
	}
	return message, list, nil
}

func readText(b []byte) (text string, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, corrupt("has a text that is cut short")
	}
	b = b[size:]
	return string(b[:n]), b[n:], nil
}
