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

// A ChannelSet is a set of channels. All of hosts' own count as one there. Stores may
// persist it: a bit never changes its meaning.
type ChannelSet uint16

// AllChannels has all channels.
const AllChannels ChannelSet = 1<<channelBits - 1

// channelBits is how many bits of a set are used.
const channelBits = 11

// bit returns the number of a channel's bit.
func (c Channel) bit() int {
	switch c {
	case Chat, "":
		return 0
	case Post:
		return 1
	case Email:
		return 2
	case Banner:
		return 3
	case Push:
		return 4
	case SMS:
		return 5
	case Carousel:
		return 6
	case ProductTour:
		return 7
	case Survey:
		return 8
	case Workflow:
		return 9
	}
	return channelBits - 1
}

// ChannelSetOf returns the set of some channels.
func ChannelSetOf(channels ...Channel) (s ChannelSet) {
	for _, c := range channels {
		s |= 1 << c.bit()
	}
	return s
}
