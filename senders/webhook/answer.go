package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/beckonwork"
)

// How long a receiver may pause the sender.
const (
	minPause     = time.Second
	defaultPause = time.Minute // 429 without a time
	maxPause     = time.Hour
)

// judge returns what the status of an answer means to a worker; see [Sender.Send].
func (s *Sender) judge(status int, header http.Header, quote string) error {
	if status/100 == 2 {
		return nil
	}
	err := fmt.Errorf("webhook: %s answers %d %s: %q", s.host, status, http.StatusText(status), quote)
	now := s.now()
	until, told := retryAfter(header.Get("Retry-After"), now)
	switch {
	case status == http.StatusTooManyRequests && !told:
		return beckonwork.Limited(now.Add(defaultPause), err)
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && told:
		return beckonwork.Limited(until, err)
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status/100 != 4:
		return err
	}
	return beckonwork.Never(err)
}

// retryAfter reads the header of that name, which is seconds or a date. The instant is within
// bounds. It reports false if there is none that can be read.
func retryAfter(text string, now time.Time) (time.Time, bool) {
	pause := maxPause
	seconds, err := strconv.ParseUint(text, 10, 32)
	at, dateErr := http.ParseTime(text)
	switch {
	case err == nil:
		pause = time.Duration(seconds) * time.Second
	case errors.Is(err, strconv.ErrRange): // more than a hundred years
	case dateErr == nil:
		pause = at.Sub(now)
	default:
		return time.Time{}, false
	}
	return now.Add(min(max(pause, minPause), maxPause)), true
}
