package beckontest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// WantErr wants err to have exactly these codes, in any order. Use it for calls to
// Kit.Engine:
//
//	kit.WantErr(kit.Engine.Resume(ctx, "launch"), beckon.ErrMessageStopped)
func (k *Kit) WantErr(err error, codes ...beckon.Code) {
	k.t.Helper()
	var got []string
	for _, e := range single(err) {
		got = append(got, string(e.Code))
	}
	want := make([]string, len(codes))
	for i, c := range codes {
		want[i] = string(c)
	}
	k.sameSet("", "errors", got, want, err)
}

// sameSet compares without regard to order.
func (k *Kit) sameSet(call, what string, got, want []string, err error) {
	k.t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return
	}
	if call != "" {
		call += ": "
	}
	text := "no error"
	if err != nil {
		text = err.Error()
	}
	k.t.Errorf("%sgot %s %q, want %q\n%s", call, what, got, want, indent(text))
}

// single takes an error apart. What is not the library's has no code.
func single(err error) []*beckon.Error {
	var list beckon.ErrorList
	var one *beckon.Error
	var code beckon.Code
	switch {
	case err == nil:
		return nil
	case errors.As(err, &list):
		return list
	case errors.As(err, &one):
		return []*beckon.Error{one}
	case errors.As(err, &code):
		return []*beckon.Error{{Code: code, Message: err.Error()}}
	}
	return []*beckon.Error{{Message: err.Error()}}
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}

// noMessage says that no message is called so; empty if one is. The engine may run a
// program that was not published by the kit.
func (k *Kit) noMessage(message string) string {
	problem := k.names.NoMessage(message)
	if problem == "" {
		return ""
	}
	list, err := k.Engine.Messages(k.t.Context(), beckon.MessageFilter{})
	if err != nil {
		return problem
	}
	for i := range list {
		k.names.AddMessage(list[i].ID)
	}
	return k.names.NoMessage(message)
}

func describe(d beckon.Delivery) string {
	return fmt.Sprintf("sent %s to %s, number %d: %q", d.Message, name(d.Contact), d.Sequence, d.Body)
}

// name returns the identity that decides (E1).
func name(who beckon.Identity) string {
	for _, id := range []string{who.UserID, who.ID, who.Email, who.AnonymousID} {
		if id != "" {
			return id
		}
	}
	return "nobody"
}
