package sample

import (
	"maps"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/value"
)

// A Variable is one that a message names, and where its value came from.
type Variable struct {
	Name  string `json:"name"` // such as event.order
	Value string `json:"value"`
	From  string `json:"from"` // contact, company, event, sample, fallback or unknown
}

// Where values come from.
const (
	fromContact  = "contact"
	fromCompany  = "company"
	fromEvent    = "event"
	fromSample   = "sample"
	fromFallback = "fallback"
	fromNothing  = "unknown"
)

// Mentioned returns the variables of all templates of a content, each once: with a fallback
// only if it has one everywhere.
func Mentioned(content *beckon.Content) (list []render.Mention) {
	templates := []string{content.Subject, content.Body, content.Text}
	for _, name := range slices.Sorted(maps.Keys(content.Data)) {
		templates = append(templates, content.Data[name])
	}
	for _, name := range slices.Sorted(maps.Keys(content.Parameters)) {
		templates = append(templates, "{{ "+content.Parameters[name]+" }}")
	}
	for _, t := range templates {
		for _, m := range render.Mentioned(t) {
			i := slices.IndexFunc(list, func(x render.Mention) bool { return x.Namespace == m.Namespace && x.Key == m.Key })
			if i < 0 {
				list = append(list, m)
				continue
			}
			list[i].Fallback = list[i].Fallback && m.Fallback
		}
	}
	return list
}

// Given is the data that a message is filled in with.
type Given struct {
	Vars       beckon.Vars             // without samples until Fill
	Declared   beckon.EventDeclaration // what samples of the event are made of
	hasContact bool
	hasEvent   bool
}

// Contact takes in a contact: what of it is an attribute for templates.
func (g *Given) Contact(x *beckon.Contact) {
	g.hasContact = true
	g.Vars.User = beckon.Attributes{}
	maps.Copy(g.Vars.User, x.Attributes)
	for name, text := range map[string]string{
		"user_id": x.UserID, "id": x.ID, "email": x.Email, "anonymous_id": x.AnonymousID, "name": x.Name, "timezone": x.Timezone,
	} {
		if text != "" {
			g.Vars.User[name] = beckon.String(text)
		}
	}
	i := slices.IndexFunc(x.Companies, func(m beckon.Membership) bool { return !m.Remove })
	if i < 0 {
		return
	}
	company := x.Companies[i]
	g.Vars.Company = beckon.Attributes{}
	maps.Copy(g.Vars.Company, company.Attributes)
	g.Vars.Company["company_id"] = beckon.String(company.CompanyID)
	if company.Name != "" {
		g.Vars.Company["name"] = beckon.String(company.Name)
	}
}

// Event takes in the metadata of an event.
func (g *Given) Event(metadata beckon.Fields) { g.hasEvent, g.Vars.Event = true, metadata }

// Fill makes samples of what no file was given for, and says where each variable's value
// comes from.
func (g *Given) Fill(list []render.Mention) []Variable {
	if g.Vars.User == nil {
		g.Vars.User = beckon.Attributes{}
	}
	if g.Vars.Company == nil {
		g.Vars.Company = beckon.Attributes{}
	}
	if !g.hasEvent {
		g.Vars.Event = Metadata(g.Declared)
	}
	variables := []Variable{}
	for _, m := range list {
		var v beckon.Value
		var name, from string
		switch m.Namespace {
		case render.Event:
			name, from = "event."+m.Key, fromEvent
			v, _ = g.Vars.Event.Get(m.Key)
			if !g.hasEvent {
				if from = fromSample; v.IsUnknown() {
					v = Key(m.Key, beckon.KeyDeclaration{})
					g.Vars.Event = append(g.Vars.Event, beckon.Field{Key: m.Key, Value: v})
				}
			}
		case render.Company:
			name, from = "company."+m.Key, fromCompany
			if !g.hasContact {
				from, g.Vars.Company[m.Key] = fromSample, Company(m.Key)
			}
			v = g.Vars.Company[m.Key]
		default:
			name, from = "user."+m.Key, fromContact
			if !g.hasContact {
				from, g.Vars.User[m.Key] = fromSample, User(m.Key)
			}
			v = g.Vars.User[m.Key]
		}
		text := v.String()
		if at, ok := v.Time(); ok && v.Kind() == value.KindDate {
			text = at.UTC().Format(time.RFC3339)
		}
		switch {
		case v.IsUnknown() || text == "":
			text, from = "", fromNothing
			if m.Fallback {
				from = fromFallback
			}
		}
		variables = append(variables, Variable{name, text, from})
	}
	return variables
}
