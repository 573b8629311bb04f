module github.com/beckon-go/beckon/benchmarks

go 1.25.0

replace github.com/beckon-go/beckon => ../

require (
	github.com/beckon-go/beckon v0.0.0-00010101000000-000000000000
	github.com/expr-lang/expr v1.17.8
	github.com/throttled/throttled/v2 v2.15.0
	github.com/valyala/fasttemplate v1.2.2
	golang.org/x/time v0.15.0
)

require (
	github.com/hashicorp/golang-lru v0.5.4 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	golang.org/x/exp v0.0.0-20260410095643-746e56fc9e2f // indirect
	golang.org/x/text v0.40.0 // indirect
)
