package scenario

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/suggest"
)

// Messages lists the ids of the messages of a program, those of its series too.
func Messages(p *beckon.Program) []string {
	var ids []string
	for i := range p.Messages {
		ids = append(ids, p.Messages[i].ID)
	}
	for i := range p.Series {
		for _, b := range p.Series[i].Blocks {
			if b.Message != nil {
				ids = append(ids, b.Message.ID)
			}
		}
	}
	return ids
}

// MessageHint says of an expectation that the program has no such message, and
// which one was probably meant; empty if it has one. It may be named as
// message@company.
func MessageHint(message string, known []string) string {
	id, _, _ := strings.Cut(message, "@")
	if slices.Contains(known, message) || slices.Contains(known, id) {
		return ""
	}
	return "no message " + strconv.Quote(id) + meant(id, known)
}

// ReasonHint says of an expectation that no reason is called so, and which one was
// probably meant; empty if one is. Others are what may stand there besides.
func ReasonHint(reason string, others ...string) string {
	known := slices.Clone(others)
	for _, r := range plan.Reasons() {
		known = append(known, string(r))
	}
	if slices.Contains(known, reason) {
		return ""
	}
	return "no reason " + strconv.Quote(reason) + meant(reason, known)
}

// hint adds what was probably meant to the difference that was noted last.
func (c *comparison) hint(text string) {
	if text != "" {
		c.report.Differences[len(c.report.Differences)-1].Hint = text
	}
}

func meant(name string, known []string) string {
	near := suggest.Nearest(name, known)
	if near == "" {
		return ""
	}
	return ", did you mean " + strconv.Quote(near) + "?"
}

// unheard says that nothing listens to the event of a step, which has decided
// nothing; empty if that is not so.
func (r *runner) unheard(ctx context.Context, s *step, out *Outcome) (note string) {
	if s.verb != "track" || out.Result == nil || len(out.Result.Deliveries)+len(out.Result.Held) > 0 {
		return ""
	}
	r.guard(func() (Outcome, error) {
		event, err := beckon.ParseEvent(bytes.NewReader(s.arg))
		if err != nil {
			return Outcome{}, err
		}
		traces, err := r.engine.Explain(ctx, event)
		if len(traces) == 1 && traces[0].Message == "" {
			note = traces[0].Note
		}
		return Outcome{}, err
	})
	return note
}
