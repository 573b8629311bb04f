package mutate

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/history"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/words"
)

// moves is how many moves a random history has.
const moves = 25

// tell makes a survivor of a mutant, and looks for the history that tells it from the
// program.
func (c *config) tell(ctx context.Context, program beckon.Program, m *mutant) *Survivor {
	s := &Survivor{Path: text(m.edit.path), What: m.edit.what, Changes: words.Diff(program, m.program), Mutant: m.program}
	var of []*history.Program
	for _, p := range []beckon.Program{m.program, program} {
		if data, err := json.Marshal(p); err == nil {
			if h, err := history.Of(data); err == nil {
				of = append(of, h)
			}
		}
	}
	for i := range c.histories {
		if ctx.Err() != nil || len(of) == 0 {
			return s
		}
		from := of[i%len(of)]
		dice := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // not for secrets: the same histories each time
		list := make([]history.Move, moves)
		for j := range list {
			list[j] = from.Draw(dice)
		}
		steps := from.Steps(list)
		if at, _, _ := differ(ctx, program, m.program, steps); at >= 0 {
			s.History = smaller(ctx, program, m.program, steps[:at+1])
			_, s.Was, s.Now = differ(ctx, program, m.program, s.History)
			return s
		}
	}
	return s
}

// smaller leaves out of a history what it can do without: two programs still differ at its
// last step.
func smaller(ctx context.Context, a, b beckon.Program, steps []json.RawMessage) []json.RawMessage {
	for before := len(steps) + 1; len(steps) < before; { // one that goes may be what another was there for
		before = len(steps)
		for i := len(steps) - 2; i >= 0; i-- {
			without := slices.Delete(slices.Clone(steps), i, i+1)
			if at, _, _ := differ(ctx, a, b, without); at >= 0 {
				steps = without[:at+1]
				i = min(i, len(steps)-1)
			}
		}
	}
	return steps
}

// differ plays steps on two programs, and returns the first that they decide otherwise,
// with what each decides; -1 if there is none.
func differ(ctx context.Context, a, b beckon.Program, steps []json.RawMessage) (at int, was, now string) {
	var players [2]*scenario.Player
	for i, raw := range steps {
		step, err := scenario.ParseStep(raw)
		if err != nil {
			return -1, "", ""
		}
		var came [2]string
		for j, p := range []beckon.Program{a, b} {
			if players[j] == nil {
				if players[j], err = scenario.NewPlayer(ctx, p, step.At()); err != nil {
					return -1, "", ""
				}
			}
			came[j] = decided(players[j].Do(ctx, step))
		}
		if came[0] != came[1] {
			return i, came[0], came[1]
		}
	}
	// What goals and walks came to shows in no decision.
	if players[0] == nil {
		return -1, "", ""
	}
	if was, now := counted(ctx, players[0], &a), counted(ctx, players[1], &a); was != now {
		return len(steps) - 1, was, now
	}
	return -1, "", ""
}

// decided returns what a step came to, as text.
func decided(out scenario.Outcome) string {
	var parts []string
	for _, e := range out.Errors {
		parts = append(parts, "refused "+string(e.Code))
	}
	if out.Result != nil {
		for i := range out.Result.Deliveries {
			d := &out.Result.Deliveries[i]
			parts = append(parts, "sent "+key(d.Message, d.CompanyID)+" to "+name(d.Contact))
		}
		for i := range out.Result.Held {
			h := &out.Result.Held[i]
			part := "held " + key(h.Message, h.CompanyID) + ": " + string(h.Reason)
			if h.Cap != "" {
				part += " by " + h.Cap
			}
			if !h.RetryAt.IsZero() {
				part += " until " + h.RetryAt.UTC().Format(time.RFC3339Nano)
			}
			parts = append(parts, part)
		}
	}
	if parts == nil {
		return "nothing sent, nothing held"
	}
	return strings.Join(parts, ", ")
}

// counted returns what the totals say of goals and walks, as text.
func counted(ctx context.Context, player *scenario.Player, p *beckon.Program) string {
	var parts []string
	for i := range p.Messages {
		if t, err := player.Engine().Totals(ctx, p.Messages[i].ID); err == nil && t.Converted > 0 {
			parts = append(parts, p.Messages[i].ID+" is converted")
		}
	}
	for i := range p.Series {
		if t, err := player.Engine().SeriesTotals(ctx, p.Series[i].ID); err == nil && t.Entered > 0 {
			data, _ := json.Marshal(t) //nolint:errchkjson // numbers
			parts = append(parts, p.Series[i].ID+" "+string(data))
		}
	}
	if parts == nil {
		return "no goal reached"
	}
	return strings.Join(parts, ", ")
}

func key(message, company string) string {
	if company == "" {
		return message
	}
	return message + "@" + company
}

func name(who beckon.Identity) string {
	for _, id := range []string{who.UserID, who.ID, who.Email, who.AnonymousID} {
		if id != "" {
			return id
		}
	}
	return "nobody"
}
