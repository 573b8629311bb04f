package main

import (
	"time"

	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/explain"
)

// walkInWords returns where a walk stands, the rules on which that depends, and a paragraph.
func walkInWords(c *call, x *explain.Walk) string {
	what := c.style.Bad("has not begun")
	switch x.State {
	case explain.NeverBegan:
	case explain.Walking:
		what = c.style.Good("is at " + term.Plain(x.Block))
		if x.Until.IsZero() {
			break
		}
		what += ", until " + x.Until.Format(time.RFC3339)
	case explain.Finished:
		what = "is over"
	case explain.Exited:
		what = "was left by its exit rule"
	}
	t := &judged{}
	t.add("the rule of "+x.Block, x.Rule)
	if x.Entry != nil {
		t.add("the audience of its entry", x.Entry.Audience)
	}
	t.add("its exit rule", x.Exit)
	if x.Message != nil {
		t.lines = append(t.lines, why(x.Message))
	}
	return c.style.Bold(term.Plain(x.Series)) + " " + what + "\n" + indented(printable(t.text(x.String())))
}
