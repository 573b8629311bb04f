package beckonhttp

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// WithOrigins lists the sites whose pages may call beside those of the door's own host, as
// "https://shop.example". Capitals and the scheme's own port are left out, as browsers do.
// There is no way to list all of them. What is no origin, or one that no browser sends,
// panics when the door is made: a path, a wildcard, a host that is not ASCII.
func WithOrigins(origins ...string) Option {
	return func(s *settings) { s.origins = append(s.origins, origins...) }
}

// crossOrigin returns what refuses other sites' pages.
func (m *room) crossOrigin() *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	for i, given := range m.origins {
		origin, err := asSent(given)
		if err == nil {
			err = p.AddTrustedOrigin(origin)
		}
		if err != nil {
			panic("beckonhttp: WithOrigins: " + err.Error())
		}
		m.origins[i] = origin
	}
	return p
}

// asSent returns an origin as browsers write it.
func asSent(origin string) (string, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return "", fmt.Errorf("%q is no origin: %w", origin, err)
	}
	host, port := u.Hostname(), u.Port()
	switch rest := origin[len(u.Scheme):]; {
	case u.Scheme == "" || host == "" || rest != "://"+u.Host:
		return "", fmt.Errorf("%q is no origin: expected a scheme and a host, as https://shop.example, and nothing behind them", origin)
	case strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII || r == '*' || r == '%' }):
		return "", fmt.Errorf("%q is no origin that browsers send: expected a whole host in ASCII, as xn--bcher-kva.example", origin)
	case u.Scheme != "http" && u.Scheme != "https":
		return u.Scheme + "://" + u.Host, nil // its host is kept as it is
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		host = "[" + addr.String() + "]"
	}
	origin = u.Scheme + "://" + strings.ToLower(host)
	if port == "" {
		return origin, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil:
		return "", fmt.Errorf("%q is no origin: the port is none", u)
	case u.Scheme == "http" && n == 80, u.Scheme == "https" && n == 443:
		return origin, nil
	}
	return origin + ":" + strconv.FormatUint(n, 10), nil
}

// The headers of a request and of an answer that a page of another site may use.
const (
	corsRequest = "Content-Type, Beckon-User-Id, Beckon-User-Hash, Beckon-Anonymous-Id, Beckon-Source, X-Request-Id"
	corsAnswer  = "X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
)

// cors says to a browser whether a page of another site may call, and refuses it if not.
func (c *call) cors(cross *http.CrossOriginProtection) error {
	header, origin := c.w.Header(), c.r.Header.Get("Origin")
	header.Add("Vary", "Origin")
	listed := slices.Contains(c.room.origins, origin)
	if listed {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Allow-Credentials", "true")
		header.Set("Access-Control-Expose-Headers", corsAnswer)
	}
	if c.r.Method == http.MethodOptions && c.r.Header.Get("Access-Control-Request-Method") != "" {
		if !listed {
			return refuse(ErrForbidden, "", "pages of this origin may not call")
		}
		header.Set("Access-Control-Allow-Methods", strings.Join([]string{http.MethodGet, http.MethodPost}, ", "))
		header.Set("Access-Control-Allow-Headers", corsRequest)
		header.Set("Access-Control-Max-Age", "600")
		c.w.WriteHeader(http.StatusNoContent)
		return errAnswered
	}
	if err := cross.Check(c.r); err != nil {
		return refuse(ErrForbidden, "", "pages of this origin may not call")
	}
	return nil
}
