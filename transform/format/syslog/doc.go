// Package syslog has the formats of syslog messages that are of neither Zimbra nor the
// way of a mail: slapd, and those programs of the system that are known by name
// only.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory.
package syslog
