package foresee_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// at runs a call at so long after now, and leaves the clock as it was.
func (f *foreseen) at(after time.Duration, do func()) {
	now := f.now
	f.now = now.Add(after)
	do()
	f.now = now
}

// then tracks an event, and lets time pass.
func (f *foreseen) then(name string, after time.Duration) {
	f.track(name)
	f.now = f.now.Add(after)
}

// F5, F6, F9, T5: what takes the room that a message finds none of, or has it wait, is over at
// an instant of its own: then the message is sent, and not a millisecond earlier.
func TestOthersOver(t *testing.T) {
	const (
		hour   = time.Hour
		minute = time.Minute
		m      = `"trigger":{"event":"b"},"frequency":{"every":"0s"}`
		twice  = `"schedule":{"windows":[{"from":"09:00","to":"09:05"},{"from":"09:30","to":"24:00"}],"outside":"hold"}`
		one    = `{"caps":[{"id":"c","max":1,"within":"1d"}],`
	)
	b := beckon.Event{Name: "b", UserID: who.UserID}
	track := func(names ...string) func(*foreseen) {
		return func(f *foreseen) {
			for _, name := range names {
				f.track(name)
			}
		}
	}
	for name, c := range map[string]struct {
		program string
		opts    []beckon.Option
		before  func(*foreseen)
		asked   beckon.Moment
		after   time.Duration
	}{
		"a rival leaves its audience": {
			one + program(message("m", m), message("a", m+`,"priority":9,"audience":{"event":"x","stat":"last","op":"less_than_ago","value":"3h"}`))[1:], nil,
			track("x"), b, 3 * hour,
		},
		"a rival fits no more": {
			one + program(message("m", m), message("a", `"trigger":{"event":"b","where":{"metadata":"starts_date","op":"less_than_ago","value":"3h"}},"frequency":{"every":"0s"},"priority":9`))[1:], nil,
			nil,
			beckon.Event{Name: "b", UserID: who.UserID, Metadata: beckon.Fields{{Key: "starts_date", Value: beckon.Date(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))}}},
			2 * hour,
		},
		"the hours of a rival end": {
			one + program(message("m", m), message("a", m+`,"priority":9,"schedule":{"windows":[{"from":"08:00","to":"12:00"}],"outside":"drop"}`))[1:], nil,
			nil, b, 3 * hour,
		},
		"the hours of a rival end later than its own begin": {
			one + program(message("m", m+`,"schedule":{"windows":[{"from":"11:00","to":"17:00"}],"outside":"drop"}`), message("a", m+`,"priority":9,"schedule":{"windows":[{"from":"08:00","to":"12:00"}],"outside":"drop"}`))[1:], nil,
			nil, b, 3 * hour,
		},
		"the date of a rival is over": {
			one + program(message("m", `"mode":"ongoing","frequency":{"every":"0s"}`), message("a", `"mode":"triggered","trigger":{"date":"born"},"priority":9`))[1:], nil,
			func(f *foreseen) {
				f.update(beckon.Contact{Attributes: beckon.Attributes{"born": beckon.String("2026-03-02")}})
			},
			beckon.Visit{UserID: who.UserID},
			15 * hour,
		},
		"a rival has its own room, and takes it": {
			`{"caps":[{"id":"c","max":2,"within":"1d"}],` + program(message("m", m), message("a", m+`,"priority":9,"audience":{"event":"x","stat":"last","op":"less_than_ago","value":"30h"}`))[1:], nil,
			func(f *foreseen) { f.track("x"); f.then("b", hour); f.then("b", 22*hour) }, b, hour,
		},
		"a send lies in the future": {program(message("m", `"trigger":{"event":"b"},"frequency":{"every":"2h"}`)), nil, func(f *foreseen) { f.at(hour, func() { f.track("b") }) }, b, 3 * hour},
		"its frequency has room, where no more may wait": {
			program(message("m", `"trigger":{"event":"b"},"frequency":{"every":"1h","wait":"3h"},`+twice)),
			[]beckon.Option{beckon.WithHoldsLimit(1)},
			func(f *foreseen) { f.then("b", 10*minute); f.then("b", 21*minute) }, b, 29 * minute,
		},
		"its cap has room, where no more may wait": {
			`{"caps":[{"id":"c","max":1,"within":"2h"}],` + program(message("m", `"trigger":{"event":"b"},"frequency":{"every":"0s","wait":"3h"},`+twice))[1:],
			[]beckon.Option{beckon.WithHoldsLimit(1)},
			func(f *foreseen) { f.then("b", 10*minute); f.then("b", 21*minute) }, b, 89 * minute,
		},
		"who came before gives up": {
			program(message("m", `"trigger":{"event":"b"},"frequency":{"every":"1h","wait":"3h"}`)),
			[]beckon.Option{beckon.WithHoldsLimit(1)},
			func(f *foreseen) { f.then("b", 10*minute); f.then("b", 10*minute) }, b, 170*minute + time.Second,
		},
	} {
		f := newForeseen(t, c.program, c.opts...)
		if c.before != nil {
			c.before(f)
		}
		x, start := f.says(c.asked)["m"], f.now
		if x.Sent || x.Waits != nil || !x.SendsAt.Equal(start.Add(c.after)) {
			t.Errorf("%s: %s, sends at %s, never %q, unsure %v", name, x.Reason, x.SendsAt, x.Never, x.Unsure)
			continue
		}
		for _, at := range []time.Duration{-time.Millisecond, 0} {
			f.at(c.after+at, func() {
				if sent := f.says(c.asked)["m"].Sent; sent != (at == 0) {
					t.Errorf("%s: at %s it is sent: %v", name, f.now, sent)
				}
			})
		}
	}
}
