// Package pipeline ties the stages together as one synchronous call: bytes of
// a chunk in, what became of them out. The plugin and the command line share it.
package pipeline
