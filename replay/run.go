package replay

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// An Option sets up a replay.
type Option func(*config)

type config struct {
	against *beckon.Program
	each    func(int, []byte)
	engine  []beckon.Option
}

// Against plays the steps through another program as well, such as an edited one. The
// report then says what it sends that the first does not (added), and what it does not send
// any more (removed).
func Against(program beckon.Program) Option { return func(c *config) { c.against = &program } }

// WithEngine sets up the engines as the host's own is, for example with
// [beckon.WithStrictMetadata]. A clock among the options is overruled.
func WithEngine(opts ...beckon.Option) Option {
	return func(c *config) { c.engine = append(c.engine, opts...) }
}

// OnStep calls fn with each step's number, which is that of its line, from 0, and what came of it under the first
// program, as the JSON document of a scenario's runner: {"step", "result", "errors"}. fn may
// not keep it.
func OnStep(fn func(step int, outcome []byte)) Option { return func(c *config) { c.each = fn } }

// Run plays steps through a program, in their order. Steps that are refused count, and the
// rest go on. The error is that of [beckon.Engine.Publish], or of ctx; the report then has
// what came before. It needs memory for the contacts and what they did, as far as a store
// keeps that.
func Run(ctx context.Context, program beckon.Program, steps iter.Seq2[Step, error], opts ...Option) (*Report, error) {
	var c config
	for _, o := range opts {
		o(&c)
	}
	p := &play{config: c, report: newReport(), zone: time.UTC}
	if zone, err := time.LoadLocation(program.Timezone); err == nil {
		p.zone = zone
	}
	programs := []beckon.Program{program}
	if c.against != nil {
		programs = append(programs, *c.against)
		p.report.Difference = newDifference()
	}
	n := 0
	for s, err := range steps {
		if ctx.Err() != nil {
			break
		}
		if err == nil && p.players == nil {
			for _, program := range programs {
				player, err := scenario.NewPlayer(ctx, program, s.at, c.engine...)
				if err != nil {
					return p.report, err
				}
				p.players = append(p.players, player)
			}
		}
		if s.number > 0 {
			n = s.number - 1
		}
		p.step(ctx, n, s, err)
		n++
	}
	if p.players == nil { // nothing was played, but a program that is wrong is told
		for _, program := range programs {
			if _, err := scenario.NewPlayer(ctx, program, time.Unix(0, 0), c.engine...); err != nil {
				return p.report, err
			}
		}
	}
	p.compare()
	p.report.end()
	return p.report, ctx.Err()
}

// A play is a replay under way.
type play struct {
	config
	report  *Report
	zone    *time.Location
	players []*scenario.Player // by program
	at      time.Time          // of the sends that are not compared yet
	sends   map[send]int       // how often the second program made it, less how often the first
	order   []send             // of these, as they came
}

// A send is what two programs are compared by.
type send struct {
	contact beckon.Identity
	message string
	at      int64 // Unix milliseconds
}

func (p *play) step(ctx context.Context, n int, s Step, bad error) {
	p.report.Steps++
	if bad != nil {
		p.report.Refused++
		p.tell(n, scenario.Outcome{Errors: []*beckon.Error{{Code: "scenario_invalid", Message: bad.Error()}}})
		return
	}
	if !s.at.Equal(p.at) {
		p.compare()
		p.at = s.at
	}
	for i, player := range p.players {
		var out scenario.Outcome
		if s.line != nil {
			out = player.Do(ctx, *s.line)
		} else {
			out = player.Guard(s.at, func(e *beckon.Engine) (beckon.Result, error) { return s.call(ctx, e) })
		}
		if i == 0 {
			if len(out.Errors) > 0 {
				p.report.Refused++
			}
			p.report.count(out.Result, p.zone)
			p.tell(n, out)
		}
		if p.against != nil && out.Result != nil {
			p.note(out.Result.Deliveries, 2*i-1)
		}
	}
}

func (p *play) tell(n int, out scenario.Outcome) {
	if p.each != nil {
		p.each(n, scenario.StepJSON(n, out))
	}
}

// note counts sends of one program; sign says which.
func (p *play) note(list []beckon.Delivery, sign int) {
	for i := range list {
		if p.sends == nil {
			p.sends = map[send]int{}
		}
		x := send{list[i].Contact, list[i].Message, list[i].At.UnixMilli()}
		if _, known := p.sends[x]; !known {
			p.order = append(p.order, x)
		}
		p.sends[x] += sign
	}
}

// compare takes in what the sends of one instant differ in: two steps at the same time may
// send the same in another order.
func (p *play) compare() {
	if len(p.order) == 0 {
		return
	}
	slices.SortStableFunc(p.order, func(a, b send) int { return cmp.Compare(a.at, b.at) })
	for _, x := range p.order {
		p.report.Difference.take(x, p.sends[x])
	}
	clear(p.sends)
	p.order = p.order[:0]
}
