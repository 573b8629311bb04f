package beckon

import (
	"math"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// seriesOf compiles a series: each way must lead to a block, and no walk may go round
// without a wait (X1).
func (k *compiler) seriesOf(in *Series, path string) {
	s := &plan.Series{ID: in.ID, Status: plan.Status(in.Status), Reenter: in.Reenter}
	if k.identifier(in.ID, path+".id") && k.plan.SeriesByID[in.ID] != nil {
		k.faults.Fault(path+".id", "another series has the id "+fault.Quote(in.ID))
	}
	k.status(&s.Status, path+".status")
	if t := in.Entry.Trigger; t != nil {
		s.Triggers = true
		const byEvent = "a series is entered by an event or a rule"
		switch {
		case t.Date != "" || t.EventDate != "":
			k.faults.Fault(path+".entry.trigger.date", byEvent)
		case t.Attribute != "":
			k.faults.Fault(path+".entry.trigger.attribute", byEvent)
		case t.Enters != "":
			k.faults.Fault(path+".entry.trigger.enters", byEvent)
		case t.Leaves != "":
			k.faults.Fault(path+".entry.trigger.leaves", byEvent)
		default:
			k.onlyDates(t, path+".entry.trigger", false)
			k.onlyChanges(t, path+".entry.trigger")
		}
		if t.Absence != nil {
			k.faults.Fault(path+".entry.trigger.unless", byEvent)
		}
		if t.Recheck {
			k.faults.Fault(path+".entry.trigger.recheck", byEvent)
		}
		if t.Event != "" || t.Date+t.Attribute+t.Enters+t.Leaves == "" { // another in its place is told once
			s.Event = k.eventName(t.Event, path+".entry.trigger.event")
			k.plan.Triggers[s.Event] = true
		}
		s.Where = k.rule(t.Filter, rule.OfEntry, path+".entry.trigger.where")
	}
	s.Audience = k.rule(in.Entry.Audience, rule.OfContact, path+".entry.audience")
	if s.Audience == nil && !s.Triggers {
		k.faults.Fault(path+".entry", "expected a trigger, an audience, or both")
	}
	s.Exit = k.rule(in.Exit, rule.OfWalk, path+".exit")
	k.entries(s, in, path)
	if in.Goal != nil {
		s.Goal = k.goal(in.Goal, path+".goal")
	}
	if len(in.Blocks) == 0 {
		k.faults.Fault(path+".blocks", "a series needs a block")
	}
	if len(in.Blocks) > MaxBlocks {
		k.faults.Fault(path+".blocks", "more than "+itoa(MaxBlocks)+" blocks")
		return
	}
	s.Blocks = make([]plan.Block, len(in.Blocks))
	s.Places = make(map[string]int, len(in.Blocks))
	whole := true // every block has a name of its own, every way leads to one
	for i := range in.Blocks {
		at := path + ".blocks[" + itoa(i) + "]"
		if b := &in.Blocks[i]; k.identifier(b.ID, at+".id") && s.Block(b.ID) >= 0 {
			k.faults.Fault(at+".id", "another block has the id "+fault.Quote(b.ID))
			whole = false
		}
		s.Blocks[i].ID = in.Blocks[i].ID
		if s.Block(in.Blocks[i].ID) < 0 {
			s.Places[in.Blocks[i].ID] = i
		}
	}
	for i := range in.Blocks {
		whole = k.block(s, in.Blocks[i], &s.Blocks[i], path+".blocks["+itoa(i)+"]") && whole
	}
	if whole { // else a way may have been meant to lead elsewhere
		k.rounds(s, path)
	}
	k.plan.Series = append(k.plan.Series, s)
	k.plan.SeriesByID[s.ID] = s
}

// entries compiles how often a contact may enter.
func (k *compiler) entries(s *plan.Series, in *Series, path string) {
	const without = "a contact enters once unless reenter is set"
	if !in.ReenterAfter.IsZero() {
		if !in.Reenter {
			k.faults.Fault(path+".reenter_after", without)
		}
		if s.Apart = in.ReenterAfter.Elapsed().Milliseconds(); s.Apart < 0 {
			k.faults.Fault(path+".reenter_after", "expected a time that is not negative")
		}
		checkDuration(k.faults, in.ReenterAfter, path+".reenter_after")
	}
	switch {
	case in.MaxEntries == 0:
		return
	case !in.Reenter:
		k.faults.Fault(path+".max_entries", without)
	case in.MaxEntries < 0:
		k.faults.Fault(path+".max_entries", "expected a number above zero")
	}
	s.Entries = uint32(min(max(in.MaxEntries, 0), math.MaxUint32))
}

// timeOfDay compiles what a block waits for.
func (k *compiler) timeOfDay(in *WaitUntil, path string) *plan.TimeOfDay {
	t := &plan.TimeOfDay{Contact: in.ContactTimezone}
	clock, ok := in.At.seconds()
	if t.Clock = clock; !ok || clock == calendar.DaySeconds {
		k.faults.Fault(path+".at", fault.Quote(string(in.At))+" is not a time of day: write it as 09:00, from 00:00 to 23:59")
	}
	for i, d := range in.Days {
		n, ok := d.number()
		if !ok {
			k.faults.Fault(path+".days["+itoa(i)+"]", fault.Quote(string(d))+" is not a day: write mon, tue, wed, thu, fri, sat or sun")
			continue
		}
		t.Days |= 1 << n
	}
	return t
}

// split compiles the ways out of a split: each share ends where the next begins.
func (k *compiler) split(ways []Way, path string, to func(id, path string) int) []plan.Share {
	list, sum := make([]plan.Share, len(ways)), 0.0
	for i, w := range ways {
		at := path + "[" + itoa(i) + "]"
		if !(w.Weight >= 0) || math.IsInf(w.Weight, 0) {
			k.faults.Fault(at+".weight", "expected a number that is not negative")
			w.Weight = 1 // told
		}
		list[i].Next = to(w.Next, at+".next")
		sum += w.Weight
	}
	if sum == 0 || math.IsInf(sum, 0) {
		k.faults.Fault(path, "expected ways with a weight above zero, and a sum of them that is a number")
		return list
	}
	below := 0.0
	for i, w := range ways {
		below += w.Weight
		list[i].Below = below / sum
	}
	for i := len(ways) - 1; i > 0 && ways[i].Weight == 0; i-- { // the last share ends with 1, whatever rounding made of it
		list[i-1].Below = 1
	}
	return list
}

// block compiles one block: exactly one of its kinds is set. It reports
// whether it is of one kind, and the ways that it names lead somewhere.
func (k *compiler) block(s *plan.Series, in Block, b *plan.Block, path string) (whole bool) {
	whole = true
	kinds := 0
	for _, set := range []bool{!in.Wait.IsZero(), in.Rule != nil, in.Message != nil, in.Update != nil, in.Exit, in.WaitUntil != nil, in.Split != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		k.faults.Fault(path, "expected exactly one of wait, wait_until, split, rule, message, update and exit")
		whole = false // it may be meant to wait
	}
	to := func(id, at string) int {
		if id == "" {
			return -1
		}
		i := s.Block(id)
		if i < 0 {
			k.faults.Fault(at, "no block has the id "+fault.Quote(id))
			whole = false
		}
		return i
	}
	if kinds == 1 && in.Exit && in.Next != "" {
		k.faults.Fault(path+".next", "an exit has no next")
		in.Next = "" // told; it leads nowhere
	}
	if kinds == 1 && in.Split != nil && in.Next != "" {
		k.faults.Fault(path+".next", "a split goes on by its ways")
		in.Next = ""
	}
	b.Next, b.Yes, b.No = to(in.Next, path+".next"), to(in.Yes, path+".yes"), to(in.No, path+".no")
	if in.Rule == nil && (in.Yes != "" || in.No != "" || !in.Within.IsZero()) {
		k.faults.Fault(path, "only a rule block has yes, no and within")
	}
	switch {
	case in.Rule != nil:
		b.Rule = k.rule(*in.Rule, rule.OfWalk, path+".rule")
		if b.Rule == nil {
			k.faults.Fault(path+".rule", "expected a rule")
		}
		b.Within = in.Within.Elapsed().Milliseconds()
		if !in.Within.IsZero() && b.Within <= 0 { // unset it waits for as long as it takes
			k.faults.Fault(path+".within", "expected a time above zero")
		}
		checkDuration(k.faults, in.Within, path+".within")
		if in.Next != "" {
			k.faults.Fault(path+".next", "a rule block goes on by yes and no")
		}
	case in.Message != nil:
		msg := *in.Message
		if msg.Status == "" {
			msg.Status = Live // the series' own status is what counts
		}
		if msg.Mode == OneOff || msg.Mode == Triggered {
			k.faults.Fault(path+".message.mode", "a message of a series has no mode of its own")
		}
		b.Message = k.message(&msg, path+".message", s)
	case in.Update != nil:
		b.Set = k.attributes(in.Update.Attributes, path+".update.attributes")
		if len(in.Update.Attributes) == 0 {
			k.faults.Fault(path+".update.attributes", "an update block needs an attribute to set")
		}
	case in.Exit:
		b.Exit = true
	case in.WaitUntil != nil:
		b.Until = k.timeOfDay(in.WaitUntil, path+".wait_until")
	case in.Split != nil:
		b.Split = k.split(in.Split, path+".split", to)
	default:
		b.Wait = in.Wait.Elapsed().Milliseconds()
		if b.Wait < 0 || in.Wait.Negative() {
			k.faults.Fault(path+".wait", "expected a time that is not negative")
		}
		checkDuration(k.faults, in.Wait, path+".wait")
	}
	return whole
}

// attributes checks the attributes that an update block sets.
func (k *compiler) attributes(m Attributes, path string) []store.Attribute {
	var errs fault.List
	list := attribute.Checker{Zones: &calendar.ZoneCache{}, Loc: k.plan.Loc}.Contact(m, path+".", &errs)
	for _, x := range errs {
		k.faults.Fault(x.Field, x.Message)
	}
	for _, a := range list {
		switch name := a.Name.Value(); name {
		case "user_id", "id", "email", "anonymous_id", attribute.LastSeenAt, attribute.FirstSeenAt, attribute.SessionCount:
			k.faults.Fault(path+"."+name, "a series cannot change who the contact is, or when it was seen")
		}
	}
	return list
}

// rounds finds rounds without a wait. A block that nothing leads to is none of its matters:
// those who stand there since an earlier program go on.
func (k *compiler) rounds(s *plan.Series, path string) {
	const (
		unseen = iota
		open   // on the way, without a wait since
		closed
	)
	marks := make([]int, len(s.Blocks))
	var round func(i int) bool
	round = func(i int) bool {
		if i < 0 || marks[i] == closed {
			return false
		}
		if marks[i] == open {
			return true
		}
		marks[i] = open
		for _, n := range s.Blocks[i].AtOnce() {
			if round(n) {
				return true
			}
		}
		marks[i] = closed
		return false
	}
	for i := range s.Blocks {
		if marks[i] == unseen && round(i) {
			k.faults.Fault(path+".blocks["+itoa(i)+"]", "the walk goes round from here without a wait")
		}
	}
}
