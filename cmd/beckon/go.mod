module github.com/beckon-go/beckon/cmd/beckon

go 1.25.0

replace github.com/beckon-go/beckon => ../../

require github.com/beckon-go/beckon v0.0.0-00010101000000-000000000000

require (
	github.com/bojanz/currency v1.4.2 // indirect
	github.com/cockroachdb/apd/v3 v3.2.1 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	golang.org/x/exp v0.0.0-20260410095643-746e56fc9e2f // indirect
	golang.org/x/text v0.41.0 // indirect
)
