package wire

import (
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/iso4217"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/value"
)

// A Segment is one call of Segment's tracking API, and what it means to the engine.
type Segment struct {
	Type        string // track, identify, group, page, screen or alias
	MessageID   string
	UserID      string
	AnonymousID string
	PreviousID  string       // of alias
	URL         string       // where the contact is
	Metadata    value.Fields // of an event
	Warnings    []fault.Warning

	at    *int64     // Unix seconds
	name  string     // of an event, a page or a screen
	group string     // the company that is joined, or that an event concerns
	data  ojson.Node // attributes

	employer ojson.Node // what traits say of the company
}

// NobodyNamed says that a call is about nobody.
const NobodyNamed = "is missing: userId or anonymousId must name the contact"

// ReadSegment reads a call. An empty kind is that of the body.
func ReadSegment(n *ojson.Node, kind string) (*Segment, fault.List) {
	var faults fault.List
	s := &Segment{Type: kind, data: ojson.Node{Kind: ojson.Object}}
	if s.Type == "" {
		s.Type = Text(n, "type", &faults)
	}
	s.MessageID, s.UserID, s.AnonymousID = Text(n, "messageId", &faults), Text(n, "userId", &faults), Text(n, "anonymousId", &faults)
	s.at = segmentTime(n, &faults)
	context := objectOf(n, "context", nil)
	page := objectOf(&context, "page", nil)
	Twins(&context, "context", &faults)
	Twins(&page, "context.page", &faults)
	s.URL = textOrNone(&page, "url")
	data := "properties"
	switch s.Type {
	case "track":
		s.name, s.group = Text(n, "event", &faults), textOrNone(&context, "groupId")
	case "page", "screen":
		s.name = Text(n, "name", &faults)
	case "identify":
		data = "traits"
	case "group":
		data, s.group = "traits", Text(n, "groupId", &faults)
		if s.group == "" && !faults.About("groupId") {
			faults.Add(fault.ErrAttributeInvalid, "groupId", "expected the id of a company")
		}
	case "alias":
		if s.PreviousID = Text(n, "previousId", &faults); s.PreviousID == "" && !faults.About("previousId") {
			faults.Add(fault.ErrContactMissing, "previousId", "expected an earlier id of the contact")
		}
		if s.UserID == "" && !faults.About("userId") {
			faults.Add(fault.ErrContactMissing, "userId", "expected the id of the contact from now on")
		}
		return s, faults
	default:
		if !faults.About("type") {
			faults.Add(fault.ErrTypeInvalid, "type", "must be track, identify, group, page, screen or alias")
		}
		return s, faults
	}
	if s.UserID == "" && s.AnonymousID == "" && data == "traits" && !faults.About("userId") && !faults.About("anonymousId") {
		faults.Add(fault.ErrContactMissing, "userId", NobodyNamed)
	}
	given := objectOf(n, data, &faults)
	switch s.Type {
	case "track":
		s.properties(&given)
	case "page", "screen":
		if url := textOrNone(&given, "url"); url != "" {
			s.URL = url
		}
		named := ojson.Node{Kind: ojson.Object}
		for _, name := range []string{"name", "category"} {
			if v := n.Get(name); v != nil && v.Kind == ojson.String && v.Text != "" {
				named.Members = append(named.Members, ojson.Member{Name: name, Value: *v})
			}
		}
		named.Members = append(named.Members, given.Members...)
		s.properties(&named)
	default:
		s.traits(&given)
	}
	return s, faults
}

// segmentTime reads when it happened.
func segmentTime(n *ojson.Node, faults *fault.List) *int64 {
	name := "timestamp"
	v := n.Get(name)
	if v == nil || v.Kind == ojson.Null {
		name = "originalTimestamp"
		v = n.Get(name)
	}
	if v == nil || v.Kind == ojson.Null {
		return nil
	}
	at, err := time.Parse(time.RFC3339, v.Text)
	if v.Kind != ojson.String || err != nil {
		faults.Add(fault.ErrCreatedAtInvalid, name, "must be a time of ISO 8601 with its zone, such as 2026-03-02T09:00:00.000Z")
		return nil
	}
	seconds := at.Unix()
	return &seconds
}

// Ahead returns by how many seconds the clock of a sender is ahead of ours: a call or a batch says when it was
// sent, and that cannot be in the future. What is within a minute, or cannot be read, is 0. No
// clock is known to be behind, because what is sent may take any time on its way.
func Ahead(n *ojson.Node, now time.Time) int64 {
	at, err := time.Parse(time.RFC3339, textOrNone(n, "sentAt"))
	if err != nil || at.Sub(now) <= time.Minute {
		return 0
	}
	return at.Unix() - now.Unix()
}

// PutBack puts the time of a call back that is ahead of now, by so many seconds as its sender's clock is.
// A time that is past may be by another clock, such as that of a database.
func (s *Segment) PutBack(ahead int64, now time.Time) {
	if s.at != nil && *s.at > now.Unix() {
		at := *s.at - ahead
		s.at = &at
	}
}

// objectOf returns a member that is an object, an empty one otherwise. With faults, what is
// something else is one.
func objectOf(n *ojson.Node, name string, faults *fault.List) ojson.Node {
	switch v := n.Get(name); {
	case v == nil || v.Kind == ojson.Null:
	case v.Kind == ojson.Object:
		return *v
	case v.Kind == ojson.Array && len(v.Items) == 0: // as PHP writes an empty object (M4)
	case faults != nil:
		faults.Add(fault.ErrTypeInvalid, name, "must be an object, got "+v.Kind.String())
	}
	return ojson.Node{Kind: ojson.Object}
}

func textOrNone(n *ojson.Node, name string) string {
	if v := n.Get(name); v != nil && v.Kind == ojson.String {
		return v.Text
	}
	return ""
}

// properties makes metadata of the properties of an event: revenue becomes a price, and
// email is none of them.
func (s *Segment) properties(n *ojson.Node) {
	price, isMoney := money(n)
	out := ojson.Node{Kind: ojson.Object}
	for i := range n.Members {
		m := n.Members[i]
		switch {
		case m.Name == "email", isMoney && m.Name == "currency":
			continue
		case isMoney && m.Name == "revenue":
			m.Name, m.Value = "price", price
		}
		out.Members = append(out.Members, m)
	}
	s.Metadata, s.Warnings = Flatten(&out)
}

// money returns revenue and currency as a monetary value, in minor units. Another price, or
// what is no whole number of minor units, stays as it is.
func money(n *ojson.Node) (ojson.Node, bool) {
	revenue, currency := n.Get("revenue"), n.Get("currency")
	if revenue == nil || revenue.Kind != ojson.Number || currency == nil || currency.Kind != ojson.String || n.Get("price") != nil {
		return ojson.Node{}, false
	}
	unit, known := iso4217.Lookup(currency.Text)
	coef, exp, small := decimal.Small(revenue.Text)
	if !known || unit.Digits < 0 || !small {
		return ojson.Node{}, false
	}
	for exp += int32(unit.Digits); exp > 0 && -1e15 < coef && coef < 1e15; exp-- {
		coef *= 10
	}
	for ; exp < 0 && coef%10 == 0 && coef != 0; exp++ {
		coef /= 10
	}
	if exp != 0 && coef != 0 {
		return ojson.Node{}, false
	}
	return ojson.Node{Kind: ojson.Object, Members: []ojson.Member{
		{Name: "amount", Value: ojson.Node{Kind: ojson.Number, Text: strconv.FormatInt(coef, 10)}},
		{Name: "currency", Value: *currency},
	}}, true
}
