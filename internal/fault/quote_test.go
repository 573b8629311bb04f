package fault_test

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
)

// What may be the user and password of a URL is in no error, wherever the URL stood.
func TestQuoteHidesUsers(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"plain":                                     `"plain"`,
		"ada@example.com":                           `"ada@example.com"`,
		"https://example.com/a":                     `"https://example.com/a"`,
		"https://u:pw@example.com/a":                `"https://...@example.com/a"`,
		"https://u:p/w?@x#@example.com/":            `"https://...@example.com/"`,
		"see https://u:pw@a.example and b@c.d":      `"see https://...@a.example and b@c.d"`,
		"//u:pw@a.example\u00a0//u:pw@b.example":    `"//...@a.example\u00a0//...@b.example"`,
		"https://" + strings.Repeat("p", 99) + "@h": `"https://...@h"`,
		`https:\\u:pw@h/`:                           `"https:\\\\...@h/"`,
		`\/u:pw@h`:                                  `"\\/...@h"`,
		`ftp:\\u:pw@h`:                              `"ftp:\\\\...@h"`,
		"HTTPS:/u:pw@h":                             `"HTTPS:/...@h"`,
		"see http:u:pw@h":                           `"see http:...@h"`,
		"https://u:p\tw@h":                          `"https://...@h"`,
		"https://u:p\r\nw@h b@c.d":                  `"https://...@h b@c.d"`,
		"mailto:ada@example.com":                    `"mailto:ada@example.com"`,
		"a/b@c.d":                                   `"a/b@c.d"`,
		"ada@example.com https://h":                 `"ada@example.com https://h"`,
		"\xff//u:pw@h\xff":                          `"\xff//...@h\xff"`,
		strings.Repeat("é ", 40) + "//u:pw@h":       `"` + strings.Repeat(`\u00e9 `, 32) + `"…`,
	} {
		if got := fault.Quote(s); got != want {
			t.Errorf("Quote(%q) is %s, want %s", s, got, want)
		}
	}
	if got := fault.Shown("https://u:pw@h"); got != "https://...@h" {
		t.Errorf("Shown is %s", got)
	}
}
