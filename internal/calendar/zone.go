package calendar

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// maxZoneName bounds what is looked up on disk; the longest IANA name has 32
// characters.
const maxZoneName = 64

// LoadZone finds a zone by its IANA name, "Europe/Dublin"; empty is UTC. It
// refuses "Local", which means another zone on every machine, files beside the
// zone database that are no names in it, and anything that could lead out of
// it. The database is that of package time: the system's, the toolchain's, or
// time/tzdata if the program links it.
func LoadZone(name string) (*time.Location, error) {
	if !isZoneName(name) {
		return nil, fault.ErrTimezoneUnknown
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.ErrTimezoneUnknown // the reason names paths of this machine
	}
	return loc, nil
}

// ZoneFault says what is wrong with a name by which LoadZone found nothing.
// A machine without a zone database knows no name at all: then it says so, and
// how a program brings its own.
func ZoneFault(name string) string { return zoneFaultBy(name, time.LoadLocation) }

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

// A ZoneCache remembers zones by name, and names that are none: contacts
// bring theirs with every event. It is safe for concurrent use; the zero
// ZoneCache is empty and ready. A hit takes no lock and allocates nothing.
type ZoneCache struct {
	adding sync.Mutex
	zones  atomic.Pointer[map[string]*time.Location] // never modified, but replaced
}

// Get returns the zone of that name, and nil for a name that is none. The empty
// name is UTC.
func (c *ZoneCache) Get(name string) *time.Location {
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
	loc, err := LoadZone(name)
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
