package logtime

import "time"

// ContainerTime is the time of a line whose own, local, has no zone, while the
// container's runtime has written at with one. The container's zone need not be
// that of the mail server's files: local is taken to be of the zone that brings
// it next to at. Where none does, at is right, but for Zimbra's own logs, which
// a container may print long after they were written.
func ContainerTime(local, at int64, zimbra bool) int64 {
	const (
		step     = int64(15 * time.Minute) // between zones
		farthest = 26 * int64(time.Hour)   // from one zone to another
		late     = 5 * int64(time.Minute)  // that a line was written before it was printed
	)
	apart := local - at
	zones := (apart + step/2) / step
	if apart < 0 {
		zones = (apart - step/2) / step
	}
	if off := zones * step; Apart(apart, off) <= late && Apart(off, 0) <= farthest {
		return local - off
	}
	if zimbra {
		return local
	}
	return at
}
