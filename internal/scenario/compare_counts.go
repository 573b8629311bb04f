package scenario

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
)

func (c *comparison) totals(w *wantTotals) {
	t := c.out.Totals
	if t == nil {
		t = &beckon.Totals{}
	}
	came := map[string]int64{
		"judged": t.Judged, "sent": t.Sent, "control": t.Control, "converted": t.Converted, "followed": t.Followed, "control_converted": t.ControlConverted, "given_up": t.GivenUp,
	}
	blocks := map[string]int64(nil)
	if s := c.out.SeriesTotals; s != nil {
		came, blocks = map[string]int64{"entered": s.Entered, "finished": s.Finished, "exited": s.Exited, "converted": s.Converted}, s.Blocks
	}
	check := func(field string, got, want int64) {
		if got != want {
			c.differ("totals."+field, strconv.FormatInt(got, 10), strconv.FormatInt(want, 10))
		}
	}
	for _, field := range sortedKeys(w.counts) {
		check(field, came[field], w.counts[field])
	}
	for _, reason := range sortedKeys(w.held) {
		if problem := NoReason(reason); problem != "" {
			c.unknown(fault.JoinPath("totals.held", reason), problem)
			continue
		}
		check("held."+reason, t.Held[beckon.Reason(reason)], w.held[reason])
	}
	for _, block := range sortedKeys(w.blocks) {
		check("blocks."+block, blocks[block], w.blocks[block])
	}
}

// contacts checks who was matched, in any order. A contact without a user_id
// may be named by its id, email or anonymous_id, and need not be named.
func (c *comparison) contacts(wants []string) {
	var users, others []string
	for _, who := range c.out.Contacts {
		if who.UserID != "" {
			users = append(users, who.UserID)
			continue
		}
		for _, id := range []string{who.ID, who.Email, who.AnonymousID} {
			if id != "" {
				others = append(others, id)
			}
		}
	}
	left, named := make(map[string]int, len(users)), make(map[string]int, len(users))
	for _, id := range users {
		left[id]++
	}
	known := make(map[string]bool, len(others))
	for _, id := range others {
		known[id] = true
	}
	for _, id := range wants {
		if left[id] > 0 {
			left[id]--
			named[id]++
		} else if !known[id] {
			c.differ("contacts", "", id)
		}
	}
	for _, id := range users {
		if named[id] > 0 {
			named[id]--
			continue
		}
		c.differ("contacts", id, "")
	}
}

// listed checks the messages of a list, in order.
func (c *comparison) listed(wants []string) {
	came := make([]string, len(c.out.Messages))
	for i := range c.out.Messages {
		came[i] = c.out.Messages[i].ID
	}
	if slices.Equal(came, wants) {
		return
	}
	unknown, listed := false, make(map[string]bool, len(came))
	for _, id := range came {
		listed[id] = true
	}
	for i, id := range wants {
		if problem := c.names.NoMessage(id); problem != "" && !listed[id] {
			c.unknown("messages["+strconv.Itoa(i)+"]", problem)
			unknown = true
		}
	}
	if !unknown {
		c.differ("messages", fmt.Sprintf("%q", came), fmt.Sprintf("%q", wants))
	}
}
