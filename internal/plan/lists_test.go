package plan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// What package store has constants for, and no other, is on the list that programs are
// read, checked and described by.
func TestChannels(t *testing.T) {
	if got, want := Channels(), constants[store.Channel](t, "../../store/channel.go", "Channel"); !slices.Equal(got, want) {
		t.Errorf("the list has %q, the constants are %q", got, want)
	}
}

// The numbers of the reasons have the order of the constants, which is the order in
// which they are judged.
func TestReasons(t *testing.T) {
	want := constants[store.Reason](t, "../../store/decided.go", "Reason")
	if got := Reasons(); !slices.Equal(got, want) {
		t.Fatalf("the list has %q, the constants are %q", got, want)
	}
	if len(want) != int(HeldFailed) {
		t.Fatal("HeldFailed is not the last of the reasons")
	}
	for i, reason := range append([]store.Reason{""}, want...) {
		code := Reason(i)
		if got := store.Reason(code.Text()); got != reason {
			t.Errorf("reason %d is %q, want %q", i, got, reason)
		}
		if i > 0 && code.Total() != "held."+string(reason) {
			t.Errorf("the total of %q is %q", reason, code.Total())
		}
	}
}

// constants returns the constants of a type that a file has, in its order.
func constants[T ~string](t *testing.T, file, typeName string) (list []T) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == typeName {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, T(text))
		}
		return true
	})
	if len(list) == 0 {
		t.Fatalf("%s has no constant of type %s", file, typeName)
	}
	return list
}
