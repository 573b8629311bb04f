package scenario

import (
	"cmp"
	"fmt"

	"github.com/beckon-go/beckon"
)

// Lines says in words what came of the step: what was sent and held, and what was refused.
func (o *Outcome) Lines() []string {
	var lines []string
	if res := o.Result; res != nil {
		if res.Duplicate {
			lines = append(lines, "a repeat: it was decided before")
		}
		for i := range res.Deliveries {
			d := &res.Deliveries[i]
			lines = append(lines, fmt.Sprintf("sent %s to %s, number %d: %q", d.Message, contactName(d.Contact), d.Sequence, d.Body))
		}
		for _, h := range res.Held {
			lines = append(lines, "held "+describeHeld([]beckon.Held{h}))
		}
		for _, w := range res.Warnings {
			lines = append(lines, "warning "+string(w.Code))
		}
		if len(lines) == 0 {
			lines = append(lines, "nothing sent, nothing held")
		}
	}
	for _, e := range o.Errors {
		lines = append(lines, "refused: "+e.Error())
	}
	return lines
}

// contactName returns the identity that decides (E1).
func contactName(who beckon.Identity) string {
	return cmp.Or(who.UserID, who.ID, who.Email, who.AnonymousID)
}
