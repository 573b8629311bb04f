package opentelemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/observe"
)

// stepped tells of a step when it is over, and so its span begins in the past.
func (t *Telemetry) stepped(ctx context.Context, s observe.Step) {
	attributes := []attribute.KeyValue{callKey.String(s.Call)}
	if s.Err != nil {
		attributes = append(attributes, errorKey.String(errorType(s.Err)))
	}
	t.stepTime.Record(ctx, s.Duration.Seconds(), metric.WithAttributes(attributes...))
	t.reruns.Add(ctx, int64(s.Again), metric.WithAttributes(callKey.String(s.Call)))
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return
	}
	_, span := t.tracer.Start(ctx, "beckon.step "+s.Call, trace.WithTimestamp(s.Began), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(append(attributes, recordsKey.Int(s.Records), rerunsKey.Int(s.Again))...))
	if s.Err != nil {
		span.SetStatus(codes.Error, "") // what a store says may name whom it is about
	}
	span.End(trace.WithTimestamp(s.Began.Add(s.Duration)))
}

// errorType returns the kind of an error, in few words: what stores say has no end.
func errorType(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "_OTHER" // as the conventions call it
}

// Sender returns a sender that makes a span of each send of another one, which sends within
// it. The span is below that of the context, if it has one. An error of the sender fails the
// span, also one that puts the delivery off.
func (t *Telemetry) Sender(s beckonwork.Sender) beckonwork.Sender {
	return beckonwork.SenderFunc(func(ctx context.Context, d beckon.Delivery) (err error) {
		ctx, span := t.tracer.Start(ctx, "send "+string(d.Channel), trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
			messageKey.String(d.Message), channelKey.String(string(d.Channel)),
			attribute.String("messaging.system", "beckon"), attribute.String("messaging.operation.name", "send"), attribute.String("messaging.operation.type", "send"), attribute.String("messaging.message.id", d.ID),
		))
		failed := true // and so it stays if the sender panics
		defer func() {
			if failed {
				span.SetAttributes(errorKey.String(errorType(err)))
				span.SetStatus(codes.Error, "")
			}
			span.End()
		}()
		err = s.Send(ctx, d)
		failed = err != nil
		return err
	})
}
