package beckon_test

import (
	"fmt"
	"log"
	"time"

	"github.com/beckon-go/beckon"
)

func ExampleRenderer() {
	r, err := beckon.NewRenderer(beckon.Content{
		Subject: `{{ event.file_name }} is ready`,
		Body:    `Hi {{ name | fallback: "there" }}, see {{ event.page }}. That was {{ event.price | money: "en-IE" }}.`,
	})
	if err != nil {
		log.Fatal(err)
	}
	out, err := r.Render(beckon.Vars{
		User: beckon.Attributes{"name": beckon.String("")},
		Event: beckon.Fields{
			{Key: "file_name", Value: beckon.String("cat.mp4")},
			{Key: "page", Value: beckon.RichLink("https://files.example/7", "your files")},
			{Key: "price", Value: beckon.Monetary(123450, "eur")},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Subject)
	fmt.Println(out.Body)
	// Output:
	// cat.mp4 is ready
	// Hi there, see your files (https://files.example/7). That was €1,234.50.
}

// The memory of one body is used again for the next.
func ExampleRenderer_AppendBody() {
	r, err := beckon.NewRenderer(beckon.Content{Body: "Hi {{ name }}!\n"})
	if err != nil {
		log.Fatal(err)
	}
	var buf []byte
	for _, name := range []string{"Ada", "Brian"} {
		buf, _, err = r.AppendBody(buf[:0], beckon.Vars{User: beckon.Attributes{"name": beckon.String(name)}})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s", buf)
	}
	// Output:
	// Hi Ada!
	// Hi Brian!
}

// In HTML every value is escaped for its place, and a link becomes a link.
func ExampleRenderer_html() {
	r, err := beckon.NewRenderer(beckon.Content{
		Format: beckon.FormatHTML,
		Body:   `<p title="{{ name }}">{{ event.page }} <a href="{{ website }}">{{ name }}</a></p>`,
	})
	if err != nil {
		log.Fatal(err)
	}
	out, err := r.Render(beckon.Vars{
		User: beckon.Attributes{
			"name":    beckon.String(`<b>"Ada"</b>`),
			"website": beckon.String("javascript:alert(1)"),
		},
		Event: beckon.Fields{{Key: "page", Value: beckon.Link("https://files.example/?a=1&b=2")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Body)
	// Output:
	// <p title="&lt;b&gt;&#34;Ada&#34;&lt;/b&gt;"><a href="https://files.example/?a=1&amp;b=2">https://files.example/?a=1&amp;b=2</a> <a href="#ZgotmplZ">&lt;b&gt;&#34;Ada&#34;&lt;/b&gt;</a></p>
}

// All that is wrong with a content is reported at once, with the place.
func ExampleNewRenderer_faults() {
	_, err := beckon.NewRenderer(beckon.Content{
		Format:  beckon.FormatHTML,
		Subject: `{{ user.name | upper }}`,
		Body:    "<p>\n<p onclick=\"go('{{ event.page }}')\">",
	})
	fmt.Println(err)
	// Output:
	// subject: line 1, column 16: unknown filter "upper": expected fallback, money or date (program_invalid)
	// body: line 2, column 17: a variable cannot stand in the attribute onclick of p (program_invalid)
}

func ExampleWithRenderZone() {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		log.Fatal(err)
	}
	r, err := beckon.NewRenderer(beckon.Content{
		Body: `{{ renews_at }}, that is {{ renews_at | date: "Monday, 2 January at 15:04" }}`,
	}, beckon.WithRenderZone(tokyo))
	if err != nil {
		log.Fatal(err)
	}
	out, err := r.Render(beckon.Vars{
		User: beckon.Attributes{"renews_at": beckon.Date(time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC))},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Body)
	// Output: 2026-03-03T05:00:00+09:00, that is Tuesday, 3 March at 05:00
}
