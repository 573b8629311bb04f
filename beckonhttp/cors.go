package beckonhttp

import (
	"net/http"
	"slices"
	"strings"
)

// WithOrigins lists the sites whose pages may call beside those of the door's own host, as
// "https://shop.example". There is no way to list all of them.
func WithOrigins(origins ...string) Option {
	return func(s *settings) { s.origins = append(s.origins, origins...) }
}

// crossOrigin returns what refuses other sites' pages.
func (m *room) crossOrigin() *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	for _, origin := range m.origins {
		if err := p.AddTrustedOrigin(origin); err != nil {
			panic("beckonhttp: WithOrigins: " + err.Error())
		}
	}
	return p
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
