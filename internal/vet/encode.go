package vet

import (
	"encoding/json"
	"strings"

	"github.com/beckon-go/beckon/internal/ojson"
)

// encode writes a node as JSON.
func encode(n *ojson.Node) string {
	var b strings.Builder
	write(&b, n)
	return b.String()
}

func write(b *strings.Builder, n *ojson.Node) {
	switch n.Kind {
	case ojson.Bool:
		if n.Bool {
			b.WriteString("true")
		} else {
			b.WriteString("false")
		}
	case ojson.Number:
		b.WriteString(n.Text)
	case ojson.String:
		b.WriteString(quoted(n.Text))
	case ojson.Array:
		b.WriteByte('[')
		for i := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, &n.Items[i])
		}
		b.WriteByte(']')
	case ojson.Object:
		b.WriteByte('{')
		for i := range n.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoted(n.Members[i].Name) + ":")
			write(b, &n.Members[i].Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString("null")
	}
}

func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(data)
}
