package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/plan"
)

// do carries out one step.
func (r *runner) do(ctx context.Context, s *step) Outcome {
	return r.guard(func() (Outcome, error) {
		switch s.verb {
		case "contact", "track", "track_json", "visit", "check", "send_to", "merge":
			return r.call(ctx, s)
		case "sweep", "due", "send":
			return r.run(ctx, s)
		case "totals", "messages", "match":
			return r.ask(ctx, s)
		default:
			return Outcome{}, r.command(ctx, s)
		}
	})
}

// call does what concerns one contact and returns a result.
func (r *runner) call(ctx context.Context, s *step) (out Outcome, err error) {
	var res beckon.Result
	switch s.verb {
	case "contact":
		contact, bad := beckon.ParseContact(s.arg)
		if bad != nil {
			return out, bad
		}
		res, err = r.engine.Update(ctx, contact)
	case "track":
		res, err = r.engine.TrackJSON(ctx, s.body(new(ojson.Text)))
	case "track_json":
		var body string
		d := &document{}
		take(d, &body)(s.arg, s.verb)
		if bad := d.err(); bad != nil {
			return out, bad
		}
		res, err = r.engine.TrackJSON(ctx, bytes.NewReader([]byte(body)))
	case "visit":
		visit, bad := beckon.ParseVisit(s.arg)
		if bad != nil {
			return out, bad
		}
		res, err = r.engine.Visit(ctx, visit)
	case "check":
		who, bad := beckon.ParseIdentity(s.arg)
		if bad != nil {
			return out, bad
		}
		res, err = r.engine.Check(ctx, who)
	case "send_to":
		who, m, bad := composed(s)
		if bad != nil {
			return out, bad
		}
		r.names.AddMessage(m.ID)
		res, err = r.engine.SendTo(ctx, who, m)
	case "merge":
		var from, into json.RawMessage
		d := &document{}
		d.object(s.arg, s.verb, readers{"from": keep(&from), "into": keep(&into)})
		if bad := d.err(); bad != nil {
			return out, bad
		}
		source, bad := identity(from)
		if bad != nil {
			return out, bad
		}
		target, bad := identity(into)
		if bad != nil {
			return out, bad
		}
		res, err = r.engine.Merge(ctx, source, target)
	}
	if err != nil {
		return out, err
	}
	out.Result = &Result{
		EventID:    res.EventID,
		Duplicate:  res.Duplicate,
		Deliveries: res.Deliveries,
		Held:       res.Held(),
		Warnings:   res.Warnings,
	}
	return out, nil
}

// run does what concerns all contacts. Who is held is told for Due alone: a
// sweep and a send judge everyone.
func (r *runner) run(ctx context.Context, s *step) (out Outcome, err error) {
	d := &document{}
	res := &Result{}
	switch s.verb {
	case "sweep":
		d.object(s.arg, s.verb, nil)
		if err = d.err(); err == nil {
			err = collect(r.engine.Sweep(ctx), res)
		}
	case "due":
		d.object(s.arg, s.verb, nil)
		if err = d.err(); err == nil {
			err = collect(r.engine.Due(ctx, beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { res.Held = append(res.Held, h) })), res)
		}
	case "send":
		var message string
		var sample *int
		var only json.RawMessage
		d.object(s.arg, s.verb, readers{"message": take(d, &message), "sample": takePointer(d, &sample), "only": keep(&only)})
		if err = d.err(); err != nil {
			return out, err
		}
		var opts []beckon.RunOption
		if sample != nil {
			opts = append(opts, beckon.Sample(*sample))
		}
		if only != nil {
			who, bad := beckon.ParseIdentity(only)
			if bad != nil {
				return out, bad
			}
			opts = append(opts, beckon.Only(who))
		}
		err = collect(r.engine.Send(ctx, message, opts...), res)
	}
	if err == nil || len(res.Deliveries) > 0 {
		out.Result = res
	}
	return out, err
}

// ask does what changes nothing.
func (r *runner) ask(ctx context.Context, s *step) (out Outcome, err error) {
	switch s.verb {
	case "messages":
		which, bad := messageFilter(s)
		if bad != nil {
			return out, bad
		}
		out.Messages, err = r.engine.Messages(ctx, which)
		return out, err
	case "totals":
		message, series, bad := messageOrSeries(s)
		if bad != nil {
			return out, bad
		}
		if series != "" {
			totals, err := r.engine.SeriesTotals(ctx, series)
			if err == nil {
				out.SeriesTotals = &totals
			}
			return out, err
		}
		totals, err := r.engine.Totals(ctx, message)
		if err == nil {
			out.Totals = &totals
		}
		return out, err
	}
	var rule beckon.Rule
	if err := json.Unmarshal(s.arg, &rule); err != nil {
		return out, err
	}
	for who, err := range r.engine.Match(ctx, rule) {
		if err != nil {
			return out, err
		}
		out.Contacts = append(out.Contacts, who)
	}
	return out, nil
}

// messageFilter reads which messages are to be listed.
func messageFilter(s *step) (beckon.MessageFilter, error) {
	var f beckon.MessageFilter
	var mode, channel, status string
	d := &document{}
	totals := func(dst *beckon.Totals) func(json.RawMessage, string) {
		return func(raw json.RawMessage, path string) { *dst = totalsOf(d.wantTotals(raw, path)) }
	}
	d.object(s.arg, s.verb, readers{
		"mode": take(d, &mode), "channel": take(d, &channel), "status": take(d, &status),
		"live_from": take(d, &f.LiveFrom), "live_before": take(d, &f.LiveBefore), "sent_from": take(d, &f.SentFrom), "sent_before": take(d, &f.SentBefore),
		"at_least": totals(&f.AtLeast), "fewer": totals(&f.Fewer),
	})
	f.Mode, f.Channel, f.Status = beckon.Mode(mode), beckon.Channel(channel), beckon.Status(status)
	word := func(what, name string, known ...string) {
		if name != "" && !slices.Contains(known, name) {
			d.unknown(join(s.verb, what), what, name, known)
		}
	}
	word("mode", mode, string(beckon.Triggered), string(beckon.Ongoing), string(beckon.OneOff))
	word("status", status, string(beckon.Draft), string(beckon.Live), string(beckon.Paused), string(beckon.Stopped))
	if !beckon.KnownChannel(f.Channel) {
		word("channel", channel, plan.ChannelList()...)
	}
	return f, d.err()
}

// totalsOf makes totals of counts by their names.
func totalsOf(w wantTotals) beckon.Totals {
	n := w.counts
	t := beckon.Totals{
		Judged: n["judged"], Sent: n["sent"], Control: n["control"], Converted: n["converted"],
		ControlConverted: n["control_converted"], Followed: n["followed"], GivenUp: n["given_up"],
	}
	for reason, n := range w.held {
		if t.Held == nil {
			t.Held = make(map[beckon.Reason]int64)
		}
		t.Held[beckon.Reason(reason)] = n
	}
	return t
}

// command does what returns nothing but an error.
func (r *runner) command(ctx context.Context, s *step) error {
	switch s.verb {
	case "publish":
		return r.publish(ctx, s.arg)
	case "archive", "unarchive":
		event, err := name(s, "event")
		if err != nil {
			return err
		}
		if s.verb == "archive" {
			return r.engine.Archive(ctx, event)
		}
		return r.engine.Unarchive(ctx, event)
	case "pause", "resume", "stop":
		message, series, err := messageOrSeries(s)
		if err != nil {
			return err
		}
		change := map[string]func(context.Context, string) error{
			"pause": r.engine.Pause, "resume": r.engine.Resume, "stop": r.engine.Stop,
		}[s.verb]
		if series != "" {
			message, change = series, map[string]func(context.Context, string) error{
				"pause": r.engine.PauseSeries, "resume": r.engine.ResumeSeries, "stop": r.engine.StopSeries,
			}[s.verb]
		}
		return change(ctx, message)
	case "delete":
		who, err := beckon.ParseIdentity(s.arg)
		if err != nil {
			return err
		}
		return r.engine.Delete(ctx, who)
	case "unsubscribe", "resubscribe":
		who, from, err := contactAnd(s, "from")
		switch {
		case err != nil:
			return err
		case s.verb == "unsubscribe":
			return r.engine.Unsubscribe(ctx, who, from)
		}
		return r.engine.Resubscribe(ctx, who, from)
	default: // release
		who, message, err := contactAnd(s, "message")
		if err != nil {
			return err
		}
		return r.engine.ReleaseLatest(ctx, who, message)
	}
}

// contactAnd reads an argument that says who is meant, and one name more.
func contactAnd(s *step, field string) (who beckon.Identity, value string, err error) {
	d := &document{}
	d.object(s.arg, s.verb, readers{
		field: take(d, &value), "user_id": d.identifier(&who.UserID), "id": d.identifier(&who.ID),
		"email": d.identifier(&who.Email), "anonymous_id": d.identifier(&who.AnonymousID),
	})
	return who, value, d.err()
}

type readers = map[string]func(json.RawMessage, string)

// name reads an argument that has a single name in it.
func name(s *step, field string) (value string, err error) {
	d := &document{}
	d.object(s.arg, s.verb, readers{field: take(d, &value)})
	return value, d.err()
}

// messageOrSeries reads an argument that names one of the two.
func messageOrSeries(s *step) (message, series string, err error) {
	d := &document{}
	d.object(s.arg, s.verb, readers{"message": take(d, &message), "series": take(d, &series)})
	if message != "" && series != "" {
		d.fault(s.verb, "expected a message or a series, not both")
	}
	return message, series, d.err()
}

// identity reads who is meant; nothing at all names nobody.
// composed reads the contact and the message of a send_to.
func composed(s *step) (who beckon.Identity, m beckon.Message, err error) {
	var contact, message json.RawMessage
	d := &document{}
	d.object(s.arg, s.verb, readers{"contact": keep(&contact), "message": keep(&message)})
	if err := d.err(); err != nil {
		return who, m, err
	}
	if who, err = identity(contact); err == nil && message != nil {
		err = json.Unmarshal(message, &m)
	}
	return who, m, err
}

func identity(raw json.RawMessage) (beckon.Identity, error) {
	if raw == nil {
		return beckon.Identity{}, nil
	}
	return beckon.ParseIdentity(raw)
}

// scenarioInvalid is the code of what is wrong with a step's own document. No
// want can name it, for then the engine was never asked.
const scenarioInvalid beckon.Code = "scenario_invalid"

// err returns what is wrong with an argument.
func (d *document) err() error {
	var list beckon.ErrorList
	for _, f := range d.faults {
		list = append(list, &beckon.Error{Code: scenarioInvalid, Message: f.String()})
	}
	if list == nil {
		return nil
	}
	return list
}
