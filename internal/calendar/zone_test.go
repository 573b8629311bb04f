package calendar

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/zonetest"
)

func TestLoadZone(t *testing.T) {
	for name, want := range map[string]string{"": "UTC", "UTC": "UTC", "Europe/Dublin": "Europe/Dublin", "Etc/GMT+5": "Etc/GMT+5", "America/Argentina/Buenos_Aires": "America/Argentina/Buenos_Aires", "EST5EDT": "EST5EDT"} {
		if loc, err := LoadZone(name); err != nil || loc.String() != want {
			t.Errorf("%q: %v, %v", name, loc, err)
		}
	}
	var cache ZoneCache
	for _, name := range []string{
		"Local", "localtime", "posixrules", "Nowhere", "Europe", "Europe/", "/etc/localtime", "../zoneinfo/UTC", "Europe/../UTC",
		"Europe//Dublin", "Europe\\Dublin", "posix/UTC", "right/UTC", "zone.tab", "tzdata.zi", " UTC", "UTC ", "UTC\x00", "-UTC", "+01:00",
		"1", "Europe/Dublin\n", "Ümea", "Europe/" + string(make([]byte, 100)), "A" + fmt.Sprintf("%0100d", 1),
	} {
		if loc, err := LoadZone(name); err != fault.ErrTimezoneUnknown { //nolint:errorlint // it is that very code
			t.Errorf("%q: %v, %v, want timezone_unknown", name, loc, err)
		}
		if loc := cache.Get(name); loc != nil {
			t.Errorf("%q is cached as %v", name, loc)
		}
	}
}

// Where there is no zone database, as in an image made from scratch, the fault
// says so, and what to do. A name that could be none is wrong there too.
func TestZoneFaultWithoutDatabase(t *testing.T) {
	nothing := func(string) (*time.Location, error) { return nil, errors.New("unknown time zone") }
	const embed = `there is no time zone database to find "Europe/Dublin" in: let the program import _ "time/tzdata", which embeds one`
	if got := zoneFaultBy("Europe/Dublin", nothing); got != embed {
		t.Errorf("without a database: %s", got)
	}
	for _, c := range []struct {
		name string
		load func(string) (*time.Location, error)
	}{{"Mars/Base", time.LoadLocation}, {"Local", nothing}, {"", nothing}, {"+01:00", nothing}} {
		want := fault.Quote(c.name) + " is not a time zone: write an IANA name such as Europe/Dublin"
		if got := zoneFaultBy(c.name, c.load); got != want {
			t.Errorf("%q: %s", c.name, got)
		}
	}
	if got := zoneFaultBy("Mars/"+strings.Repeat("b", 59), time.LoadLocation); len(got) > 160 {
		t.Errorf("it quotes too much: %s", got)
	}
}

func TestZoneCache(t *testing.T) {
	var cache ZoneCache
	if loc := cache.Get(""); loc != time.UTC {
		t.Errorf("the empty name gives %v", loc)
	}
	dublin := cache.Get("Europe/Dublin")
	if dublin == nil || dublin != cache.Get("Europe/Dublin") {
		t.Errorf("%v is not remembered", dublin)
	}
	for i := range 2 * maxCachedZones {
		cache.Get(fmt.Sprintf("No/Zone%d", i))
		if n := len(*cache.zones.Load()); n > maxCachedZones {
			t.Fatalf("%d names are remembered", n)
		}
	}
	if loc := cache.Get("Europe/Dublin"); loc == nil || loc.String() != "Europe/Dublin" {
		t.Errorf("after many other names: %v", loc)
	}
	if n := testing.AllocsPerRun(100, func() { cache.Get("Europe/Dublin"); cache.Get("No/Zone2047"); cache.Get("Local") }); n != 0 {
		t.Errorf("%v allocations a hit", n)
	}
}

func TestZoneCacheRace(t *testing.T) {
	var cache ZoneCache
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for _, name := range zonetest.OddZones {
				if loc := cache.Get(name); loc == nil || loc.String() != name {
					t.Errorf("%s: %v", name, loc)
				}
			}
		}()
	}
	all.Wait()
}
