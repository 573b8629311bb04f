package beckon

// A source is where a condition's value comes from.
type source uint8

const (
	fromUser source = iota
	fromStandard
	fromCompany
	fromMetadata
	fromPageURL
	fromPageSeconds
	fromCount        // of an event name, forever (E4)
	fromCounterCount // of events that satisfy a where
	fromWindow       // within a sliding window (A7)
	fromSentCount
	fromFirst
	fromLast
	fromCounterFirst
	fromCounterLast
	fromLastSent
	fromSegment
)

// A sourceKind is what a source has.
type sourceKind uint8

const (
	ofValue   sourceKind = iota // of any type
	ofCount                     // a number that is always known
	ofTime                      // or none
	ofOutcome                   // it holds, or does not
)

var sourceKinds = [...]sourceKind{ //nolint:gochecknoglobals // a table that nothing writes to
	fromUser: ofValue, fromStandard: ofValue, fromCompany: ofValue, fromMetadata: ofValue,
	fromPageURL: ofValue, fromPageSeconds: ofValue,
	fromCount: ofCount, fromCounterCount: ofCount, fromWindow: ofCount, fromSentCount: ofCount,
	fromFirst: ofTime, fromLast: ofTime, fromCounterFirst: ofTime, fromCounterLast: ofTime,
	fromLastSent: ofTime,
	fromSegment:  ofOutcome,
}

// kind returns what the source has.
func (s source) kind() sourceKind { return sourceKinds[s] }

// A test is what is asked of the value.
type test uint8

const (
	testUnknown test = iota
	testTextIs
	testContains
	testWord
	testStarts
	testEnds
	testBool
	testIn
	testCompare // number or money, by signs
	testBetween
	testListAny
	testListAll
	testCount       // lo to hi
	testSpan        // a time from lo, before hi
	testMoreThanAgo // lo seconds or days
	testLessThanAgo
	testDayAgo
)

// The outcomes of a comparison, which a condition has a set of; see signBit.
const (
	signLess uint8 = 1 << iota
	signEqual
	signGreater
)

func signsOf(op operator) uint8 {
	switch op {
	case operatorGreaterThan:
		return signGreater
	case operatorLessThan:
		return signLess
	case operatorAtLeast:
		return signGreater | signEqual
	}
	return signLess | signEqual
}
