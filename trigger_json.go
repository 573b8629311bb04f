package beckon

import (
	"encoding/json"

	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/ojson"
)

func (s *shape) trigger(n *ojson.Node, path string) (t Trigger) {
	before := s.Faults.Found()
	s.Object(n, path,
		member("event", s.Text(&t.Event)),
		member("where", document.Into(&t.Filter, s.rule)),
		member("unless", document.Pointer(&t.Absence, s.unless)),
		member("recheck", s.Flag(&t.Recheck)),
		member("date", s.Text(&t.Date)),
		member("offset", s.duration(&t.Offset, true)),
		member("attribute", s.Text(&t.Attribute)),
		member("from", document.Pointer(&t.Old, s.attribute)),
		member("to", document.Pointer(&t.New, s.attribute)),
	)
	if s.Faults.Found() > before && t.Event == "" && t.Date == "" && t.Attribute == "" {
		t.Event = "unreadable" // so that event variables are not called faults, too
	}
	return t
}

// unless takes one absence, or a list of them.
func (s *shape) unless(n *ojson.Node, path string) (u Unless) {
	if n.Kind != ojson.Array {
		return s.absence(n, path)
	}
	var list []Unless
	document.ListOf(&s.Reader, &list, s.absence)(n, path)
	if len(list) == 0 {
		s.Fault(ErrTypeInvalid, path, "expected an event")
		return u
	}
	u = list[0]
	u.Or = append([]Unless{}, list[1:]...)
	return u
}

func (s *shape) absence(n *ojson.Node, path string) (u Unless) {
	s.Object(n, path,
		member("event", s.Text(&u.Event)),
		member("within", s.duration(&u.Within, false)),
		member("same", s.Text(&u.Same)),
	)
	return u
}

// UnmarshalJSON reads a trigger, as [ParseProgram] does.
func (t *Trigger) UnmarshalJSON(data []byte) error { return unmarshalPart(data, t, (*shape).trigger) }

// UnmarshalJSON reads an absence, as [ParseProgram] does.
func (u *Unless) UnmarshalJSON(data []byte) error { return unmarshalPart(data, u, (*shape).unless) }

// MarshalJSON returns an object, or a list if there are others.
func (u Unless) MarshalJSON() ([]byte, error) {
	type one Unless
	if u.Or == nil {
		return json.Marshal(one(u))
	}
	list := []one{one(u)}
	for _, x := range u.Or {
		list = append(list, one(x))
	}
	return json.Marshal(list)
}
