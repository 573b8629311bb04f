package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// ParseContact reads a contact from JSON, strictly: a member that is unknown, stands twice or
// has the wrong type is an error with its field. All errors come at once, as an [ErrorList].
// An integer in place of an identity or company_id is its digits. Standard attributes stand at
// the top level or under "attributes", others only there; what stands in both must agree. An
// empty identity or timezone is absent. A null unsets the attribute, or clears "unsubscribed". The standard dates take
// RFC 3339, a day or Unix seconds. [Engine.Update] judges email and timezone, and refuses what
// only visits and an import set. (C1)
func ParseContact(data []byte) (Contact, error) {
	var faults fault.List
	var c Contact
	s := &shape{document.Reader{Faults: &faults, Wire: true}}
	if n := s.Document(data, ojson.Limits{Bytes: MaxContactBytes}); n != nil {
		c = s.contact(n)
	}
	if len(faults) == 0 {
		return c, nil
	}
	// What could be read is judged as Update would, so that all errors come at
	// once.
	_, more := checkContact(&c, attribute.Checker{Zones: &calendar.ZoneCache{}, Loc: time.UTC}, true)
	return Contact{}, raise(faults.AlsoAbout(more))
}

// ParseVisit reads a visit as [ParseContact] a contact; null is as if absent. The page is
// judged too: negative seconds are [ErrTypeInvalid].
func ParseVisit(data []byte) (Visit, error) {
	var faults fault.List
	var v Visit
	s := &shape{document.Reader{Faults: &faults, Wire: true}}
	if n := s.Document(data, ojson.Limits{Bytes: MaxContactBytes}); n != nil {
		s.Object(n, "", append(s.identity(&v.UserID, &v.ID, &v.Email, &v.AnonymousID),
			member("page", nullable(document.Pointer(&v.Page, s.page))),
			member("source", nullable(s.source(&v.Source))))...)
	}
	var page fault.List
	event.AddPageFaults(v.Page, &page)
	if faults = faults.AlsoAbout(page); len(faults) == 0 {
		return v, nil
	}
	var who fault.List
	identity.AddFaults(v.identity(), &who)
	return Visit{}, raise(faults.AlsoAbout(who))
}

// ParseIdentity reads {"user_id", "id", "email", "anonymous_id"}, as strictly
// as [ParseContact]; null is as if absent.
func ParseIdentity(data []byte) (Identity, error) {
	var faults fault.List
	var who Identity
	s := &shape{document.Reader{Faults: &faults, Wire: true}}
	if n := s.Document(data, ojson.Limits{Bytes: MaxContactBytes}); n != nil {
		s.Object(n, "", s.identity(&who.UserID, &who.ID, &who.Email, &who.AnonymousID)...)
	}
	if len(faults) == 0 {
		return who, nil
	}
	var more fault.List
	identity.AddFaults(who, &more)
	return Identity{}, raise(faults.AlsoAbout(more))
}

func (s *shape) identity(userID, id, email, anonymousID *string) []document.Member {
	return []document.Member{
		member("user_id", nullable(s.Identifier(userID))),
		member("id", nullable(s.Identifier(id))),
		member("email", nullable(s.Identifier(email))),
		member("anonymous_id", nullable(s.Identifier(anonymousID))),
	}
}

// nullable lets a null pass as if absent.
func nullable(read func(*ojson.Node, string)) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if n.Kind != ojson.Null {
			read(n, path)
		}
	}
}

func (s *shape) page(n *ojson.Node, path string) (p Page) {
	s.Object(n, path,
		member("url", nullable(s.Text(&p.URL))),
		member("seconds", nullable(func(n *ojson.Node, path string) {
			if s.Is(n, path, ojson.Number) {
				p.Seconds = NumberLiteral(n.Text) // judged with the rest of the page
			}
		})),
	)
	return p
}

func (s *shape) source(dst *Source) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		var text string
		s.Text(&text)(n, path)
		source, known := event.SourceOf(Source(text))
		if !known {
			s.Fault(ErrSourceUnknown, path, fault.Quote(text)+" is not a source; it must be one of "+event.SourceList())
			return
		}
		*dst = source
	}
}

func (s *shape) contact(n *ojson.Node) (c Contact) {
	all := make(Attributes, len(n.Members)+len(n.Member("attributes").Members))
	standard := attribute.Members(&s.Reader, all)
	members := append(standard,
		member("unsubscribed", func(n *ojson.Node, path string) {
			c.Unsubscribed = []string{}
			if n.Kind != ojson.Null {
				s.Texts(&c.Unsubscribed)(n, path)
			}
		}),
		member("topics", nullable(func(n *ojson.Node, path string) {
			document.Entries(&s.Reader, &c.Topics, n, path, func(n *ojson.Node, path string) (wanted *bool) {
				if n.Kind != ojson.Null {
					wanted = new(bool)
					s.Flag(wanted)(n, path)
				}
				return wanted
			})
		})),
		member("snoozed_until", s.snooze(&c.SnoozedUntil)),
		member("attributes", nullable(func(n *ojson.Node, path string) { attribute.ReadAll(&s.Reader, all, n, path, standard...) })),
		member("companies", nullable(document.ListOf(&s.Reader, &c.Companies, s.membership))),
	)
	s.Object(n, "", members...)

	// What has a field of its own moves there. An identity that is empty names
	// nobody, an empty zone is none; an empty name is one (A4).
	take := func(name string, field *string, keepEmpty bool) {
		v, ok := all[name]
		if !ok || v.IsUnknown() || keepEmpty && v.Text() == "" {
			return
		}
		*field = v.Text()
		delete(all, name)
	}
	take("user_id", &c.UserID, false)
	take("id", &c.ID, false)
	take("email", &c.Email, false)
	take("anonymous_id", &c.AnonymousID, false)
	take("timezone", &c.Timezone, false)
	take("name", &c.Name, true)
	if len(all) > 0 {
		c.Attributes = all
	}
	return c
}

// snooze takes RFC 3339 or Unix seconds. A null ends it, as any instant that is past.
func (s *shape) snooze(dst *time.Time) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		switch n.Kind {
		case ojson.Null:
			*dst = time.Unix(0, 0).UTC()
			return
		case ojson.String:
			if t, ok := calendar.ParseInstant(n.Text); ok && !t.IsZero() {
				*dst = t
				return
			}
		case ojson.Number:
			if seconds, ok := document.WholeNumber(n.Text); ok {
				if v := peek.Value(repr.NewDate(int64(seconds))); v.Err() == nil {
					*dst = time.Unix(int64(seconds), 0).UTC()
					return
				}
			}
		}
		s.Fault(ErrAttributeInvalid, path, "is not an instant: write it as 2026-01-05T09:00:00Z (RFC 3339) or in Unix seconds")
	}
}

// attribute takes one value; null is the zero Value, which unsets.
func (s *shape) attribute(n *ojson.Node, path string) Value {
	return attribute.Read(&s.Reader, n, path)
}

func (s *shape) membership(n *ojson.Node, path string) (m Membership) {
	all := make(Attributes)
	name := member("name", func(n *ojson.Node, path string) {
		switch {
		case n.Kind == ojson.Null:
			all["name"] = Value{}
		case !s.Is(n, path, ojson.String):
		case m.Name != "" && m.Name != n.Text:
			s.Fault(ErrJSONInvalid, path, "given twice, with different values")
		case n.Text == "":
			all["name"] = String("")
		default:
			m.Name = n.Text
		}
	})
	s.Object(n, path,
		member("company_id", s.Identifier(&m.CompanyID)),
		name,
		member("attributes", nullable(func(n *ojson.Node, path string) { attribute.ReadAll(&s.Reader, all, n, path, name) })),
		member("remove", nullable(s.Flag(&m.Remove))),
	)
	if len(all) > 0 {
		m.Attributes = all
	}
	return m
}
