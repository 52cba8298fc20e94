// Package config reads the properties of one [OUTPUT] section of Fluent Bit
// into a checked, typed Config.
//
// In: a look-up function as Fluent Bit gives it to a Go plugin: a key, in any
// case, to the first value written for it, "" for none. Out: *Config, or one
// error that names everything that is wrong, each with its key, its value, what
// would be allowed and the cure.
//
// One table (see Fields) declares each property once. Parsing, validation, the
// texts of errors, the redacted dump and docs/configuration.md all read it.
//
// Fluent Bit does not tell a Go plugin which keys were written, so a misspelt
// key would be ignored without a word. Parse therefore also asks for spellings
// that are one slip away from a known one, and for names that other outputs use
// (see probe.go).
package config
