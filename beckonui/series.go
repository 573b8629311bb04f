package beckonui

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

type seriesView struct {
	ID        string
	Totals    beckon.SeriesTotals
	Walks     int64
	Blocks    []blockRow
	Words     string // of what is not a block
	Rules     string // the same as JSON
	CanPause  bool
	CanResume bool
	CanStop   bool
	Done      string
}

type blockRow struct {
	ID      string
	What    string
	Message string // its id
	Detail  string
	Ways    []wayRow
	N       int64 // walks that stand there
	Gone    bool  // the program does not have it any more
}

type wayRow struct{ If, To string }

// seriesPage shows one series.
func seriesPage(q *request) error {
	id := q.args.Get("id")
	p, err := q.program()
	if err != nil {
		return err
	}
	if p == nil || p.series[id] == nil {
		return refused{http.StatusNotFound, "The program has no such series."}
	}
	s := p.series[id]
	v := seriesView{ID: id}
	if v.Totals, err = q.engine.SeriesTotals(q.ctx, id); err != nil {
		return err
	}
	known := map[string]bool{}
	for i := range s.Blocks {
		b := blockOf(&s.Blocks[i])
		b.N, known[b.ID] = v.Totals.Blocks[b.ID], true
		v.Blocks = append(v.Blocks, b)
	}
	var gone []string
	for block, n := range v.Totals.Blocks {
		if v.Walks += n; !known[block] {
			gone = append(gone, block)
		}
	}
	slices.Sort(gone)
	for _, block := range gone {
		v.Blocks = append(v.Blocks, blockRow{ID: block, What: "is not in the program any more", N: v.Totals.Blocks[block], Gone: true})
	}
	rules := *s
	rules.Blocks = nil
	v.Words = words.Series(rules)
	if v.Rules, err = indented(rules); err != nil {
		return err
	}
	status := v.Totals.Status
	v.CanPause, v.CanResume, v.CanStop = status == beckon.Live, status == beckon.Paused, status != beckon.Stopped && status != ""
	v.Done = map[string]string{"pause": "It is paused.", "resume": "It is as the program says again.", "stop": "It is stopped, for good."}[q.args.Get("done")]
	q.show(http.StatusOK, "series", view{Title: id, Nav: "messages", Of: v})
	return nil
}

// blockOf says what a block does and where it leads.
func blockOf(b *beckon.Block) blockRow {
	row := blockRow{ID: b.ID}
	next := func(name, to string) {
		row.Ways = append(row.Ways, wayRow{name, to})
	}
	switch {
	case b.Rule != nil:
		row.What, row.Detail = "waits for a rule", words.Rule(*b.Rule)
		if !b.Within.IsZero() {
			row.What = "waits " + b.Within.String() + " for a rule"
		}
		next("it holds", b.Yes)
		if !b.Within.IsZero() {
			next("its time is up", b.No)
		}
		return row
	case len(b.Split) > 0:
		row.What = "splits"
		var sum float64
		for _, way := range b.Split {
			sum += way.Weight
		}
		for _, way := range b.Split {
			next(strconv.FormatFloat(way.Weight*100/sum, 'g', 3, 64)+" %", way.Next)
		}
		return row
	case b.Message != nil:
		row.What, row.Message = "sends", b.Message.ID
	case b.Update != nil:
		row.What = "sets attributes"
		row.Detail = doing(beckon.Block{Update: b.Update})
	case b.WaitUntil != nil:
		row.What = "waits for a time of day"
		row.Detail = doing(beckon.Block{WaitUntil: b.WaitUntil})
	case b.Exit:
		row.What = "ends the walk"
		return row
	default:
		row.What = "waits " + b.Wait.String()
	}
	next("", b.Next)
	return row
}

// doing says in words what a block does that leads nowhere.
func doing(b beckon.Block) string {
	text := words.Series(beckon.Series{Blocks: []beckon.Block{b}})
	text = text[strings.LastIndexByte(text, '\n')+1:]
	return strings.TrimSuffix(strings.TrimPrefix(text, `Block "": `), "; then the walk ends.")
}
