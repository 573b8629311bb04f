package observe

import (
	"time"

	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/store"
)

// A Past is a decision of a contact that an engine has kept (beckon.WithDecisions). A hold
// that came again is one Past with a Count, until the message is sent: the same message
// and company, reason, cap and program. What a run held is counted once.
type Past struct {
	Occasion  Occasion     `json:"occasion"`        // of the latest
	Event     string       `json:"event,omitempty"` // canonical name of the event that it was about, also of what had waited; empty: none
	Message   string       `json:"message"`
	CompanyID string       `json:"company_id,omitempty"`
	Sent      bool         `json:"sent"`               // else it was held
	Sequence  int          `json:"sequence,omitempty"` // if sent: its number for this contact, from 1
	Reason    store.Reason `json:"reason,omitempty"`
	Cap       string       `json:"cap,omitempty"` // if held capped: the ID of the cap
	At        time.Time    `json:"at"`            // the latest
	First     time.Time    `json:"first"`
	Count     int          `json:"count"`
	Program   string       `json:"program,omitempty"` // see [ProgramID]; empty: none was published
}

// ProgramID returns what a [Past] names a program by: 12 hexadecimal digits of a hash of
// its form, which is the program as json.Marshal writes it.
func ProgramID(form []byte) string { return ledger.Program(ledger.ProgramOf(form)) }
