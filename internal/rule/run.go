package rule

import (
	"time"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/textmatch"
	"github.com/beckon-go/beckon/store"
)

// A program is what runs. It is immutable.
type program struct {
	Start        *Instruction
	Instructions []Instruction // of the conditions, and the two ends
}

// link makes the program of those conditions whose places are from first on. Entry
// is looked at first, and they go on at onTrue or at onFalse.
func link(conditions []Condition, loc *time.Location, first, entry, onTrue, onFalse int32) program {
	n := len(conditions)
	p := program{Instructions: make([]Instruction, n+2)}
	p.Instructions[n].Op, p.Instructions[n+1].Op = opHolds, opFails
	at := func(i int32) *Instruction {
		switch i {
		case onTrue:
			return &p.Instructions[n]
		case onFalse:
			return &p.Instructions[n+1]
		}
		return &p.Instructions[i-first]
	}
	for i := range conditions {
		c := &conditions[i]
		p.Instructions[i] = newInstruction(c, loc)
		p.Instructions[i].onTrue, p.Instructions[i].onFalse = at(c.onTrue), at(c.onFalse)
	}
	p.Start = at(entry)
	return p
}

// Ends are where rules end that hold, and that do not. Rules that are run one after the
// other share them.
type Ends [2]Instruction

// NewEnds returns ends for rules.
func NewEnds() *Ends { return &Ends{{Op: opHolds}, {Op: opFails}} }

// Size is how many conditions the program has.
func (p *program) Size() int { return max(len(p.Instructions)-len(Ends{}), 0) }

// Move puts the program, which nobody runs yet, elsewhere: its conditions into other
// instructions, as many as it has, and its ends into those that it shares.
func (p *program) Move(to []Instruction, ends *Ends) {
	moved := make(map[*Instruction]*Instruction, len(p.Instructions)+1) // no instruction goes on at nil, and an end at none
	for i := range p.Instructions {
		if l := &p.Instructions[i]; i < len(to) {
			moved[l] = &to[i]
		} else {
			moved[l] = &ends[i-len(to)]
		}
	}
	copy(to, p.Instructions)
	for i := range to {
		to[i].onTrue, to[i].onFalse = moved[to[i].onTrue], moved[to[i].onFalse]
	}
	p.Start, p.Instructions = moved[p.Start], to
}

// run goes through the instructions from the first on until it comes to an end.
func (p *program) run(s *Scope) bool { return p.Start.Run(s) }

// Run is program.run; s is ready for rules.
func (l *Instruction) Run(s *Scope) bool {
	if l.Op <= opHolds {
		return l.Op == opHolds // a rule of no conditions looks at nothing
	}
	one := [1]*Instruction{l}
	return FirstThatHolds(one[:], s) == 0
}

// FirstThatHolds runs rules, each from its first instruction on, until one holds, and
// returns its place; if none does, their number. s is ready for rules.
func FirstThatHolds(rules []*Instruction, s *Scope) int {
	var attributes []store.Attribute
	if profile := s.Rec.Profile; profile != nil {
		attributes = profile.Attributes
	}
	stats, names := s.Rec.Stats, s.names
	at, l := 0, rules[0]
	for {
		switch {
		case l.Op >= opCount:
			var st *store.Stats
			if i := uint(names.stats.at[l.slot]); i < uint(len(stats)) && stats[i].Name == l.name {
				st = &stats[i]
			} else {
				st = s.seekStat(l.name, l.slot)
			}
			switch l.Op {
			case opCount:
				if st.Count-l.lo <= l.span {
					l = l.onTrue
					continue
				}
			case opLastWithin:
				if uint64(s.seconds()-st.Last) < l.span && st.Count > 0 {
					l = l.onTrue
					continue
				}
			case opLastBefore:
				if st.Last < s.seconds()-int64(l.span) && st.Count > 0 {
					l = l.onTrue
					continue
				}
			default: // opLastNever
				if st.Count == 0 {
					l = l.onTrue
					continue
				}
			}
		case l.Op > OpGeneric:
			var v *repr.Value
			if i := uint(names.attributes.at[l.slot]); i < uint(len(attributes)) && attributes[i].Name == l.name {
				v = peek.Of(&attributes[i].Value)
			} else {
				v = s.seekSlot(l.name, l.slot)
			}
			switch l.Op {
			case opUnknown:
				if v.Kind == repr.KindUnknown {
					l = l.onTrue
					continue
				}
				l = l.onFalse
				continue
			case opBool:
				if v.Kind == repr.KindBool && uint64(v.Num) == l.lo {
					l = l.onTrue
					continue
				}
				l = l.onFalse
				continue
			case opNumber:
				if v.Kind == repr.KindNumber && v.Exp == l.exp && v.Flag&repr.FlagSmall != 0 {
					if uint64(v.Num)-l.lo <= l.span {
						l = l.onTrue
						continue
					}
					l = l.onFalse
					continue
				}
			case opShort:
				if v.Kind == repr.KindString {
					if len(v.Str) == int(l.size) && textmatch.Packed(v.Str) == l.lo {
						l = l.onTrue
						continue
					}
					l = l.onFalse
					continue
				}
			case opIn:
				if v.Kind == repr.KindString {
					if l.texts.Find(v.Str) >= 0 {
						l = l.onTrue
						continue
					}
					l = l.onFalse
					continue
				}
			case opContains:
				if v.Kind == repr.KindString {
					if textmatch.Contains(v.Str, l.Whole.text, false) {
						l = l.onTrue
						continue
					}
					l = l.onFalse
					continue
				}
			case opDateWithin:
				if v.Kind == repr.KindDate {
					if uint64(s.seconds()-v.Num) < l.span {
						l = l.onTrue
						continue
					}
					l = l.onFalse
					continue
				}
			case opListAny:
				if v.Kind == repr.KindList && l.texts.AnyIn(v.Str) {
					l = l.onTrue
					continue
				}
				l = l.onFalse
				continue
			}
			if l.Whole.holdsFor(v, s) {
				l = l.onTrue
				continue
			}
		case l.Op == opHolds:
			return at
		case l.Op == opFails:
			if at++; at == len(rules) {
				return at
			}
			l = rules[at]
			continue
		default:
			if l.Whole.holds(s) {
				l = l.onTrue
				continue
			}
		}
		l = l.onFalse
	}
}
