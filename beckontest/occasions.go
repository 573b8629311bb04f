package beckontest

import (
	"iter"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// Track tracks an event.
func (k *Kit) Track(event beckon.Event) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.Explain(k.t.Context(), event))
	res, err := k.Engine.Track(k.t.Context(), event)
	return k.outcome("Track "+event.Name, res, err, why)
}

// TrackErr wants the event to be refused with exactly these errors, in any
// order.
func (k *Kit) TrackErr(event beckon.Event, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Track(k.t.Context(), event)
	k.WantErr(err, codes...)
}

// TrackJSON tracks a posted body.
func (k *Kit) TrackJSON(body string) *Outcome {
	k.t.Helper()
	var why []beckon.MessageTrace
	if event, err := beckon.ParseEvent(strings.NewReader(body)); err == nil {
		why = k.explained(k.Engine.Explain(k.t.Context(), event))
	}
	res, err := k.Engine.TrackJSON(k.t.Context(), strings.NewReader(body))
	return k.outcome("TrackJSON", res, err, why)
}

// TrackJSONErr wants the body to be refused with exactly these errors, in any
// order.
func (k *Kit) TrackJSONErr(body string, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.TrackJSON(k.t.Context(), strings.NewReader(body))
	k.WantErr(err, codes...)
}

// Update sets what is known of a contact.
func (k *Kit) Update(contact beckon.Contact) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.Explain(k.t.Context(), contact))
	res, err := k.Engine.Update(k.t.Context(), contact)
	return k.outcome("Update", res, err, why)
}

// UpdateErr wants the update to be refused with exactly these errors, in any
// order.
func (k *Kit) UpdateErr(contact beckon.Contact, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Update(k.t.Context(), contact)
	k.WantErr(err, codes...)
}

// Visit is a login or a page view.
func (k *Kit) Visit(visit beckon.Visit) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.Explain(k.t.Context(), visit))
	res, err := k.Engine.Visit(k.t.Context(), visit)
	return k.outcome("Visit", res, err, why)
}

// VisitErr wants the visit to be refused with exactly these errors, in any
// order.
func (k *Kit) VisitErr(visit beckon.Visit, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Visit(k.t.Context(), visit)
	k.WantErr(err, codes...)
}

// Check decides for one contact what the next sweep would.
func (k *Kit) Check(who beckon.Identity) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.Explain(k.t.Context(), beckon.AtSweep(who)))
	res, err := k.Engine.Check(k.t.Context(), who)
	return k.outcome("Check", res, err, why)
}

// CheckErr wants the check to be refused with exactly these errors, in any
// order.
func (k *Kit) CheckErr(who beckon.Identity, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Check(k.t.Context(), who)
	k.WantErr(err, codes...)
}

// Sweep runs a whole sweep.
func (k *Kit) Sweep() *Outcome {
	k.t.Helper()
	return k.run("Sweep", func(opts ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
		return k.Engine.Sweep(k.t.Context(), opts...)
	})
}

// Due decides what was held until now.
func (k *Kit) Due() *Outcome {
	k.t.Helper()
	return k.run("Due", func(opts ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
		return k.Engine.Due(k.t.Context(), opts...)
	})
}

// Send sends a one-off message.
func (k *Kit) Send(message string, opts ...beckon.RunOption) *Outcome {
	k.t.Helper()
	return k.run("Send "+message, func(held ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
		return k.Engine.Send(k.t.Context(), message, slices.Concat(held, opts)...)
	})
}

// SendTo sends a composed message to one contact.
func (k *Kit) SendTo(who beckon.Identity, message beckon.Message) *Outcome {
	k.t.Helper()
	k.names.AddMessage(message.ID)
	why := k.explained(k.Engine.Explain(k.t.Context(), beckon.AtSendTo(who, message)))
	res, err := k.Engine.SendTo(k.t.Context(), who, message)
	return k.outcome("SendTo "+message.ID, res, err, why)
}

// SendToErr wants a composed message to be refused with exactly these errors, in
// any order.
func (k *Kit) SendToErr(who beckon.Identity, message beckon.Message, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.SendTo(k.t.Context(), who, message)
	k.WantErr(err, codes...)
}

// SendErr wants the send to be refused with exactly these errors, in any
// order.
func (k *Kit) SendErr(message string, codes ...beckon.Code) {
	k.t.Helper()
	var failed error
	for _, err := range k.Engine.Send(k.t.Context(), message) {
		if err != nil {
			failed = err
		}
	}
	k.WantErr(failed, codes...)
}

// Merge makes two contacts one.
func (k *Kit) Merge(from, into beckon.Identity) *Outcome {
	k.t.Helper()
	res, err := k.Engine.Merge(k.t.Context(), from, into)
	return k.outcome("Merge", res, err, nil)
}
