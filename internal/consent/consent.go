// Package consent says what a contact wants, and keeps when and from where it said so:
// unsubscriptions of channels and tags, and choices of topics.
package consent

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// A Message is what consent depends on of a message that is not transactional.
type Message struct {
	Channel store.Channel
	Tags    []string
	Topic   string // empty: none
	OptIn   bool   // of the topic: without a choice it is not wanted
}

// Refuses reports whether the contact with a profile, which may be nil, does not want a
// message (D11, C6).
func Refuses(p *store.Profile, m Message) bool {
	return unsubscribed(p, m.Channel, m.Tags) || m.Topic != "" && !Wants(p, m.Topic, m.OptIn)
}

// By returns why the contact does not want a message: the channel, one with a tag, or the
// topic; empty if it does want it, which is when [Refuses] is false.
func By(p *store.Profile, m Message) string {
	if unsubscribed(p, m.Channel, nil) {
		return string(m.Channel)
	}
	for i, tag := range m.Tags {
		if unsubscribed(p, m.Channel, m.Tags[i:i+1]) {
			return string(m.Channel) + ":" + tag
		}
	}
	if m.Topic != "" && !Wants(p, m.Topic, m.OptIn) {
		return m.Topic
	}
	return ""
}

// Wants reports whether a contact wants a topic.
func Wants(p *store.Profile, topic string, optIn bool) bool {
	if c := Of(p, topic); c != nil {
		return c.Yes
	}
	return !optIn
}

// Of returns what a contact has chosen of a topic, or when it has unsubscribed; nil if it
// has not, or that was not kept. It must not be changed.
func Of(p *store.Profile, of string) *store.Choice {
	if p == nil || p.Rare == nil {
		return nil
	}
	if i, found := slices.BinarySearchFunc(p.Rare.Choices, of, compare); found {
		return &p.Rare.Choices[i]
	}
	return nil
}

func compare(c store.Choice, of string) int { return strings.Compare(c.Of, of) }

// unsubscribed is D11: from a channel as a whole, or from one of the message's tags on it.
// In-app channels are not concerned.
func unsubscribed(p *store.Profile, ch store.Channel, tags []string) bool {
	if p == nil || len(p.Unsubscribed) == 0 || !plan.Sweeps(ch) {
		return false
	}
	from := func(tag string) bool {
		_, found := slices.BinarySearchFunc(p.Unsubscribed, tag, func(u, tag string) int { return comparePair(u, string(ch), tag) })
		return found
	}
	if _, found := slices.BinarySearch(p.Unsubscribed, string(ch)); found {
		return true
	}
	return slices.ContainsFunc(tags, from)
}

// comparePair compares a text with two others that a colon joins.
func comparePair(text, first, second string) int {
	n := min(len(text), len(first))
	if c := cmp.Or(strings.Compare(text[:n], first[:n]), cmp.Compare(n, len(first))); c != 0 {
		return c
	}
	if text = text[n:]; text == "" {
		return -1
	}
	return cmp.Or(cmp.Compare(text[0], ':'), strings.Compare(text[1:], second))
}

// Set notes a choice in a profile, which must be a copy. One that says the same again
// stays as it was made first.
func Set(p *store.Profile, c store.Choice) {
	list := p.Own().Choices
	i, found := slices.BinarySearchFunc(list, c.Of, compare)
	switch {
	case !found:
		p.Rare.Choices = slices.Insert(list, i, c)
	case list[i].Yes != c.Yes:
		list[i] = c
	}
}

// Unset removes a choice from a profile, which must be a copy.
func Unset(p *store.Profile, of string) {
	if p.Rare == nil {
		return
	}
	if i, found := slices.BinarySearchFunc(p.Rare.Choices, of, compare); found {
		p.Rare.Choices = slices.Delete(p.Rare.Choices, i, i+1)
	}
}

// Replace sets all that a contact has unsubscribed from, sorted. What is new is noted as
// how says, what is left is forgotten.
func Replace(p *store.Profile, list []string, how store.Choice) {
	for _, of := range p.Unsubscribed {
		if _, stays := slices.BinarySearch(list, of); !stays {
			Unset(p, of)
		}
	}
	for _, of := range list {
		if _, was := slices.BinarySearch(p.Unsubscribed, of); !was {
			how.Of = of
			Set(p, how)
		}
	}
	p.Unsubscribed = list
}

// Topics returns how many topics a contact has chosen of.
func Topics(p *store.Profile) (n int) {
	for _, c := range p.Rarely().Choices {
		if !Unsubscribes(c.Of) {
			n++
		}
	}
	return n
}

// Unsubscribes reports whether a text means a channel, or a tag of one, and so no topic.
func Unsubscribes(text string) bool {
	channel, _, _ := strings.Cut(text, ":")
	return plan.Sweeps(store.Channel(channel))
}

// Joined returns the choices of two contacts that have become one (C6): a no wins, else
// what the first has.
func Joined(winner, other []store.Choice) []store.Choice {
	return rows.Merge(winner, other, func(a, b store.Choice) int { return strings.Compare(a.Of, b.Of) }, func(a, b store.Choice) store.Choice {
		if a.Yes && !b.Yes {
			return b
		}
		return a
	})
}
