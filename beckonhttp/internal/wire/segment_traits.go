package wire

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// traits makes attributes of traits. What only visits set, and who the contact is, are none.
func (s *Segment) traits(n *ojson.Node) {
	flat := traitList{s: s, root: "traits.", taken: map[string]bool{}, out: &s.data}
	for i := range n.Members {
		m := n.Members[i]
		switch m.Name {
		case "id", "user_id", "userId", "anonymous_id", "anonymousId", "first_seen_at", "last_seen_at", "session_count":
			continue
		case "createdAt":
			if m.Name = "created_at"; s.Type == "identify" {
				m.Name = "signed_up_at"
			}
		case "company":
			if id := m.Value.Get("id"); s.Type == "identify" && m.Value.Kind == ojson.Object && id != nil &&
				(id.Kind == ojson.String || id.Kind == ojson.Number) {
				s.company(&m.Value, id.Text)
				continue
			}
		}
		flat.add("", "", &m)
	}
	s.fullName(&flat)
	s.toldMore()
}

// company is what the traits of a contact say of its company.
func (s *Segment) company(n *ojson.Node, id string) {
	s.group = id
	s.employer = ojson.Node{Kind: ojson.Object}
	flat := traitList{s: s, root: "traits.company.", taken: map[string]bool{}, out: &s.employer}
	for i := range n.Members {
		m := n.Members[i]
		switch m.Name {
		case "id":
			continue
		case "createdAt":
			m.Name = "created_at"
		}
		flat.add("", "", &m)
	}
}

// fullName makes a name of its parts, if there is no other.
func (s *Segment) fullName(flat *traitList) {
	if s.Type != "identify" || flat.taken["name"] {
		return
	}
	first, last := textOrNone(flat.out, "firstName"), textOrNone(flat.out, "lastName")
	if name := strings.TrimSpace(first + " " + last); name != "" {
		flat.put("name", "name", &ojson.Node{Kind: ojson.String, Text: name})
	}
}

// maxTraitName is the greatest length of the name of an attribute, in code points.
const maxTraitName = 255

// A traitList is an object without others in it. A null stays: it unsets.
type traitList struct {
	s     *Segment
	root  string // what the fields of warnings begin with
	taken map[string]bool
	out   *ojson.Node
}

func (f *traitList) add(prefix, path string, m *ojson.Member) {
	name, path := prefix+m.Name, path+m.Name
	switch m.Value.Kind {
	case ojson.Object:
		if len(m.Value.Members) > 0 && utf8.RuneCountInString(name) > maxTraitName {
			f.put(name, path, &ojson.Node{Kind: ojson.Null}) // it is refused as it is: each name within would repeat it
			return
		}
		for i := range m.Value.Members {
			f.add(name+"_", path+".", &m.Value.Members[i])
		}
	case ojson.Array:
		f.s.warn(fault.WarnMetadataValueDropped, f.root+path, "dropped: a list is no attribute")
	default:
		f.put(name, path, &m.Value)
	}
}

func (f *traitList) put(name, path string, v *ojson.Node) {
	if f.taken[name] {
		f.s.warn(fault.WarnMetadataValueDropped, f.root+path, "dropped: there is another "+fault.Quote(name)+" before it")
		return
	}
	f.taken[name] = true
	f.out.Members = append(f.out.Members, ojson.Member{Name: name, Value: *v})
}

func (s *Segment) warn(code fault.Code, field, message string) {
	s.Warnings = append(s.Warnings, fault.Warning{Code: code, Field: field, Message: message})
}

// toldMore bounds the warnings.
func (s *Segment) toldMore() {
	if more := len(s.Warnings) - fault.MaxErrors; more > 0 {
		s.Warnings = append(s.Warnings[:fault.MaxErrors], fault.Warning{Code: fault.WarnMore, Message: strconv.Itoa(more) + " more were dropped"})
	}
}

// Event returns the event of the call, as beckon.ParseEvent reads it, without metadata. An
// empty name is that of the call.
func (s *Segment) Event(name string) []byte {
	if name == "" {
		name = s.name
	}
	n := ojson.Node{Kind: ojson.Object}
	put(&n, "event_name", name)
	put(&n, "event_id", s.MessageID)
	put(&n, "user_id", s.UserID)
	put(&n, "anonymous_id", s.AnonymousID)
	put(&n, "company_id", s.group)
	if s.at != nil {
		n.Members = append(n.Members, ojson.Member{Name: "created_at", Value: ojson.Node{Kind: ojson.Number, Text: strconv.FormatInt(*s.at, 10)}})
	}
	if s.URL != "" {
		page := ojson.Node{Kind: ojson.Object}
		put(&page, "url", s.URL)
		n.Members = append(n.Members, ojson.Member{Name: "page", Value: page})
	}
	return Append(nil, &n)
}

// Contact returns what the call says of its contact, as beckon.ParseContact reads it.
func (s *Segment) Contact() []byte {
	n := ojson.Node{Kind: ojson.Object}
	put(&n, "user_id", s.UserID)
	put(&n, "anonymous_id", s.AnonymousID)
	company := s.employer
	if s.Type == "identify" {
		n.Members = append(n.Members, ojson.Member{Name: "attributes", Value: s.data})
	} else {
		company = s.data
	}
	if s.group != "" {
		member := ojson.Node{Kind: ojson.Object}
		put(&member, "company_id", s.group)
		if len(company.Members) > 0 {
			member.Members = append(member.Members, ojson.Member{Name: "attributes", Value: company})
		}
		n.Members = append(n.Members, ojson.Member{Name: "companies", Value: ojson.Node{Kind: ojson.Array, Items: []ojson.Node{member}}})
	}
	return Append(nil, &n)
}

// put adds a text, if there is one.
func put(n *ojson.Node, name, text string) {
	if text != "" {
		n.Members = append(n.Members, ojson.Member{Name: name, Value: ojson.Node{Kind: ojson.String, Text: text}})
	}
}

// Field returns what a field of a document is called in the call.
func (s *Segment) Field(field string) string {
	company := "traits."
	if s.Type == "identify" {
		company = "traits.company."
	}
	for _, x := range []struct{ from, to string }{
		{"event_name", "event"},
		{"event_id", "messageId"},
		{"user_id", "userId"},
		{"anonymous_id", "anonymousId"},
		{"created_at", "timestamp"},
		{"page", "properties"},
		{"metadata", "properties"},
		{"attributes", "traits"},
		{"companies[0].company_id", "groupId"},
		{"company_id", "context.groupId"},
		{"companies[0].attributes", strings.TrimSuffix(company, ".")},
		{"companies[0]", strings.TrimSuffix(company, ".")},
	} {
		if x.from == "created_at" && s.Type == "identify" {
			continue // it is an attribute
		}
		if rest, ok := within(field, x.from); ok {
			return x.to + rest
		}
	}
	if s.Type == "identify" && field != "" && !strings.HasPrefix(field, "traits") {
		return "traits." + field
	}
	return field
}
