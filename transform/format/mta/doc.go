// Package mta has the formats of the programs on the way of a mail: Postfix,
// amavis, ClamAV, OpenDKIM, saslauthd, cbpolicyd and the policy daemon of SPF, most
// of them messages behind a syslog header.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory.
package mta
