package beckontest

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Whatever a kit and an outcome can do is in docs/testing.md.
func TestDocs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	inGo, _, _ := strings.Cut(string(data), "\n## As data\n")
	for _, x := range []reflect.Type{reflect.TypeFor[*Kit](), reflect.TypeFor[*Outcome]()} {
		for i := range x.NumMethod() {
			if name := x.Method(i).Name; !strings.Contains(inGo, "`"+name+"`") && !strings.Contains(inGo, x.Elem().Name()+"."+name) {
				t.Errorf("%s.%s is not told", x, name)
			}
		}
	}
}
