package sample_test

import (
	"context"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/sample"
	"github.com/beckon-go/beckon/memstore"
)

// A sample of each type is one that the declaration takes.
func TestMetadata(t *testing.T) {
	t.Parallel()
	declaration := beckon.EventDeclaration{Others: beckon.OthersRefuse, Metadata: map[string]beckon.KeyDeclaration{
		"any": {Required: true}, "one_of": {Values: []beckon.Value{beckon.String("b"), beckon.String("a")}, Required: true},
	}}
	for _, kind := range []string{"string", "number", "boolean", "date", "link", "rich_link", "image", "stripe", "monetary"} {
		declaration.Metadata["a "+kind] = beckon.KeyDeclaration{Type: kind, Required: true}
	}
	ctx := context.Background()
	engine, err := beckon.New(memstore.New(), beckon.WithStrictMetadata())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Events: map[string]beckon.EventDeclaration{"e": declaration}}); err != nil {
		t.Fatal(err)
	}
	metadata := sample.Metadata(declaration)
	res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u1", Metadata: metadata})
	if err != nil || len(res.Warnings) > 0 || len(metadata) != len(declaration.Metadata) {
		t.Errorf("%v, %v: %v", err, res.Warnings, metadata)
	}
	if v, _ := metadata.Get("one_of"); v.String() != "b" {
		t.Errorf("of the values that a key may have it is %s", v)
	}
}

// Samples of standard attributes are those that an update takes.
func TestUser(t *testing.T) {
	t.Parallel()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	contact := beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{}}
	for _, name := range []string{"name", "phone", "role", "timezone", "language", "created_at", "signed_up_at", "plan"} {
		contact.Attributes[name] = sample.User(name)
	}
	if _, err := engine.Update(context.Background(), contact); err != nil {
		t.Error(err)
	}
}
