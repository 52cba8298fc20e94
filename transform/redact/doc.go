// Package redact takes out of texts what nobody may see: secrets always (Cleaner),
// names of persons where that is asked for (Persons, Pseudonyms).
//
// In: the text of an event, its further lines included, or one value with its
// name. Out: the same text if there is nothing to do, which the filters MaySecret
// and MayUserinfo tell cheaply; else one with Mark, or a keyed hash, in place of
// what went. To redact twice changes nothing more.
//
// Memory: new texts lie in the arena that a Cleaner or a Persons was made with;
// both belong to one goroutine. Pseudonyms may be used by several and keeps clones.
package redact
