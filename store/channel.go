package store

// A Channel is what carries a message (D6). The zero Channel is Chat. A
// host's own is "custom:NAME"; see [Custom].
type Channel string

// The channels.
const (
	Chat        Channel = "chat"
	Post        Channel = "post"
	Email       Channel = "email"
	Banner      Channel = "banner"
	Push        Channel = "push"
	SMS         Channel = "sms"
	Carousel    Channel = "carousel"
	ProductTour Channel = "product_tour"
	Survey      Channel = "survey"
	Workflow    Channel = "workflow"
)

// Custom returns the channel custom:NAME of the host's own.
func Custom(name string) Channel { return Channel("custom:" + name) }
