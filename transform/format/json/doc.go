// Package json has the formats whose line is a JSON object: PLAN-R's events and
// what any other program logs under the usual keys; and the events of Visiology,
// which leave as one.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory. The line itself stays as it came, but for Visiology's.
package json
