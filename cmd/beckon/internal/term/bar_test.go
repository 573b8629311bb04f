package term

import (
	"bytes"
	"strings"
	"testing"
)

// A bar draws its note, and is drawn no more when it is done; where there is no terminal
// there is none.
func TestBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := newBar(&out, 10)
	b.Set(4, "4 steps\x1b[2J")
	b.Done()
	text := out.String()
	if !strings.Contains(text, "4 steps") || strings.Contains(text, "\x1b[2J") {
		t.Errorf("%q", text)
	}
	none := NewBar(&out, 10)
	none.Set(1, "x")
	none.Done()
	if none != nil || out.String() != text {
		t.Errorf("%q", out.String())
	}
}
