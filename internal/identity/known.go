package identity

import "context"

type knownKey struct{}

// KnownOnly returns a context by which a call that would make its contact refuses one that
// is not known, as it would under beckon.WithKnownContactsOnly.
func KnownOnly(ctx context.Context) context.Context {
	return context.WithValue(ctx, knownKey{}, true)
}

// WantsKnown reports whether a context is one of [KnownOnly].
func WantsKnown(ctx context.Context) bool {
	wants, _ := ctx.Value(knownKey{}).(bool)
	return wants
}

// AnyContact returns a context that is not one of [KnownOnly] any more, for calls of the
// host's own within such a call.
func AnyContact(ctx context.Context) context.Context {
	if !WantsKnown(ctx) {
		return ctx
	}
	return context.WithValue(ctx, knownKey{}, false)
}
