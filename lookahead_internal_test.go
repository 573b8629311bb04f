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
