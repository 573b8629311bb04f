package beckonui_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/observe"
)

func TestDays(t *testing.T) {
	zone := time.FixedZone("X", 3*3600)
	d := beckonui.NewDays(zone)
	tell := d.Observer().Decided
	ctx := t.Context()
	if list, since := d.Of("m", noon, 3); !since.IsZero() || !reflect.DeepEqual(list, make([]beckonui.DayCount, 3)) {
		t.Errorf("of nothing: %v %v", list, since)
	}
	for _, x := range []observe.Decision{
		{Message: "m", At: noon, Sent: true},
		{Message: "m", At: noon, Reason: beckon.ReasonThrottled},
		{Message: "m", At: noon, Reason: beckon.ReasonAudience},
		{Message: "m", At: noon, Reason: beckon.ReasonFilter},
		{Message: "m", At: noon, Reason: beckon.ReasonNotLive},
		{Message: "order-1", At: noon, Sent: true, Composed: true},
		{Message: "m", At: noon.Add(9 * time.Hour), Sent: true},   // midnight in the zone
		{Message: "m", At: noon.Add(-12 * time.Hour), Sent: true}, // 3 o'clock of the same day
		{Message: "m", At: noon.Add(-16 * time.Hour), Sent: true},
		{Message: "n", At: noon, Sent: true},
	} {
		tell(ctx, x)
	}
	got, since := d.Of("m", noon.Add(9*time.Hour), 4)
	if want := []beckonui.DayCount{{}, {Sent: 1}, {Sent: 2, Held: 1}, {Sent: 1}}; !reflect.DeepEqual(got, want) || !since.Equal(noon.Add(-16*time.Hour)) {
		t.Errorf("got %v since %v, want %v", got, since, want)
	}
	if got, _ := d.All(noon, 2); !reflect.DeepEqual(got, []beckonui.DayCount{{Sent: 1}, {Sent: 3, Held: 1}}) {
		t.Errorf("all: %v", got)
	}
	if got, _ := d.Of("order-1", noon, 1); got[0].Sent != 0 {
		t.Error("what was composed counts")
	}
	if got, _ := d.Of("m", noon, -1); len(got) != 0 {
		t.Error("a negative number of days")
	}
}

// What is counted stays bounded: by days, also if a clock goes back, and by messages.
func TestDaysBounded(t *testing.T) {
	d := beckonui.NewDays(nil)
	tell := d.Observer().Decided
	for i := range 1000 {
		tell(t.Context(), observe.Decision{Message: "m", At: noon.AddDate(0, 0, i), Sent: true})
	}
	last := noon.AddDate(0, 0, 999)
	for name, list := range map[string][]beckonui.DayCount{"of": first(d.Of("m", last, 1<<30)), "all": first(d.All(last, 1<<30)), "of none": first(d.Of("none", last, 1<<62))} {
		if len(list) != beckonui.MaxDays || sum(list) != beckonui.MaxDays && name != "of none" {
			t.Errorf("%s: %d days, %d are kept", name, len(list), sum(list))
		}
	}
	for i := range 1000 {
		tell(t.Context(), observe.Decision{Message: "m", At: last.AddDate(0, 0, -i), Sent: true})
	}
	kept := int64(0)
	for i := range 20 { // pages of days
		for _, x := range first(d.Of("m", last.AddDate(0, 0, -i*beckonui.MaxDays), beckonui.MaxDays)) {
			kept += min(x.Sent, 1)
		}
	}
	if kept > 2*beckonui.MaxDays {
		t.Errorf("%d days are kept", kept)
	}
	for i := range beckonui.MaxDaysMessages + 1 {
		tell(t.Context(), observe.Decision{Message: "m" + itoa(i), At: last, Sent: true})
	}
	if list, _ := d.All(last, 1); list[0].Sent > beckonui.MaxDaysMessages+2 {
		t.Errorf("%d messages are counted", list[0].Sent)
	}
}

// The zero Days counts those of UTC.
func TestDaysZero(t *testing.T) {
	var d beckonui.Days
	if list, since := d.All(noon, 2); !since.IsZero() || len(list) != 2 {
		t.Errorf("%v, %v", list, since)
	}
	if list, _ := d.Of("m", noon, 2); len(list) != 2 {
		t.Errorf("%v", list)
	}
	d.Observer().Decided(t.Context(), observe.Decision{Message: "m", At: noon, Sent: true})
	if list, _ := d.Of("m", noon, 2); list[1].Sent != 1 || list[0].Sent != 0 {
		t.Errorf("%v", list)
	}
	get := beckonui.Handler(nil, beckonui.WithDays(&d), beckonui.WithClock(func() time.Time { return noon }))
	for _, page := range []string{"/", "/messages", "/contact?user_id=u1", "/why?user_id=u1&message=m"} {
		w := httptest.NewRecorder()
		if get.ServeHTTP(w, httptest.NewRequest(http.MethodGet, page, nil)); w.Code < 400 {
			t.Errorf("%s of no engine: %d", page, w.Code)
		}
	}
	if err := beckonui.NewProgram(nil, nil, nil).Publish(t.Context(), nil, []byte("{}")); !errors.Is(err, beckon.ErrClosed) {
		t.Errorf("no engine publishes: %v", err)
	}
}

func first[T, U any](x T, _ U) T { return x }

func sum(list []beckonui.DayCount) (n int64) {
	for _, x := range list {
		n += x.Sent
	}
	return n
}
