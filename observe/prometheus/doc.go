// Package prometheus counts what an engine and its workers do, for Prometheus:
//
//	metrics, err := prometheus.New(registerer)
//	…
//	engine, err := beckon.New(store, beckon.WithObserver(metrics.Observer()))
//	…
//	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, mail), beckonwork.WithObserver(metrics.Outcome))
//
// These are the metrics:
//
//	beckon_sent_total                {message, channel, occasion}
//	beckon_held_total                {message, channel, occasion, reason}
//	beckon_store_step_seconds        {call}, a histogram
//	beckon_store_step_errors_total   {call}
//	beckon_store_step_reruns_total   {call}: decisions that ran again, since another writer was first or a store made sure of a record that it had kept
//	beckon_deliveries_total          {message, channel, result}: what became of deliveries in workers
//	beckon_send_seconds              {channel, result}, a histogram: how long senders took
//
// No label comes from an event or a contact. Messages and channels are the host's, and
// the first 200 messages ([observe.MaxNames], [WithMessages]) have time series of their own:
// those past them are "other". Channels have the same limit. What is composed for SendTo is
// "other", if the worker that sends it has a program to tell by.
package prometheus
