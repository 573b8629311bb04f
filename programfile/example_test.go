package programfile_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/programfile"
)

// A program in two files, the second with a slip.
func Example() {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		fmt.Println(err)
		return
	}
	folder := fstest.MapFS{ // os.DirFS("/etc/shop"), say
		"segments.json": {Data: []byte(`{"segments": {"pro": {"user": "plan", "op": "is", "value": "pro"}}}`)},
		"mails.json": {Data: []byte(`{"messages": [
  {"id": "tips", "channel": "email", "audiance": {"segment": "pro"}, "content": {"body": "Tips"}}
]}`)},
	}
	files, err := programfile.New(engine, folder, "*.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(files.Publish(context.Background()))
	// Output:
	// mails.json:2:38: messages[0].audiance ("tips"): unknown field, did you mean "audience"? (program_invalid)
}
