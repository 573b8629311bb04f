package benchmarks

import "testing"

// BenchmarkSteps is what is profiled: a Track from the posted body, one of five
// candidates sent.
func BenchmarkSteps(b *testing.B) {
	peers := trackPeers(b, true)
	track := peers[1].track
	for range 2100 {
		track()
	}
	b.Run("track-json", func(b *testing.B) { measure(b, each(track)) })
}
