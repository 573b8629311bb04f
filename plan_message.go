package beckon

import (
	"unique"

	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/schedule"
	"github.com/beckon-go/beckon/store"
)

// A planMode is how a message goes out (D1, D2, D5).
type planMode string

// The modes.
const (
	modeTriggered planMode = "triggered"
	modeOngoing   planMode = "ongoing"
	modeOneOff    planMode = "one_off"
)

// A planStatus is where in its life a message or a series is.
type planStatus string

// The statuses.
const (
	statusDraft   planStatus = "draft"
	statusLive    planStatus = "live"
	statusPaused  planStatus = "paused"
	statusStopped planStatus = "stopped" // for good (D7)
)

// A messagePlan is one message, compiled.
type messagePlan struct {
	// What is looked at of each candidate stands together, in 64 bytes.
	id          string
	place       int // in plan.byPlace
	where       *rule.Compiled
	audience    *rule.Compiled
	unless      *unlessPlan
	series      *seriesPlan // the series it belongs to; nil for most
	usesCompany bool
	dated       bool // it has a date
	triggered   bool // its mode is modeTriggered

	index       int    // in plan.messages
	path        string // in the program, for faults found later
	channel     store.Channel
	mode        planMode
	status      planStatus
	liveAt      int64 // Unix milliseconds; 0: when it was first published live
	tags        []string
	priority    int
	exempt      bool
	event       unique.Handle[string]
	date        string // the date attribute of a date rule (T5)
	offset      int    // days from it
	frequency   frequencyPlan
	schedule    *schedule.Schedule
	goal        *goalPlan
	control     float64
	caps        []int32 // the groups of caps that concern it
	content     *render.Content
	holdMissing bool

	transactional bool
}

// An unlessPlan is the event that must not follow within a time (T6).
type unlessPlan struct {
	event  unique.Handle[string]
	within int64 // milliseconds
	same   string
}

// A goalPlan is a rule that is to come true within a time after the send (D9).
type goalPlan struct {
	rule   *rule.Compiled
	within int64 // milliseconds
}

// sweeps reports whether ongoing messages of the channel are decided on a
// sweep: email, push and SMS. All others are in-app, the host's own included
// (D3).
func sweeps(c store.Channel) bool { return c == store.Email || c == store.Push || c == store.SMS }
