package beckon

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon/store"
)

// A page that was looked at a second ago is looked at again.
func TestLooksAheadAge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e := &Engine{shared: &shared{cfg: config{now: func() time.Time { return now }}}}
	for age, good := range map[time.Duration]bool{0: true, aheadFor - time.Millisecond: true, aheadFor: false} {
		l := e.newLooker(&run{}, store.Query{}, nil)
		l.pages, l.cancel = make(chan *lookedAt, 1), func() {}
		l.pages <- &lookedAt{ended: now.Add(-age).UnixMilli()}
		close(l.pages)
		if p := l.taken(); (p != nil) != good {
			t.Errorf("a page of %v ago is good: %t", age, p != nil)
		}
	}
}

// A page is as large as its consumer is quick: what stands before it in the line is dealt
// with before it is too old. Where nothing is looked at ahead it stays as it is.
func TestLooksAheadSize(t *testing.T) {
	t.Parallel()
	e := &Engine{shared: &shared{}}
	for _, c := range []struct {
		took time.Duration
		from int64
		want int64
	}{
		{0, scanPage, 4 * scanPage},
		{62 * time.Millisecond, scanPage, scanPage}, // three of 248 ms, and the one that takes as long
		{61 * time.Millisecond, 8 * scanPage, 16 * scanPage},
		{0, 16 * scanPage, 16 * scanPage},
		{250 * time.Millisecond, 8 * scanPage, 8 * scanPage},
		{251 * time.Millisecond, 8 * scanPage, 2 * scanPage},
		{251 * time.Millisecond, 2 * scanPage, scanPage},
		{aheadFor, 8 * scanPage, 2 * scanPage},
	} {
		for _, ahead := range []bool{true, false} {
			l := e.newLooker(&run{}, store.Query{}, nil)
			l.ahead = ahead
			l.size.Store(c.from)
			l.paced(c.took.Milliseconds())
			want := c.want
			if !ahead {
				want = c.from
			}
			if got := l.size.Load(); got != want {
				t.Errorf("ahead %t, after %v for a page of %d: %d, want %d", ahead, c.took, c.from, got, want)
			}
		}
	}
}
