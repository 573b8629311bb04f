package opentelemetry

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/observe"
)

// scope is the name of the instrumentation.
const scope = "github.com/beckon-go/beckon/observe/opentelemetry"

// The names of attributes.
const (
	messageKey  = attribute.Key("beckon.message")
	channelKey  = attribute.Key("beckon.channel")
	occasionKey = attribute.Key("beckon.occasion")
	reasonKey   = attribute.Key("beckon.reason")
	callKey     = attribute.Key("beckon.call")
	resultKey   = attribute.Key("beckon.result")
	deliveryKey = attribute.Key("beckon.delivery")
	recordsKey  = attribute.Key("beckon.records")
	rerunsKey   = attribute.Key("beckon.reruns")
	errorKey    = attribute.Key("error.type")
)

// Telemetry tells of one engine, or of several together. It is safe for concurrent use.
type Telemetry struct {
	messages, channels observe.Names

	tracer             trace.Tracer
	sent, held, reruns metric.Int64Counter
	dealt              metric.Int64Counter
	stepTime, sendTime metric.Float64Histogram
}

type config struct {
	meters   metric.MeterProvider
	tracers  trace.TracerProvider
	messages int
}

// An Option sets up a [Telemetry]. Nil is skipped.
type Option func(*config) error

// WithMeterProvider sets where metrics go; nil, and the default, is the global provider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) error { c.meters = p; return nil }
}

// WithTracerProvider sets where spans go; nil, and the default, is the global provider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) error { c.tracers = p; return nil }
}

// WithMessages sets how many messages have time series of their own; zero is
// [observe.MaxNames].
func WithMessages(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("opentelemetry: WithMessages: %d is negative", n)
		}
		c.messages = n
		return nil
	}
}

// New makes the instruments. The error is of an option, or of the meter provider.
func New(opts ...Option) (*Telemetry, error) {
	var c config
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(&c); err != nil {
			return nil, err
		}
	}
	if c.meters == nil {
		c.meters = otel.GetMeterProvider()
	}
	if c.tracers == nil {
		c.tracers = otel.GetTracerProvider()
	}
	t := &Telemetry{tracer: c.tracers.Tracer(scope)}
	t.messages.Max = c.messages
	meter := c.meters.Meter(scope)
	var errs []error
	counter := func(name, unit, text string) metric.Int64Counter {
		i, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(text))
		errs = append(errs, err)
		return i
	}
	histogram := func(name, text string, bounds ...float64) metric.Float64Histogram {
		i, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(text), metric.WithExplicitBucketBoundaries(bounds...))
		errs = append(errs, err)
		return i
	}
	t.sent = counter("beckon.sent.messages", "{message}", "Messages sent: decided, and handed to the host or its outbox.")
	t.held = counter("beckon.held.messages", "{message}", "Messages held, by reason.")
	t.reruns = counter("beckon.store.step.reruns", "{rerun}", "Decisions that ran again, since another writer was first or a store made sure of a record that it had kept.")
	t.dealt = counter("beckon.worker.messages", "{message}", "What became of deliveries in workers.")
	t.stepTime = histogram("beckon.store.step.duration", "How long the store took for a step.", .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
	t.sendTime = histogram("beckon.worker.send.duration", "How long senders took.", .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60)
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("opentelemetry: New: %w", err)
	}
	return t, nil
}

// Observer returns the observer that tells, for beckon.WithObserver.
func (t *Telemetry) Observer() observe.Observer {
	return observe.Observer{Decided: t.decided, Counted: t.counted, Stepped: t.stepped}
}

func (t *Telemetry) decided(ctx context.Context, d observe.Decision) {
	attributes := []attribute.KeyValue{
		t.message(d.Message, d.Composed), channelKey.String(t.channels.Of(string(d.Channel))), occasionKey.String(string(d.Occasion)),
	}
	if !d.Sent {
		t.held.Add(ctx, 1, metric.WithAttributes(append(attributes, reasonKey.String(string(d.Reason)))...))
		return
	}
	t.sent.Add(ctx, 1, metric.WithAttributes(attributes...))
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.AddEvent("beckon.sent", trace.WithAttributes(
			messageKey.String(d.Message), channelKey.String(string(d.Channel)), occasionKey.String(string(d.Occasion)), deliveryKey.String(d.Delivery),
		))
	}
}

// message returns the attribute of a message. Composed ones have as many IDs as the host likes.
func (t *Telemetry) message(id string, composed bool) attribute.KeyValue {
	if composed {
		return messageKey.String(observe.Other)
	}
	return messageKey.String(t.messages.Of(id))
}

func (t *Telemetry) counted(ctx context.Context, c observe.Count) {
	t.held.Add(ctx, c.N, metric.WithAttributes(
		messageKey.String(t.messages.Of(c.Message)), channelKey.String(t.channels.Of(string(c.Channel))),
		occasionKey.String(string(c.Occasion)), reasonKey.String(string(c.Reason)),
	))
}

// Outcome tells what became of a delivery, for beckonwork.WithObserver.
func (t *Telemetry) Outcome(o beckonwork.Outcome) {
	ctx := context.Background() // a worker has none that belongs to the delivery
	channel, result := channelKey.String(t.channels.Of(string(o.Delivery.Channel))), resultKey.String(string(o.Result))
	t.dealt.Add(ctx, 1, metric.WithAttributes(t.message(o.Delivery.Message, o.Composed), channel, result))
	t.sendTime.Record(ctx, o.Took.Seconds(), metric.WithAttributes(channel, result))
}
