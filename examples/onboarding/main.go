// Command onboarding walks three people through a series. The one who starts a first
// project is congratulated, the one who does not is nudged, and the one who buys
// leaves the series. The program is JSON, as an editor would store it.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

//go:embed program.json
var document []byte

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// An app is the host: it owns the clock and the sending.
type app struct {
	engine *beckon.Engine
	now    time.Time
	out    io.Writer
}

func run(ctx context.Context, w io.Writer) error {
	// Parsing finds faults of shape, publishing those of meaning; both name the
	// path, such as series[0].blocks[1].within.
	program, err := beckon.ParseProgram(document)
	if err != nil {
		return err
	}
	a := &app{out: w}
	a.engine, err = beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return a.now }))
	if err != nil {
		return err
	}
	a.at("2026-03-02T08:00:00Z") // a Monday
	if err := a.engine.Publish(ctx, program); err != nil {
		return err
	}

	// Three people sign up. Nothing goes out: all of them wait for a day.
	for _, name := range []string{"Ada", "Brian", "Cleo"} {
		if _, err := a.engine.Update(ctx, beckon.Contact{UserID: name, Name: name}); err != nil {
			return err
		}
		if err := a.track(ctx, name, "signed-up"); err != nil {
			return err
		}
	}

	// Cleo buys. The exit rule ends her walk at once: an update moves walks as an
	// event does, and what it returns is to be sent.
	a.at("2026-03-02T15:00:00Z")
	a.say("Cleo goes pro")
	res, err := a.engine.Update(ctx, beckon.Contact{
		UserID: "Cleo", Attributes: beckon.Attributes{"plan": beckon.String("pro")},
	})
	if err != nil {
		return err
	}
	a.send(res.Deliveries...)

	// Ada is back before the next Due has run: her visit moves her on as well.
	a.at("2026-03-03T08:00:30Z")
	res, err = a.engine.Visit(ctx, beckon.Visit{
		UserID: "Ada", Page: &beckon.Page{URL: "https://app.example/projects"},
	})
	if err != nil {
		return err
	}
	a.say("Ada visits")
	a.send(res.Deliveries...)
	if err := a.due(ctx); err != nil {
		return err
	}
	if err := a.where(ctx, "Ada", "Brian", "Cleo"); err != nil {
		return err
	}

	// Her first project takes her out by "yes", in the same call.
	a.at("2026-03-03T21:15:00Z")
	if err := a.track(ctx, "Ada", "created-project"); err != nil {
		return err
	}

	// Brian's three days are over on Friday at eight in the morning. The nudge
	// is not sent before nine: in a series a closed window makes the walk wait.
	for _, instant := range []string{"2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z"} {
		a.at(instant)
		if err := a.due(ctx); err != nil {
			return err
		}
		if err := a.where(ctx, "Brian"); err != nil {
			return err
		}
	}

	// The last block has marked those who came to the end, so that other
	// messages and reports can ask for it.
	var onboarded []string
	for who, err := range a.engine.Match(ctx, beckon.User("onboarded").Is(true)) {
		if err != nil {
			return err
		}
		onboarded = append(onboarded, who.UserID)
	}
	slices.Sort(onboarded) // the store's order is its own
	fmt.Fprintf(w, "\nonboarded: %s\n", strings.Join(onboarded, ", "))
	return nil
}

func contact(name string) beckon.Identity { return beckon.Identity{UserID: name} }

// at sets the clock.
func (a *app) at(instant string) {
	// Only this file's own literals get here.
	a.now, _ = time.Parse(time.RFC3339, instant)
}

func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.out, "%s  %s\n", a.now.Format("Mon 15:04:05"), fmt.Sprintf(format, args...))
}

func (a *app) track(ctx context.Context, name, event string) error {
	res, err := a.engine.Track(ctx, beckon.Event{UserID: name, Name: event})
	if err != nil {
		return err
	}
	a.say("%s: %s", name, event)
	a.send(res.Deliveries...)
	return nil
}

// due is what the host calls every minute: here only when the clock was set.
func (a *app) due(ctx context.Context) error {
	a.say("due")
	for d, err := range a.engine.Due(ctx) {
		if err != nil {
			return err
		}
		a.send(d)
	}
	return nil
}

// send is the host's part of the work.
func (a *app) send(deliveries ...beckon.Delivery) {
	for _, d := range deliveries {
		fmt.Fprintf(a.out, "              send %s to %s by %s, from %s\n", d.Message, d.Contact.UserID, d.Channel, d.Series)
		if d.Subject != "" {
			fmt.Fprintf(a.out, "                %s\n", d.Subject)
		}
		fmt.Fprintf(a.out, "                %s\n", d.Body)
	}
}

// where shows how far people have come.
func (a *app) where(ctx context.Context, names ...string) error {
	for _, name := range names {
		x, _, err := a.engine.Export(ctx, contact(name))
		if err != nil {
			return err
		}
		for _, j := range x.Series {
			place := "at " + j.Block
			if j.Done {
				place = "is through"
			}
			fmt.Fprintf(a.out, "              %s %s\n", name, place)
		}
	}
	return nil
}
