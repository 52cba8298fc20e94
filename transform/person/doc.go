// Package person replaces the names of persons in texts by keyed hashes: their
// addresses in every form in which mail systems write them, and the names that
// fields, keys and sentences tell.
//
// Memory: new texts lie in the arena that a Persons was made with; it belongs to
// one goroutine. Pseudonyms may be used by several and keeps clones.
package person
