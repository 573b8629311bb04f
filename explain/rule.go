package explain

import "time"

// A Rule says how a rule was judged, down to each condition and the value seen, also
// where the group was decided already. (Z2)
type Rule struct {
	Rule    string    `json:"rule"` // of a condition: its JSON; of a group: all, any, not, or "segment" and its name
	Matched bool      `json:"matched"`
	Seen    string    `json:"seen,omitempty"`    // of a condition: the value in its plain form, a date as RFC 3339 in the workspace's zone
	Against string    `json:"against,omitempty"` // of a condition on a field: the value of that; empty if it is unknown (A11)
	Unknown bool      `json:"unknown,omitempty"` // of a condition: there is no value
	Problem string    `json:"problem,omitempty"` // of a condition: why the value counts as unknown, such as: the text "99" is not a number (A5)
	Since   time.Time `json:"since,omitzero"`    // of a condition on counted events: exact from then on only (A7)
	Of      []Rule    `json:"of,omitempty"`      // of a group: its rules

	Value   string `json:"value,omitempty"`   // of a condition: the value seen with its type, such as: the text "99"; bounded
	Operand string `json:"operand,omitempty"` // of a condition: what it is compared with and its type, such as: the number 99; bounded
}
