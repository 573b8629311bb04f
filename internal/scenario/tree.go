package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// Tree returns how the rules of a message were judged, a line for each part of them, with
// the value seen; each line begins with a line break. Empty if there are none.
func Tree(why *beckon.MessageTrace, depth int) string {
	if why == nil {
		return ""
	}
	return branch("where ", why.Where, depth) + branch("audience ", why.Audience, depth)
}

func branch(label string, t *beckon.RuleTrace, depth int) string {
	if t == nil {
		return ""
	}
	line := "\n" + strings.Repeat("    ", depth) + label + t.Rule + ": " + strconv.FormatBool(t.Matched)
	switch {
	case t.Unknown:
		line += ", the value is unknown"
	case t.Of == nil:
		line += fmt.Sprintf(", the value is %q", t.Seen)
		if t.Against != "" {
			line += fmt.Sprintf(" against %q", t.Against)
		}
	}
	if t.Problem != "" {
		line += " (" + t.Problem + ")"
	}
	for i := range t.Of {
		line += branch("", &t.Of[i], depth+1)
	}
	return line
}
