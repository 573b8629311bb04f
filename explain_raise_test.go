package beckon

import "testing"

// Traces of one occasion share those of a segment, also as a caller gets them.
func TestRaisedTracesShareThoseOfASegment(t *testing.T) {
	segment := ruleTrace{Rule: "segment s", Matched: true, Of: []ruleTrace{{Rule: "all", Of: []ruleTrace{{Rule: "{}", Seen: "1"}}}}}
	out := raiseTraces([]trace{{message: "a", audience: &segment}, {message: "b", audience: &ruleTrace{Rule: "not", Of: []ruleTrace{segment}}}})
	if len(out) != 2 || out[0].Where != nil || out[0].Audience.Of[0].Of[0].Seen != "1" {
		t.Fatalf("%+v", out)
	}
	if &out[0].Audience.Of[0] != &out[1].Audience.Of[0].Of[0] {
		t.Error("the segment is there twice")
	}
}
