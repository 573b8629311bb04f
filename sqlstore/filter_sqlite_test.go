package sqlstore

import "testing"

// The bounds of integers are the nearest inside, so that none is left out.
func TestWholeBounds(t *testing.T) {
	for _, c := range []struct {
		literal string
		open    bool
		towards int64
		want    any // the bound, or the condition
	}{
		{"0.1", false, 1, int64(1)},
		{"-0.1", false, 1, int64(0)},
		{"1", false, 1, int64(1)},
		{"1", true, 1, int64(2)},
		{"1.0", true, -1, int64(0)},
		{"0.9", false, -1, int64(0)},
		{"-0.9", false, -1, int64(-1)},
		{"9223372036854775807", false, -1, int64(9223372036854775807)},
		{"1e30", false, 1, sqlFalse},
		{"1e30", false, -1, sqlTrue},
		{"-1e30", false, 1, sqlTrue},
		{"-1e30", false, -1, sqlFalse},
	} {
		var got any
		w := filterWriter{dialect: sqliteDialect, arg: func(v any) string { got = v; return "?" }}
		if text := w.whole("", c.literal, c.open, c.towards); got == nil {
			got = text
		}
		if got != c.want {
			t.Errorf("%s, %v, %d: %v, want %v", c.literal, c.open, c.towards, got, c.want)
		}
	}
}
