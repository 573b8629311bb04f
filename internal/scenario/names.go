package scenario

import (
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
type Names struct{ messages, caps []string }

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
		n.caps = add(n.caps, p.Caps[i].ID)
	}
}

// AddMessage takes in a message that is in no program.
func (n *Names) AddMessage(id string) { n.messages = add(n.messages, id) }

func add(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// NoMessage says of an expectation that there is no such message, and which one was
// probably meant; empty if there is one. It may be named as message@company.
func (n *Names) NoMessage(message string) string {
	id, _, _ := strings.Cut(message, "@")
	if slices.Contains(n.messages, message) {
		return ""
	}
	return unknown("message", id, n.messages)
}

// NoCap says of an expectation that there is no such cap.
func (n *Names) NoCap(id string) string {
	if id == "" { // no cap
		return ""
	}
	return unknown("cap", id, n.caps)
}

// NoReason says of an expectation that no reason is called so, and which one was
// probably meant; empty if one is. Others are what may stand there besides.
func NoReason(reason string, others ...string) string {
	known := slices.Clone(others)
	for _, r := range plan.Reasons() {
		known = append(known, string(r))
	}
	return unknown("reason", reason, known)
}

func unknown(what, name string, known []string) string {
	if slices.Contains(known, name) {
		return ""
	}
	near := suggest.Nearest(name, known)
	if near == "" {
		return "no " + what + " " + strconv.Quote(name)
	}
	return "no " + what + " " + strconv.Quote(name) + ", did you mean " + strconv.Quote(near) + "?"
}
