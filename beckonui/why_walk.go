package beckonui

import (
	"encoding/json"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/words"
)

// A walkView is where a contact stands in a series, and why.
type walkView struct {
	explain.Walk
	Rule, Audience, Exit *node
	Where                string // the rule on the event of the entry, in words
	WhereJSON            string
	Message              *traceView
}

// explainWalks says where a contact stands in the series that was asked for, or in all of them.
func (v *whyView) explainWalks(q *request, who beckon.Identity) error {
	var list []explain.Walk
	if v.Message == "" {
		all, err := q.engine.ExplainSeries(q.ctx, who)
		if err != nil {
			return err
		}
		list = all
	} else {
		why, err := q.engine.Why(q.ctx, who, v.Message)
		if err != nil {
			return err
		}
		if len(why.Walks) == 0 {
			return beckon.ErrorList{{Code: beckon.ErrMessageUnknown, Field: "message", Message: "it is no series, and no part of one"}}
		}
		list = why.Walks
	}
	for i := range list {
		switch {
		case len(v.Walks) < maxTraces:
			v.Walks = append(v.Walks, q.walkViewOf(&list[i], who))
		case len(v.OtherWalks) < maxOthers:
			v.OtherWalks = append(v.OtherWalks, list[i])
		default:
			v.More++
		}
	}
	if len(list) == 0 {
		v.Note = "The program has no series."
	}
	return nil
}

func (q *request) walkViewOf(w *explain.Walk, who beckon.Identity) walkView {
	x := walkView{Walk: *w, Rule: nodeOf(w.Rule), Exit: nodeOf(w.Exit)}
	if e := w.Entry; e != nil {
		x.Audience = nodeOf(e.Audience)
		if e.Where != "" {
			x.Where, x.WhereJSON = e.Where, e.Where
			if rule, err := beckon.ParseRule(json.RawMessage(e.Where)); err == nil {
				x.Where = words.Rule(rule)
			}
		}
	}
	if w.Message != nil {
		t := q.traceViewOf(w.Message, who)
		x.Message = &t
	}
	return x
}

// Verdict is the state for people.
func (x *walkView) Verdict() string {
	switch x.State {
	case explain.NeverBegan:
		return "has not begun"
	case explain.Walking:
		return "under way"
	case explain.Finished:
		return "over"
	case explain.Exited:
		return "left by the exit rule"
	}
	return string(x.State)
}

// Badge is the colour of the state.
func (x *walkView) Badge() string {
	switch x.State {
	case explain.NeverBegan:
		return "bad"
	case explain.Walking:
		return "live"
	case explain.Finished, explain.Exited:
	}
	return "stopped"
}

// WaitsFor says what the walk waits for, at the block where it stands.
func (x *walkView) WaitsFor() string {
	switch x.Kind {
	case explain.RuleBlock:
		return "a rule to hold"
	case explain.WaitBlock:
		return "time to pass"
	case explain.WaitUntilBlock:
		return "a time of day"
	case explain.MessageBlock:
		if x.For != "" {
			return "its message to go out: " + strings.TrimSuffix(reasonText(x.For), ".")
		}
		return "its message to go out"
	case explain.UpdateBlock, explain.SplitBlock, explain.ExitBlock:
		return "the next occasion of the contact"
	}
	return ""
}
