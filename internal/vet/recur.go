package vet

import (
	"slices"

	"github.com/beckon-go/beckon/internal/ojson"
)

// bounded reports whether a cap limits how often a message goes out, by the message's own
// sends.
func (v *vetter) bounded(m *ojson.Node) bool {
	if counts := m.Get("counts_toward_caps"); counts != nil && !counts.Bool {
		return false
	}
	if v.caught == nil {
		v.caught = map[reach]bool{}
		each(v.program, "caps", func(c *ojson.Node, _ string) { v.caught[reachOf(c)] = true })
	}
	return slices.ContainsFunc(reaches(m), func(x reach) bool { return v.caught[x] })
}

// often is a count that is reached when something happens again and again.
const often = "1000000000"

// recurs reports whether an entry still lets a contact in after its event happened, and the
// message went out, very often and just now.
func (v *vetter) recurs(entry *ojson.Node, path, message string) bool {
	j := v.judge()
	audience := v.again(j, entry.Get("audience"), path+".audience")
	if audience == nil {
		return true
	}
	both := &tree{kind: all, of: []*tree{audience}}
	also := func(doc string) {
		if n, err := ojson.ParseString(doc, ojson.Limits{}); err == nil {
			both.of = append(both.of, j.read(&n, path))
		}
	}
	happened := func(subject, count, last string) {
		also("{" + subject + `,"stat":"` + count + `","op":"at_least","value":` + often + "}")
		also("{" + subject + `,"stat":"` + last + `","op":"less_than_ago","value":"1s"}`)
	}
	happened(`"message":`+quoted(message), "sent_count", "last_sent")
	trigger := entry.Get("trigger")
	event := text(trigger, "event")
	if event == "" {
		return can(both, true)
	}
	happened(`"event":`+quoted(event), "count", "last")
	audience.conditions(func(n *ojson.Node) { // what is counted in part happened as often
		where := n.Get("where")
		narrow := where != nil && (trigger.Get("where") == nil || encode(where) != encode(trigger.Get("where")))
		if text(n, "stat") != "count" || canonical(text(n, "event")) != canonical(event) || narrow {
			return
		}
		subject := `"event":` + quoted(event)
		for _, member := range []string{"within", "where"} {
			if m := n.Get(member); m != nil {
				subject += `,"` + member + `":` + encode(m)
			}
		}
		also("{" + subject + `,"stat":"count","op":"at_least","value":` + often + "}")
	})
	return can(both, true)
}

// conditions calls fn with the conditions of a tree.
func (t *tree) conditions(fn func(*ojson.Node)) {
	if t.leaf != nil {
		fn(t.leaf.node)
	}
	for _, x := range t.of {
		x.conditions(fn)
	}
}
