package beckonui

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/beckon-go/beckon/replay"
)

// An Option sets up a [Handler].
type Option func(*config)

type config struct {
	title   string
	source  Source
	days    *Days
	history func(context.Context) iter.Seq2[replay.Step, error]
	mayEdit func(*http.Request) bool
	report  func(*http.Request, error)
	now     func() time.Time
	zone    *time.Location
	images  string // sources of a policy, each with a space in front
}

// AllowEdits lets those requests publish, pause, resume and stop, redeliver and drop what was
// given up, and describe, archive and restore events, for which may reports true.
// It is also asked for each page, so that nobody is shown a button that would be refused. It
// is called by several goroutines at once. By default, and with nil, nobody may.
func AllowEdits(may func(*http.Request) bool) Option {
	return func(c *config) { c.mayEdit = may }
}

// WithProgram sets where the text of the program comes from. Without it pages show what the
// engine tells of messages, but neither their rules nor their content, and there is no editor.
// Whether the text can be published, too, see [Publisher].
func WithProgram(source Source) Option {
	return func(c *config) { c.source = source }
}

// WithDays sets what counts decisions by day, for charts. The same value must observe the
// engine, see [Days].
func WithDays(days *Days) Option {
	return func(c *config) { c.days = days }
}

// WithErrors sets a function that gets what failed, such as an error of the store, for example
// to log it. Pages only say that it failed. It is called by several goroutines at once.
func WithErrors(report func(*http.Request, error)) Option {
	return func(c *config) { c.report = report }
}

// WithClock sets the clock, which should be that of the engine. It says what is ahead and
// which day is the last of a chart; it decides nothing. Nil and the default are [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *config) {
		if now != nil {
			c.now = now
		}
	}
}

// WithZone sets the zone in which times are shown. Nil and the default are UTC.
func WithZone(zone *time.Location) Option {
	return func(c *config) {
		if zone != nil {
			c.zone = zone
		}
	}
}

// WithTitle sets the name that stands at the top of each page, such as that of the workspace.
// Empty and the default are "beckon".
func WithTitle(title string) Option {
	return func(c *config) {
		if title != "" {
			c.title = title
		}
	}
}

// WithImages lets previews of messages load images from these sources of a Content Security
// Policy, such as https://cdn.example.com. By default they load none but those in data URLs:
// who looks at a message would tell the server of an image so. A source that is no single
// word of a policy is left out.
func WithImages(sources ...string) Option {
	return func(c *config) {
		for _, s := range sources {
			if s != "" && !strings.ContainsAny(s, " \t\r\n;,") {
				c.images += " " + s
			}
		}
	}
}
