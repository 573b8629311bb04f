package decide

import (
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// Recount raises the statistics of a record to rows that were counted elsewhere, sorted by
// name. Nothing is written if the names are more than the contact may have. (E4, E6)
func Recount(rec *store.Record, c *store.Changes, rows []store.Stats, archived map[unique.Handle[string]]bool, names int) error {
	active := 0
	for i := range rec.Stats {
		if !archived[rec.Stats[i].Name] {
			active++
		}
	}
	changed := c.Stats
	for _, s := range rows {
		have, known := rec.Stat(s.Name)
		for i := range changed { // a name that is given twice
			if changed[i].Name == s.Name {
				have, known = changed[i], true
				changed = append(changed[:i], changed[i+1:]...)
				break
			}
		}
		if known {
			s.Count, s.First, s.Last = max(s.Count, have.Count), min(s.First, have.First), max(s.Last, have.Last)
		} else if active++; active > names {
			return fault.List{{
				Code: fault.ErrEventNamesLimit, Field: "event_name",
				Message: "the contact has as many event names as it may have; known names keep counting",
			}}
		}
		if s != have {
			changed = append(changed, s)
		}
	}
	c.Stats = changed
	return nil
}
