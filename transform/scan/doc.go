// Package scan has what all stages read and write text with: digits, words,
// addresses, JSON's escapes, UTF-8, and the Arena that holds what no chunk does.
//
// In and out: strings. A result is a view of what came in, or lies in the Arena
// that the caller gave; nothing here allocates for a line.
//
// Memory: an Arena belongs to one goroutine. What it handed out is valid until
// its Reset.
package scan
