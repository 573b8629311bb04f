//go:build race

package beckon_test

const raceEnabled = true
