package beckon

import (
	"context"
	"strings"
)

// Totals are the counts of one message since it was first judged (Z2):
// Judged is Sent plus everything in Held.
type Totals struct {
	Judged           int64            `json:"judged"`
	Sent             int64            `json:"sent"`
	Held             map[Reason]int64 `json:"held"`      // by reason; those that never occurred are left out
	Control          int64            `json:"control"`   // decided for the control group (D10); also in Held
	Converted        int64            `json:"converted"` // recipients who reached the goal (D9)
	ControlConverted int64            `json:"control_converted"`
	Followed         int64            `json:"followed"` // absences cancelled by the follower (T6)
	GivenUp          int64            `json:"given_up"` // deliveries that the host gave up (see Engine.GiveUp); also in Sent
}

// Totals returns the counts of a message, exact as of some moment during the
// call. A message that was never judged has zeros; it need not be in the
// program. What a running sweep has held is added when it ends.
func (e *Engine) Totals(ctx context.Context, message string) (Totals, error) {
	if err := e.open(); err != nil {
		return Totals{}, err
	}
	list, err := e.store.Totals(ctx, message)
	if err != nil {
		return Totals{}, storeError(err)
	}
	t := Totals{Held: map[Reason]int64{}}
	for _, x := range list {
		switch x.Name {
		case totalSent:
			t.Sent = x.Count
		case totalControl:
			t.Control = x.Count
		case totalConverted:
			t.Converted = x.Count
		case totalControlConverted:
			t.ControlConverted = x.Count
		case totalFollowed:
			t.Followed = x.Count
		case totalGivenUp:
			t.GivenUp = x.Count
		default:
			if reason, ok := strings.CutPrefix(x.Name, "held."); ok && x.Count != 0 {
				t.Held[Reason(reason)] = x.Count
				t.Judged += x.Count
			}
		}
	}
	t.Judged += t.Sent
	return t, nil
}
