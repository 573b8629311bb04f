// Package webhook sends deliveries to a URL, as signed JSON. It is a sender of a
// [beckonwork] worker:
//
//	keys, err := webhook.ParseKeys(os.Getenv("WEBHOOK_SECRET")) // whsec_…
//	…
//	hook, err := webhook.New("https://example.com/hooks/beckon", keys)
//	…
//	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Push, hook))
//
// Each delivery is one POST. Its body is the JSON form of a [beckon.Delivery], and it is
// signed as the Standard Webhooks specification (standardwebhooks.com) says, so receivers
// find a library for it in most languages. In Go, [Keys.Verify] checks it.
package webhook
