package replay

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/store"
)

// Run plays steps through a program, in their order. Steps that are refused count, and the
// rest go on; so do those that the sequence yields as an error about them alone, a
// [*LineError] or a [*beckon.DamagedError]. Any other error of the sequence ends the replay. The error is that, or that of [beckon.Engine.Publish], or
// of ctx; the report then has what came before. The program is published at the time of the
// first step.
//
// Memory grows with the contacts, by what a store in memory keeps of each: some 420 bytes,
// what is known of them, and up to 1,000 recent events (see [beckon.WithRecentEvents]). It
// does not grow with the steps. Against another program it is twice that.
func Run(ctx context.Context, program beckon.Program, steps iter.Seq2[Step, error], opts ...Option) (*Report, error) {
	var c config
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	p := newPlay(ctx, &c, program)
	if steps == nil {
		steps = func(func(Step, error) bool) {}
	}
	n := 0
	for s, err := range steps {
		if ctx.Err() != nil {
			break
		}
		if err != nil && !refusable(err) {
			return p.end(), err
		}
		if err == nil && s.kind == givenStep {
			if err := p.give(s.given); err != nil {
				return p.end(), err
			}
			continue
		}
		if err == nil && p.sides[0].player == nil {
			if err := p.publish(s.at); err != nil {
				return p.end(), err
			}
		}
		if s.number > 0 {
			n = s.number - 1
		}
		p.step(n, &s, err)
		n++
		if c.progress != nil && p.report.Steps%progressEvery == 0 {
			p.tellProgress()
		}
	}
	if p.sides[0].player == nil { // nothing was played, but a program that is wrong is told
		if err := p.publish(time.Unix(0, 0)); err != nil {
			return p.end(), err
		}
	}
	return p.end(), ctx.Err()
}

// refusable reports whether an error concerns one step alone.
func refusable(err error) bool {
	var line *LineError
	var damaged *beckon.DamagedError
	return errors.As(err, &line) || errors.As(err, &damaged)
}

// A play is a replay under way.
type play struct {
	config
	ctx    context.Context
	report Report
	sides  []side // by program
	at     time.Time
	met    meeting
}

// A side is one program of a replay.
type side struct {
	program beckon.Program
	store   scenario.Store
	player  *scenario.Player // nil before the first step
	tally   tally
}

func newPlay(ctx context.Context, c *config, program beckon.Program) *play {
	p := &play{config: *c, ctx: ctx}
	programs := []beckon.Program{program}
	if c.against != nil {
		programs = append(programs, *c.against)
		p.met.init()
	}
	for _, program := range programs {
		zone, err := time.LoadLocation(program.Timezone)
		if err != nil { // publishing it says so
			zone = time.UTC
		}
		p.sides = append(p.sides, side{program: program, store: scenario.NewStore(), tally: newTally(zone)})
	}
	return p
}

// publish begins to play.
func (p *play) publish(at time.Time) error {
	for i := range p.sides {
		player, err := scenario.NewPlayerOver(p.ctx, p.sides[i].store, p.sides[i].program, at, p.engine...)
		if err != nil {
			return err
		}
		p.sides[i].player = player
	}
	return nil
}

// step plays one step.
func (p *play) step(n int, s *Step, bad error) {
	p.report.Steps++
	if bad != nil {
		errs := []*beckon.Error{{Code: "scenario_invalid", Message: bad.Error()}}
		p.report.refuse(n, errs[0].Code, bad.Error())
		if p.each != nil {
			p.each(n, scenario.StepJSON(n, scenario.Outcome{Errors: errs}))
		}
		if p.outcome != nil {
			p.outcome(&Outcome{Step: n, Errors: errs})
		}
		return
	}
	if p.against != nil && !s.at.Equal(p.at) {
		p.met.end()
	}
	p.at = s.at
	for i := range p.sides {
		x := &p.sides[i]
		out := Outcome{Step: n, At: s.at, Other: i > 0, single: s.single()}
		p.play(x, s, &out)
		if i == 0 && len(out.Errors) > 0 {
			p.report.refuse(n, out.Errors[0].Code, out.Errors[0].Error())
		}
		x.tally.count(&out)
		if p.against != nil {
			p.met.note(i, &out)
		}
		if p.outcome != nil {
			p.outcome(&out)
		}
	}
}

// play plays a step on one side.
func (p *play) play(x *side, s *Step, out *Outcome) {
	if s.kind == lineStep && s.line.Verb() != "track" {
		got := x.player.Do(p.ctx, s.line)
		if out.Errors = got.Errors; got.Result != nil {
			out.Deliveries, out.Held = got.Result.Deliveries, got.Result.Held
		}
		if p.each != nil && !out.Other {
			p.each(out.Step, scenario.StepJSON(out.Step, got))
		}
		return
	}
	res, err := x.call(p.ctx, s)
	if err == nil {
		out.Deliveries, out.Held = res.Deliveries, res.Held()
	} else if out.Errors = scenario.Refusals(err); len(out.Errors) == 0 {
		out.Errors = []*beckon.Error{{Code: "error", Message: err.Error()}}
	}
	if p.each == nil || out.Other {
		return
	}
	doc := scenario.Outcome{Errors: out.Errors}
	if err == nil {
		doc.Result = &scenario.Result{EventID: res.EventID, Duplicate: res.Duplicate, Deliveries: out.Deliveries, Held: out.Held, Warnings: res.Warnings}
	}
	p.each(out.Step, scenario.StepJSON(out.Step, doc))
}

// call has the engine carry out a step. A panic, which would be a bug, is an error of this
// step, and the rest go on.
func (x *side) call(ctx context.Context, s *Step) (res beckon.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			res, err = beckon.Result{}, scenario.Panicked(v)
		}
	}()
	switch s.kind {
	case lineStep:
		return x.player.Track(ctx, &s.line)
	case eventStep:
		x.player.Set(s.at)
		return x.player.Engine().Track(ctx, s.event)
	default:
		x.player.Set(s.at)
		return s.call(ctx, x.player.Engine())
	}
}

func (p *play) tellProgress() {
	p.progress(Progress{Steps: p.report.Steps, Refused: p.report.Refused, At: p.at})
}

// end returns the report of what was played so far.
func (p *play) end() *Report {
	r := &p.report
	settle := func(side int, identities map[store.Key]struct{}) map[store.Key]struct{} {
		return settled(p.ctx, p.sides[side].store, identities)
	}
	r.Summary = p.sides[0].tally.summary(len(settle(0, p.sides[0].tally.contacts)))
	if p.against != nil {
		p.met.end()
		other := p.sides[1].tally.summary(len(settle(1, p.sides[1].tally.contacts)))
		r.Other, r.Difference = &other, p.met.difference(settle)
	}
	if p.progress != nil {
		p.tellProgress()
	}
	return r
}
