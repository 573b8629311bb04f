package store

import "github.com/beckon-go/beckon/internal/fault"

// The codes of data that cannot be decoded.
const (
	ErrDataCorrupt = fault.ErrDataCorrupt // cut short, changed, or never encoded here
	ErrDataVersion = fault.ErrDataVersion // written by a newer version of this package
)

// dataVersion is the first byte of what is encoded. A change of the form takes
// the next number, and the decoder goes on reading the older ones: a field that
// a version has added is zero in data that is older.
//
//	1	had no checksum that covers a key, and the event of a hold with each of them
//	2	had Counter.Missed only where the sign of Keep said so, Permits as counters, and
//		Pending in the profile
//	3	had no attempts that do not count, and dropped what was given up
//	4	did not have the format of a delivery, nor its text beside HTML
//	5	did not have the parameters of a delivery
//	6	had nothing behind Profile.Merged and SeriesState.Entered, no Counter.Tally, and no
//		Composed of a delivery and of sends
//	7	is this one
const dataVersion = 7

// AppendRecord appends r in its persisted form to dst: a version, every field
// of r, a checksum. Equal records have equal forms. Stores and exports use it;
// it is read by [DecodeRecord], of this version of the package or a later one.
// It only reads r.
//
// Times are kept as instants and come back in UTC; an empty slice or map comes
// back as nil.
func AppendRecord(dst []byte, r *Record) []byte {
	return appendData(dst, nil, r, codeRecord)
}

// DecodeRecord returns the record that AppendRecord wrote as data, which it does
// not keep. Anything else is an *beckon.Error with the code ErrDataCorrupt or
// ErrDataVersion. The memory it takes is bounded by len(data), times a
// constant. The texts of a record are parts of one string as long as data, all
// of which stays in memory as long as any of them: who keeps a few for long
// clones those.
//
// Who decodes many records has a [RecordDecoder] instead.
func DecodeRecord(data []byte) (*Record, error) {
	return decodeRecord(nil, data, coder{})
}

func decodeRecord(key *Key, data []byte, c coder) (*Record, error) {
	r := new(Record)
	if err := decodeData(key, data, &c, r, codeRecord); err != nil {
		return nil, err
	}
	return r, nil
}

// AppendLoggedEvent appends e in its persisted form to dst, as AppendRecord
// does for records.
func AppendLoggedEvent(dst []byte, e *LoggedEvent) []byte {
	return appendData(dst, nil, e, codeLoggedEvent)
}

// DecodeLoggedEvent returns the event that AppendLoggedEvent wrote as data, as
// DecodeRecord does for records.
func DecodeLoggedEvent(data []byte) (LoggedEvent, error) {
	var e LoggedEvent
	if err := decodeData(nil, data, new(coder), &e, codeLoggedEvent); err != nil {
		return LoggedEvent{}, err
	}
	return e, nil
}
