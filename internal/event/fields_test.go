package event

import (
	"fmt"
	"testing"

	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

func numbered(n int) (f value.Fields) {
	for i := range n {
		f = append(f, value.Field{Key: fmt.Sprint("k", i), Value: value.Number(i)})
	}
	return f
}

func TestCopied(t *testing.T) {
	f := numbered(value.MaxMetadataKeys + 2)
	own := Copied(f)
	f[0].Key = "changed"
	if len(own) != value.MaxMetadataKeys || own[0].Key != "k0" {
		t.Errorf("%v", own)
	}
	if Copied(nil) != nil {
		t.Error("a copy of nothing")
	}
}

func TestWithoutNested(t *testing.T) {
	f := numbered(3)
	if got := WithoutNested(f); &got[0] != &f[0] {
		t.Error("copied without need")
	}
	n, err := ojson.ParseString(`[1]`, ojson.Limits{Bytes: 10, Depth: 3, Nodes: 10})
	if err != nil {
		t.Fatal(err)
	}
	g := append(f[:1:1], value.Field{Key: "nested", Value: peek.Value(repr.DecodeMetadataValue("nested", &n))}, f[2])
	if got := WithoutNested(g); len(got) != 2 || got[1].Key != "k2" || len(g) != 3 {
		t.Errorf("%v of %v", got, g)
	}
}
