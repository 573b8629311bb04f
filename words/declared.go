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
			n := named(fault.JoinPath("events", id), id, about, d, eventWords(d), capital(about)+": "+eventWords(d)+".")
			n.of = func() []*node { return eventParts(d, owner{n.path, id}) }
			list = append(list, n)
		}
		return list
	})
}

func eventWords(d beckon.EventDeclaration) string {
	var parts []string
	if d.Description != "" {
		parts = append(parts, "described as "+strconv.Quote(d.Description))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
		parts = append(parts, nameWords(key)+" is "+keyWords(d.Metadata[key]))
	}
	return strings.Join(append(parts, "other keys are "+othersWords(d.Others)), "; ")
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
		o.part("others", "other keys", d.Others, othersWords(d.Others), ""),
	}
}

// keyWords says what stands under a key.
func keyWords(k beckon.KeyDeclaration) string {
	words := map[string]string{"": "of any type", "monetary": "money", "image": "an image", "rich_link": "a rich link", "stripe": "a Stripe identifier", "string": "a text"}[k.Type]
	if words == "" {
		words = "a " + k.Type
	}
	if k.Values != nil {
		parts := make([]string, len(k.Values))
		for i, v := range k.Values {
			parts[i] = valueWords(v)
		}
		switch list := strings.Join(parts, ", "); len(parts) {
		case 0:
			words += ", one of nothing"
		case 1:
			words += ", only " + list
		default:
			words += ", one of " + list
		}
	}
	if k.Required {
		return words + " (required)"
	}
	return words + " (may be left out)"
}

func othersWords(o beckon.Others) string {
	switch o {
	case beckon.OthersAccept, "":
		return "accepted"
	case beckon.OthersWarn:
		return "accepted with a warning"
	case beckon.OthersRefuse:
		return "refused, with the event"
	}
	return strconv.Quote(string(o))
}
