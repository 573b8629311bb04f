package dump_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/memstore"
)

// From one store to a file, from the file to another store. Any two stores
// will do.
func Example() {
	ctx := context.Background()
	old, fresh := memstore.New(), memstore.New()
	engine, err := beckon.New(old)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}); err != nil {
		log.Fatal(err)
	}

	var file bytes.Buffer // an os.File, to be closed and looked after
	if _, err := dump.Write(ctx, old, &file); err != nil {
		log.Fatal(err)
	}
	counts, err := dump.Read(ctx, fresh, &file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d records, %d events\n", counts.Records, counts.Events)
	// Output:
	// 3 records, 1 events
}

// Without a file between them, into a store that an earlier try has left half
// full.
func ExampleCopy() {
	ctx := context.Background()
	old, fresh := memstore.New(), memstore.New()
	for range 2 {
		if _, err := dump.Copy(ctx, fresh, old, dump.Replace()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(bytes.Equal(fresh.Snapshot(), old.Snapshot()))
	// Output:
	// true
}

// A file that was damaged on its way says where.
func ExampleVerify() {
	var file bytes.Buffer
	if _, err := dump.Write(context.Background(), memstore.New(), &file); err != nil {
		log.Fatal(err)
	}
	_, err := dump.Verify(bytes.NewReader(file.Bytes()[:file.Len()-1]))
	fmt.Println(err)
	// Output:
	// beckon dump: damaged at byte 13, after 0 records, 0 events, the totals of 0 messages: the dump is cut short (data_corrupt)
}
