package beckonui

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

type contactView struct {
	Name, Kind string
	Shown      string // the name of the contact as a person
	Whose      url.Values
	Export     *beckon.ContactExport
	Identities []dataRow
	Attributes []valueRow
	Companies  []companyRow
	Topics     []beckon.TopicChoice
	Refused    []string
	Snoozed    bool
	Timeline   []entry
	Older      string // where the next page of the timeline begins
	IsFirst    bool
	Chart      *chart
	Partial    bool
	Waiting    []beckon.Waiting
	Journeys   []beckon.Journey
	Messages   []string // ids of messages and series, for the form of why
}

type valueRow struct {
	Name string
	Type string
	Text string
	At   time.Time // of a standard date
}

type companyRow struct {
	ID, Name   string
	Attributes []valueRow
}

// contactPage shows one contact.
func contactPage(q *request) error {
	who, given := q.who()
	if !given {
		return errNotFound
	}
	x, known, err := q.engine.Export(q.ctx, who)
	partial, err := q.damaged(err)
	if err != nil {
		return err
	}
	if !known {
		return refused{http.StatusNotFound, "There is no such contact."}
	}
	contact, err := q.engine.Contact(q.ctx, who)
	if err != nil {
		return err
	}
	v := contactView{Whose: whose(x.Identity), Export: &x, Partial: partial, Refused: x.Unsubscribed, Shown: contact.Name}
	v.Name, v.Kind = named(x.Identity)
	v.Identities = identityRows(x.Identity, "")
	for _, a := range x.Aliases {
		v.Identities = append(v.Identities, identityRows(a, " (merged)")...)
	}
	v.Attributes = valueRows(withFields(&contact))
	for _, m := range contact.Companies {
		v.Companies = append(v.Companies, companyRow{m.CompanyID, m.Name, valueRows(m.Attributes)})
	}
	if v.Topics, err = q.engine.Topics(q.ctx, who); err != nil {
		return err
	}
	v.Snoozed = x.SnoozedUntil.After(q.now())
	if err := v.timeline(q, &x); err != nil {
		return err
	}
	v.Waiting = slices.SortedStableFunc(slices.Values(x.Waiting), func(a, b beckon.Waiting) int { return a.Until.Compare(b.Until) })
	v.Journeys = slices.SortedStableFunc(slices.Values(x.Series), func(a, b beckon.Journey) int { return b.Since.Compare(a.Since) })
	slices.SortStableFunc(x.Sends, func(a, b beckon.SendCount) int {
		return cmp.Or(b.Last.Compare(a.Last), strings.Compare(a.Message, b.Message))
	})
	slices.SortStableFunc(x.Events, func(a, b beckon.EventCount) int {
		return cmp.Or(b.Last.Compare(a.Last), strings.Compare(a.Name, b.Name))
	})
	if v.Messages, err = q.idsToChoose(); err != nil {
		return err
	}
	q.show(http.StatusOK, "contact", view{Title: cmp.Or(contact.Name, v.Name), Nav: "contacts", Of: v})
	return nil
}

func identityRows(who beckon.Identity, more string) (rows []dataRow) {
	for _, r := range []dataRow{{"User", who.UserID}, {"Id", who.ID}, {"E-mail", who.Email}, {"Visitor", who.AnonymousID}} {
		if r.Value != "" {
			rows = append(rows, dataRow{r.Name + more, r.Value})
		}
	}
	return rows
}

// valueRows lists attributes by name.
func valueRows(all beckon.Attributes) []valueRow {
	rows := make([]valueRow, 0, len(all))
	for name, v := range all {
		row := valueRow{Name: name, Type: v.Kind().String(), Text: v.String()}
		row.At, _ = v.Time()
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b valueRow) int { return strings.Compare(a.Name, b.Name) })
	return rows
}
