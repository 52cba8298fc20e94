package web

import (
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// Message reads a line of nginx, of its error or of an access log, that syslog
// carried (access_log and error_log syslog:server=…, or a file that a syslog
// daemon reads). The labels are the carrier's, and so is the time, which has a
// zone or is the same. False means that it is none.
func Message(in *format.Input, d *format.Draft, s string) bool {
	t := d.Time
	if !nginxError(in, d, s) && !nginxAccess(in, d, s) && !accessLine(in, d, s) {
		return false
	}
	if t != 0 {
		d.Time = t
	}
	return true
}
