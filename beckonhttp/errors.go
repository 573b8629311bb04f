package beckonhttp

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/beckon-go/beckon"
)

// The codes of refusals that come from the door and not from the engine. All others are
// codes of package beckon.
const (
	ErrUnauthorized     beckon.Code = "unauthorized"           // 401: the caller did not say who it is
	ErrForbidden        beckon.Code = "forbidden"              // 403: it may not do this
	ErrNotFound         beckon.Code = "not_found"              // 404: there is no such route, or no such thing
	ErrMethod           beckon.Code = "method_not_allowed"     // 405: the route has other methods
	ErrTimeout          beckon.Code = "request_timeout"        // 408: the body did not come in time
	ErrConflict         beckon.Code = "conflict"               // 409: there is such a contact already
	ErrMediaType        beckon.Code = "media_type_unsupported" // 415: the body is not JSON in UTF-8
	ErrParameterInvalid beckon.Code = "parameter_invalid"      // 400: a parameter of the query, or a field that is no contact's
	ErrRateLimit        beckon.Code = "rate_limit_exceeded"    // 429: see WithRateLimit
	ErrServer           beckon.Code = "server_error"           // 500: WithErrors says why
	ErrUnavailable      beckon.Code = "service_unavailable"    // 503: the store failed; try again
)

// statusOf returns the status of a code.
func statusOf(code beckon.Code) int {
	switch code {
	case ErrUnauthorized:
		return http.StatusUnauthorized
	case ErrForbidden:
		return http.StatusForbidden
	case ErrNotFound, beckon.ErrContactUnknown, beckon.ErrDeliveryUnknown, beckon.ErrMessageUnknown:
		return http.StatusNotFound
	case ErrMethod:
		return http.StatusMethodNotAllowed
	case ErrTimeout:
		return http.StatusRequestTimeout
	case ErrConflict, beckon.ErrContactAmbiguous:
		return http.StatusConflict
	case beckon.ErrBodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case ErrMediaType:
		return http.StatusUnsupportedMediaType
	case beckon.ErrEventNamesLimit, beckon.ErrIdentitiesLimit:
		return http.StatusUnprocessableEntity
	case ErrRateLimit, beckon.ErrCheckTooSoon:
		return http.StatusTooManyRequests
	case ErrServer, beckon.ErrOptionConflict, beckon.ErrEngineView, beckon.ErrDataCorrupt, beckon.ErrDataVersion:
		return http.StatusInternalServerError
	case ErrUnavailable, beckon.ErrProgramMissing, beckon.ErrClosed:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// refuse returns a refusal of the door.
func refuse(code beckon.Code, field, message string) error {
	return beckon.ErrorList{{Code: code, Field: field, Message: message}}
}

// listOf returns what an answer says of an error. Only refusals are told: what a store or
// a hook says may hold anything.
func listOf(err error) (list beckon.ErrorList, told bool) {
	var one *beckon.Error
	var code beckon.Code
	var failed *beckon.StoreError
	switch {
	case errors.As(err, &failed):
		return beckon.ErrorList{{Code: ErrUnavailable, Message: "the event or contact could not be stored; try again"}}, false
	case errors.As(err, &list) && len(list) > 0:
	case errors.As(err, &one):
		list = beckon.ErrorList{one}
	case errors.As(err, &code):
		list = beckon.ErrorList{{Code: code, Message: sentence(code)}}
	default:
		return beckon.ErrorList{{Code: ErrServer, Message: "the request failed"}}, false
	}
	if statusOf(list[0].Code) == http.StatusInternalServerError {
		return beckon.ErrorList{{Code: ErrServer, Message: "the request failed"}}, false
	}
	return list, true
}

// sentence returns what a code says by itself.
func sentence(code beckon.Code) string {
	switch code {
	case ErrUnauthorized:
		return "the request names no token that is valid here"
	case ErrForbidden:
		return "the caller may not do this"
	case ErrRateLimit:
		return "too many requests; try again later"
	}
	return "the request is refused"
}

// errorJSON is the body of every refusal.
type errorJSON struct {
	Type      string          `json:"type"`
	RequestID string          `json:"request_id"`
	Errors    []*beckon.Error `json:"errors"`
}

// refused writes an error. Clients that exist take anything else than a list with at
// least one message for success, or break on it.
func (c *call) refused(err error) {
	list, told := listOf(err)
	if !told {
		c.room.report(c.r, err)
	}
	status := statusOf(list[0].Code)
	if at := list[0].RetryAt; !at.IsZero() {
		c.w.Header().Set("Retry-After", secondsUntil(at, c.room.now()))
	} else if status == http.StatusTooManyRequests {
		c.w.Header().Set("Retry-After", "1") // nobody knows
	}
	if status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if status == http.StatusRequestTimeout || status == http.StatusRequestEntityTooLarge {
		c.w.Header().Set("Connection", "close") // there is more to come, which nobody reads
	}
	c.answer(status, errorJSON{Type: "error.list", RequestID: c.id, Errors: list})
}

// secondsUntil returns the whole seconds until an instant, at least one.
func secondsUntil(at, now time.Time) string {
	return strconv.Itoa(max(int((at.Sub(now)+time.Second-1)/time.Second), 1))
}

// answer writes a body of JSON.
func (c *call) answer(status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		c.room.report(c.r, err)
		status, data = http.StatusInternalServerError, []byte(`{"type":"error.list","request_id":"`+c.id+`","errors":[{"code":"server_error","message":"the request failed"}]}`)
	}
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(data) // who does not read it has gone
}
