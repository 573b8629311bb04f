package beckon

import (
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
)

// MaxCapSends is the greatest maximum of a cap: all these sends are kept.
const MaxCapSends = plan.MaxCapSends

// compileCaps makes caps ready, in their order, and reports every fault in
// them by path.
func compileCaps(caps []Cap, path string, faults *fault.List) []plan.Cap {
	plans := make([]plan.Cap, len(caps))
	first := make(map[string]int, len(caps))
	for i, c := range caps {
		at := path + "[" + strconv.Itoa(i) + "]"
		if c.ID == "" {
			faults.Fault(at+".id", "a cap needs an id")
		} else if j, twice := first[c.ID]; twice {
			faults.Fault(at+".id", fault.Quote(c.ID)+" is the id of "+path+"["+strconv.Itoa(j)+"] already")
		} else {
			first[c.ID] = i
		}
		if message := channelFault(c.Channel); message != "" {
			faults.Fault(at+".channel", message)
		} else if c.Channel != "" && !knownChannel(c.Channel) {
			faults.Fault(at+".channel", fault.Quote(string(c.Channel))+" is not a channel")
		}
		switch {
		case c.Max < 1:
			faults.Fault(at+".max", "the maximum of a cap is at least 1")
		case c.Max > MaxCapSends:
			faults.Fault(at+".max", "the maximum of a cap is at most "+strconv.Itoa(MaxCapSends))
		}
		if c.Within.millis() <= 0 {
			faults.Fault(at+".within", "the window of a cap must be longer than none")
		}
		checkDuration(faults, c.Within, at+".within")
		plans[i] = plan.Cap{ID: c.ID, Channel: c.Channel, Tag: c.Tag, Max: c.Max, Within: c.Within.millis()}
	}
	return plans
}

// knownChannel reports whether c is one of the channels or a host's own with a name.
func knownChannel(c Channel) bool {
	switch c {
	case Chat, Post, Email, Banner, Push, SMS, Carousel, ProductTour, Survey, Workflow:
		return true
	}
	return strings.HasPrefix(string(c), "custom:") && channelFault(c) == ""
}

// channelFault judges the name of a channel of the host's own, "" if it is fine or the
// channel is none: it is a name as an id is.
func channelFault(c Channel) string {
	switch name, own := strings.CutPrefix(string(c), "custom:"); {
	case !own:
	case identity.Blank(name):
		return "custom: needs a name after it, such as custom:kiosk"
	case len(name) > MaxIDLength:
		return "the name of a channel has at most " + strconv.Itoa(MaxIDLength) + " bytes"
	case !plainText(name):
		return "the name of a channel must be valid UTF-8 without control characters"
	}
	return ""
}

// compile makes a frequency ready and reports its faults, by path. A nil
// frequency is the default. every is the distance of one that sets none.
func (f *Frequency) compile(every time.Duration, path string, faults *fault.List) plan.Frequency {
	plan := plan.Frequency{Every: every.Milliseconds()}
	if f == nil {
		return plan
	}
	switch {
	case f.Every.Negative():
		faults.Fault(path+".every", "a distance between sends cannot be negative")
	case !f.Every.IsZero() && checkDuration(faults, f.Every, path+".every"):
		plan.Every = f.Every.millis()
	}
	if f.Max < 0 {
		faults.Fault(path+".max", "a maximum is at least 1; leave it out for none")
	} else {
		plan.Max = uint64(f.Max)
	}
	return plan
}
