//go:build !race

package beckonhttp_test

const raceEnabled = false
