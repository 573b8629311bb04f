module github.com/beckon-go/beckon

go 1.25.0
