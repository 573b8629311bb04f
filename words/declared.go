package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
)

// eventList are the declared events, and what they carry.
func eventList(p *beckon.Program) *node {
	return listNode("events", p.Events, "the declared events", len(p.Events), func() (list []*node) {
		for _, id := range slices.Sorted(maps.Keys(p.Events)) {
			d := p.Events[id]
			about := "the event " + strconv.Quote(id)
			n := named(fault.JoinPath("events", id), id, about, d, eventWords(d), capital(about)+" "+eventWords(d)+".")
			n.of = func() []*node { return eventParts(d, owner{n.path, id}) }
			list = append(list, n)
		}
		return list
	})
}

func eventWords(d beckon.EventDeclaration) string {
	var parts []string
	if d.Description != "" {
		parts = append(parts, "is described as "+strconv.Quote(d.Description))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
		parts = append(parts, "has "+nameWords(key)+", "+keyWords(d.Metadata[key]))
	}
	return strings.Join(append(parts, "other keys "+othersWords(d.Others)), "; ")
}

func eventParts(d beckon.EventDeclaration, o owner) []*node {
	keys := o.part("metadata", "the keys", d.Metadata, plural(strconv.Itoa(len(d.Metadata)), "key"), "")
	keys.list = true
	keys.of = func() (list []*node) {
		for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
			k := d.Metadata[key]
			n := named(fault.JoinPath(keys.path, key), o.id, "the key "+strconv.Quote(key), k, keyWords(k), "")
			n.key = key
			list = append(list, n)
		}
		return list
	}
	return []*node{
		o.part("description", "the description", d.Description, orNone(d.Description), ""),
		keys,
		o.part("others", "what happens to other keys", d.Others, othersWords(d.Others), ""),
	}
}

// keyWords says what stands under a key.
func keyWords(k beckon.KeyDeclaration) string {
	text := "which may be left out, "
	if k.Required {
		text = "which is required, "
	}
	switch k.Type {
	case "":
		text += "of any type"
	case "monetary":
		text += "money"
	case "image":
		text += "an image"
	case "rich_link":
		text += "a rich link"
	case "stripe":
		text += "a Stripe identifier"
	case "string":
		text += "a text"
	default:
		text += "a " + k.Type
	}
	switch {
	case k.Values == nil:
		return text
	case len(k.Values) == 0:
		return text + ", of no value"
	}
	parts := make([]string, len(k.Values))
	for i, v := range k.Values {
		parts[i] = valueWords(v)
	}
	return text + ", one of " + strings.Join(parts, ", ")
}

func othersWords(o beckon.Others) string {
	switch o {
	case beckon.OthersAccept, "":
		return "are accepted"
	case beckon.OthersWarn:
		return "are accepted with a warning"
	case beckon.OthersRefuse:
		return "make the event refused"
	}
	return strconv.Quote(string(o))
}
