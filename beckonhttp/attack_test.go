package beckonhttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// serve returns a server of a world's door, and what checks, when the test ends, that the
// server leaves no goroutine behind.
func (w *world) serve() *httptest.Server {
	before := runtime.NumGoroutine()
	server := httptest.NewServer(w.door)
	w.t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		deadline := time.Now().Add(10 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<20)
				w.t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
			}
			runtime.Gosched()
		}
	})
	return server
}

// dial opens a connection and sends the head of a request.
func dial(t *testing.T, server *httptest.Server, head ...string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	head = append([]string{"POST /events HTTP/1.1", "Host: x", "Authorization: Bearer secret", "Content-Type: application/json"}, head...)
	if _, err := io.WriteString(conn, strings.Join(head, "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// answered reads the answer on a connection, which must be a list of errors with a status.
func answered(t *testing.T, conn net.Conn, status int) *http.Response {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("want %d: %v", status, err)
	}
	body := read(t, res)
	if wantErrorList(t, body); res.StatusCode != status {
		t.Errorf("%s, want %d: %s", res.Status, status, body)
	}
	return res
}

// A body without end is read to the limit and no further.
func TestEndlessBody(t *testing.T) {
	w := restWorld(t)
	server := w.serve()
	conn := dial(t, server, "Transfer-Encoding: chunked")
	defer func() { _ = conn.Close() }()
	piece := []byte("8000\r\n" + strings.Repeat(" ", 0x8000) + "\r\n")
	done := make(chan int)
	go func() {
		sent := 0
		for {
			n, err := conn.Write(piece)
			if sent += n; err != nil || sent > 64<<20 {
				done <- sent
				return
			}
		}
	}()
	res := answered(t, conn, http.StatusRequestEntityTooLarge)
	if !res.Close {
		t.Error("the connection is to be used again")
	}
	_ = conn.Close()
	if sent := <-done; sent > 32<<20 {
		t.Errorf("%d bytes were sent", sent)
	}
}

// What is announced to be too large is not read at all.
func TestAnnouncedBody(t *testing.T) {
	w := restWorld(t)
	server := w.serve()
	conn := dial(t, server, "Content-Length: 10485760", "Expect: 100-continue")
	defer func() { _ = conn.Close() }()
	answered(t, conn, http.StatusRequestEntityTooLarge)
}

// 10 MB of metadata, in few keys and in many.
func TestLargeMetadata(t *testing.T) {
	w := restWorld(t)
	var keys strings.Builder
	for i := 0; keys.Len() < 200<<10; i++ {
		fmt.Fprintf(&keys, `,"k%d":1`, i)
	}
	w.refused(413, beckon.ErrBodyTooLarge, "", "POST", "/events", `{"event_name":"e","user_id":"u","metadata":{"a":"`+strings.Repeat("x", 10<<20)+`"}}`)
	w.refused(400, beckon.ErrMetadataStringTooLong, "metadata.a", "POST", "/events", `{"event_name":"e","user_id":"u","metadata":{"a":"`+strings.Repeat("x", 200<<10)+`"}}`)
	w.ask(400, "POST", "/events", `{"event_name":"e","user_id":"u","metadata":{"`+strings.Repeat("k", 200<<10)+`":1}}`)
	w.ask(202, "POST", "/events", `{"event_name":"e","user_id":"u","metadata":{"k":1`+keys.String()+`}}`) // M1: twenty count
	w.refused(413, beckon.ErrBodyTooLarge, "", "POST", "/contacts", `{"external_id":"u","custom_attributes":{"a":"`+strings.Repeat("x", 10<<20)+`"}}`)
	for _, path := range []string{"/events", "/contacts", "/bulk/events", "/contacts/search", "/contacts/merge"} {
		w.ask(400, "POST", path, strings.Repeat(`{"a":`, 40_000))
		w.ask(400, "POST", path, `{"query":`+strings.Repeat(`[`, 100_000))
	}
}

func TestEncodings(t *testing.T) {
	w := restWorld(t)
	const body = `{"event_name":"e","user_id":"u"}`
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for value, status := range map[string]int{
		"application/json": 202, "application/json; charset=utf-8": 202, "application/json;charset=UTF-8": 202, "Application/JSON": 202,
		"application/vnd.intercom.3+json": 202, "": 202,
		"application/json; charset=iso-8859-1": 415, "application/json; charset=utf-16": 415, "text/plain": 415, "application/xml": 415,
		"application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/json; charset": 415, "json": 415,
	} {
		w.ask(status, "POST", "/events", body, with("Content-Type", value))
	}
	for value, status := range map[string]int{"": 202, "identity": 202, "gzip": 415, "br": 415, "gzip, identity": 415} {
		w.ask(status, "POST", "/events", body, with("Content-Encoding", value))
	}
	for _, bad := range []string{
		"\xff\xfe{\x00}\x00", "\xef\xbb\xbf" + body, "{\"event_name\":\"caf\xe9\",\"user_id\":\"u\"}", `{"event_name":"\ud800","user_id":"u"}`,
		body + "\x00", "\x1f\x8b\x08\x00", "event_name=e&user_id=u",
	} {
		w.ask(400, "POST", "/events", bad)
		w.ask(400, "POST", "/contacts", bad)
	}
}

// Who sends slowly gets an answer when the time is up, whatever the server allows.
func TestSlowSender(t *testing.T) {
	w := restWorld(t, beckonhttp.WithReadTime(50*time.Millisecond))
	server := w.serve()
	for _, length := range []string{"Content-Length: 1000", "Transfer-Encoding: chunked"} {
		conn := dial(t, server, length)
		if _, err := io.WriteString(conn, "5\r\n{\"eve"); err != nil {
			t.Fatal(err)
		}
		if res := answered(t, conn, http.StatusRequestTimeout); !res.Close {
			t.Error("the connection is to be used again")
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
			t.Errorf("the connection is open: %v", err)
		}
		_ = conn.Close()
	}
}

// Who is refused cannot hold the connection either: the server reads on before it answers.
func TestSlowRefused(t *testing.T) {
	w := restWorld(t, beckonhttp.WithReadTime(50*time.Millisecond))
	server := w.serve()
	for name, c := range map[string]struct {
		head   []string
		status int
	}{
		"no token":     {[]string{"POST /events HTTP/1.1", "Host: x"}, 401},
		"no route":     {[]string{"POST /nowhere HTTP/1.1", "Host: x", "Authorization: Bearer secret"}, 404},
		"other method": {[]string{"PUT /events HTTP/1.1", "Host: x", "Authorization: Bearer secret"}, 405},
		"other type":   {[]string{"POST /events HTTP/1.1", "Host: x", "Authorization: Bearer secret", "Content-Type: text/plain"}, 415},
		"read only":    {[]string{"GET /contacts/u1 HTTP/1.1", "Host: x", "Authorization: Bearer secret"}, 404},
	} {
		for _, length := range []string{"Content-Length: 1000", "Transfer-Encoding: chunked"} {
			t.Run(name+" "+length, func(t *testing.T) {
				conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(conn, strings.Join(append(c.head, length), "\r\n")+"\r\n\r\n5\r\n{\"eve"); err != nil {
					t.Fatal(err)
				}
				answered(t, conn, c.status)
				if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the connection is open: %v", err)
				}
			})
		}
	}
}

// A body that breaks off is no event.
func TestBrokenOff(t *testing.T) {
	w := restWorld(t)
	server := w.serve()
	conn := dial(t, server, "Content-Length: 60")
	if _, err := io.WriteString(conn, `{"event_name":"e","user_id":"u"}`); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answered(t, conn, http.StatusBadRequest)
	_ = conn.Close()
	if _, known, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "u"}); known || err != nil {
		t.Errorf("%v, %v", known, err)
	}
}

// Many connections that announce much and send little take memory for what they sent.
func TestManyConnections(t *testing.T) {
	connections, most := 1000, uint64(32<<20)
	if testing.Short() || raceEnabled {
		connections, most = 100, 8<<20
	}
	w := restWorld(t)
	entered := make(chan struct{}, connections)
	w.door = beckonhttp.REST(w.engine, func(*http.Request) error { entered <- struct{}{}; return nil })
	server := w.serve()
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := used()
	conns := make([]net.Conn, connections)
	for i := range conns {
		conns[i] = dial(t, server, "Content-Length: 262144")
		if _, err := io.WriteString(conns[i], `{"event_name":"e"`); err != nil {
			t.Fatal(err)
		}
	}
	for range conns {
		<-entered
	}
	if after := used(); after > before+most {
		t.Errorf("%d connections take %d KiB", connections, (after-before)>>10)
	} else {
		t.Logf("%d connections take %d KiB", connections, (int64(after)-int64(before))>>10)
	}
	// Meanwhile others are served.
	res, err := http.Post(server.URL+"/events", "application/json", strings.NewReader(`{"event_name":"e","user_id":"u"}`)) //nolint:noctx // a test
	if err != nil || res.StatusCode != http.StatusAccepted {
		t.Errorf("%v, %v", res, err)
	} else {
		_ = res.Body.Close()
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
}

// Many at once, for one contact: each is counted once, and each is answered.
func TestManyAtOnce(t *testing.T) {
	w := restWorld(t)
	server := w.serve()
	const callers, each = 16, 20
	var wg sync.WaitGroup
	for range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range each {
				r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+"/events", strings.NewReader(`{"event_name":"e","user_id":"u"}`))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer secret")
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				if _ = res.Body.Close(); res.StatusCode != http.StatusAccepted {
					t.Error(res.Status)
				}
			}
		}()
	}
	wg.Wait()
	x, _, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "u"})
	if err != nil || len(x.Events) != 1 || x.Events[0].Count != callers*each {
		t.Errorf("%+v, %v", x.Events, err)
	}
}

func TestPaths(t *testing.T) {
	w := restWorld(t)
	w.prefix = "" // nobody describes these
	for path, status := range map[string]int{
		"/": 404, "//events": 202, "/events//": 202, "/events/x": 404, "/events/%2e%2e": 404, "/Events": 404, "/contacts/": 200, "/contacts//": 200,
		"/contacts/%2F": 404, "/contacts/..": 404, "/contacts/a/b": 404, "/contacts/%00": 404, "/contacts/%FF": 400, "/users/merge": 404,
	} {
		method, body := "GET", ""
		if status == 202 {
			method, body = "POST", `{"event_name":"e","user_id":"u"}`
		}
		w.ask(status, method, path, body)
	}
}
