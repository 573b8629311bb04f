package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/beckon-go/beckon/internal/fault"
)

// AppendRecordUnder is AppendRecord for a store that keeps r, or a part of it, under
// a key: the checksum covers the key too, whether or not r has it. It is read by
// DecodeRecordUnder; what was moved under another key is ErrDataCorrupt.
func AppendRecordUnder(dst []byte, key Key, r *Record) []byte {
	return appendData(dst, &key, r, codeRecord)
}

// DecodeRecordUnder returns the record that AppendRecordUnder wrote as data under the
// key, or, before there was such, AppendRecord: then the key is not looked at.
func DecodeRecordUnder(key Key, data []byte) (*Record, error) {
	return decodeRecord(&key, data, coder{})
}

// AppendLoggedEventUnder is AppendLoggedEvent in the same way, for the log of key.
func AppendLoggedEventUnder(dst []byte, key Key, e *LoggedEvent) []byte {
	return appendData(dst, &key, e, codeLoggedEvent)
}

// DecodeLoggedEventUnder returns the event that AppendLoggedEventUnder, or, before
// there was such, AppendLoggedEvent wrote as data.
func DecodeLoggedEventUnder(key Key, data []byte) (LoggedEvent, error) {
	var e LoggedEvent
	if err := decodeData(&key, data, new(coder), &e, codeLoggedEvent); err != nil {
		return LoggedEvent{}, err
	}
	return e, nil
}

const checksumSize = 4

// checksum finds what was changed by accident; it is no signature. With a key it
// covers that as well. MakeTable makes this table only once.
func checksum(key *Key, data []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Checksum(data, table)
	if key == nil {
		return sum
	}
	sum = ^sum // as crc32.Update does, except for a text
	sum = table[byte(sum)^byte(key.Kind)] ^ sum>>8
	for i := range len(key.ID) {
		sum = table[byte(sum)^key.ID[i]] ^ sum>>8
	}
	return ^sum
}

func appendData[T any](dst []byte, key *Key, v *T, code func(*coder, *T)) []byte {
	start := len(dst)
	c := coder{data: append(dst, dataVersion), version: dataVersion}
	code(&c, v)
	return c.seal(key, start)
}

// seal returns what was written, with the checksum of what is behind start.
func (c *coder) seal(key *Key, start int) []byte {
	return binary.LittleEndian.AppendUint32(c.data, checksum(key, c.data[start:]))
}

// decodeData reads data into v by c, which has what it takes memory from.
func decodeData[T any](key *Key, data []byte, c *coder, v *T, code func(*coder, *T)) error {
	if len(data) <= checksumSize {
		return corrupt("is too short")
	}
	// The version comes first: a newer one may have another checksum.
	if data[0] > dataVersion {
		return (&fault.Error{Code: ErrDataVersion, Message: fmt.Sprintf("stored data has version %d; this package reads up to %d", data[0], dataVersion)}).Err()
	}
	body, sum := data[:len(data)-checksumSize], data[len(data)-checksumSize:]
	var kind Kind
	if key != nil {
		kind = key.Kind
	}
	if body[0] == 1 {
		key = nil
	}
	switch {
	case checksum(key, body) == binary.LittleEndian.Uint32(sum) && body[0] > 0:
	case key != nil:
		return corrupt("does not match its checksum, or is another record's")
	default:
		return corrupt("does not match its checksum")
	}
	// One copy, of which all texts are parts: far cheaper than a copy for each.
	c.body, c.version, c.kind, c.reading = string(body[1:]), body[0], kind, true
	code(c, v)
	if c.err == nil && c.at < len(c.body) {
		c.fail("goes on after its end")
	}
	return c.err
}

func corrupt(what string) error {
	return (&fault.Error{Code: ErrDataCorrupt, Message: "stored data " + what}).Err()
}
