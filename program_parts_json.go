package beckon

import (
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A part of a program that stands alone, in a host's own documents, is read
// as strictly as in a whole one: encoding/json by itself would pass over
// names that it does not know.

// UnmarshalJSON reads a message, as [ParseProgram] does.
func (m *Message) UnmarshalJSON(data []byte) error { return unmarshalPart(data, m, (*shape).message) }

// UnmarshalJSON reads a goal, as [ParseProgram] does.
func (g *Goal) UnmarshalJSON(data []byte) error { return unmarshalPart(data, g, (*shape).goal) }

// UnmarshalJSON reads content, as [ParseProgram] does.
func (c *Content) UnmarshalJSON(data []byte) error { return unmarshalPart(data, c, (*shape).content) }

// UnmarshalJSON reads a frequency, as [ParseProgram] does.
func (f *Frequency) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, f, (*shape).frequency)
}

// UnmarshalJSON reads a cap, as [ParseProgram] does.
func (c *Cap) UnmarshalJSON(data []byte) error { return unmarshalPart(data, c, (*shape).cap) }

// UnmarshalJSON reads a schedule, as [ParseProgram] does.
func (s *Schedule) UnmarshalJSON(data []byte) error { return unmarshalPart(data, s, (*shape).schedule) }

// UnmarshalJSON reads office hours, as [ParseProgram] does.
func (o *OfficeHours) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, o, (*shape).officeHours)
}

// UnmarshalJSON reads quiet hours, as [ParseProgram] does.
func (q *QuietHours) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, q, (*shape).quietHours)
}

// UnmarshalJSON reads a window, as [ParseProgram] does.
func (w *Window) UnmarshalJSON(data []byte) error { return unmarshalPart(data, w, (*shape).window) }

// UnmarshalJSON reads a series, as [ParseProgram] does.
func (r *Series) UnmarshalJSON(data []byte) error { return unmarshalPart(data, r, (*shape).series) }

// UnmarshalJSON reads an entry, as [ParseProgram] does.
func (e *Entry) UnmarshalJSON(data []byte) error { return unmarshalPart(data, e, (*shape).entry) }

// UnmarshalJSON reads a block, as [ParseProgram] does.
func (b *Block) UnmarshalJSON(data []byte) error { return unmarshalPart(data, b, (*shape).block) }

// UnmarshalJSON reads an update, as [ParseProgram] does.
func (u *Update) UnmarshalJSON(data []byte) error { return unmarshalPart(data, u, (*shape).update) }

// unmarshalPart reads a part of a program on its own. The paths of its faults
// begin at the part.
func unmarshalPart[T any](data []byte, dst *T, read func(*shape, *ojson.Node, string) T) error {
	var faults fault.List
	s := &shape{document.Reader{Faults: &faults}}
	n := s.Document(data, ojson.Limits{Bytes: MaxProgramBytes, Depth: MaxProgramDepth, Nodes: maxProgramNodes})
	if n == nil {
		return raise(faults)
	}
	part := read(s, n, "")
	if len(faults) > 0 {
		return raise(faults)
	}
	*dst = part
	return nil
}
