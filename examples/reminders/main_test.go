package main

import (
	"testing"

	"github.com/beckon-go/beckon/examples/internal/golden"
)

func TestOutput(t *testing.T) { golden.Output(t, run) }
