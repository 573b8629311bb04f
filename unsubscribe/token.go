package unsubscribe

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// What is signed, before it is written in base64:
//
//	1 byte    version, 1
//	1 byte    which identity: 1 user_id, 2 id, 3 email, 4 anonymous_id
//	uvarint   when it expires, in seconds since 1970; 0 never
//	uvarint   bytes of the identity
//	bytes     the identity
//	bytes     what is refused, up to the end
//
// The signature follows, which is 32 bytes. Tokens live as long as mails do, so what was
// given out once is read for good: another form has another version.
const version = 1

const (
	byUserID = iota + 1
	byID
	byEmail
	byAnonymousID
)

// appendSubject appends what is signed. The error says what is wrong with the subject: a
// token that the engine would refuse is of no use to anybody.
func appendSubject(b []byte, sub Subject) ([]byte, error) {
	var faults fault.List
	identity.AddFaults(sub.Contact, &faults)
	if message := refusalFault(sub.From); message != "" {
		faults.Add(fault.ErrSubscriptionUnknown, "from", message+", got "+fault.Quote(sub.From))
	}
	if len(faults) > 0 {
		return nil, errors.New("unsubscribe: " + faults.Error())
	}
	seconds := int64(0)
	if !sub.Expires.IsZero() {
		if seconds = sub.Expires.Unix(); seconds <= 0 {
			return nil, errors.New("unsubscribe: a token cannot expire before 1970")
		}
	}
	kind, text := identity.Deciding(sub.Contact)
	b = append(b, version, kindByte(kind))
	b = binary.AppendUvarint(b, uint64(seconds))
	b = binary.AppendUvarint(b, uint64(len(text)))
	b = append(b, text...)
	return append(b, sub.From...), nil
}

// kindByte is the number of a kind in tokens: that of the store may change.
func kindByte(kind store.Kind) byte {
	switch kind {
	case store.KindUser:
		return byUserID
	case store.KindContact:
		return byID
	case store.KindEmail:
		return byEmail
	default:
		return byAnonymousID
	}
}

// parseSubject is the inverse. What it reads was signed, so that it reports false means a
// later version, or another use of the same key.
func parseSubject(b []byte) (sub Subject, ok bool) {
	if len(b) < 2 || b[0] != version {
		return Subject{}, false
	}
	kind := b[1]
	b = b[2:]
	seconds, n := binary.Uvarint(b)
	if n <= 0 || seconds > 1<<62 {
		return Subject{}, false
	}
	b = b[n:]
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return Subject{}, false
	}
	text := string(b[n : n+int(length)])
	switch kind {
	case byUserID:
		sub.Contact.UserID = text
	case byID:
		sub.Contact.ID = text
	case byEmail:
		sub.Contact.Email = text
	case byAnonymousID:
		sub.Contact.AnonymousID = text
	default:
		return Subject{}, false
	}
	if seconds > 0 {
		sub.Expires = time.Unix(int64(seconds), 0).UTC()
	}
	sub.From = string(b[n+int(length):])
	return sub, true
}

// refusalFault says what is wrong with what a contact refuses, "" if the engine takes it. Of
// a topic it cannot know whether the program has it.
func refusalFault(from string) string {
	channel, tag, tagged := strings.Cut(from, ":")
	if !plan.Sweeps(beckon.Channel(channel)) {
		tag, tagged = from, true // a topic of a program
	}
	switch {
	case tagged && tag == "":
		return "expected " + plan.SweptList() + ", one of them with a tag as push:promo, or a topic"
	case len(tag) > beckon.MaxIDLength || !utf8.ValidString(tag) || strings.ContainsFunc(tag, unicode.IsControl):
		return "not a tag, nor a topic"
	}
	return ""
}
