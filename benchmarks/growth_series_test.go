package benchmarks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

func seriesGrowths() []growth {
	return []growth{
		{"blocks-publish", upToThousand, 0, growBlocksPublish},
		{"blocks-walked", upToThousand, 0, growBlocksWalked},
		{"blocks-walked-late", upToThousand, 0, growBlocksLate},
		{"series-publish", 0, 0, growSeriesPublish},
		{"series-entered", 0, 0, growSeriesEntered},
		{"series-matched", 0, 0, growSeriesMatched},
		{"series-due", 0, 0, growSeriesDue},
		{"series-dropped", 0, 0, growSeriesDropped},
	}
}

// growthBlocks returns blocks in a row: rules, updates, messages and waits.
func growthBlocks(series string, n int, wait beckon.Duration) []beckon.Block {
	list := make([]beckon.Block, n)
	holds := beckon.User("nobody").IsUnknown()
	for i := range list {
		b := &list[i]
		b.ID = fmt.Sprintf("b%04d", i)
		next := fmt.Sprintf("b%04d", i+1)
		if i == n-1 {
			b.Exit = true
			continue
		}
		switch i % 4 {
		case 0:
			b.Wait, b.Next = wait, next
		case 1:
			b.Rule, b.Within, b.Yes, b.No = &holds, beckon.Days(1), next, next
		case 2:
			b.Update, b.Next = &beckon.Update{Attributes: beckon.Attributes{"a" + b.ID: beckon.Number(i)}}, next
		default:
			b.Message, b.Next = &beckon.Message{ID: series + b.ID, Content: beckon.Content{Body: "x"}}, next
		}
	}
	return list
}

// growthSeries returns n series that "go" begins, in an order that is not that of
// their ids.
func growthSeries(n, blocks int) (p beckon.Program) {
	for i := range n {
		id := fmt.Sprintf("s%05d", n-1-i)
		p.Series = append(p.Series, beckon.Series{
			ID: id, Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: growthBlocks(id, blocks, beckon.Days(1)),
		})
	}
	return p
}

func growBlocksPublish(tb testing.TB, n int) func() {
	p := growthSeries(1, n)
	return func() { growthEngine(tb, p) }
}

func growBlocksWalked(tb testing.TB, n int) func() {
	p := growthSeries(1, 1)
	p.Series[0].Blocks = growthBlocks("", n, beckon.Seconds(0))
	engine, _ := growthOver(tb, p)
	return func() {
		check(tb, engine.Delete(context.Background(), beckon.Identity{UserID: "u1"}))
		growthTrack(tb, engine, (n-1)/4)
	}
}

// growBlocksLate takes a walk on by a Due that comes after the last of its waits.
func growBlocksLate(tb testing.TB, n int) func() {
	p := growthSeries(1, 1)
	p.Series[0].Blocks = growthBlocks("", n, beckon.Hours(1))
	p.Series[0].Exit = beckon.User("gone").Is(true)
	now := start
	engine, kept := growthOver(tb, p, beckon.WithClock(func() time.Time { return now }))
	growthTrack(tb, engine, 0)
	now = now.Add(time.Duration(n) * time.Hour)
	return anew(tb, kept, user("u1"), func() { runDue(tb, engine) })
}

func runDue(tb testing.TB, engine *beckon.Engine) {
	for _, err := range engine.Due(context.Background()) {
		check(tb, err)
	}
}

func growSeriesPublish(tb testing.TB, n int) func() {
	p := growthSeries(n, 4)
	return func() { growthEngine(tb, p) }
}

func growSeriesEntered(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, growthSeries(n, 4))
	return func() {
		check(tb, engine.Delete(context.Background(), beckon.Identity{UserID: "u1"}))
		growthTrack(tb, engine, 0)
	}
}

// growSeriesMatched has n series that are entered by their audience alone.
func growSeriesMatched(tb testing.TB, n int) func() {
	p := growthSeries(n, 4)
	for i := range p.Series {
		p.Series[i].Entry = beckon.Entry{Audience: beckon.User("a").Is(1)}
	}
	engine, _ := growthOver(tb, p)
	return func() {
		check(tb, engine.Delete(context.Background(), beckon.Identity{UserID: "u1"}))
		for i := range 3 {
			_, err := engine.Update(context.Background(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"a": beckon.Number(i)}})
			check(tb, err)
		}
	}
}

// growSeriesDue takes n walks on that are due.
func growSeriesDue(tb testing.TB, n int) func() {
	now := start
	engine, kept := growthOver(tb, growthSeries(n, 6), beckon.WithClock(func() time.Time { return now }))
	growthTrack(tb, engine, 0)
	now = now.Add(25 * time.Hour)
	return anew(tb, kept, user("u1"), func() { runDue(tb, engine) })
}

// growSeriesDropped ends n walks whose series the program has not any more.
func growSeriesDropped(tb testing.TB, n int) func() {
	now := start
	engine, kept := growthOver(tb, growthSeries(n, 6), beckon.WithClock(func() time.Time { return now }))
	growthTrack(tb, engine, 0)
	check(tb, engine.Publish(context.Background(), beckon.Program{Messages: growthMessages(1)}))
	now = now.Add(20 * 24 * time.Hour)
	return anew(tb, kept, user("u1"), func() { runDue(tb, engine) })
}
