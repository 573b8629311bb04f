package beckonui

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

type messageView struct {
	ID, Name  string
	Listed    bool // the engine has it, and not as part of a series
	Status    beckon.Status
	Series    string // that it is a part of
	Block     string
	Message   *beckon.ListedMessage
	Totals    beckon.Totals
	Held      []heldRow
	Chart     *chart
	Words     string
	Rules     string // JSON, without the content
	Content   *contentView
	HasText   bool // there is a text of the program
	Event     string
	CanPause  bool
	CanResume bool
	CanStop   bool
	Done      string // what has just been done
}

type heldRow struct {
	Reason beckon.Reason
	N      int64
	Width  int // of its bar, of 100
}

// messagePage shows one message.
func messagePage(q *request) error {
	id := q.args.Get("id")
	v := messageView{ID: id, HasText: q.source != nil}
	list, err := q.engine.Messages(q.ctx, beckon.MessageFilter{ID: id, Limit: 1})
	if err != nil {
		return err
	}
	p, err := q.program()
	if err != nil {
		return err
	}
	at := p.message(id)
	if id == "" || len(list) == 0 && at == nil {
		return refused{http.StatusNotFound, "The program has no such message."}
	}
	if v.Totals, err = q.engine.Totals(q.ctx, id); err != nil {
		return err
	}
	if len(list) == 1 {
		v.Message, v.Listed, v.Status, v.Name = &list[0], true, list[0].Status, list[0].Name
		v.CanPause = v.Status == beckon.Live
		v.CanResume = v.Status == beckon.Paused
		v.CanStop = v.Status != beckon.Stopped
	}
	if at != nil {
		v.Name, v.Series, v.Block = cmp.Or(v.Name, at.message.Name), at.series, at.block
		v.Words = words.MessageOf(p.program, id)
		if v.Rules, err = indented(withoutContent(at.message)); err != nil {
			return err
		}
		if v.Content, err = q.content(at.message); err != nil {
			return err
		}
		if t := at.message.Trigger; t != nil {
			v.Event = t.Event
		}
	}
	v.Held = heldRows(&v.Totals)
	v.Chart = q.overDays(id)
	v.Done = map[string]string{"pause": "It is paused.", "resume": "It is as the program says again.", "stop": "It is stopped, for good."}[q.args.Get("done")]
	q.show(http.StatusOK, "message", view{Title: cmp.Or(v.Name, v.ID), Nav: "messages", Of: v})
	return nil
}

func heldRows(t *beckon.Totals) (rows []heldRow) {
	var most int64
	for r, n := range t.Held {
		rows = append(rows, heldRow{Reason: r, N: n})
		most = max(most, n)
	}
	slices.SortFunc(rows, func(a, b heldRow) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(string(a.Reason), string(b.Reason)))
	})
	for i := range rows {
		rows[i].Width = max(1, int(rows[i].N*100/most))
	}
	return rows
}

// withoutContent returns what of a message says when and to whom it goes.
func withoutContent(m *beckon.Message) beckon.Message {
	rules := *m
	rules.Content = beckon.Content{}
	return rules
}

func indented(v any) (string, error) {
	var b strings.Builder
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	err := to.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}
