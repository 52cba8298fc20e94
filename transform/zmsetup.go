package transform

import "strings"

// isZmsetupHead reports whether s starts with ctime and a message: lines of
// zmsetup.log, and of other scripts in Perl.
func isZmsetupHead(s string) bool {
	n := ctimeLen(s)
	return n > 0 && len(s) > n && s[n] == ' ' && !strings.HasPrefix(s[n:], clamdArrow)
}

// parseZmsetup reads zmsetup.log (zm-build, zmsetup.pl: progress and detail
// print localtime's text before each line). The shape is that of many programs;
// a file of another name is left to parsePlain.
func parseZmsetup(r *Run, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isZmsetupHead(s) || d.head.path != "" && !strings.Contains(d.head.path, "zmsetup") {
		return false
	}
	n := ctimeLen(s)
	d.format = FormatZmsetup
	d.time = r.clock.ctime(s, n, d.head.arrival)
	d.setWebLog("zmsetup", "zimbra-setup")
	d.msg = strings.Trim(s[n:], " \r")
	d.level = LevelInfo
	if l := leadingLevel(d.msg); l != LevelUnknown {
		d.level = l
	} else if strings.HasSuffix(d.msg, "failed.") || strings.Contains(d.msg, "...failed") {
		d.level = LevelError
	}
	if d.level >= LevelError {
		d.set(FieldError, firstLine(d.msg))
	}
	return true
}
