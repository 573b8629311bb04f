package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What vet costs grows with the findings, not with their square: many messages, many
// segments, on many lines or on one.
func TestVetGrowth(t *testing.T) {
	program := func(n int, gap string) []byte {
		var messages, segments strings.Builder
		for i := range n {
			comma := "," + gap
			if i == 0 {
				comma = ""
			}
			fmt.Fprintf(&messages, `%s{"id":"m%d","channel":"email","content":{"body":"x"}}`, comma, i)
			fmt.Fprintf(&segments, `%s"s%d":{"any":[]}`, comma, i)
		}
		return []byte(`{"messages":[` + messages.String() + `],` + gap + `"segments":{` + segments.String() + `}}`)
	}
	for _, gap := range []string{"", "\n"} {
		const n = 1000
		took := func(n int) time.Duration {
			data := program(n, gap)
			best := time.Duration(1 << 62)
			for range 3 {
				begin := time.Now()
				found := vetFile("p.json", data, nil)
				best = min(best, time.Since(begin))
				if len(found) != 3*n {
					t.Fatalf("%d findings of %d messages", len(found), n)
				}
			}
			return best
		}
		// A machine that does something else meanwhile spoils a round, not five.
		var one, four time.Duration
		for range 5 {
			if one, four = took(n), took(4*n); four <= 6*one {
				break
			}
		}
		if t.Logf("%d messages take %v, %d take %v", n, one, 4*n, four); four > 6*one {
			t.Error("it grows faster than what it reads")
		}
	}
}
