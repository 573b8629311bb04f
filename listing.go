package beckon

import (
	"context"
	"time"

	"github.com/beckon-go/beckon/internal/plan"
)

// A ListedMessage is a message of the program and what is true of it now. (D13)
type ListedMessage struct {
	ID      string    `json:"id"`
	Name    string    `json:"name,omitempty"`
	Mode    Mode      `json:"mode"`
	Channel Channel   `json:"channel"`
	Status  Status    `json:"status"`           // in effect: a pause or a stop outranks the program
	LiveAt  time.Time `json:"live_at,omitzero"` // since when it is live, or was; zero for a draft
	Totals  Totals    `json:"totals"`
}

// A MessageFilter says which messages are meant: an empty field, any. A value that
// does not exist matches none.
type MessageFilter struct {
	Mode    Mode
	Channel Channel
	Status  Status // in effect
}

// Messages lists messages of the program in its order, those of series left out.
// Pauses and stops by other engines show after [Engine.Refresh]. The store is asked
// for the totals of each, so narrow a long list. Before the first [Engine.Publish]
// there are none. The error is closed, or a [StoreError]. (D13)
func (e *Engine) Messages(ctx context.Context, which MessageFilter) ([]ListedMessage, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	st := e.states.load()
	list := []ListedMessage{}
	for _, m := range st.Plan.Listed {
		status, at := st.Live[m.Place].Status()
		l := ListedMessage{ID: m.ID, Name: m.Name, Mode: Mode(m.Mode), Channel: m.Channel, Status: Status(status)}
		if which.Mode != "" && which.Mode != l.Mode || which.Channel != "" && which.Channel != l.Channel || which.Status != "" && which.Status != l.Status {
			continue
		}
		if status != plan.Draft {
			l.LiveAt = timeOf(at)
		}
		var err error
		if l.Totals, err = e.Totals(ctx, m.ID); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}
