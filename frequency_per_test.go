package beckon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

func perParcel(f beckon.Frequency) beckon.Program {
	f.Per = "parcel"
	return beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, LiveAt: beckontest.Epoch(), Trigger: beckon.On("moved"), Frequency: &f,
		Content: beckon.Content{Body: "{{ event.parcel }}"},
	}}}
}

func moved(who string, parcel int) beckon.Event {
	return beckon.Event{Name: "moved", UserID: who, Metadata: beckon.Fields{{Key: "parcel", Value: beckon.Number(parcel)}}}
}

// F7: so many values are remembered, of each contact and message, and the least recently
// used is forgotten first: one that was held by its frequency was used.
func TestFrequencyPerValueForgets(t *testing.T) {
	for _, c := range []struct {
		name string
		most int
		opts []beckon.Option
	}{
		{"by default", beckon.DefaultFrequencyValues, nil},
		{"by an option", 3, []beckon.Option{beckon.WithFrequencyValues(3)}},
		{"zero is the default", beckon.DefaultFrequencyValues, []beckon.Option{beckon.WithFrequencyValues(0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kit := beckontest.New(t, perParcel(beckon.Frequency{Every: beckon.Seconds(0), Max: 1}), c.opts...)
			for i := range c.most {
				kit.Track(moved("u", i)).WantSent("m")
			}
			kit.Track(moved("v", 0)).WantSent("m")
			kit.Track(moved("u", 0)).WantHeld("m", beckon.ReasonMaxReached) // used
			kit.Track(moved("u", c.most)).WantSent("m")                     // 1 is forgotten
			kit.Track(moved("u", 0)).WantHeld("m", beckon.ReasonMaxReached)
			kit.Track(moved("u", 2)).WantHeld("m", beckon.ReasonMaxReached)
			kit.Track(moved("u", 1)).WantSent("m")
			kit.Track(moved("v", 0)).WantHeld("m", beckon.ReasonMaxReached)
		})
	}
	if _, err := beckon.New(nil, beckon.WithFrequencyValues(-1)); err == nil {
		t.Error("a negative limit was accepted")
	}
}

// F7, F4: a send that has left the log of sends still counts for its value, and one that
// is given back uncovers it.
func TestFrequencyPerValueBeyondTheLog(t *testing.T) {
	kit := beckontest.New(t, perParcel(beckon.Frequency{Every: beckon.Hours(1)}), beckon.WithSendLog(2))
	start := kit.Now()
	kit.Track(moved("u", 1)).WantSent("m")
	for i := range 3 {
		kit.Advance(time.Minute).Track(moved("u", 2+i)).WantSent("m")
	}
	kit.At(start.Add(59*time.Minute)).Track(moved("u", 1)).WantRetryAt("m", start.Add(time.Hour))
	kit.At(start.Add(time.Hour))
	d := kit.Track(moved("u", 1)).WantSent("m").Deliveries[0]
	kit.Advance(time.Minute).Track(moved("u", 1)).WantRetryAt("m", start.Add(2*time.Hour))
	if err := kit.Engine.Release(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	kit.Track(moved("u", 1)).WantSent("m") // the one before was at start
}

// F7, C2: a merge forgets no value, though the two have more than are remembered.
func TestFrequencyPerValueMerge(t *testing.T) {
	kit := beckontest.New(t, perParcel(beckon.Frequency{Every: beckon.Seconds(0), Max: 1}), beckon.WithFrequencyValues(2))
	for i, who := range []string{"a", "a", "b", "b"} {
		kit.Advance(time.Second).Track(moved(who, i)).WantSent("m")
	}
	kit.Merge(beckon.Identity{UserID: "b"}, beckon.Identity{UserID: "a"})
	for i := range 4 {
		kit.Track(moved("a", i)).WantHeld("m", beckon.ReasonMaxReached)
	}
	kit.Track(moved("a", 4)).WantSent("m") // of the four the last used stays
	kit.Track(moved("a", 3)).WantHeld("m", beckon.ReasonMaxReached)
	kit.Track(moved("b", 0)).WantSent("m")
}

// F7: a throttler has keys of its own.
func TestThrottlerPerValue(t *testing.T) {
	_, err := beckon.NewThrottler(nil, beckon.Frequency{Per: "parcel", Wait: beckon.Hours(1)})
	if got := fmt.Sprint(err); got != "frequency.per: a throttler has keys of its own (program_invalid)\nfrequency.wait: nothing waits for a throttler (program_invalid)\nstore: a throttler needs a store (program_invalid)" {
		t.Errorf("%s", got)
	}
}

// F7, C4: an export says of each value how often and when, and by which hash it is known.
func TestFrequencyPerValueExported(t *testing.T) {
	kit := beckontest.New(t, perParcel(beckon.Frequency{Every: beckon.Seconds(0)}))
	start := kit.Now()
	kit.Track(moved("u", 1)).WantSent("m")
	kit.Advance(time.Minute).Track(moved("u", 2)).WantSent("m")
	kit.Advance(time.Minute).Track(moved("u", 1)).WantSent("m")
	x, _, err := kit.Engine.Export(t.Context(), user("u"))
	if err != nil || len(x.Values) != 2 {
		t.Fatalf("%+v, %v", x.Values, err)
	}
	for i, want := range []struct {
		count int
		last  time.Duration
	}{{1, time.Minute}, {2, 2 * time.Minute}} {
		if v := x.Values[i]; v.Message != "m" || v.Count != want.count || !v.Last.Equal(start.Add(want.last)) || len(v.Value) != 32 || v.Value == x.Values[1-i].Value {
			t.Errorf("%+v, want %+v", v, want)
		}
	}
	if len(x.Sends) != 1 || x.Sends[0].Count != 3 || x.Sends[0].Value != "" {
		t.Errorf("the sends are %+v", x.Sends)
	}
}
