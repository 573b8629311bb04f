package scenario

import (
	"cmp"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
)

func describeHeld(list []beckon.Held) string {
	parts := make([]string, len(list))
	for i, h := range list {
		parts[i] = heldKey(h) + " " + string(h.Reason)
		if !h.RetryAt.IsZero() {
			parts[i] += " until " + h.RetryAt.UTC().Format(time.RFC3339Nano)
		}
	}
	return strings.Join(parts, ", ")
}

func heldKey(h beckon.Held) string { return key(h.Message, h.CompanyID) }

// key names a message, and the company for which it was judged, if it was for one.
func key(message, company string) string {
	if company == "" {
		return message
	}
	return message + "@" + company
}

// A lookup finds what keys of a want mean.
type lookup[V any] struct {
	keys map[string]V
	got  []beckon.Held
	by   map[string][]int // by message@company, and by message
}

func newLookup[V any](keys map[string]V, got []beckon.Held) *lookup[V] {
	l := &lookup[V]{keys, got, make(map[string][]int, len(got))}
	for i, h := range got {
		if h.CompanyID != "" {
			l.by[heldKey(h)] = append(l.by[heldKey(h)], i)
		}
		l.by[h.Message] = append(l.by[h.Message], i)
	}
	return l
}

// named returns the held that a key means: those of message@company, or all of a message
// that no key of that form names.
func (l *lookup[V]) named(key string) []beckon.Held {
	var out []beckon.Held
	for _, i := range l.by[key] {
		full := heldKey(l.got[i])
		if _, exact := l.keys[full]; full == key || !exact {
			out = append(out, l.got[i])
		}
	}
	return out
}

func (c *comparison) held(wants map[string]string, got []beckon.Held) {
	look := newLookup(wants, got)
	for _, key := range sortedKeys(wants) {
		found := look.named(key)
		if problem := cmp.Or(c.names.NoMessage(key), NoReason(wants[key])); problem != "" {
			c.unknown(fault.JoinPath("held", key), problem)
			continue
		}
		if len(found) == 0 {
			c.keyed("held", key, key, "not held", wants[key])
		}
		for _, h := range found {
			if string(h.Reason) != wants[key] {
				c.keyed("held", key, heldKey(h), string(h.Reason), wants[key])
			}
		}
	}
	for _, h := range got {
		_, exact := wants[heldKey(h)]
		_, loose := wants[h.Message]
		if !exact && !loose {
			c.about(c.differ("held", describeHeld([]beckon.Held{h}), ""), heldKey(h))
		}
	}
}

// keyed notes a difference of a want that names messages, under its key there.
func (c *comparison) keyed(field, key, message, got, want string) {
	d := c.note(Difference{Field: field + "." + message, Path: fault.JoinPath(field, key), Got: got, Want: want})
	c.about(d, message)
}

func (c *comparison) retryAt(wants map[string]*time.Time, got []beckon.Held) {
	look := newLookup(wants, got)
	for _, key := range sortedKeys(wants) {
		want := "never"
		if wants[key] != nil {
			want = wants[key].UTC().Format(time.RFC3339Nano)
		}
		if problem := c.names.NoMessage(key); problem != "" {
			c.unknown(fault.JoinPath("retry_at", key), problem)
			continue
		}
		found := look.named(key)
		if len(found) == 0 {
			c.keyed("retry_at", key, key, "not held", want)
		}
		for _, h := range found {
			came := "never"
			if !h.RetryAt.IsZero() {
				came = h.RetryAt.UTC().Format(time.RFC3339Nano)
			}
			if came != want {
				c.keyed("retry_at", key, heldKey(h), came, want)
			}
		}
	}
}

// caps checks what caps have held (F10).
func (c *comparison) caps(wants map[string]string, got []beckon.Held) {
	text := func(id string) string {
		if id == "" {
			return "no cap"
		}
		return id
	}
	look := newLookup(wants, got)
	for _, key := range sortedKeys(wants) {
		if problem := cmp.Or(c.names.NoMessage(key), c.names.NoCap(wants[key])); problem != "" {
			c.unknown(fault.JoinPath("cap", key), problem)
			continue
		}
		found := look.named(key)
		if len(found) == 0 {
			c.keyed("cap", key, key, "not held", text(wants[key]))
		}
		for _, h := range found {
			if h.Cap != wants[key] {
				c.keyed("cap", key, heldKey(h), text(h.Cap), text(wants[key]))
			}
		}
	}
}
