package term

import (
	"os"
	"strings"
	"testing"
)

// On a terminal a table fits its width: the widest column is cut short. Elsewhere nothing is.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, "message                          n\na message with a long name      12\n日本語のとても長い名前です?[2J   3\n"},
		{20, "message            n\na message with …  12\n日本語のとても…    3\n"},
		{4, "message    n\na messa…  12\n日本語…    3\n"},
	} {
		table := Table{Style: Style{Width: c.width}, Heading: []string{"message", "n"}, Numbers: []int{1}}
		table.Add("a message with a long name", "12")
		table.Add("日本語のとても長い名前です\x1b[2J", "3")
		var b strings.Builder
		if err := table.Write(&b); err != nil || b.String() != c.want {
			t.Errorf("width %d: %v\n%s\nwant\n%s", c.width, err, b.String(), c.want)
		}
		if table.Len() != 2 {
			t.Errorf("%d rows", table.Len())
		}
	}
}

// Colour needs a terminal, and a style that wants it.
func TestStyle(t *testing.T) {
	t.Parallel()
	if got := (Style{Color: true}).Bad("x"); !strings.Contains(got, "\x1b[31m") {
		t.Errorf("no colour: %q", got)
	}
	if got := (Style{}).Bad("x") + (Style{}).Bold("y"); got != "xy" {
		t.Errorf("colour: %q", got)
	}
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if s := StyleOf(f, func(string) string { return "" }); s != (Style{}) {
		t.Errorf("a file has the style %+v", s)
	}
	if s := StyleOf(&strings.Builder{}, os.Getenv); s != (Style{}) {
		t.Errorf("a builder has the style %+v", s)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	if got := Plain("a\tb\nc\x1b[2Jé\u202e"); got != "a b c?[2Jé?" {
		t.Errorf("%q", got)
	}
}
