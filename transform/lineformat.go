package transform

import "strings"

// lineFormat is a format that is told by the beginning of its lines: what
// starts an event, and what reads one.
type lineFormat struct {
	format Format
	head   func(s string) bool
	parse  func(r *Run, d *draft) bool
}

// lineFormats are tried in this order. No line is of two of them.
var lineFormats = [...]lineFormat{
	{FormatNginxError, isNginxErrorHead, parseNginxError},
	{FormatMailboxdOut, isMailboxdOutHead, parseMailboxdOut},
	{FormatJettyTrace, isJettyTraceHead, parseJettyTrace},
	{FormatZmconfigd, isZmconfigdHead, parseZmconfigd},
	{FormatCbpolicyd, isCbpolicydHead, parseCbpolicyd},
	{FormatClamd, isClamdHead, parseClamd},
	{FormatMySQLSlow, isMySQLSlowHead, parseMySQLSlow},
	{FormatVisiology, isVisiologyHead, parseVisiology},
	{FormatNginxAccess, isNginxAccessHead, parseNginxAccess},
	{FormatAccessLog, isAccessLogHead, parseAccessLog},
	{FormatZmsetup, isZmsetupHead, parseZmsetup},
	{FormatSpamtrain, isSpamtrainHead, parseSpamtrain},
}

// parseLineFormat tries the formats of single files, then a usual time and
// level. False means that the line has neither.
func parseLineFormat(r *Run, d *draft) bool {
	for i := range lineFormats {
		if f := &lineFormats[i]; f.parse(r, d) {
			return true
		}
	}
	return parsePlain(r, d)
}

// startsLine reports whether s, in a log of lines, starts an event behind an
// open one of the head line head and so many further lines.
func startsLine(s, head string, more int) bool {
	if isMySQLSlowHead(s) {
		return startsMySQLSlow(s, head, more)
	}
	if isPlainHead(s) {
		return true
	}
	if more == 0 && juliSecond(s, head) {
		return false
	}
	for i := range lineFormats {
		if lineFormats[i].head(s) {
			return true
		}
	}
	// A slow query is text without a head; so is what follows an event of Visiology.
	return !isMySQLSlowHead(head) && !isVisiologyHead(head) && !strings.HasPrefix(s, "\t") && !strings.HasPrefix(s, "  ")
}
