package scenario

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/suggest"
)

// Names are what expectations can mean: the messages and caps of all programs that were
// published so far, because what an earlier one had may still wait. A name that nothing
// has is a fault of the test. As a mere mismatch it would often go unseen: what does not
// exist is never sent.
type Names struct{ messages, caps names }

// Add takes in the names of a program, those of its series too.
func (n *Names) Add(p *beckon.Program) {
	for i := range p.Messages {
		n.AddMessage(p.Messages[i].ID)
	}
	for i := range p.Series {
		for _, b := range p.Series[i].Blocks {
			if b.Message != nil {
				n.AddMessage(b.Message.ID)
			}
		}
	}
	for i := range p.Caps {
		n.caps.add(p.Caps[i].ID)
	}
}

// AddMessage takes in a message that is in no program.
func (n *Names) AddMessage(id string) { n.messages.add(id) }

// names are names of one kind.
type names struct {
	known map[string]bool
	index *suggest.Index // of all of them; nil: not made
}

func (n *names) add(name string) {
	if n.known[name] {
		return
	}
	if n.known == nil {
		n.known = map[string]bool{}
	}
	n.known[name], n.index = true, nil
}

// unknown says that there is no such name, and which one was probably meant; empty if there is
// one.
func (n *names) unknown(what, name string) string {
	if n.known[name] {
		return ""
	}
	if n.index == nil {
		n.index = suggest.NewIndex(maps.Keys(n.known))
	}
	near, _ := n.index.Nearest(name)
	return unknown(what, name, near)
}

// NoMessage says of an expectation that there is no such message, and which one was
// probably meant; empty if there is one. It may be named as message@company.
func (n *Names) NoMessage(message string) string {
	id, _, _ := strings.Cut(message, "@")
	if n.messages.known[message] {
		return ""
	}
	return n.messages.unknown("message", id)
}

// NoCap says of an expectation that there is no such cap.
func (n *Names) NoCap(id string) string {
	if id == "" { // no cap
		return ""
	}
	return n.caps.unknown("cap", id)
}

// NoReason says of an expectation that no reason is called so, and which one was
// probably meant; empty if one is. Others are what may stand there besides.
func NoReason(reason string, others ...string) string {
	known := slices.Clone(others)
	for _, r := range plan.Reasons() {
		known = append(known, string(r))
	}
	if slices.Contains(known, reason) {
		return ""
	}
	return unknown("reason", reason, suggest.Nearest(reason, known))
}

// unknown says that there is no name, and which one was probably meant, if one was.
func unknown(what, name, near string) string {
	if near == "" {
		return "no " + what + " " + strconv.Quote(name)
	}
	return "no " + what + " " + strconv.Quote(name) + ", did you mean " + strconv.Quote(near) + "?"
}
