// Package redact takes out of texts the secrets that nobody may see.
//
// In: the text of an event, its further lines included, or one value with its
// name. Out: the same text if there is nothing to do, which the filters MaySecret
// and MayUserinfo tell cheaply; else one with names.Mark in place of what went. To redact
// twice changes nothing more.
//
// Memory: new texts lie in the arena that a Cleaner was made with; it belongs to
// one goroutine.
package redact
