package conformance

func child(string) int { return 2 }
