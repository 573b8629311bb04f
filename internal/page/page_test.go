package page

import "testing"

func TestSplice(t *testing.T) {
	const text = "a\n<!-- measured: x -->\nold\n<!-- end of x -->\nb\n"
	got, err := Splice(text, "x", "new\n")
	if want := "a\n<!-- measured: x -->\n\nnew\n\n<!-- end of x -->\nb\n"; err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
	if again, _ := Splice(got, "x", "new\n"); again != got {
		t.Errorf("not the same again: %q", again)
	}
	if _, err := Splice(text, "y", ""); err == nil {
		t.Error("a block that is not there")
	}
	if _, err := Splice("<!-- measured: x -->\n", "x", ""); err == nil {
		t.Error("a block without an end")
	}
}
