package smtp

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/beckonwork"
)

// ErrLogin is the error of [Sender.Send] when the server refuses our login, or wants one that
// we do not have. Nothing is sent before that is mended, so alert on it.
var ErrLogin = errors.New("smtp: the server refuses our login")

var (
	errNoMechanism = errors.New("the server offers no login that would be safe")
	errUTF8        = errors.New("the address is not ASCII, and the server takes no other (SMTPUTF8)")
)

// How long to wait.
const (
	laterFor   = 5 * time.Minute // greylisting asks for minutes
	limitedFor = time.Minute
	dailyFor   = time.Hour // asks again each hour whether the day is over
)

// A stage is how far an exchange came.
type stage uint8

const (
	atConnect   stage = iota // up to and with TLS
	atLogin                  // AUTH
	atMail                   // MAIL FROM
	atRecipient              // RCPT TO
	atData                   // DATA
	atEnd                    // the answer to the whole mail
)

// String returns the stage as errors name it.
func (s stage) String() string {
	return [...]string{"connecting", "login", "sender", "recipient", "data", "mail"}[s]
}

// A failure is why a letter was not taken.
type failure struct {
	at    stage
	err   error
	clean bool // the connection can be used again
	login bool // the login was refused
}

// code returns the code of an answer, 0 if err is something else.
func code(err error) int {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}

func isAnswer(err error) bool { return code(err) != 0 }

// judge returns what a failure means to a worker; see [Sender.Send].
func (s *Sender) judge(f *failure) error {
	n := code(f.err)
	err := fmt.Errorf("smtp: %s: %w", f.at, f.err)
	switch {
	case f.login, n == 530 || n == 534 || n == 535 || n == 538:
		return fmt.Errorf("%w: %s: %w", ErrLogin, f.at, f.err)
	case errors.Is(f.err, errUTF8):
		return beckonwork.Never(err)
	case f.at == atLogin:
		return err
	case n/100 == 5 && enhanced(f.err) == "5.4.5":
		return beckonwork.Limited(s.now().Add(dailyFor), err)
	case n/100 == 5 && f.at >= atRecipient:
		return beckonwork.Never(err)
	case n/100 == 4 && throttles(n, f.err) && (n == 421 || f.at < atRecipient):
		return beckonwork.Limited(s.now().Add(limitedFor), err)
	case n/100 == 4 && throttles(n, f.err):
		return beckonwork.Later(s.now().Add(laterFor), err)
	}
	return err
}

// statusCode finds the enhanced code of an answer (RFC 3463).
var statusCode = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(\s|$)`)

func enhanced(err error) string {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		if m := statusCode.FindStringSubmatch(answer.Msg); m != nil {
			return m[1]
		}
	}
	return ""
}

// throttles reports whether an answer says that we come too often or too early. There is no
// code for it, so the words count, too.
func throttles(n int, err error) bool {
	if n != 421 && (n < 450 || n > 452) {
		return false
	}
	status, text := enhanced(err), strings.ToLower(err.Error())
	return strings.HasPrefix(status, "4.7.") || status == "4.4.5" || status == "4.5.3" ||
		slices.ContainsFunc([]string{
			"throttl", "greylist", "graylist", "grey-list", "too many", "too fast", "too often", "too quickly",
			"rate limit", "rate-limit", "ratelimit", "at a rate", "sending rate", "slow down",
		}, func(words string) bool { return strings.Contains(text, words) })
}

// offers reports whether a server offers a way to log in.
func (s Server) offers(mechanism string) bool {
	return slices.Contains(strings.Fields(strings.ToUpper(s.Mechanisms)), mechanism)
}
