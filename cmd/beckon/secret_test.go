package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
)

// secretAddresses are addresses of all forms, each with the secret s3cret, also spelled
// s3c%72et, in a part where a password is or may have got to by a mistake.
func secretAddresses() []string {
	return []string{
		"postgres://app:s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgresql://app:s3cret@127.0.0.1:1/app?connect_timeout=1",
		"POSTGRES://app:s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgres://app:s3c%72et@127.0.0.1:1/app?connect_timeout=1",
		"postgres://app:s3cret@127.0.0.1:port/app",
		"postgres://app:s3cret%zz@127.0.0.1/app",
		"postgres://app:a/s3cret@127.0.0.1/app",
		"postgres://app:1/s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgres://app:1?s3cret@127.0.0.1:1/app",
		"postgres://app:1?x=s3cret@127.0.0.1:1/app",
		"postgres://app:1#s3cret@127.0.0.1:1/app",
		"postgres://app:a@s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgres://app:a:s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgres://app:a s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgres://app:a\"s3cret@127.0.0.1:1/app?connect_timeout=1",
		"postgres://127.0.0.1:1/app?user=app&password=s3cret&connect_timeout=1",
		"postgres://127.0.0.1:1/app?user=app&pasword=s3cret&connect_timeout=1",
		"postgres://127.0.0.1:1/app?user=app&sslpassword=s3cret&connect_timeout=1",
		"postgres://127.0.0.1:1/app?connect_timeout=s3cret",
		"postgres://127.0.0.1:1/app?pool_max_conns=s3cret",
		"postgres://127.0.0.1:1/app?sslmode=s3cret",
		"postgres:host=127.0.0.1 port=1 user=app password=s3cret connect_timeout=1",
		"postgres:host=127.0.0.1 port=1 user=app password = 'a\\'s3cret' connect_timeout=1",
		"postgres:host=127.0.0.1 port=1 user=app pasword=s3cret connect_timeout=1",
		"postgres:host=127.0.0.1 port=x password='s3cret'",
		"postgres:host=127.0.0.1 port=s3cret",
		"postgres:host=127.0.0.1 password=s3cret s3cret",
		"postgres:app:s3cret@127.0.0.1/app",
		"redis://:s3cret@127.0.0.1:1/0",
		"redis://s3cret@127.0.0.1:1",
		"redis://app:s3cret@127.0.0.1:port",
		"redis://app:s3cret@127.0.0.1:1,127.0.0.1:2",
		"redis://app:s3cret@127.0.0.1:1?addr=127.0.0.1:2",
		"redis://127.0.0.1:1,app:s3cret@127.0.0.1:2",
		"redis://app:s3cret@127.0.0.1:1,127.0.0.1:2/3",
		"redis://127.0.0.1:1?addr=app:s3cret@127.0.0.1:2",
		"redis://app:s3cret@/x/y/z?zebra=1",
		"redis://app:1/s3cret@127.0.0.1:1",
		"redis://app:1#s3cret@127.0.0.1:1",
		"redis://app:1?s3cret@127.0.0.1:1",
		"redis://127.0.0.1:1?password=s3cret",
		"redis://127.0.0.1:1/s3cret",
		"rediss://app:s3c%72et@127.0.0.1:1",
		"rediss:app:s3cret@127.0.0.1:1",
		"redis:app:s3cret@127.0.0.1:1",
		"redis:127.0.0.1:1?password=s3cret",
		"redis:127.0.0.1:1,app:s3cret@127.0.0.1:2",
		"redis:127.0.0.1:s3cret",
		"redis:s3cret",
		"sqlite:file.db?_pragma=key(s3cret)",
		"sqlite:file:file.db?_pragma=key(s3cret)",
		"sqlite://app:s3cret@127.0.0.1/app",
		"mysql://app:s3cret@127.0.0.1/app",
		"app:s3cret@127.0.0.1",
		"s3cret",
	}
}

// No output has a password in it, whatever is wrong with the address.
func TestPasswords(t *testing.T) {
	t.Parallel()
	program := files(t, program)[0]
	for _, address := range secretAddresses() {
		for _, args := range [][]string{
			{"check", "-store", address},
			{"messages", "-store=" + address},
			{"restore", "-store", address, os.DevNull},
			{"replay", "-json", "-program", program, "-store", address},
		} {
			hides(t, args, nil)
		}
		hides(t, []string{"check"}, func(string) string { return address })
	}
}

// An address in a wrong place is told without its password, too.
func TestPasswordsMisplaced(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://app:s3cret@h/app", "redis://:s3cret@h:1", "rediss://app:s3cret@h", "redis:app:s3cret@h:1", "mysql://app:s3cret@h/app",
		"host=h user=app password=s3cret", "postgres:host=h password='s3cret'", "sqlite:a.db?_pragma=key(s3cret)", "redis:h:1?password=s3cret",
	} {
		for _, args := range [][]string{
			{address},
			{"help", address},
			{"check", address},
			{"check", "-stor=" + address},
			{"check", "-stor", address},
			{"check", "-store=x", "-" + address},
			{"contact", address},
			{"contact", "-store", "sqlite:none.db", address},
			{"contact", "-store", "sqlite:none.db", "u1", address},
			{"why", "-program", address, "-store", "sqlite:none.db", "u1", "m"},
			{"restore", "-store", "sqlite:none.db", address},
			{"replay", "-program", address, "-events", address},
			{"outbox", "-store", "sqlite:none.db", "-limit", address},
			{"test", address},
			{"vet", "-catalogue", address, "x"},
			{"completion", address},
			{"schema", address},
			{address, "--help"},
			{"check", address, "--help"},
		} {
			var stdout, stderr bytes.Buffer
			run(args, &stdout, &stderr)
			if text := stdout.String() + stderr.String(); strings.Contains(text, "s3cret") {
				t.Errorf("%q:\n%s", args, text)
			}
		}
	}
}

// hides fails the test unless the command fails, says something, and hides the secret.
func hides(t *testing.T, args []string, env func(string) string) {
	t.Helper()
	if env == nil {
		env = func(string) string { return "" }
	}
	var stdout, stderr bytes.Buffer
	s := &shell{in: strings.NewReader(""), out: &stdout, err: &stderr, now: noonNow, env: env}
	status := s.run(t.Context(), args)
	text := stdout.String() + stderr.String()
	if status != unable || stderr.Len() == 0 || strings.Contains(text, "s3cret") || strings.Contains(text, "s3c%72et") {
		t.Errorf("%q: status %d\n%s", args, status, text)
	}
}

// What a store says when it is open goes the same way.
func TestMasked(t *testing.T) {
	t.Parallel()
	a, err := stores.Parse("postgres:host=h user=u password='s3 cret'")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if n, err := (masked{&out, &shell{address: &a}}).Write([]byte("the server says s3 cret")); n != 23 || err != nil || out.String() != "the server says ***" {
		t.Errorf("%d, %v, %q", n, err, out.String())
	}
}
