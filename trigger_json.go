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
		member("date", s.dateOf(&t)),
		member("offset", s.duration(&t.Offset, true)),
		member("at", document.TimeOfDay(&s.Reader, &t.Time)),
		member("every", document.Word(&s.Reader, &t.Repeat, Yearly, Monthly, Weekly, Daily)),
		member("for", s.duration(&t.Span, false)),
		member("attribute", s.Text(&t.Attribute)),
		member("from", document.Pointer(&t.Old, s.attribute)),
		member("to", document.Pointer(&t.New, s.attribute)),
		member("enters", s.Text(&t.Enters)),
		member("leaves", s.Text(&t.Leaves)),
	)
	if s.Faults.Found() > before && t.Event == "" && t.Date == "" && t.Attribute+t.Enters+t.Leaves == "" {
		// So that event variables, and what goes with a date or a change, are not called faults, too.
		u := Trigger{Event: "unreadable", Filter: t.Filter, Absence: t.Absence, Recheck: t.Recheck}
		if t.EventDate != "" {
			u.EventDate, u.Offset, u.Time = t.EventDate, t.Offset, t.Time
		}
		t = u
	}
	return t
}

// dateOf takes the name of a user attribute, or an object with a key of the event's
// metadata.
func (s *shape) dateOf(t *Trigger) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if n.Kind == ojson.String {
			s.Text(&t.Date)(n, path)
			return
		}
		before := s.Faults.Found()
		if n.Kind != ojson.Object {
			s.Text(&t.Date)(n, path)
		} else if s.Object(n, path, member("metadata", s.Text(&t.EventDate))); t.EventDate == "" && s.Faults.Found() == before {
			s.Fault(ErrTypeInvalid, path+".metadata", "expected a metadata key")
		}
		if t.EventDate == "" {
			t.EventDate = "unreadable" // so that what goes with a date is not called a fault, too
		}
	}
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

// MarshalJSON returns the trigger's document.
func (t Trigger) MarshalJSON() ([]byte, error) {
	type whole Trigger
	if t.EventDate == "" {
		return json.Marshal(whole(t))
	}
	var doc struct {
		whole
		Date struct {
			Metadata string `json:"metadata"`
		} `json:"date"` // in the place of the other
	}
	doc.whole, doc.Date.Metadata = whole(t), t.EventDate
	return json.Marshal(doc)
}

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
