// Package peek reads what a value is made of. Hosts cannot: it is for the packages
// that judge, render and store values.
package peek

import (
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// Of returns the parts of a value. Take them once in a function. Nobody writes
// through it but a decoder that fills a value of its own.
func Of(v *value.Value) *repr.Value { return repr.Of((*repr.Box)(v)) }

// Value returns the value of its parts.
func Value(v repr.Value) value.Value { return value.Value(repr.Make(v)) }
