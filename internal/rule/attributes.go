package rule

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// UserAttribute returns an attribute of a contact. The standard ones that are
// not stored as attributes are derived: who the contact is, from the key of
// its record; its role, from the kind of that key (user_id a user, id or email
// a lead, else a visitor) unless one was set; when it was created, last seen
// and last contacted, from what happened.
func UserAttribute(rec *store.Record, name string) repr.Value {
	v := rec.Profile.Attribute(name)
	return derivedAttribute(rec, name, *peek.Of(&v))
}

// derivedAttribute returns an attribute of a contact. v is what is stored of it.
func derivedAttribute(rec *store.Record, name string, v repr.Value) repr.Value {
	switch name {
	case "user_id", "id", "email", "anonymous_id":
		if own := rec.Key.Attribute(name); v.IsUnknown() && own != "" {
			return repr.String(own)
		}
	case "role":
		if v.IsUnknown() && rec.Exists {
			return repr.String(role(rec.Key.Kind))
		}
	case "created_at":
		if v.IsUnknown() && rec.Profile != nil && rec.Profile.Created != 0 {
			return standardDate(rec.Profile.Created)
		}
	case "last_seen_at":
		if rec.LastSeen != 0 {
			return standardDate(rec.LastSeen)
		}
	case "last_contacted_at":
		var last int64
		for i := range rec.Sends {
			if s := &rec.Sends[i]; !s.Control {
				last = max(last, s.Last)
			}
		}
		if last != 0 && (v.IsUnknown() || v.Num < calendar.FloorSeconds(last)) {
			return standardDate(last)
		}
	}
	return v
}

func role(k store.Kind) string {
	switch k {
	case store.KindUser:
		return "user"
	case store.KindContact, store.KindEmail:
		return "lead"
	}
	return "visitor"
}

// standardDate is a date of Unix milliseconds, to the second.
func standardDate(ms int64) repr.Value {
	return repr.Value{Kind: repr.KindDate, Num: calendar.FloorSeconds(ms)}
}

// companyAttribute returns an attribute of a company; company_id is its key.
func companyAttribute(rec *store.Record, name string) repr.Value {
	if name == "company_id" {
		return repr.String(rec.Key.ID)
	}
	v := rec.Profile.Attribute(name)
	return *peek.Of(&v)
}
