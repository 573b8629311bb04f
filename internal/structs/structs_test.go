package structs

import "testing"

func TestSnake(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"FileName": "file_name", "URL": "url", "OrderID": "order_id", "HTTPServer": "http_server", "A": "a", "AB": "ab",
		"Step2": "step2", "File_Name": "file_name", "Über": "über", "aB": "a_b",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
