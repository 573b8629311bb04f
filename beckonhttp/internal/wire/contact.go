package wire

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/rows"
)

// A Contact is what a body says of a contact, as the document that beckon.ParseContact
// reads, and what has no place there.
type Contact struct {
	ID           string // the id that the client knows the contact by
	Role         string
	UserID       string
	Email        string
	Modern       bool  // it names external_id or role: the client knows contacts, and not users and leads
	Unsubscribed *bool // from email as a whole; nil: it says nothing

	members []ojson.Member // of the document, in order
	names   []renamed      // what members were called
}

type renamed struct{ to, from string }

// knownMembers are the members of a contact, and what they are in the document. All others
// are passed by: clients send more than there is.
func knownMember(name string) string {
	switch name {
	case "external_id", "user_id":
		return "user_id"
	case "email", "anonymous_id", "name", "phone", "timezone", "created_at", "signed_up_at",
		"attributes", "unsubscribed", "topics", "snoozed_until", "companies":
		return name
	case "language", "language_override":
		return "language"
	case "custom_attributes":
		return "attributes"
	}
	return ""
}

// ReadContact reads a contact from an object.
func ReadContact(n *ojson.Node) (*Contact, fault.List) {
	c := new(Contact)
	var faults fault.List
	var once rows.Once[string]
	for i := range n.Members {
		m := &n.Members[i]
		if !once.Add(m.Name) {
			faults.Add(fault.ErrJSONInvalid, fieldOf("", m.Name), "is there twice")
			continue
		}
		switch m.Name {
		case "id":
			c.ID = Text(n, "id", &faults)
		case "role":
			c.Role, c.Modern = Text(n, "role", &faults), true
		case "unsubscribed_from_emails":
			if m.Value.Kind == ojson.Bool {
				c.Unsubscribed = &m.Value.Bool
			} else if m.Value.Kind != ojson.Null {
				faults.Add(fault.ErrTypeInvalid, m.Name, "must be a boolean, got "+m.Value.Kind.String())
			}
		case "external_id":
			c.Modern = true
			fallthrough
		default:
			if to := knownMember(m.Name); to != "" {
				c.add(to, m, &faults)
			}
		}
	}
	c.UserID, c.Email = c.text("user_id", &faults), c.text("email", &faults)
	if i := indexOf(c.members, "companies"); i >= 0 {
		c.members[i].Value = c.companies(c.members[i].Value, &faults)
	}
	return c, faults
}

func indexOf(list []ojson.Member, name string) int {
	return slices.IndexFunc(list, func(m ojson.Member) bool { return m.Name == name })
}

// add puts a member into the document. Two that mean the same are joined if they are
// objects, and must agree if not.
func (c *Contact) add(to string, m *ojson.Member, faults *fault.List) {
	if to != m.Name {
		c.names = append(c.names, renamed{to, m.Name})
	}
	if to == "user_id" && m.Value.Kind == ojson.Null {
		return
	}
	v := m.Value
	if to == "attributes" {
		v = emptied(&v)
	}
	i := indexOf(c.members, to)
	if i < 0 {
		c.members = append(c.members, ojson.Member{Name: to, Value: v})
		return
	}
	switch have := &c.members[i].Value; {
	case have.Kind == ojson.Object && v.Kind == ojson.Object:
		have.Members = append(slices.Clip(have.Members), v.Members...)
	case have.Kind != v.Kind || have.Text != v.Text:
		faults.Add(fault.ErrJSONInvalid, m.Name, "is given twice, with different values")
	}
}

// text returns the text of a member, or the digits of an integer (E1).
func (c *Contact) text(name string, faults *fault.List) string {
	i := indexOf(c.members, name)
	if i < 0 {
		return ""
	}
	switch v := &c.members[i].Value; {
	case v.Kind == ojson.String, v.Kind == ojson.Number && identity.IsInteger(v.Text):
		return v.Text
	case v.Kind == ojson.Number:
		faults.Add(fault.ErrTypeInvalid, c.Field(name), identity.NumberFault(v.Text))
	}
	return ""
}

// companies brings a list of companies into the form of the document. The wire has some of
// their data beside custom_attributes.
func (c *Contact) companies(n ojson.Node, faults *fault.List) ojson.Node {
	if n.Kind == ojson.Object { // as a contact is read: {"type": "list", "data": […]}
		for _, name := range []string{"data", "companies"} {
			if list := n.Get(name); list != nil && list.Kind == ojson.Array {
				n = *list
				break
			}
		}
	}
	out := n
	out.Items = slices.Clone(n.Items)
	for i := range out.Items {
		if out.Items[i].Kind == ojson.Object {
			path := "companies[" + strconv.Itoa(i) + "]."
			if out.Items[i].Get("custom_attributes") != nil {
				c.names = append(c.names, renamed{path + "attributes", path + "custom_attributes"})
			}
			out.Items[i] = Company(&out.Items[i], path, faults)
		}
	}
	return out
}

// Company brings a company into the form of a contact's document.
func Company(n *ojson.Node, path string, faults *fault.List) ojson.Node {
	out := ojson.Node{Kind: ojson.Object}
	id := n.Get("company_id")
	if id == nil || id.Kind == ojson.Null {
		id = n.Get("id")
	}
	if id != nil {
		out.Members = append(out.Members, ojson.Member{Name: "company_id", Value: *id})
	}
	attributes := ojson.Node{Kind: ojson.Object}
	var once rows.Once[string]
	for i := range n.Members {
		m := &n.Members[i]
		if !once.Add(m.Name) {
			faults.Add(fault.ErrJSONInvalid, path+fieldOf("", m.Name), "is there twice")
			continue
		}
		switch m.Name {
		case "name", "remove":
			out.Members = append(out.Members, *m)
		case "plan", "size", "website", "industry", "monthly_spend", "remote_created_at":
			if m.Value.Kind != ojson.Object { // as a company is read, the plan is one
				attributes.Members = append(attributes.Members, *m)
			}
		case "attributes", "custom_attributes":
			if v := emptied(&m.Value); v.Kind == ojson.Object {
				attributes.Members = append(attributes.Members, v.Members...)
			} else if v.Kind != ojson.Null {
				faults.Add(fault.ErrTypeInvalid, path+m.Name, "must be an object, got "+v.Kind.String())
			}
		}
	}
	if len(attributes.Members) > 0 {
		out.Members = append(out.Members, ojson.Member{Name: "attributes", Value: attributes})
	}
	return out
}

// Set puts a text into the document, in the place of what is there.
func (c *Contact) Set(name, text string) {
	c.Remove(name)
	c.members = append(c.members, ojson.Member{Name: name, Value: ojson.Node{Kind: ojson.String, Text: text}})
}

// Remove takes a member out of the document.
func (c *Contact) Remove(name string) {
	c.members = slices.DeleteFunc(c.members, func(m ojson.Member) bool { return m.Name == name })
}

// Document returns the contact as beckon.ParseContact reads it.
func (c *Contact) Document() []byte {
	return Append(nil, &ojson.Node{Kind: ojson.Object, Members: c.members})
}

// Field returns what a field of the document is called in the body.
func (c *Contact) Field(field string) string {
	for _, n := range c.names {
		if rest, ok := within(field, n.to); ok {
			return n.from + rest
		}
	}
	return field
}

// within reports whether a path is that of a member or of what lies in it, and returns the rest.
func within(path, member string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, member)
	return rest, ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
