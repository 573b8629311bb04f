package explain

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/store"
)

// maxTold is how many conditions, or sends, a paragraph names.
const maxTold = 5

// when writes an instant for people, to the millisecond if it has any.
func when(t time.Time) string {
	if t.Nanosecond() != 0 {
		return t.Format("2 Jan 2006 15:04:05.000 MST")
	}
	return t.Format("2 Jan 2006 15:04:05 MST")
}

func quoted(s string) string { return "“" + s + "”" }

const nobody = "Nobody is known by that id: this is about the contact that would be made."

// String returns a paragraph that says what was decided and why, for people who do not know
// the program.
func (m Message) String() string {
	if m.Message == "" {
		return sentence(m.Note)
	}
	name := quoted(m.Message)
	if m.Name != "" {
		name = quoted(m.Name) + " (" + m.Message + ")"
	}
	if m.CompanyID != "" {
		name += " about the company " + quoted(m.CompanyID)
	}
	var s []string
	if m.Unknown {
		s = append(s, nobody)
	}
	switch {
	case m.Sent:
		s = append(s, name+" is sent")
	case m.Reason == "":
		s = append(s, name+" is not sent: "+m.Note)
	default:
		s = append(s, name+" is not sent: "+m.why())
	}
	s = append(s, m.details()...)
	switch {
	case m.Sent:
	case !m.SendsAt.IsZero():
		s = append(s, "If nothing else changes it could be sent at "+when(m.SendsAt)+m.by())
		if !m.DueBefore.IsZero() {
			s = append(s, "Something else is due for the contact before, at "+when(m.DueBefore)+"; what that changes was not looked at")
		}
	case m.Unsure:
		s = append(s, "Whether time alone brings it about is not known: "+m.Never)
	case m.Never != "" && m.Never != m.Note:
		s = append(s, "Time alone does not bring it about: "+m.Never)
	}
	if m.Sends > 0 {
		before := "The contact has had it " + times(m.Sends) + " before"
		if m.LastSent != nil {
			before += ", last at " + when(*m.LastSent)
		}
		s = append(s, before)
	}
	for i := range s {
		s[i] = sentence(s[i])
	}
	return strings.Join(s, " ")
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprint(n, " times")
}

func (m *Message) by() string {
	switch m.SendsBy {
	case OnEvent:
		return ", if the event came then"
	case OnVisit:
		return ", on a visit then"
	case OnSweep:
		return ", by the sweep then"
	case OnUpdate:
		return ", if the same change came then"
	case OnSend:
		return ", if it were sent then"
	}
	return ", when what waits is looked at"
}

// why says in words why it was held.
func (m *Message) why() string {
	switch m.Reason {
	case store.ReasonNotLive:
		return or(m.Note, "it is not live")
	case store.ReasonSource:
		return "events from this source do not trigger its channel"
	case store.ReasonFilter:
		return or(m.Note, "what happened is not what triggers it") + told(m.Where)
	case store.ReasonAudience:
		return "the contact is not in its audience" + told(m.Audience)
	case store.ReasonAlreadySent:
		return "it goes out once, and the contact has had its turn"
	case store.ReasonWaiting:
		return "it waits to see what follows"
	case store.ReasonWaitingFull:
		return "it would have to wait, and too much waits for the contact already"
	case store.ReasonSchedule:
		return or(m.Note, "it is outside of its hours")
	case store.ReasonQuiet:
		return "it is during quiet hours"
	case store.ReasonSnoozed:
		return "the contact is snoozed"
	case store.ReasonUnsubscribed:
		return "the contact does not want it"
	case store.ReasonMaxReached:
		return "the contact has had it as often as it may"
	case store.ReasonThrottled:
		return "the contact has had it too recently"
	case store.ReasonControl:
		return or(m.Note, "the contact is in the control group, which gets nothing, so that the effect can be measured")
	case store.ReasonCapped:
		return "the limit " + quoted(m.Cap) + " across messages has no room"
	case store.ReasonOutboxFull:
		return "too many deliveries of the contact have not been confirmed"
	case store.ReasonMissingValue:
		return "a value that its text needs is not known"
	case store.ReasonFailed:
		return "it broke"
	}
	return or(m.Note, "it is held, "+string(m.Reason)) // a reason that a newer version has
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// details says more of what holds it.
func (m *Message) details() (s []string) {
	if m.Reason != store.ReasonNotLive && m.Live != nil && m.Live.Status == "draft" {
		s = append(s, "It is a draft")
	}
	if w := m.Waits; w != nil {
		s = append(s, w.String())
	}
	switch f := m.Frequency; {
	case f == nil:
	case m.Reason == store.ReasonThrottled:
		s = append(s, fmt.Sprintf("It was last sent at %s, and there must be %s between two", when(f.Last), f.Every))
	case m.Reason == store.ReasonMaxReached:
		s = append(s, fmt.Sprintf("It may be sent %s, and was sent %s", times(f.Max), times(f.Count)))
	}
	for i := range m.Caps {
		if c := &m.Caps[i]; c.ID == m.Cap {
			s = append(s, c.String())
		}
	}
	switch m.Reason {
	case store.ReasonSchedule, store.ReasonQuiet, store.ReasonSnoozed:
		if m.Hours != nil {
			s = append(s, m.Hours.told(m.Reason)...)
		}
	case store.ReasonUnsubscribed:
		if m.Consent != nil {
			s = append(s, m.Consent.String())
		}
	}
	return s
}

// String says what a cap allows and what was sent in its window.
func (c Cap) String() string {
	text := fmt.Sprintf("The limit %s allows %d in %s", quoted(c.ID), c.Max, c.Within)
	if c.Channel != "" {
		text += " over " + string(c.Channel)
	}
	if c.Tag != "" {
		text += " with the tag " + quoted(c.Tag)
	}
	text += fmt.Sprintf(", and %d went out", c.Count)
	var list []string
	for i := max(len(c.Sends)-maxTold, 0); i < len(c.Sends); i++ {
		list = append(list, quoted(c.Sends[i].Message)+" at "+when(c.Sends[i].At))
	}
	if len(list) > 0 {
		text += ": " + strings.Join(list, ", ")
	}
	return text
}

// String says what was refused, when and where.
func (c *Consent) String() string {
	switch {
	case c.OptIn:
		return "Its topic " + quoted(c.Of) + " asks for a yes, which the contact has not given"
	case c.At.IsZero():
		return "The contact has refused " + quoted(c.Of)
	}
	text := "The contact has refused " + quoted(c.Of) + " at " + when(c.At)
	if c.From != "" {
		text += " (" + c.From + ")"
	}
	return text
}

// String says what it waits for and until when.
func (w *Wait) String() string {
	text := "It waits"
	if w.Event != "" {
		text += " since " + quoted(w.Event) + " at " + when(w.Since)
	}
	if !w.Until.IsZero() {
		text += " until " + when(w.Until)
	}
	if len(w.Unless) > 0 {
		text += ", unless " + strings.Join(w.Unless, " or ") + " comes first"
	}
	if !w.GivesUp.IsZero() {
		text += "; if there is no room by " + when(w.GivesUp) + " it is dropped"
	}
	return text
}

func (h *Hours) told(reason store.Reason) (s []string) {
	switch reason {
	case store.ReasonSnoozed:
		return []string{"The contact is snoozed until " + when(h.Snoozed)}
	case store.ReasonQuiet:
		for i := range h.Quiet {
			if q := &h.Quiet[i]; q.Quiet {
				s = append(s, "It is "+q.Zone.String()+", and quiet "+windowsTold(q.Windows))
			}
		}
		return s
	}
	x := h.Schedule
	if x == nil {
		return nil
	}
	if !x.Start.IsZero() {
		s = append(s, "It may go out from "+when(x.Start)+" on")
	}
	if !x.Stop.IsZero() {
		s = append(s, "It may go out before "+when(x.Stop))
	}
	if x.Zone != nil {
		s = append(s, "It is "+x.Zone.String()+", and it goes out "+windowsTold(x.Windows))
	}
	if x.InOffice != nil {
		s = append(s, "Office hours are "+windowsTold(x.Office)+", where it is "+x.InOffice.String())
	}
	return s
}

func windowsTold(list []Window) string {
	var s []string
	for i, w := range list {
		if i == 7 {
			s = append(s, "and more")
			break
		}
		s = append(s, w.From+" to "+w.To)
	}
	return strings.Join(s, ", ")
}

// String says what time it is in the zone, and where the zone came from.
func (z *Zone) String() string {
	from := map[ZoneSource]string{
		ZoneOfContact: "the contact's own zone", ZoneOfMessage: "the zone of the message", ZoneOfQuiet: "the zone of the quiet hours",
		ZoneOfOffice: "the zone of the office", ZoneOfProgram: "the zone of the program", ZoneByDefault: "no zone is set",
	}[z.From]
	if z.Wanted {
		from += "; the contact has none"
	}
	return z.Local.Format("Mon 15:04") + " in " + z.Name + " (" + from + ")"
}
