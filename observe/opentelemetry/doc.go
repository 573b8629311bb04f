// Package opentelemetry tells OpenTelemetry what an engine and its workers do: metrics, and
// spans where the context of a call has one.
//
//	telemetry, err := opentelemetry.New(opentelemetry.WithMeterProvider(meters), opentelemetry.WithTracerProvider(tracers))
//	…
//	engine, err := beckon.New(store, beckon.WithObserver(telemetry.Observer()))
//	…
//	worker, err := beckonwork.New(engine,
//		beckonwork.Send(beckon.Email, telemetry.Sender(mail)),
//		beckonwork.WithObserver(telemetry.Outcome),
//	)
//
// These are the metrics. Names and units follow OpenTelemetry's semantic conventions, in a
// namespace of their own:
//
//	beckon.sent.messages        {message}  beckon.message, beckon.channel, beckon.occasion
//	beckon.held.messages        {message}  the same, and beckon.reason
//	beckon.store.step.duration  s          beckon.call; error.type of one that failed
//	beckon.store.step.reruns    {rerun}    beckon.call: decisions that ran again, since another writer was first or a store made sure of a record that it had kept
//	beckon.worker.messages      {message}  beckon.message, beckon.channel, beckon.result
//	beckon.worker.send.duration s          beckon.channel, beckon.result
//
// The spans are these. A step of the store is a span "beckon.step" and the call, such as
// "beckon.step event" within Track, below the span that the context of the call has; without
// one there is none. A message that is sent is an event "beckon.sent" of that span. [Telemetry.Sender]
// makes a span "send" and the channel of each send of a worker, which goes on in the context
// that the sender gets.
//
// No attribute comes from an event or a contact. Messages and channels are the host's,
// and the first 200 messages ([observe.MaxNames], [WithMessages]) have time series of their
// own: those past them are "other". Channels have the same limit. What is composed for SendTo
// is "other", if the worker that sends it has a program to tell by. Spans have no limit: they
// name the message and the delivery as they are.
package opentelemetry
