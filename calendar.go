package beckon

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

const daySeconds = 24 * 60 * 60

// Offsets from UTC in the zone database stay below sixteen hours. A wall
// clock that is this far behind, read as UTC, is behind in every zone.
const zoneReach = 26 * 60 * 60

// maxZoneName bounds what is looked up on disk; the longest IANA name has 32
// characters.
const maxZoneName = 64

// loadZone finds a zone by its IANA name, "Europe/Dublin"; empty is UTC. It
// refuses "Local", which means another zone on every machine, files beside the
// zone database that are no names in it, and anything that could lead out of
// it. The database is that of package time: the system's, the toolchain's, or
// time/tzdata if the program links it.
func loadZone(name string) (*time.Location, error) {
	if !isZoneName(name) {
		return nil, fault.ErrTimezoneUnknown
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.ErrTimezoneUnknown // the reason names paths of this machine
	}
	return loc, nil
}

// zoneFault says what is wrong with a name by which loadZone found nothing.
// A machine without a zone database knows no name at all: then it says so, and
// how a program brings its own.
func zoneFault(name string) string { return zoneFaultBy(name, time.LoadLocation) }

// zoneFaultBy is zoneFault where load looks zones up.
func zoneFaultBy(name string, load func(name string) (*time.Location, error)) string {
	if isZoneName(name) && name != "" {
		known := false
		for _, common := range [...]string{"Europe/London", "America/New_York", "Asia/Tokyo"} {
			_, err := load(common)
			known = known || err == nil
		}
		if !known {
			return "there is no time zone database to find " + fault.Quote(name) + ` in: let the program import _ "time/tzdata", which embeds one`
		}
	}
	return fault.Quote(name) + " is not a time zone: write an IANA name such as Europe/Dublin"
}

// isZoneName reports whether name could be one in the zone database.
func isZoneName(name string) bool {
	switch name {
	case "":
		return true
	case "Local", "localtime", "posixrules":
		return false
	}
	// The directories hold the database once more, "right" with leap seconds.
	if len(name) > maxZoneName || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return false
	}
	begins := true // at the beginning of a part: a letter must follow
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			begins = false
		case begins:
			return false
		case c == '/':
			begins = true
		case c >= '0' && c <= '9', c == '-', c == '+', c == '_':
		default:
			return false
		}
	}
	return !begins
}

// maxCachedZones is more than the zone database has names.
const maxCachedZones = 1024

// A zoneCache remembers zones by name, and names that are none: contacts
// bring theirs with every event. It is safe for concurrent use; the zero
// zoneCache is empty and ready. A hit takes no lock and allocates nothing.
type zoneCache struct {
	adding sync.Mutex
	zones  atomic.Pointer[map[string]*time.Location] // never modified, but replaced
}

// get returns the zone of that name, and nil for a name that is none. The empty
// name is UTC.
func (c *zoneCache) get(name string) *time.Location {
	if name == "" {
		return time.UTC
	}
	if zones := c.zones.Load(); zones != nil {
		if loc, known := (*zones)[name]; known {
			return loc
		}
	}
	if !isZoneName(name) {
		return nil // cheap to find again: hostile names never enter the cache
	}
	loc, err := loadZone(name)
	if err != nil {
		loc = nil
	}
	c.adding.Lock()
	defer c.adding.Unlock()
	// Past the bound it begins anew: there are fewer zones than that, so only
	// names that are none can fill it.
	next := make(map[string]*time.Location)
	if zones := c.zones.Load(); zones != nil && len(*zones) < maxCachedZones {
		for name, loc := range *zones {
			next[name] = loc
		}
	}
	next[strings.Clone(name)] = loc // name may be part of a large body
	c.zones.Store(&next)
	return loc
}

// zoneAt returns the offset from UTC in force at an instant, in seconds east,
// and the span [start, end) of Unix seconds around it in which that offset
// holds. Neighbouring spans may have the same offset. Without end the bounds
// are math.MinInt64 and math.MaxInt64.
func zoneAt(sec int64, loc *time.Location) (offset, start, end int64) {
	t := time.Unix(sec, 0).In(loc)
	_, east := t.Zone()
	from, to := t.ZoneBounds()
	start, end = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		start = from.Unix()
	}
	if !to.IsZero() {
		end = to.Unix()
	}
	return int64(east), start, end
}

// offsetAt returns the offset from UTC in force at an instant.
func offsetAt(sec int64, loc *time.Location) int64 {
	_, east := time.Unix(sec, 0).In(loc).Zone()
	return int64(east)
}

// A wall clock reading is written here as the Unix seconds at which a clock
// in UTC shows the same: arithmetic on it is arithmetic on the calendar.

// firstAt returns the first instant at which the clock on the wall shows wall
// or later: the end of the gap for a time that does not exist, the first of
// two for one that comes twice. time.Date promises neither.
func firstAt(wall int64, loc *time.Location) int64 {
	for sec := wall - zoneReach; ; {
		offset, _, end := zoneAt(sec, loc)
		if at := max(sec, wall-offset); at < end {
			return at
		}
		sec = end
	}
}

// daysAgo returns the instant that many calendar days before now, both in Unix
// seconds (A6): the same time on the wall, that many days earlier. A time that
// does not exist on that day is read with the offset from before the gap, one that
// comes twice is its first. No days are now itself; negative ones lie ahead.
func daysAgo(now, days int64, loc *time.Location) int64 {
	if days == 0 {
		return now
	}
	wall := now + offsetAt(now, loc) - days*daySeconds
	at := firstAt(wall, loc)
	if offset, start, _ := zoneAt(at, loc); at+offset > wall && at == start {
		return wall - offsetAt(at-1, loc) // in a gap, which ends at at
	}
	return at
}

// dayBounds returns the first instant of a local date and that of the next, in
// Unix seconds. Where midnight does not exist the day begins when the gap
// ends; a date that was left out altogether is empty: both are the same.
// Where midnight comes twice the day begins with the first.
func dayBounds(year int, month time.Month, day int, loc *time.Location) (start, end int64) {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return firstAt(midnight, loc), firstAt(midnight+daySeconds, loc)
}

// localDay returns the date on the wall at an instant in Unix seconds.
func localDay(sec int64, loc *time.Location) (year int, month time.Month, day int) {
	return time.Unix(sec, 0).In(loc).Date()
}

// floorSeconds returns the Unix second in which an instant in Unix milliseconds
// lies, before 1970 too.
func floorSeconds(ms int64) int64 {
	sec := ms / 1000
	if ms%1000 < 0 {
		sec--
	}
	return sec
}
