package fuzz

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// nothingBreaks wants no panic, and no error that is not the library's own word about what
// was asked.
func nothingBreaks(s Step) error {
	for _, e := range s.Errors {
		if e.Code == "panic" || e.Code == "error" {
			return errors.New(string(e.Code) + ": " + e.Message)
		}
	}
	for i := range s.Held {
		if s.Held[i].Reason == beckon.ReasonFailed {
			return fmt.Errorf("to judge or render %q broke", s.Held[i].Message)
		}
	}
	return nil
}

// verdicts of messages, by key.
func verdict(reason beckon.Reason, limit string, retryAt time.Time) string {
	if reason == "" {
		return "sent"
	}
	text := "held " + string(reason)
	if limit != "" {
		text += " by " + limit
	}
	if !retryAt.IsZero() {
		text += " until " + retryAt.UTC().Format(time.RFC3339Nano)
	}
	return text
}

func key(message, company string) string {
	if company == "" {
		return message
	}
	return message + "@" + company
}

// explained wants what Explain has said before the step to be what the step did. Messages
// of series are told by ExplainSeries, repeats are explained as if they were new, and data
// of companies that an update sets is not yet seen.
func (w *witness) explained(s Step, out *scenario.Outcome, why []beckon.MessageTrace) error {
	if out.Result == nil || out.Result.Duplicate || why == nil || w.skip {
		return nil
	}
	told, came := map[string]string{}, map[string]string{}
	for i := range why {
		t := &why[i]
		if t.Unknown && !t.Sent && t.Reason == "" {
			return nil // nobody is swept yet: a check makes the contact
		}
		if w.messages[t.Message] == nil || t.Series != "" {
			continue
		}
		var retryAt time.Time
		if t.RetryAt != nil {
			retryAt = *t.RetryAt
		}
		told[key(t.Message, t.CompanyID)] = verdict(t.Reason, t.Cap, retryAt)
	}
	for i := range s.Sent {
		if d := &s.Sent[i]; w.messages[d.Message] != nil && d.Series == "" {
			came[key(d.Message, d.CompanyID)] = verdict("", "", time.Time{})
		}
	}
	for i := range s.Held {
		if h := &s.Held[i]; w.messages[h.Message] != nil {
			came[key(h.Message, h.CompanyID)] = verdict(h.Reason, h.Cap, h.RetryAt)
		}
	}
	if maps.Equal(told, came) {
		return nil
	}
	all := map[string]bool{}
	for k := range told {
		all[k] = true
	}
	for k := range came {
		all[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if told[k] != came[k] {
			return fmt.Errorf("of %q Explain says %q, and it is %q", k, told[k], came[k])
		}
	}
	return nil
}

// mostForetold is how many holds of a step are asked for the instant at which they end.
const mostForetold = 5

// foretold wants what Explain says of when a message could be sent to be so: at that
// instant the same occasion sends it, and a millisecond earlier it does not.
func foretold(ctx context.Context, player *scenario.Player, step scenario.Step, why []beckon.MessageTrace) error {
	asked := 0
	for i := range why {
		t := &why[i]
		if t.Sent || t.SendsAt.IsZero() || t.SendsBy != t.Occasion || asked == mostForetold {
			continue
		}
		asked++
		for _, early := range []time.Duration{time.Millisecond, 0} {
			player.Set(t.SendsAt.Add(-early))
			then := player.Explain(ctx, step)
			j := slices.IndexFunc(then, func(x beckon.MessageTrace) bool { return x.Message == t.Message && x.CompanyID == t.CompanyID })
			if sends := j >= 0 && then[j].Sent; sends != (early == 0) {
				return fmt.Errorf("%q is held %s and could be sent at %s; %s before, that it is sent is %t", key(t.Message, t.CompanyID), t.Reason, t.SendsAt.Format(time.RFC3339Nano), early, sends)
			}
		}
	}
	return nil
}
