// Package explain says what was decided of a contact and why, as values, as JSON and as
// text: of each message the rules with the values that they saw, the frequency, the caps,
// the hours, consent and control groups, and when it could be sent; of each series where
// the contact stands in it.
//
// The engine makes these values: see Explain, ExplainSeries and Why of package beckon.
// They are the caller's own, except that rules of one answer may share what a segment
// came to. Nothing here reads a clock or decides anything. Instants are in UTC unless a
// comment says otherwise; a zero one is not known or does not exist, and is left out of
// the JSON.
//
// String writes a paragraph for people who support customers. Its wording may change;
// programs read the fields.
package explain
