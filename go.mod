module github.com/beckon-go/beckon

go 1.25.0

require pgregory.net/rapid v1.3.0
