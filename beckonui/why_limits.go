package beckonui

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
)

// A limit is something besides rules that a message must pass.
type limit struct {
	Name, Text string
	Passed     bool
}

// limitsOf lists what limits a message, and how that stands for the contact.
func (q *request) limitsOf(t *beckon.MessageTrace) (list []limit) {
	add := func(name string, passed bool, parts ...string) {
		list = append(list, limit{name, strings.Join(parts, "; "), passed})
	}
	if l := t.Live; l != nil {
		live := l.Status == string(beckon.Live) && !l.Since.After(t.At)
		text := "it is " + l.Status
		if l.Status == string(beckon.Live) && !live {
			text = "it goes live at " + q.shown(l.Since)
		}
		add("Status", live, text)
	}
	if h := t.Hours; h != nil {
		add("Hours", h.Open, q.hours(h)...)
	}
	if c := t.Consent; c != nil {
		text := "the contact does not want " + c.Of
		if c.OptIn {
			text = "the contact has not said yes to " + c.Of
		}
		parts := []string{text}
		if !c.At.IsZero() {
			parts[0] += ", said at " + q.shown(c.At)
		}
		if c.Overruled {
			parts = append(parts, "the message is transactional and goes out all the same")
		}
		add("Consent", !c.Refused || c.Overruled, parts...)
	}
	if f := t.Frequency; f != nil {
		add("Frequency", !f.Full, q.frequency(f)...)
	}
	if c := t.Control; c != nil {
		text := "the contact is not in it"
		if c.Held {
			text = "the contact is held out by the " + c.Of
		}
		add("Control group", !c.Held, text)
	}
	for i := range t.Caps {
		c := &t.Caps[i]
		parts := []string{strconv.Itoa(c.Count) + " of " + strconv.Itoa(c.Max) + " sends in the last " + c.Within.String()}
		if c.Full && !c.FreeAt.IsZero() {
			parts = append(parts, "room from "+q.shown(c.FreeAt))
		}
		if c.Ignored {
			parts = append(parts, "it does not hold this message")
		}
		add("Cap "+c.ID, !c.Full || c.Ignored, parts...)
	}
	if w := t.Waits; w != nil {
		parts := []string{"it waits already: " + string(w.For)}
		if !w.Until.IsZero() {
			parts[0] += ", until " + q.shown(w.Until)
		}
		if len(w.Unless) > 0 {
			parts = append(parts, "cancelled by "+strings.Join(w.Unless, ", "))
		}
		add("Waiting", false, parts...)
	}
	return list
}

func (q *request) hours(h *explain.Hours) (parts []string) {
	text := "open"
	if !h.Open {
		text = "closed: " + string(h.Reason)
	}
	if !h.OpensAt.IsZero() {
		text += ", open at " + q.shown(h.OpensAt)
	}
	parts = append(parts, text)
	if s := h.Schedule; s != nil && s.Zone != nil {
		parts = append(parts, zoneText(s.Zone))
	}
	for i := range h.Quiet {
		parts = append(parts, "quiet hours in "+zoneText(&h.Quiet[i].Zone))
	}
	return parts
}

func zoneText(z *explain.Zone) string {
	text := z.Name + " (of the " + string(z.From) + ")"
	if z.From == explain.ZoneByDefault {
		text = z.Name + " (nothing names a zone)"
	}
	if z.Wanted {
		text += ", since the contact's own is not known"
	}
	return text
}

func (q *request) frequency(f *explain.Frequency) (parts []string) {
	text := "at most once in " + f.Every.String()
	if f.Every == 0 {
		text = "as often as there is an occasion"
	}
	if f.Max > 0 {
		text += ", " + strconv.Itoa(f.Max) + " in all"
	}
	parts = append(parts, text)
	if f.Per != "" {
		parts = append(parts, "for each "+f.Per+", here "+f.Value)
	}
	text = "had it " + strconv.Itoa(f.Count) + " times"
	if f.Count == 1 {
		text = "had it once"
	}
	if !f.Last.IsZero() {
		text += ", last at " + q.shown(f.Last)
	}
	if parts = append(parts, text); !f.FreeAt.IsZero() {
		parts = append(parts, "room from "+q.shown(f.FreeAt))
	}
	return parts
}

// byOccasion says what sends a message.
func byOccasion(o explain.Occasion) string {
	switch o {
	case explain.OnEvent:
		return "if this event comes then"
	case explain.OnVisit:
		return "on a visit then"
	case explain.OnSweep:
		return "by a sweep then"
	case explain.OnUpdate:
		return "on this update then"
	case explain.OnSend:
		return "by a send then"
	}
	return "by Due, when time has passed"
}

// reasonText says what a reason means.
func reasonText(r beckon.Reason) string {
	switch r {
	case beckon.ReasonNotLive:
		return "the message is a draft, paused or stopped, or goes live later"
	case beckon.ReasonSource:
		return "events of this source do not trigger its channel"
	case beckon.ReasonFilter:
		return "the rule of its trigger does not hold, or it is not its day"
	case beckon.ReasonAudience:
		return "the contact is not in the audience"
	case beckon.ReasonAlreadySent:
		return "it goes out once, and has"
	case beckon.ReasonWaiting:
		return "it waits to see that another event does not follow, or for its instant"
	case beckon.ReasonWaitingFull:
		return "it would wait, but too much waits for the contact already"
	case beckon.ReasonSchedule:
		return "it is outside of its hours, its start or its stop"
	case beckon.ReasonQuiet:
		return "there are quiet hours on its channel"
	case beckon.ReasonSnoozed:
		return "the contact is snoozed"
	case beckon.ReasonUnsubscribed:
		return "the contact does not want its channel, its tag or its topic"
	case beckon.ReasonMaxReached:
		return "the contact has had it as often as its frequency allows"
	case beckon.ReasonThrottled:
		return "the contact has had it too recently"
	case beckon.ReasonControl:
		return "the contact is in the control group"
	case beckon.ReasonCapped:
		return "a cap across messages has no room"
	case beckon.ReasonOutboxFull:
		return "too many deliveries of the contact are pending"
	case beckon.ReasonMissingValue:
		return "a value that its content insists on is unknown"
	case beckon.ReasonFailed:
		return "judging or rendering it broke"
	}
	return string(r)
}
