// Package beckonhttp is the door of an engine: what clients that exist send, as handlers of
// net/http. The host owns the listener and says who may come in.
//
//	mux.Handle("/api/", http.StripPrefix("/api", beckonhttp.REST(engine, beckonhttp.Tokens(secret))))
//
// Each family of routes is a handler of its own, to be mounted alone or with the others:
// [REST] is for servers that hold a token, [Segment] for Segment's libraries, [Browser] for
// pages, which are not trusted, [Stripe] for Stripe's webhooks, and [Webhook] for those of
// other systems. [Script] serves what a page needs to speak with Browser.
//
// All families answer a refusal with the same body, and with a status that fits:
//
//	{"type": "error.list", "request_id": "…", "errors": [{"code": "…", "field": "…", "message": "…"}]}
//
// Bodies are strict JSON in UTF-8, are limited in size and in the time that they take, and
// are read before the engine is asked. What was posted is dealt with even if the caller has
// gone. No panic leaves a handler, and no goroutine stays behind.
//
// What an engine decides on the way goes to [WithResults], where the host sends it, or waits
// in the outbox.
package beckonhttp
