package beckonui

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
)

// The limits of a backtest.
const (
	MaxBacktestSteps = 500_000          // steps that are played, those that come first
	backtestIn       = 90 * time.Second // that it may take
)

// WithHistory sets what edits are backtested with: it is called for each backtest and returns
// recorded steps in their order, such as those that a store has kept. Without it there is no
// backtest. One runs at a time, for at most 90 seconds and over at most MaxBacktestSteps steps.
// Each reads that history and needs memory for the contacts in it, twice.
func WithHistory(steps func(context.Context) iter.Seq2[replay.Step, error]) Option {
	return func(c *config) { c.history = steps }
}

type backtestView struct {
	Steps, Refused int
	Refusals       []refusalRow // why, the first of each kind
	Untold         int          // refused steps for which Refusals have no row
	Contacts       int          // with any difference
	Cut            bool
	Rows           []backtestRow
	Added, Removed int64
	Examples       []replay.Example
	First, Last    time.Time
}

type refusalRow struct {
	Code  beckon.Code
	Text  string // of the first
	Steps int
	First int // step, from 0
}

type backtestRow struct {
	Message                      string
	Before, After, Added, Remove int64
}

// backtest plays the history through the live program and the edited one.
func (v *editorView) backtest(q *request, live []byte, program *beckon.Program) error {
	if q.history == nil {
		return refused{http.StatusNotFound, "There is no history to play."}
	}
	before, err := beckon.ParseProgram(live)
	if err != nil {
		v.BacktestOf = "The live program cannot be read."
		return nil
	}
	select {
	case q.playing <- struct{}{}:
		defer func() { <-q.playing }()
	default:
		v.BacktestOf = "Another backtest is running. Please try again in a minute."
		return nil
	}
	b := &backtestView{}
	var broken error
	steps := func(yield func(replay.Step, error) bool) {
		n := 0
		for s, err := range q.history(q.ctx) {
			broken = cmp.Or(broken, err) // it is refused, or ends the run
			if n++; n > MaxBacktestSteps {
				b.Cut = true
				return
			}
			if b.First.IsZero() {
				b.First = s.At()
			}
			if !s.At().IsZero() { // what was known at the beginning has no time
				b.Last = s.At()
			}
			if !yield(s, err) {
				return
			}
		}
	}
	report, err := replay.Run(q.ctx, before, steps, replay.Against(*program))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		b.Cut = true
	case err != nil:
		var list beckon.ErrorList
		if errors.As(err, &list) {
			v.BacktestOf = "The live program cannot be played: " + list[0].Message
			return nil
		}
		return err
	}
	if broken != nil {
		q.tell(broken) // what could be read was played
	}
	b.fill(report)
	b.refused(q, report.Refusals, broken)
	v.Backtest = b
	return nil
}

func (b *backtestView) fill(r *replay.Report) {
	d := r.Difference
	b.Steps, b.Refused, b.Contacts = r.Steps, r.Refused, d.Contacts
	messages := map[string]bool{}
	for _, list := range []map[string]int64{r.Summary.Sent, d.Added, d.Removed} {
		for m := range list {
			messages[m] = true
		}
	}
	for _, m := range slices.Sorted(maps.Keys(messages)) {
		row := backtestRow{Message: m, Before: r.Summary.Sent[m], Added: d.Added[m], Remove: d.Removed[m]}
		row.After = row.Before + row.Added - row.Remove
		b.Added += row.Added
		b.Removed += row.Remove
		b.Rows = append(b.Rows, row)
	}
	b.Examples = d.Examples[:min(len(d.Examples), 60)]
}

// refused lists why steps were refused. What the source of the history says, and not the
// engine, may name servers and secrets, as an error of a store may: it is not shown.
func (b *backtestView) refused(q *request, list []replay.Refusal, broken error) {
	b.Untold = b.Refused
	for _, x := range list {
		row := refusalRow{Code: x.Code, Text: x.Error, Steps: x.Steps, First: x.First}
		var all beckon.ErrorList
		var one *beckon.Error
		switch {
		case broken != nil && x.Error == broken.Error() && !errors.As(broken, &all) && !errors.As(broken, &one):
			row.Text = "it cannot be read" // and was reported
		case x.Code == "error" || x.Code == "panic": // of a step that is a function of the host
			q.tell(errors.New(x.Error))
			row.Text = "it failed"
		}
		b.Untold -= x.Steps
		b.Refusals = append(b.Refusals, row)
	}
}
