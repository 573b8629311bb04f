// Package attribute says what may be an attribute of a contact or a company, and which
// attributes of a contact have a type, and reads attributes from JSON.
package attribute

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// MaxName is the longest name of an attribute, in code points.
const MaxName = 255

// The attributes that only visits, merges and imports set; the last two count visits (D15).
const (
	LastSeenAt   = "last_seen_at"
	FirstSeenAt  = "first_seen_at"
	SessionCount = "session_count"
)

// Texts are the standard attributes of a contact that are text.
func Texts() []string {
	return []string{"user_id", "id", "email", "anonymous_id", "name", "phone", "role", "timezone", "language"}
}

// Dates are the standard attributes of a contact that are dates.
func Dates() []string {
	return []string{"created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at"}
}

// Same reports whether two attributes are the same, in the way they are written
// too.
func Same(a, b store.Attribute) bool {
	if a.Name != b.Name || a.Value.Kind() != b.Value.Kind() {
		return false
	}
	v, w := peek.Of(&a.Value), peek.Of(&b.Value)
	if v.Kind != repr.KindInvalid && v.Flag == w.Flag && v.Exp == w.Exp && v.Num == w.Num && v.Str == w.Str {
		return true // mostly, and without memory: a company may have many that stay
	}
	one, errA := v.AppendJSON(nil)
	two, errB := w.AppendJSON(nil)
	return errA == nil && errB == nil && bytes.Equal(one, two)
}

// Code is the code for a standard attribute that is wrong.
func Code(name string) fault.Code {
	switch name {
	case "timezone":
		return fault.ErrTimezoneUnknown
	case "email":
		return fault.ErrEmailInvalid
	}
	return fault.ErrAttributeInvalid
}

// A Checker knows what the standard attributes of contacts depend on.
type Checker struct {
	Zones *calendar.ZoneCache
	Loc   *time.Location // where a plain day begins
}

// Contact checks the attributes of a contact and returns them sorted by name, the standard
// ones in their type. Faults stand at path and the name.
func (c Checker) Contact(m map[string]value.Value, path string, errs *fault.List) []store.Attribute {
	return check(m, path, &c, errs)
}

// Company is Contact for those of a company: none has a type that it must have.
func Company(m map[string]value.Value, path string, errs *fault.List) []store.Attribute {
	return check(m, path, nil, errs)
}

// check checks attributes; a nil Checker knows no standard ones.
func check(m map[string]value.Value, path string, standard *Checker, errs *fault.List) []store.Attribute {
	var faults fault.List
	list := make([]store.Attribute, 0, len(m)+2)
	for name, v := range m {
		list = append(list, store.NewAttribute(name, v))
	}
	slices.SortFunc(list, func(a, b store.Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
	for i := range list {
		a := &list[i]
		name := a.Name.Value()
		switch {
		case name == "":
			errs.Add(fault.ErrAttributeInvalid, strings.TrimSuffix(path, "."), "an attribute needs a name")
		case !utf8.ValidString(name):
			errs.Add(fault.ErrTextNotUTF8, strings.TrimSuffix(path, "."), "the name of an attribute is not valid UTF-8: "+fault.Quote(name))
		case utf8.RuneCountInString(name) > MaxName:
			errs.Add(fault.ErrAttributeInvalid, strings.TrimSuffix(path, "."), "the name of an attribute is longer than "+strconv.Itoa(MaxName)+" characters: "+fault.Quote(name))
		}
		before := errs.Found()
		if peek.Of(&a.Value).AddAttributeFaults(&faults, ""); faults != nil { // else the field is not needed
			faults = nil
			peek.Of(&a.Value).AddAttributeFaults(errs, fault.JoinPath(strings.TrimSuffix(path, "."), name))
		}
		if standard != nil && errs.Found() == before {
			v, message := standard.Standard(name, a.Value)
			if message != "" {
				errs.Add(Code(name), path+name, message)
			}
			a.Value = v
		}
	}
	return list
}

// Standard returns an attribute in its type if it is a standard one, or says what is wrong
// with it. All others are the host's own and stay as they are.
func (c *Checker) Standard(name string, v value.Value) (value.Value, string) {
	if v.IsUnknown() {
		return v, ""
	}
	switch name {
	case "user_id", "id", "anonymous_id", "name", "phone", "language":
		if v.Kind() == value.KindNumber && name == "phone" {
			return value.String(v.Text()), ""
		}
		if v.Kind() != value.KindString {
			return v, "expected text"
		}
	case "role":
		if t := v.Text(); v.Kind() != value.KindString || t != "visitor" && t != "lead" && t != "user" {
			return v, "expected visitor, lead or user"
		}
	case "email":
		address, ok := fold.EmailSpelling(v.Text())
		if v.Kind() != value.KindString || !ok {
			return v, "expected a bare email address"
		}
		return value.String(address), ""
	case "timezone":
		if v.Kind() != value.KindString {
			return v, "expected the name of a time zone, such as Europe/Dublin"
		}
		if c.Zones.Get(v.Text()) == nil {
			return v, calendar.ZoneFault(v.Text())
		}
	case SessionCount:
		if n, err := strconv.ParseInt(v.Text(), 10, 64); v.Kind() != value.KindNumber || err != nil || n < 1 {
			return v, "expected a whole number of at least 1"
		}
	case "created_at", "signed_up_at", FirstSeenAt, LastSeenAt, "last_contacted_at":
		sec, ok := peek.Of(&v).ConditionDate(c.Loc)
		if !ok {
			return v, "expected a date: RFC 3339, a day (2026-01-02) or Unix seconds"
		}
		return peek.Value(repr.NewDate(sec)), ""
	}
	return v, ""
}
