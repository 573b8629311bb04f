package beckon

import (
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// MaxDeclared is how many metadata keys of an event may be declared, and how many values
// of a key. (V1)
const MaxDeclared = declared.MaxKeys

// An EventDeclaration says what events of a name carry. An event that is otherwise is
// taken with warnings, or refused: metadata_mismatch, by [WithStrictMetadata], and
// metadata_undeclared. Names and keys fold as ever; one event twice is a fault. (V1)
type EventDeclaration struct {
	Description string                    `json:"description,omitzero"`
	Metadata    map[string]KeyDeclaration `json:"metadata,omitzero"`
	Others      Others                    `json:"others,omitzero"` // keys that are not declared
}

// A KeyDeclaration says what stands under a metadata key.
type KeyDeclaration struct {
	Type     string  `json:"type,omitzero"` // string, number, boolean, date, link, rich_link, image, stripe or monetary; empty: any. An image is a link, and both are strings
	Required bool    `json:"required,omitzero"`
	Values   []Value `json:"values,omitzero"` // nothing else; compared exactly. Nil: any
}

// Others says what happens to keys that are not declared.
type Others string

// The ways. The zero Others accepts them.
const (
	OthersAccept Others = declared.Accept
	OthersWarn   Others = declared.Warn   // a warning for each
	OthersRefuse Others = declared.Refuse // the event is refused
)

// judgeDeclared judges the metadata of an event by its declaration. Of what could not be
// read nothing is said.
func (e *Engine) judgeDeclared(by *declared.Event, ev *event.Event, warnings []fault.Warning, errs fault.List) ([]fault.Warning, fault.List) {
	if errs.About("") || errs.About("metadata") {
		return warnings, errs
	}
	c := declared.Check{Strict: e.cfg.strict, Errs: errs, Warnings: warnings}
	by.Check(&c, ev.Metadata)
	ev.Unwarned += c.More
	return c.Warnings, c.Errs
}

// compileEvents makes declarations of events ready.
func compileEvents(events map[string]EventDeclaration, faults *fault.List) map[string]*declared.Event {
	given := make(map[string]declared.Given, len(events))
	for name, d := range events {
		keys := make(map[string]declared.GivenKey, len(d.Metadata))
		for key, k := range d.Metadata {
			out := declared.GivenKey{Type: k.Type, Required: k.Required}
			if k.Values != nil {
				out.Values = make([]repr.Value, len(k.Values))
			}
			for i := range k.Values {
				out.Values[i] = *peek.Of(&k.Values[i])
			}
			keys[key] = out
		}
		given[name] = declared.Given{Description: d.Description, Keys: keys, Others: string(d.Others)}
	}
	return declared.Compile(given, "events", MaxDescriptionLength, faults)
}

// UnmarshalJSON reads a declaration, as [ParseProgram] does.
func (d *EventDeclaration) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, d, (*shape).declaration)
}

// UnmarshalJSON reads a key's declaration, as [ParseProgram] does.
func (k *KeyDeclaration) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, k, (*shape).keyDeclaration)
}

func (s *shape) declaration(n *ojson.Node, path string) (d EventDeclaration) {
	s.Object(n, path,
		member("description", s.Text(&d.Description)),
		member("metadata", func(n *ojson.Node, path string) { document.Entries(&s.Reader, &d.Metadata, n, path, s.keyDeclaration) }),
		member("others", document.Word(&s.Reader, &d.Others, OthersAccept, OthersWarn, OthersRefuse)),
	)
	return d
}

func (s *shape) keyDeclaration(n *ojson.Node, path string) (k KeyDeclaration) {
	s.Object(n, path,
		member("type", document.Word(&s.Reader, &k.Type, declared.TypeWords()...)),
		member("required", s.Flag(&k.Required)),
		member("values", document.ListOf(&s.Reader, &k.Values, func(n *ojson.Node, path string) Value {
			v := repr.DecodeMetadataValue("", n) // its key may make another type of it: the compiler sees to that
			if _, message := v.Fault(); message != "" {
				s.Fault(ErrTypeInvalid, path, message)
			}
			return peek.Value(v)
		})),
	)
	return k
}
