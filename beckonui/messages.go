package beckonui

import (
	"net/http"
	"slices"

	"github.com/beckon-go/beckon"
)

// pageSize is how many rows a list has.
const pageSize = 50

type messagesView struct {
	Filter struct {
		Status  beckon.Status
		Channel beckon.Channel
		Mode    beckon.Mode
	}
	Narrowed   bool
	Statuses   []beckon.Status
	Channels   []beckon.Channel
	Modes      []beckon.Mode
	List       []beckon.ListedMessage
	After      string // where the next page begins; empty if there is none
	IsFirst    bool
	Series     []seriesRow
	MoreSeries int // series that are not shown
	Chart      *chart
	Broken     string // what is wrong with the program's text
}

type seriesRow struct {
	ID     string
	Totals beckon.SeriesTotals
	Walks  int64 // under way
}

// messagesPage lists messages, in the program's order.
func messagesPage(q *request) error {
	v := messagesView{
		Statuses: []beckon.Status{beckon.Live, beckon.Paused, beckon.Draft, beckon.Stopped},
		Modes:    []beckon.Mode{beckon.Triggered, beckon.Ongoing, beckon.OneOff},
		Channels: []beckon.Channel{beckon.Chat, beckon.Post, beckon.Email, beckon.Banner, beckon.Push, beckon.SMS, beckon.Carousel, beckon.ProductTour, beckon.Survey, beckon.Workflow},
	}
	f := &v.Filter
	f.Status, f.Channel, f.Mode = beckon.Status(q.args.Get("status")), beckon.Channel(q.args.Get("channel")), beckon.Mode(q.args.Get("mode"))
	v.Narrowed = f.Status != "" || f.Channel != "" || f.Mode != ""
	if f.Channel != "" && !slices.Contains(v.Channels, f.Channel) {
		v.Channels = append(v.Channels, f.Channel) // one of the host's own
	}
	after := q.args.Get("after")
	v.IsFirst = after == ""
	list, err := q.engine.Messages(q.ctx, beckon.MessageFilter{Status: f.Status, Channel: f.Channel, Mode: f.Mode, After: after, Limit: pageSize + 1})
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		v.After = list[pageSize-1].ID
	}
	v.List = list
	p, err := q.program()
	if err != nil {
		return err
	}
	if p != nil && v.IsFirst && !v.Narrowed {
		if err := v.series(q, p); err != nil {
			return err
		}
	}
	if v.IsFirst && !v.Narrowed {
		v.Chart = q.overDays("")
	}
	if p != nil && p.err != nil {
		v.Broken = sentence(p.err)
	}
	q.show(http.StatusOK, "messages", view{Title: "Messages", Nav: "messages", Of: v})
	return nil
}

// series lists the series of the program.
func (v *messagesView) series(q *request, p *published) error {
	for i := range p.program.Series {
		if len(v.Series) == pageSize {
			v.MoreSeries = len(p.program.Series) - pageSize
			break
		}
		row := seriesRow{ID: p.program.Series[i].ID}
		var err error
		if row.Totals, err = q.engine.SeriesTotals(q.ctx, row.ID); err != nil {
			return err
		}
		for _, n := range row.Totals.Blocks {
			row.Walks += n
		}
		v.Series = append(v.Series, row)
	}
	return nil
}
