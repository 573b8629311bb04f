package beckon

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A Topic is what messages are about, for contacts to choose: a choice holds on all
// channels, in-app ones too. (C6)
type Topic struct {
	ID       string    `json:"id,omitzero"` // required; not a channel, nor one with a tag
	Name     string    `json:"name,omitzero"`
	Channels []Channel `json:"channels,omitzero"` // which its messages may have; none: any
	OptIn    bool      `json:"opt_in,omitzero"`   // without a choice nobody gets it
}

// A TopicChoice is a topic and what a contact has said of it.
type TopicChoice struct {
	ID       string    `json:"id"`
	Name     string    `json:"name,omitzero"`
	Channels []Channel `json:"channels,omitzero"`
	OptIn    bool      `json:"opt_in,omitzero"`
	Wanted   bool      `json:"wanted"`        // in effect, also without a choice
	At       time.Time `json:"at,omitzero"`   // of the choice; zero: there is none
	From     string    `json:"from,omitzero"` // where it was said
}

// Topics lists the program's topics with a contact's choices, for a preference centre. Unknown
// contacts have made none. Errors: [Engine.Export]. (C6)
func (e *Engine) Topics(ctx context.Context, who Identity) ([]TopicChoice, error) {
	list := []TopicChoice{}
	read := func(p *store.Profile) {
		list = list[:0]
		for _, t := range e.states.Load().Plan.Topics {
			c := TopicChoice{ID: t.ID, Name: t.Name, Channels: slices.Clone(t.Channels), OptIn: t.OptIn, Wanted: consent.Wants(p, t.ID, t.OptIn)}
			if said := consent.Of(p, t.ID); said != nil {
				c.At, c.From = unixMilli(said.At), said.From
			}
			list = append(list, c)
		}
	}
	_, known, err := e.readContact(ctx, who, func(rec *store.Record) { read(rec.Profile) })
	if err != nil {
		return nil, err
	}
	if !known {
		read(nil)
	}
	return list, nil
}

// topics makes topics ready, and reports every fault in them by path.
func (k *compiler) topics(list []Topic, path string) {
	for i, t := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		if k.identifier(t.ID, at+".id") {
			switch {
			case consent.Unsubscribes(t.ID):
				k.faults.Fault(at+".id", fault.Quote(t.ID)+" means a channel where something is refused")
			case k.plan.Topic(t.ID) != nil:
				k.faults.Fault(at+".id", "another topic has the id "+fault.Quote(t.ID))
			}
		}
		for j, c := range t.Channels {
			if message := channelFault(c); message != "" {
				k.faults.Fault(at+".channels["+strconv.Itoa(j)+"]", message)
			} else if !KnownChannel(c) {
				k.faults.Fault(at+".channels["+strconv.Itoa(j)+"]", channelUnknown(c))
			}
		}
		k.plan.AddTopic(plan.Topic{ID: t.ID, Name: t.Name, Channels: slices.Clone(t.Channels), OptIn: t.OptIn})
	}
}

// topic returns the topic of a message; nil if it names none.
func (k *compiler) topic(id string, channel Channel, path string) *plan.Topic {
	if id == "" {
		return nil
	}
	t := k.plan.Topic(id)
	switch {
	case t == nil:
		k.faults.Fault(path, "the program has no topic "+fault.Quote(id)+k.suggestedTopic(id))
	case len(t.Channels) > 0 && !slices.Contains(t.Channels, channel):
		k.faults.Fault(path, "the topic "+fault.Quote(id)+" is not for "+string(channel))
	}
	return t
}

// suggestedTopic says which topic may have been meant.
func (k *compiler) suggestedTopic(id string) string {
	if k.faults.Full() || !k.looks.Spend(len(k.plan.Topics)) {
		return ""
	}
	var known []string
	for i := range k.plan.Topics {
		known = append(known, k.plan.Topics[i].ID)
	}
	return fault.DidYouMean(id, known)
}

// topicFault says what is wrong with the name of a topic in a contact, "" if it is fine. The
// program need not have it.
func topicFault(id string) string {
	switch {
	case id == "" || len(id) > MaxIDLength || !plainText(id):
		return "not a topic"
	case consent.Unsubscribes(id):
		return "not a topic: it stands in unsubscribed"
	}
	return ""
}

// choices checks what an update says of topics.
func (c *Contact) choices(u *decide.ContactUpdate, errs *fault.List) {
	for _, id := range slices.Sorted(maps.Keys(c.Topics)) {
		wanted := c.Topics[id]
		if message := topicFault(id); message != "" {
			errs.Add(ErrAttributeInvalid, fault.JoinPath("topics", id), message)
		} else if wanted == nil {
			u.Unchosen = append(u.Unchosen, id)
		} else {
			u.Choices = append(u.Choices, store.Choice{Of: id, Yes: *wanted})
		}
	}
	if len(c.Topics) > MaxUnsubscribed {
		errs.Add(ErrAttributeInvalid, "topics", "more than "+itoa(MaxUnsubscribed)+" topics")
	}
}

// topicsOf returns what a contact has chosen.
func topicsOf(p *store.Profile) (topics map[string]*bool) {
	for _, c := range p.Rarely().Choices {
		if consent.Unsubscribes(c.Of) {
			continue
		}
		if topics == nil {
			topics = make(map[string]*bool)
		}
		topics[c.Of] = &c.Yes
	}
	return topics
}

// A Choice is what a contact has said: that it wants a topic, or not, or, with a channel or
// a tag of one, that it has unsubscribed. (C6, D11)
type Choice struct {
	Of   string    `json:"of"`
	Yes  bool      `json:"yes"`
	At   time.Time `json:"at"`
	From string    `json:"from,omitempty"` // where it was said
}

func choicesOf(p *store.Profile) (list []Choice) {
	for _, c := range p.Rarely().Choices {
		list = append(list, Choice{c.Of, c.Yes, unixMilli(c.At), c.From})
	}
	return list
}

func (s *shape) topic(n *ojson.Node, path string) (t Topic) {
	s.Object(n, path,
		member("id", s.Text(&t.ID)),
		member("name", s.Text(&t.Name)),
		member("channels", document.ListOf(&s.Reader, &t.Channels, s.oneChannel)),
		member("opt_in", s.Flag(&t.OptIn)),
	)
	return t
}

// UnmarshalJSON reads a topic, as [ParseProgram] does.
func (t *Topic) UnmarshalJSON(data []byte) error { return unmarshalPart(data, t, (*shape).topic) }
