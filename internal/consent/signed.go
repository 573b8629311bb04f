package consent

import "context"

type signedKey struct{}

// Signed returns the context of a call that refuses what the host has signed once: a topic
// of it is noted although the program does not have it, or not yet (C6).
func Signed(ctx context.Context) context.Context { return context.WithValue(ctx, signedKey{}, true) }

// Unsigned returns the context without what Signed has added.
func Unsigned(ctx context.Context) context.Context {
	if !IsSigned(ctx) {
		return ctx
	}
	return context.WithValue(ctx, signedKey{}, false)
}

// IsSigned reports whether a context is one of Signed.
func IsSigned(ctx context.Context) bool {
	is, _ := ctx.Value(signedKey{}).(bool)
	return is
}
