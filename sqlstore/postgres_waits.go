package sqlstore

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgtype"
)

// A writeStatements has the statements that write groups, by parts: each once it is needed.
type writeStatements [partsEnd]atomic.Pointer[string]

func (s *writeStatements) of(p parts) string {
	if text := s[p].Load(); text != nil {
		return *text
	}
	text := p.writeSQL()
	s[p].Store(&text)
	return text
}

// A foundPlace takes in the columns that say where a row is, and what waits, in a scan.
type foundPlace struct {
	at              pgtype.TID
	marks, channels int16
	due, pending    int64
}

func (f *foundPlace) placed() (p placed) {
	binary.BigEndian.PutUint32(p.place[:], f.at.BlockNumber)
	binary.BigEndian.PutUint16(p.place[4:], f.at.OffsetNumber)
	p.waited(f.marks, f.channels, f.due, f.pending)
	return p
}

// A placed is what is to be known of a row that is there before it is written.
type placed struct {
	place  [6]byte // where it is
	unsure bool    // its terms are not known
	was    waited  // what it says of what waits
}

// A waited is what a row says of what waits, and so what the tables of that have of it.
type waited struct {
	due, pending int64 // 0: nothing
	channels     int16
}

// waited takes in what the row says: for channels as the trigger beckon_wait does.
func (p *placed) waited(marks, channels int16, due, pending int64) {
	p.unsure = marks >= 0
	const bits = 1<<(16-markChannels-1) - 1
	switch of := marks >> markChannels & bits; {
	case of != 0:
		channels = of
	case p.unsure:
		channels = 0
	}
	p.was = waited{due: due, pending: pending, channels: channels}
}

// addWaits adds what begins to wait and what waits no more, of rows that are there. Of those
// that are made the trigger takes care, which costs less than to look here at all others.
func (w *pgWriter) addWaits(units []*unit) (p parts) {
	for _, part := range []parts{partDue, partPending} {
		a := []array(nil)
		for _, u := range units {
			if !u.changed || u.part&(partKept|partWhole) == 0 {
				continue
			}
			was, at, channels := u.was.due, u.rec.NextDue(), int16(0)
			if part == partPending {
				was, at, channels = u.was.pending, u.rec.NextPending(), int16(u.rec.PendingChannels())
			}
			if was == at && (at == 0 || part == partDue || channels == u.was.channels) {
				continue
			}
			if a == nil {
				p |= part
				first := w.add(oidInt2Array)
				for _, kind := range []uint32{oidByteaArray, oidInt8Array, oidInt8Array} {
					w.add(kind)
				}
				if part == partPending {
					w.add(oidInt2Array)
				}
				a = w.arrays[first:]
			}
			a[0].int2(int16(u.key.Kind))
			a[1].bytes(u.id)
			a[2].int8(was)
			a[3].int8(at)
			if part == partPending {
				a[4].int2(channels)
			}
		}
	}
	return p
}
