package scenario

import (
	"strings"
	"testing"
)

// A name in a want that nothing has is told, with the one that was meant.
func TestHints(t *testing.T) {
	for want, hint := range map[string]string{
		`"held":{"redy":"throttled"}`:                             `held.redy: got not held, want throttled; no message "redy", did you mean "ready"?`,
		`"held":{"redy@acme":"throttled"}`:                        `no message "redy", did you mean "ready"?`,
		`"held":{"zebra":"throttled"}`:                            `held.zebra: got not held, want throttled; no message "zebra"` + "\n",
		`"held":{"ready":"throtled"}`:                             `want throtled; no reason "throtled", did you mean "throttled"?`,
		`"retry_at":{"redy":null}`:                                `retry_at.redy: got not held, want never; no message "redy", did you mean "ready"?`,
		`"sent":[{"message":"raedy","body":"x"}]`:                 `did not come; no message "raedy", did you mean "ready"?`,
		`"sent":[{"message":"ready","body":"another"}],"held":{}`: "did not come\n",
	} {
		if got := lines(run(t, upload, at("09:00:00", track+`,"want":{`+want+`}`))); !strings.Contains(got+"\n", hint) {
			t.Errorf("%s: got\n%s\nwant in it\n%s", want, got, hint)
		}
	}
	stray := strings.Replace(track, `"upload"`, `"uplod"`, 1)
	const note = "step 0 track: no message listens to uplod; did you mean upload?"
	if got := lines(run(t, upload, at("09:00:00", stray+`,"want":{"sent":[{"message":"ready"}]}`))); !strings.Contains(got, note) {
		t.Errorf("a misspelt event: got\n%s", got)
	}
	if got := lines(run(t, upload, at("09:00:00", stray+`,"want":{"sent":[]}`))); got != "" {
		t.Errorf("an event to which nothing listens, as wanted: got\n%s", got)
	}
}
