package prometheus

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/observe"
)

// Metrics are the metrics of one engine, or of several together. They are safe for
// concurrent use.
type Metrics struct {
	messages, channels observe.Names

	sent, held                    *prometheus.CounterVec
	stepTime                      *prometheus.HistogramVec
	stepErrors, stepReruns, dealt *prometheus.CounterVec
	sendTime                      *prometheus.HistogramVec
}

// An Option sets up [Metrics]. Nil is skipped.
type Option func(*Metrics) error

// WithMessages sets how many messages have time series of their own; zero is
// [observe.MaxNames].
func WithMessages(n int) Option {
	return func(m *Metrics) error {
		if n < 0 {
			return fmt.Errorf("prometheus: WithMessages: %d is negative", n)
		}
		m.messages.Max = n
		return nil
	}
}

// New registers the metrics. The error is of an option, or of the registerer: that there
// are such metrics already, for example. Then none of them stays registered.
func New(r prometheus.Registerer, opts ...Option) (*Metrics, error) {
	if r == nil {
		return nil, errors.New("prometheus: New: the registerer is nil")
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "beckon", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "beckon", Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		sent:       counter("sent_total", "Messages sent: decided, and handed to the host or its outbox.", "message", "channel", "occasion"),
		held:       counter("held_total", "Messages held, by reason.", "message", "channel", "occasion", "reason"),
		stepTime:   histogram("store_step_seconds", "How long the store took for a step.", []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, "call"),
		stepErrors: counter("store_step_errors_total", "Steps that failed.", "call"),
		stepReruns: counter("store_step_reruns_total", "Decisions that ran again, since another writer was first or a store made sure of a record that it had kept.", "call"),
		dealt:      counter("deliveries_total", "What became of deliveries in workers.", "message", "channel", "result"),
		sendTime:   histogram("send_seconds", "How long senders took.", []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}, "channel", "result"),
	}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(m); err != nil {
			return nil, err
		}
	}
	all := []prometheus.Collector{m.sent, m.held, m.stepTime, m.stepErrors, m.stepReruns, m.dealt, m.sendTime}
	for i, c := range all {
		if err := r.Register(c); err != nil {
			for _, c := range all[:i] {
				r.Unregister(c)
			}
			return nil, fmt.Errorf("prometheus: New: %w", err)
		}
	}
	return m, nil
}

// Observer returns the observer that counts, for beckon.WithObserver.
func (m *Metrics) Observer() observe.Observer {
	return observe.Observer{Decided: m.decided, Counted: m.counted, Stepped: m.stepped}
}

func (m *Metrics) decided(_ context.Context, d observe.Decision) {
	message, channel, occasion := m.message(d.Message, d.Composed), m.channels.Of(string(d.Channel)), string(d.Occasion)
	if d.Sent {
		m.sent.WithLabelValues(message, channel, occasion).Inc()
		return
	}
	m.held.WithLabelValues(message, channel, occasion, string(d.Reason)).Inc()
}

// message returns the label of a message. Composed ones have as many IDs as the host likes.
func (m *Metrics) message(id string, composed bool) string {
	if composed {
		return observe.Other
	}
	return m.messages.Of(id)
}

func (m *Metrics) counted(_ context.Context, c observe.Count) {
	m.held.WithLabelValues(m.messages.Of(c.Message), m.channels.Of(string(c.Channel)), string(c.Occasion), string(c.Reason)).Add(float64(c.N))
}

func (m *Metrics) stepped(_ context.Context, s observe.Step) {
	m.stepTime.WithLabelValues(s.Call).Observe(s.Duration.Seconds())
	m.stepReruns.WithLabelValues(s.Call).Add(float64(s.Again))
	errs := m.stepErrors.WithLabelValues(s.Call) // zero is a sample, too: an alert sees the first failure
	if s.Err != nil {
		errs.Inc()
	}
}

// Outcome counts what became of a delivery, for beckonwork.WithObserver.
func (m *Metrics) Outcome(o beckonwork.Outcome) {
	channel, result := m.channels.Of(string(o.Delivery.Channel)), string(o.Result)
	m.dealt.WithLabelValues(m.message(o.Delivery.Message, o.Composed), channel, result).Inc()
	m.sendTime.WithLabelValues(channel, result).Observe(o.Took.Seconds())
}
