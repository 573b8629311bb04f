package beckon

import (
	"testing"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/rule"
)

// Traces of one occasion share those of a segment, also as a caller gets them.
func TestRaisedTracesShareThoseOfASegment(t *testing.T) {
	segment := rule.Trace{Rule: "segment s", Matched: true, Of: []rule.Trace{{Rule: "all", Of: []rule.Trace{{Rule: "{}", Seen: "1"}}}}}
	out := raiseTraces([]decide.Trace{{Message: "a", Audience: &segment}, {Message: "b", Audience: &rule.Trace{Rule: "not", Of: []rule.Trace{segment}}}})
	if len(out) != 2 || out[0].Where != nil || out[0].Audience.Of[0].Of[0].Seen != "1" {
		t.Fatalf("%+v", out)
	}
	if &out[0].Audience.Of[0] != &out[1].Audience.Of[0].Of[0] {
		t.Error("the segment is there twice")
	}
}
