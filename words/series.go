package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon"
)

// Series returns all that a series says: how a walk begins and ends, and each block on
// a line, with what its messages say below it.
func Series(s beckon.Series) string {
	return strings.Join(seriesLines(&s, nil), "\n")
}

func seriesLines(s *beckon.Series, known *segments) []string {
	lines := sentences(seriesParts(s, owner{"", s.ID}))
	for i := range s.Blocks {
		b := &s.Blocks[i]
		line := "Block " + strconv.Quote(b.ID) + ": " + blockWords(b)
		if b.Message != nil {
			line = block(append([]string{line}, messageLines(b.Message, true, known)...))
		}
		lines = append(lines, line)
	}
	return lines
}

// seriesFlat is a series in one line.
func seriesFlat(s *beckon.Series) string {
	lines := []string{flatSentences(seriesParts(s, owner{"", s.ID}))}
	for i := range s.Blocks {
		lines = append(lines, blockFlat(&s.Blocks[i]))
	}
	return strings.Join(lines, " ")
}

// blockFlat is a block, and what its message says, in one line.
func blockFlat(b *beckon.Block) string {
	line := "Block " + strconv.Quote(b.ID) + ": " + blockWords(b)
	if b.Message != nil {
		line += " " + messageFlat(b.Message)
	}
	return line
}

// messageFlat is the message of a block in one line.
func messageFlat(m *beckon.Message) string {
	return flatSentences(messageParts(m, owner{"", m.ID}, true, nil))
}

// seriesParts are the members of a series, with its blocks as one of them.
func seriesParts(s *beckon.Series, o owner) []*node {
	status := statusWords(s.Status)
	entry := owner{o.path + dot(o.path) + "entry", o.id}
	parts := []*node{
		o.part("id", "the id", s.ID, strconv.Quote(s.ID), "The series "+strconv.Quote(s.ID)+" is "+status+"."),
		o.part("status", "the status", s.Status, status, ""),
		entry.part("trigger", "what begins a walk", s.Entry.Trigger, triggerOr(s.Entry.Trigger), ""),
		audiencePart(entry, "audience", &s.Entry.Audience, "Entering is open to "),
		o.part("reenter", "whether a contact can enter again", s.Reenter, yesNo(s.Reenter), reenterSentence(s)),
		o.part("reenter_after", "the time until a contact can enter again", s.ReenterAfter, durationOr(s.ReenterAfter, "none"), ""),
		o.part("max_entries", "how often a contact can enter", s.MaxEntries, entriesWords(s.MaxEntries), ""),
		o.part("exit", "the exit rule", s.Exit, "none", ""),
		goalPart(o, s.Goal, "walk begins"),
		{path: o.path, id: o.id, key: "follows messages", about: "what a walk does at messages", sentence: passingWords(s), value: ""},
		vetPart(o, s.VetIgnore),
	}
	parts[2].key, parts[3].key = "entry.trigger", "entry.audience"
	if parts[2].sentence = "A walk begins " + Trigger(s.Entry.Trigger) + "."; s.Entry.Trigger == nil {
		parts[2].sentence = "A walk begins when a contact comes to match. Who matches already when the series is first published enters on the next occasion."
	}
	if !s.Exit.IsZero() {
		parts[7].text = inline(&s.Exit, 0, alone)
		parts[7].rule("A walk ends, and nobody enters, if", &s.Exit)
	}
	blocks := o.part("blocks", "the blocks", s.Blocks, strconv.Itoa(len(s.Blocks))+" blocks", "")
	blocks.list = true
	blocks.of = func() (list []*node) {
		for i := range s.Blocks {
			list = append(list, blockNode(&s.Blocks[i], owner{blocks.path + "[" + strconv.Itoa(i) + "]", s.ID}))
		}
		return list
	}
	return append(parts, blocks)
}

func reenterSentence(s *beckon.Series) string {
	switch after := "the end of the walk"; {
	case !s.Reenter:
		return "Nobody enters twice."
	default:
		sentence := "A contact can enter again after " + after
		if !s.ReenterAfter.IsZero() {
			sentence += ", and not before " + durationWords(s.ReenterAfter) + " after the last entry"
		}
		if s.MaxEntries > 0 {
			sentence += ", and not more than " + often(strconv.Itoa(s.MaxEntries)) + " in all"
		}
		return sentence + "."
	}
}

func entriesWords(n int) string {
	if n == 0 {
		return "any number of times"
	}
	return often(strconv.Itoa(n))
}

func durationOr(d beckon.Duration, none string) string {
	if d.IsZero() {
		return none
	}
	return durationWords(d)
}

// blockNode is a block and its members.
func blockNode(b *beckon.Block, o owner) *node {
	id := strconv.Quote(b.ID)
	called := " of the block " + id
	n := &node{path: o.path, id: o.id, key: b.ID, about: "the block " + id, value: b}
	n.whole = func() string { return blockFlat(b) }
	n.of = func() []*node {
		rule, update := "none", "none"
		if b.Rule != nil {
			rule = inline(b.Rule, 0, alone)
		}
		if b.Update != nil {
			update = updateWords(b.Update)
		}
		parts := []*node{
			o.part("wait", "the wait"+called, b.Wait, durationOr(b.Wait, "none"), ""),
			o.part("rule", "the rule"+called, b.Rule, rule, ""),
			o.part("within", "how long the rule"+called+" waits", b.Within, durationOr(b.Within, "as long as it takes"), ""),
			o.part("yes", "what comes after the block "+id+" if its rule is true", b.Yes, wayWords(b.Yes), ""),
			o.part("no", "what comes after the block "+id+" if its time is up", b.No, wayWords(b.No), ""),
			o.part("update", "the update"+called, b.Update, update, ""),
			o.part("exit", "whether the walk ends at the block "+id, b.Exit, yesNo(b.Exit), ""),
			o.part("wait_until", "the time of day"+called, b.WaitUntil, untilWords(b.WaitUntil), ""),
			o.part("split", "the split"+called, b.Split, splitWords(b.Split), ""),
			o.part("next", "what comes after the block "+id, b.Next, wayWords(b.Next), ""),
		}
		return append(parts, messageNode(b.Message, owner{o.path + ".message", o.id}, called))
	}
	return n
}

// messageNode is the message of a block; nil is none.
func messageNode(m *beckon.Message, o owner, called string) *node {
	n := &node{path: o.path, id: o.id, key: "message", about: "the message" + called, text: "none", value: m}
	if m != nil {
		n.text = messageFlat(m)
		if m.ID != "" {
			n.id = m.ID
		}
		n.of = func() []*node { return messageParts(m, owner{o.path, n.id}, true, nil) }
	}
	return n
}

// blockWords says what a block does.
func blockWords(b *beckon.Block) string {
	var does []string
	if !b.Wait.IsZero() {
		does = append(does, "wait "+durationWords(b.Wait))
	}
	if b.WaitUntil != nil {
		does = append(does, "wait until "+untilWords(b.WaitUntil))
	}
	if b.Message != nil {
		does = append(does, "send the message "+strconv.Quote(b.Message.ID))
	}
	if b.Update != nil {
		does = append(does, "set "+updateWords(b.Update))
	}
	if b.Rule != nil {
		limit := ""
		if !b.Within.IsZero() {
			limit = ", at most " + durationWords(b.Within)
		}
		does = append(does, "wait until "+inline(b.Rule, 0, joined)+limit)
	}
	if len(b.Split) > 0 {
		does = append(does, "split by chance, for each contact the same way each time: "+splitWords(b.Split))
	}
	if b.Exit {
		does = append(does, "the walk ends")
	}
	s := strings.Join(does, ", and ")
	if len(does) == 0 {
		s = "do nothing"
	}
	switch {
	case b.Rule != nil && b.Within.IsZero():
		return s + "; then " + nextWords(b.Yes) + "."
	case b.Rule != nil:
		return s + "; if it is so, " + nextWords(b.Yes) + "; if the time is up, " + nextWords(b.No) + "."
	case b.Exit || len(b.Split) > 0:
		return s + "."
	}
	return s + "; then " + nextWords(b.Next) + "."
}

func nextWords(id string) string {
	if id == "" {
		return "the walk ends"
	}
	return "go on to " + strconv.Quote(id)
}

// wayWords names where a way leads.
func wayWords(id string) string {
	if id == "" {
		return "the end of the walk"
	}
	return "the block " + strconv.Quote(id)
}

func untilWords(u *beckon.WaitUntil) string {
	if u == nil {
		return "none"
	}
	return clockWords(u.At) + " " + daysWords(u.Days) + zoneWords("", u.ContactTimezone)
}

func splitWords(ways []beckon.Way) string {
	if len(ways) == 0 {
		return "none"
	}
	parts := make([]string, len(ways))
	for i, w := range ways {
		weight := "a part that is no number"
		if w.Weight-w.Weight == 0 {
			weight = plural(decimal.NewFromFloat(w.Weight).String(), "part")
		}
		parts[i] = weight + ": " + nextWords(w.Next)
	}
	return strings.Join(parts, "; ")
}

func updateWords(u *beckon.Update) string {
	if len(u.Attributes) == 0 {
		return "nothing"
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(u.Attributes)) {
		parts = append(parts, fieldWords("user", key)+" to "+valueWords(u.Attributes[key]))
	}
	return strings.Join(parts, ", ")
}
