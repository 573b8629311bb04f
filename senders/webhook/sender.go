package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// DefaultTimeout is how long one POST may take, from the connection to the end of the answer.
const DefaultTimeout = 15 * time.Second

// What is read of an answer, so that its connection can be used again. The rest is left.
const (
	maxRead  = 64 << 10 // bytes
	maxQuote = 200      // bytes of them that an error quotes
)

// A Sender posts deliveries to one URL. It is a [beckonwork.Sender] and safe for concurrent
// use. It has nothing to be closed.
type Sender struct {
	url     string
	host    string
	keys    Keys
	client  *http.Client
	timeout time.Duration
	now     func() time.Time
}

// An Option of [New].
type Option func(*Sender)

// WithClient sets the client that posts. It is copied, and its CheckRedirect does not count.
// Nil and the default are a client over a copy of [http.DefaultTransport], in which as many
// connections wait to be used again as a worker uses at once.
func WithClient(client *http.Client) Option {
	return func(s *Sender) {
		if client != nil {
			s.client = client
		}
	}
}

// WithTimeout sets how long one POST may take. Zero and the default are [DefaultTimeout]; a
// negative one is an error of [New].
func WithTimeout(d time.Duration) Option {
	return func(s *Sender) {
		if d != 0 {
			s.timeout = d
		}
	}
}

// WithClock sets the clock of timestamps and of Retry-After. Nil and the default are
// [time.Now].
func WithClock(now func() time.Time) Option {
	return func(s *Sender) {
		if now != nil {
			s.now = now
		}
	}
}

// New returns a sender that posts to a URL and signs with keys. The URL is http or https;
// over http all that a delivery says can be read and changed on the way, and only a change
// is found out. The error says what is wrong. Nothing is sent yet.
func New(to string, keys Keys, opts ...Option) (*Sender, error) {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("webhook: expected a URL such as https://example.com/hooks")
	}
	if len(keys.macs) == 0 {
		return nil, errors.New("webhook: expected one key at least, see ParseKeys")
	}
	s := &Sender{url: to, host: u.Host, keys: keys, timeout: DefaultTimeout, now: time.Now} //nolint:forbidigo // what WithClock stands in for
	for _, o := range opts {
		o(s)
	}
	if s.timeout < 0 {
		return nil, fmt.Errorf("webhook: a timeout of %s is over before it begins", s.timeout)
	}
	if s.client == nil {
		s.client = &http.Client{}
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			own := usual.Clone()
			own.MaxIdleConnsPerHost = beckonwork.DefaultAtOnce
			s.client.Transport = own
		}
	}
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client = &client
	return s, nil
}

// Send posts a delivery, and returns what the answer means to a worker:
//
//   - 2xx: it is made.
//   - 429, and 503 with a Retry-After: [beckonwork.Limited], until then (in a minute for 429
//     without), at least a second and at most an hour ahead.
//   - 408, 425, other 5xx, 3xx, and no answer: a try. Redirects are not followed: what is
//     signed for one receiver is not for another.
//   - Other 4xx, such as 410: [beckonwork.Never].
//
// Errors name the host and quote the beginning of the answer. They do not show the URL: it
// may be a secret.
func (s *Sender) Send(ctx context.Context, d beckon.Delivery) error {
	if d.ID == "" || strings.ContainsFunc(d.ID, func(r rune) bool { return r <= ' ' || r > '~' || r == '.' }) {
		return beckonwork.Never(fmt.Errorf("webhook: %q is no ID of a delivery", d.ID))
	}
	body, err := json.Marshal(d)
	if err != nil {
		return beckonwork.Never(fmt.Errorf("webhook: the delivery has no JSON form: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: a request to %s cannot be made", s.host)
	}
	timestamp := strconv.FormatInt(s.now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "beckon-webhook")
	r.Header.Set(HeaderID, d.ID)
	r.Header.Set(HeaderTimestamp, timestamp)
	r.Header.Set(HeaderSignature, s.keys.sign(d.ID, timestamp, body))
	answer, err := s.client.Do(r)
	if err != nil {
		if full := (*url.Error)(nil); errors.As(err, &full) {
			err = full.Err // without the URL
		}
		return fmt.Errorf("webhook: no answer from %s: %w", s.host, err)
	}
	return s.judge(answer.StatusCode, answer.Header, quote(answer.Body))
}

// quote reads an answer as far as it is read, and returns its beginning. Whether the rest
// comes does not matter: the status has said what became of the delivery.
func quote(body io.ReadCloser) string {
	start, _ := io.ReadAll(io.LimitReader(body, maxQuote))
	_, _ = io.CopyN(io.Discard, body, maxRead-maxQuote)
	_ = body.Close()
	return string(start)
}
