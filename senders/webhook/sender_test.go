package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/senders/webhook"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var delivery = beckon.Delivery{
	ID: "0123456789abcdef0123456789abcdef", Message: "upload-ready", Channel: beckon.Push,
	Contact: beckon.Identity{UserID: "u1", Email: "ada@example.com"}, Sequence: 2, At: now.Add(-time.Minute),
	Subject: "Ready", Format: beckon.FormatHTML, Body: "<b>cat.mp4</b> is ready", Text: "cat.mp4 is ready", Data: map[string]string{"link": "https://example.com/?a=1&b=2"}, Attempt: 3,
	Parameters: map[string]beckon.Value{"price": beckon.Monetary(34999, "eur")},
}

func sender(t testing.TB, url string, opts ...webhook.Option) *webhook.Sender {
	t.Helper()
	s, err := webhook.New(url, parse(t, specSecret), append([]webhook.Option{webhook.WithClock(func() time.Time { return now })}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSend(t *testing.T) {
	var body []byte
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.String() != "/hooks?x=1" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		body, _ = io.ReadAll(r.Body)
		header = r.Header
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	s, err := webhook.New(server.URL+"/hooks?x=1", parse(t, secret('n', 24), specSecret), webhook.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), delivery); err != nil {
		t.Fatal(err)
	}
	var got beckon.Delivery
	if err := json.Unmarshal(body, &got); err != nil || !reflect.DeepEqual(got, delivery) {
		t.Errorf("got %+v, %v", got, err)
	}
	if header.Get("Webhook-Id") != delivery.ID || header.Get("Webhook-Timestamp") != "1772442000" || header.Get("Content-Type") != "application/json" {
		t.Errorf("headers: %v", header)
	}
	for name, keys := range map[string]webhook.Keys{"the new key": parse(t, secret('n', 24)), "the old one": parse(t, specSecret)} {
		if err := keys.Verify(header, body, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := parse(t, secret('x', 24)).Verify(header, body, now); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("a key that did not sign: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	made := func(error) error { return nil }
	try := func(cause error) error { return cause }
	limited := func(after time.Duration) func(error) error {
		return func(cause error) error { return beckonwork.Limited(now.Add(after), cause) }
	}
	for _, c := range []struct {
		status     int
		retryAfter string
		want       func(error) error
	}{
		{200, "", made},
		{201, "", made},
		{204, "", made},
		{299, "", made},
		{301, "", try},
		{302, "", try},
		{304, "", try},
		{307, "", try},
		{400, "", beckonwork.Never},
		{401, "", beckonwork.Never},
		{404, "", beckonwork.Never},
		{404, "60", beckonwork.Never},
		{408, "", try},
		{410, "", beckonwork.Never},
		{422, "", beckonwork.Never},
		{425, "", try},
		{429, "", limited(time.Minute)},
		{429, "tomorrow", limited(time.Minute)},
		{429, "-5", limited(time.Minute)},
		{429, "1.5", limited(time.Minute)},
		{429, "90", limited(90 * time.Second)},
		{429, "0", limited(time.Second)},
		{429, "3600", limited(time.Hour)},
		{429, "3601", limited(time.Hour)},
		{429, "4294967295", limited(time.Hour)},
		{429, "99999999999999999999999999", limited(time.Hour)},
		{429, "Mon, 02 Mar 2026 09:05:00 GMT", limited(5 * time.Minute)},
		{429, "Monday, 02-Mar-26 09:05:00 GMT", limited(5 * time.Minute)},
		{429, "Mon, 02 Mar 2026 08:00:00 GMT", limited(time.Second)},
		{429, "Fri, 02 Mar 9999 09:05:00 GMT", limited(time.Hour)},
		{500, "", try},
		{500, "60", try},
		{502, "", try},
		{503, "", try},
		{503, "soon", try},
		{503, "120", limited(2 * time.Minute)},
		{504, "", try},
		{599, "", try},
		{600, "", try},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.retryAfter != "" {
				w.Header().Set("Retry-After", c.retryAfter)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			if c.status != 204 && c.status != 304 {
				_, _ = io.WriteString(w, "so it is\n")
			}
		}))
		err := sender(t, server.URL+"/hooks/topsecret").Send(t.Context(), delivery)
		cause := err
		if inner := errors.Unwrap(err); inner != nil {
			cause = inner
		}
		if !reflect.DeepEqual(err, c.want(cause)) {
			t.Errorf("%d %q: %v, expected %v", c.status, c.retryAfter, err, c.want(cause))
		}
		if err != nil && (strings.Contains(err.Error(), "topsecret") || c.status != 304 && !strings.Contains(err.Error(), `"so it is\n"`)) {
			t.Errorf("%d: %v", c.status, err)
		}
		server.Close()
	}
}

// What is signed for one receiver is not for another.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was followed") }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) }))
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
		if err := sender(t, server.URL, webhook.WithClient(client)).Send(t.Context(), delivery); err == nil {
			t.Errorf("%d: no error", status)
		}
		if client.CheckRedirect(nil, nil) != nil {
			t.Error("the host's client was changed")
		}
		server.Close()
	}
}

// An answer without an end is read to the limit, and one that stops is not waited for.
func TestAnswersAreBounded(t *testing.T) {
	for name, status := range map[string]int{"made": 200, "refused": 400} {
		written := make(chan int, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			n, line := 0, []byte(strings.Repeat("x", 1<<16))
			for range 1024 { // 64 MiB
				m, err := w.Write(line)
				n += m
				if err != nil {
					break
				}
			}
			written <- n
		}))
		err := sender(t, server.URL).Send(t.Context(), delivery)
		if (err == nil) != (status == 200) || err != nil && len(err.Error()) > 400 {
			t.Errorf("%s: %v", name, err)
		}
		if n := <-written; n > 32<<20 {
			t.Errorf("%s: %d bytes were taken", name, n)
		}
		server.Close()
	}
}

// The transport answers at once, so that a body that never ends is all there is to wait for.
func TestBodyOfAnAnswerIsBoundByTheTimeout(t *testing.T) {
	client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: until{r.Context()}}, nil
	})}
	if err := sender(t, "https://example.com", webhook.WithClient(client), webhook.WithTimeout(time.Millisecond)).Send(t.Context(), delivery); err != nil {
		t.Errorf("the status was 200: %v", err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// until is a body that stands still until its request ends.
type until struct{ ctx context.Context }

func (u until) Read([]byte) (int, error) { <-u.ctx.Done(); return 0, u.ctx.Err() }
func (u until) Close() error             { return nil }

func TestNoAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hang := transport(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() })
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := "http://" + refused.Addr().String() + "/topsecret"
	if err := refused.Close(); err != nil {
		t.Fatal(err)
	}
	cancelled := transport(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	for _, c := range []struct {
		name, url string
		client    *http.Client
		want      error
	}{
		{"nobody is there", away, nil, nil},
		{"it hangs", "https://example.com/topsecret", &http.Client{Transport: hang}, context.DeadlineExceeded},
		{"the worker drains", "https://example.com/topsecret", &http.Client{Transport: cancelled}, context.Canceled},
	} {
		err := sender(t, c.url, webhook.WithClient(c.client), webhook.WithTimeout(10*time.Millisecond)).Send(ctx, delivery)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || strings.HasPrefix(err.Error(), "never") || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestNew(t *testing.T) {
	keys := parse(t, specSecret)
	for _, url := range []string{"", "example.com", "/hooks", "ftp://example.com", "https://", "https://example.com/\n", "://topsecret"} {
		if _, err := webhook.New(url, keys); err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := webhook.New("https://example.com", webhook.Keys{}); err == nil {
		t.Error("without a key")
	}
	if _, err := webhook.New("https://example.com", keys, webhook.WithTimeout(-1)); err == nil {
		t.Error("a negative timeout")
	}
	if _, err := webhook.New("https://example.com", keys, webhook.WithTimeout(0), webhook.WithClient(nil), webhook.WithClock(nil)); err != nil {
		t.Errorf("zero options: %v", err)
	}
}

func TestIDsAreHeaders(t *testing.T) {
	s := sender(t, "https://example.com", webhook.WithClient(&http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		t.Error("it was posted")
		return nil, errors.New("no")
	})}))
	for _, id := range []string{"", "a.b", "a b", "a\r\nX: y", "ü"} {
		d := delivery
		d.ID = id
		if err := s.Send(t.Context(), d); err == nil || !strings.HasPrefix(err.Error(), "it can never be sent: ") {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A sender is used by many workers at once.
func TestManyAtOnce(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Header.Get(webhook.HeaderID)]++
	}))
	defer server.Close()
	s := sender(t, server.URL)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			d := delivery
			d.ID = strings.Repeat(string(rune('a'+i%26)), 1+i/26)
			if err := s.Send(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(seen) != 50 {
		t.Errorf("%d deliveries came", len(seen))
	}
}
