package beckon

import (
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/plan"
)

// draw returns a value, or one time in three the zero one.
func draw[T any](t *rapid.T, g *rapid.Generator[T], label string) (v T) {
	if rapid.IntRange(0, 2).Draw(t, label+"?") > 0 {
		v = g.Draw(t, label)
	}
	return v
}

// drawPointer returns a pointer, or one time in three none.
func drawPointer[T any](t *rapid.T, g *rapid.Generator[T], label string) *T {
	return draw(t, rapid.Map(g, func(v T) *T { return &v }), label)
}

func durations() *rapid.Generator[Duration] {
	return rapid.SampledFrom([]Duration{Seconds(0), Seconds(90), Minutes(15), Hours(12), Days(7), Weeks(2), Days(1).Add(Hours(12))})
}

func instants() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "offset")*60)
		return time.Unix(rapid.Int64Range(0, calendar.MaxDate-86400).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone)
	})
}

func ruleSamples() *rapid.Generator[Rule] {
	return rapid.SampledFrom([]Rule{
		All(), Any(), Not(All()), Segment("big"), User("plan").In("pro", "team"), User("score").AtLeast(1.5), User("beta").Is(true),
		Did("uploaded").AtLeast(10), Did("uploaded").Within(Days(7)).Is(0), Did("invited").Last().LessThanAgo(Days(7)),
		All(Company("size").Between(1, 10), Any(User("email").IsUnknown())), User("trial_ends_at").On("2026-01-02"),
		User("trial_ends_at").LessThanAhead(Days(3)), PageURL().Matches("*/shop/*"), User("used").GreaterThan(User("quota")), Metadata("to").IsNot(Metadata("from")),
		Did("added").Where(Metadata("cart").Is(TriggerMetadata("cart"))).AtLeast(1),
	})
}

func windowSamples() *rapid.Generator[Window] {
	return rapid.SampledFrom([]Window{
		{Days: []Weekday{"sat", "sun"}, From: "22:00", To: "02:00"}, {From: "00:00", To: "24:00"}, {Days: []Weekday{}, From: "09:00", To: "17:30"}, {},
	})
}

func channelSamples() *rapid.Generator[Channel] {
	return rapid.SampledFrom(append(plan.Channels(), Custom("kiosk"), Custom(" ")))
}

func statuses() *rapid.Generator[Status] {
	return rapid.SampledFrom([]Status{Draft, Live, Paused, Stopped})
}

func triggers() *rapid.Generator[Trigger] {
	return rapid.Custom(func(t *rapid.T) Trigger {
		trigger := Trigger{
			Event: draw(t, texts(), "event"), Filter: draw(t, ruleSamples(), "where"), Date: draw(t, texts(), "date"),
			Offset: draw(t, rapid.SampledFrom([]Duration{Days(-3), Seconds(0), Days(1), Hours(-2), Minutes(90)}), "offset"),
			Enters: draw(t, texts(), "enters"), Leaves: draw(t, texts(), "leaves"),
			Attribute: draw(t, texts(), "attribute"), Old: drawPointer(t, changedValues(), "from"), New: drawPointer(t, changedValues(), "to"),
			Absence: drawPointer(t, rapid.Custom(func(t *rapid.T) Unless {
				u := drawUnless(t)
				u.Or = draw(t, rapid.SliceOfN(rapid.Custom(drawUnless), 0, 2), "or")
				return u
			}), "unless"),
			Recheck: rapid.Bool().Draw(t, "recheck"), Time: draw(t, rapid.SampledFrom([]TimeOfDay{"", "08:00", "24:00"}), "at"),
			Repeat: draw(t, rapid.SampledFrom([]Period{"", Yearly, Monthly, Weekly, Daily}), "every"), Span: draw(t, durations(), "for"),
		}
		if trigger.Date == "" {
			trigger.EventDate = draw(t, texts(), "event's date")
		}
		return trigger
	})
}

func drawUnless(t *rapid.T) Unless {
	return Unless{Event: draw(t, texts(), "event"), Within: draw(t, durations(), "within"), Same: draw(t, texts(), "same")}
}

func changedValues() *rapid.Generator[Value] {
	return rapid.SampledFrom([]Value{{}, String(""), NumberLiteral("1.50"), Bool(true), List("a", "b")})
}

func goals() *rapid.Generator[Goal] {
	return rapid.Custom(func(t *rapid.T) Goal {
		return Goal{Rule: draw(t, ruleSamples(), "rule"), Within: draw(t, durations(), "within")}
	})
}

func messages() *rapid.Generator[Message] {
	return rapid.Custom(func(t *rapid.T) Message {
		return Message{
			ID: draw(t, texts(), "id"), Name: draw(t, texts(), "name"), Channel: draw(t, channelSamples(), "channel"),
			Mode: draw(t, rapid.SampledFrom([]Mode{Triggered, Ongoing, OneOff}), "mode"), Status: draw(t, statuses(), "status"),
			LiveAt: draw(t, instants(), "live_at"), Trigger: drawPointer(t, triggers(), "trigger"), Audience: draw(t, ruleSamples(), "audience"),
			Frequency: drawPointer(t, rapid.Custom(func(t *rapid.T) Frequency {
				return Frequency{Every: draw(t, durations(), "every"), Max: draw(t, rapid.IntRange(1, 1<<30), "max"), Per: draw(t, texts(), "per"), Wait: draw(t, durations(), "wait")}
			}), "frequency"),
			Schedule: drawPointer(t, rapid.Custom(func(t *rapid.T) Schedule {
				return Schedule{
					Start: draw(t, instants(), "start"), Stop: draw(t, instants(), "stop"), Timezone: draw(t, texts(), "timezone"),
					ContactTimezone: rapid.Bool().Draw(t, "contact_timezone"), OfficeHours: rapid.Bool().Draw(t, "office_hours"),
					Windows: draw(t, rapid.SliceOfN(windowSamples(), 0, 3), "windows"),
					Outside: draw(t, rapid.SampledFrom([]Outside{OutsideDrop, OutsideHold}), "outside"),
				}
			}), "schedule"),
			Goal:    drawPointer(t, goals(), "goal"),
			Control: draw(t, rapid.Float64Range(0, 1), "control"), Priority: draw(t, rapid.IntRange(-1000, 1000), "priority"),
			Tags: draw(t, rapid.SliceOfN(texts(), 0, 3), "tags"), ExemptFromCaps: rapid.Bool().Draw(t, "exempt"),
			LimitedByCaps: drawPointer(t, rapid.Bool(), "limited"), CountsTowardCaps: drawPointer(t, rapid.Bool(), "counts"),
			Transactional: rapid.Bool().Draw(t, "transactional"), ShowUntil: draw(t, instants(), "show_until"), Topic: draw(t, texts(), "topic"),
			Content: Content{
				Format: draw(t, rapid.SampledFrom([]Format{FormatText, FormatHTML}), "format"), Subject: draw(t, texts(), "subject"),
				Body: draw(t, texts(), "body"), Text: draw(t, texts(), "text"), Data: draw(t, rapid.MapOfN(texts(), texts(), 0, 3), "data"),
				Missing:    draw(t, rapid.SampledFrom([]Missing{MissingEmpty, MissingHold}), "missing"),
				Parameters: draw(t, rapid.MapOfN(texts(), texts(), 0, 3), "parameters"),
			},
		}
	})
}

func drawProgram(t *rapid.T) Program {
	blocks := rapid.Custom(func(t *rapid.T) Block {
		return Block{
			ID: draw(t, texts(), "id"), Wait: draw(t, durations(), "wait"), Rule: drawPointer(t, ruleSamples(), "rule"),
			Within: draw(t, durations(), "within"), Yes: draw(t, texts(), "yes"), No: draw(t, texts(), "no"),
			Message: drawPointer(t, messages(), "message"), Exit: rapid.Bool().Draw(t, "exit"), Next: draw(t, texts(), "next"),
			Update: drawPointer(t, rapid.SampledFrom([]Update{
				{Attributes: Attributes{"a": {}, "b": NumberLiteral("1.50"), "c": Bool(true), "": String("")}}, {Attributes: Attributes{}},
			}), "update"),
			WaitUntil: drawPointer(t, rapid.SampledFrom([]WaitUntil{{}, {At: "09:00", ContactTimezone: true}, {At: "00:00", Days: []Weekday{"mon", "sun"}}}), "wait_until"),
			Split:     draw(t, rapid.SampledFrom([][]Way{nil, {{}}, {{Weight: 1, Next: "a"}, {Weight: 0.5}}}), "split"),
		}
	})
	keys := rapid.Custom(func(t *rapid.T) KeyDeclaration {
		return KeyDeclaration{
			Type: rapid.SampledFrom(append(declared.TypeWords(), "")).Draw(t, "type"), Required: rapid.Bool().Draw(t, "required"),
			Values: rapid.SampledFrom([][]Value{
				nil, {}, {String("free"), String("")}, {NumberLiteral("1.50"), Bool(true)}, {Monetary(100, "eur"), RichLink("https://a.example/", "x")},
			}).Draw(t, "values"),
		}
	})
	return Program{
		Timezone: draw(t, texts(), "timezone"),
		Events: draw(t, rapid.MapOfN(texts(), rapid.Custom(func(t *rapid.T) EventDeclaration {
			return EventDeclaration{
				Description: draw(t, texts(), "description"), Metadata: draw(t, rapid.MapOfN(texts(), keys, 0, 3), "metadata"),
				Others: rapid.SampledFrom([]Others{"", OthersAccept, OthersWarn, OthersRefuse}).Draw(t, "others"),
			}
		}), 0, 2), "events"),
		OfficeHours: drawPointer(t, rapid.Custom(func(t *rapid.T) OfficeHours {
			return OfficeHours{Timezone: draw(t, texts(), "timezone"), Windows: draw(t, rapid.SliceOfN(windowSamples(), 0, 3), "windows")}
		}), "office_hours"),
		Control: draw(t, rapid.Float64Range(0, 1), "control"),
		Topics: draw(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Topic {
			return Topic{ID: draw(t, texts(), "id"), Name: draw(t, texts(), "name"), Channels: draw(t, rapid.SliceOfN(channelSamples(), 0, 3), "channels"), OptIn: rapid.Bool().Draw(t, "opt_in")}
		}), 0, 3), "topics"),
		QuietHours: draw(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) QuietHours {
			return QuietHours{
				Channels: draw(t, rapid.SliceOfN(channelSamples(), 0, 3), "channels"), Timezone: draw(t, texts(), "timezone"),
				ContactTimezone: rapid.Bool().Draw(t, "contact_timezone"), Windows: draw(t, rapid.SliceOfN(windowSamples(), 0, 3), "windows"),
				Then: draw(t, rapid.SampledFrom([]Outside{OutsideDrop, OutsideHold}), "then"),
			}
		}), 0, 3), "quiet_hours"),
		Segments: draw(t, rapid.MapOfN(texts(), ruleSamples(), 0, 3), "segments"),
		Caps: draw(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cap {
			return Cap{
				ID: draw(t, texts(), "id"), Channel: draw(t, channelSamples(), "channel"), Tag: draw(t, texts(), "tag"),
				Max: draw(t, rapid.IntRange(1, 100), "max"), Within: draw(t, durations(), "within"),
			}
		}), 0, 3), "caps"),
		Messages: draw(t, rapid.SliceOfN(messages(), 0, 3), "messages"),
		Series: draw(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Series {
			return Series{
				ID: draw(t, texts(), "id"), Status: draw(t, statuses(), "status"),
				Entry: Entry{Trigger: drawPointer(t, triggers(), "trigger"), Audience: draw(t, ruleSamples(), "audience")},
				Exit:  draw(t, ruleSamples(), "exit"), Reenter: rapid.Bool().Draw(t, "reenter"),
				Blocks:       draw(t, rapid.SliceOfN(blocks, 0, 3), "blocks"),
				ReenterAfter: draw(t, durations(), "reenter_after"), MaxEntries: rapid.IntRange(0, 3).Draw(t, "max_entries"),
				Goal: drawPointer(t, goals(), "goal"), VetIgnore: draw(t, rapid.SliceOfN(texts(), 0, 2), "vet_ignore"),
			}
		}), 0, 2), "series"),
	}
}
