package beckon_test

import (
	"context"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// What docs/programs.md shows can be read and published.
func TestDocumentedPrograms(t *testing.T) {
	published := 0
	for _, b := range fencedBlocks(t, "docs/programs.md") {
		if b.language != "json" {
			continue
		}
		program, err := beckon.ParseProgram([]byte(b.text))
		if err != nil {
			t.Errorf("docs/programs.md:%d: %v", b.line, err)
			continue
		}
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(context.Background(), program); err != nil {
			t.Errorf("docs/programs.md:%d: %v", b.line, err)
		}
		published++
	}
	if published < 4 {
		t.Errorf("docs/programs.md shows %d programs", published)
	}
}
