package wire

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// Flatten returns the members of a foreign object as metadata, in their order. A member of
// an object within is named by the names on the way, joined by "_"; a rich link and an
// amount with its currency stay one value. A character that no key may have becomes "_".
//
// Its sender knows nothing of an engine, so nothing is an error: what cannot be metadata is
// left out, with a warning. These are lists, null, text and keys that are too long, values
// that their key forbids, and a key that was there before.
func Flatten(n *ojson.Node) (value.Fields, []fault.Warning) {
	f := flattening{seen: map[string]bool{}}
	f.members("", n)
	if f.more > 0 {
		f.warnings = append(f.warnings, fault.Warning{Code: fault.WarnMore, Message: strconv.Itoa(f.more) + " more were dropped"})
	}
	return f.fields, f.warnings
}

type flattening struct {
	fields   value.Fields
	seen     map[string]bool // folded keys
	warnings []fault.Warning
	more     int // warnings beyond the first MaxErrors
}

func (f *flattening) members(prefix string, n *ojson.Node) {
	for i := range n.Members {
		f.member(prefix+flatKey(n.Members[i].Name), &n.Members[i].Value)
	}
}

func (f *flattening) member(key string, n *ojson.Node) {
	if message := event.KeyFault(key); message != "" {
		f.drop(key, message)
		return
	}
	v := repr.DecodeMetadataValue(key, n)
	code, message := v.Fault()
	switch {
	case code != "" && n.Kind == ojson.Object:
		f.members(key+"_", n)
	case code != "":
		f.drop(key, "it "+message)
	case f.seen[fold.Key(key)]:
		f.drop(key, "the key is there twice")
	default:
		f.seen[fold.Key(key)] = true
		f.fields = append(f.fields, value.Field{Key: key, Value: peek.Value(v)})
	}
}

func (f *flattening) drop(key, message string) {
	if len(f.warnings) >= fault.MaxErrors {
		f.more++
		return
	}
	f.warnings = append(f.warnings, fault.Warning{Code: fault.WarnMetadataValueDropped, Field: event.FieldName(key), Message: "dropped: " + message})
}

// flatKey returns a name with "_" in place of what no key may have.
func flatKey(name string) string {
	if event.PlainKey(name) {
		return name
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r < utf8.RuneSelf && event.KeyFault(string(r)) != "" {
			return '_'
		}
		return r
	}, name)
}
