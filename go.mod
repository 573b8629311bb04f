module github.com/beckon-go/beckon

go 1.25.0

require (
	github.com/bojanz/currency v1.4.2
	github.com/google/go-cmp v0.7.0
	github.com/shopspring/decimal v1.4.0
	golang.org/x/exp v0.0.0-20260410095643-746e56fc9e2f
	golang.org/x/text v0.41.0
	pgregory.net/rapid v1.3.0
)

require github.com/cockroachdb/apd/v3 v3.2.1 // indirect
