// Package zimbra has the formats of Zimbra itself: the log4j shape of mailboxd and
// its kin with audit and activity log in it, the tools of the command line,
// zmmailboxd.out, zmconfigd, zmsetup, spamtrain, and zimbramon and zmstat in syslog.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory.
package zimbra
