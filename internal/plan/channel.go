package plan

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// CustomPrefix is what the channels of a host's own begin with.
const CustomPrefix = "custom:"

// Channels returns the channels that have names of their own, in the order in which hosts
// read them. Programs are read, checked and described by it.
func Channels() []store.Channel {
	return []store.Channel{
		store.Chat, store.Post, store.Email, store.Banner, store.Push,
		store.SMS, store.Carousel, store.ProductTour, store.Survey, store.Workflow,
	}
}

// ChannelList returns what a channel may be, for those who wrote another.
func ChannelList() (list []string) {
	for _, c := range Channels() {
		list = append(list, string(c))
	}
	return append(list, CustomPrefix+"NAME")
}

// KnownChannel reports whether c is one of [Channels], or may be a host's own: what the
// name of such a one may be is not judged.
func KnownChannel(c store.Channel) bool {
	return slices.Contains(Channels(), c) || strings.HasPrefix(string(c), CustomPrefix)
}

// Sweeps reports whether ongoing messages of the channel are decided on a
// sweep: email, push and SMS. All others are in-app, the host's own included
// (D3).
func Sweeps(c store.Channel) bool { return c == store.Email || c == store.Push || c == store.SMS }

// SweptList returns the channels that a sweep decides, as a sentence lists them.
func SweptList() string {
	var list []string
	for _, c := range Channels() {
		if Sweeps(c) {
			list = append(list, string(c))
		}
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// needsScreen reports whether a message of the channel needs the contact in front of a
// screen, so that an event from the REST interface cannot trigger it (D6).
func needsScreen(c store.Channel) bool {
	return c == store.ProductTour || c == store.Banner || c == store.Carousel
}

// Sources are the channels that events of a source may trigger, where the host says so.
// For a source that is not in it, the table of D6 holds.
type Sources map[store.Source]map[store.Channel]bool

// Restrict reports whether there is any channel that events of the source may not
// trigger.
func (s Sources) Restrict(from store.Source) bool { return len(s) > 0 || from == store.SourceREST }

// Allow reports whether events of the source may trigger the channel.
func (s Sources) Allow(from store.Source, c store.Channel) bool {
	if set, ok := s[from]; ok {
		return set[c]
	}
	return from != store.SourceREST || !needsScreen(c)
}
