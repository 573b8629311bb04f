package scenario

import (
	"cmp"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
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

func heldKey(h beckon.Held) string {
	if h.CompanyID == "" {
		return h.Message
	}
	return h.Message + "@" + h.CompanyID
}

// named returns the held that a key of a want means: those of message@company,
// or all of a message that no key of that form names.
func named[V any](key string, keys map[string]V, got []beckon.Held) []beckon.Held {
	var out []beckon.Held
	for _, h := range got {
		full := heldKey(h)
		_, exact := keys[full]
		if full == key || h.Message == key && !exact {
			out = append(out, h)
		}
	}
	return out
}

func (c *comparison) held(wants map[string]string, got []beckon.Held) {
	for _, key := range sortedKeys(wants) {
		found := named(key, wants, got)
		if len(found) == 0 {
			c.differ("held."+key, "not held", wants[key])
			c.hint(cmp.Or(MessageHint(key, c.messages), ReasonHint(wants[key])))
		}
		for _, h := range found {
			if string(h.Reason) != wants[key] {
				c.differ("held."+heldKey(h), string(h.Reason), wants[key])
				c.hint(ReasonHint(wants[key]))
			}
		}
	}
	for _, h := range got {
		_, exact := wants[heldKey(h)]
		_, loose := wants[h.Message]
		if !exact && !loose {
			c.differ("held", describeHeld([]beckon.Held{h}), "")
		}
	}
}

func (c *comparison) retryAt(wants map[string]*time.Time, got []beckon.Held) {
	for _, key := range sortedKeys(wants) {
		want := "never"
		if wants[key] != nil {
			want = wants[key].UTC().Format(time.RFC3339Nano)
		}
		found := named(key, wants, got)
		if len(found) == 0 {
			c.differ("retry_at."+key, "not held", want)
			c.hint(MessageHint(key, c.messages))
		}
		for _, h := range found {
			came := "never"
			if !h.RetryAt.IsZero() {
				came = h.RetryAt.UTC().Format(time.RFC3339Nano)
			}
			if came != want {
				c.differ("retry_at."+heldKey(h), came, want)
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
	for _, key := range sortedKeys(wants) {
		found := named(key, wants, got)
		if len(found) == 0 {
			c.differ("cap."+key, "not held", text(wants[key]))
			c.hint(MessageHint(key, c.messages))
		}
		for _, h := range found {
			if h.Cap != wants[key] {
				c.differ("cap."+heldKey(h), text(h.Cap), text(wants[key]))
			}
		}
	}
}
