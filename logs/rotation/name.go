package rotation

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// rotated is what the name of a file tells: which log it is of, and which part
// of it.
type rotated struct {
	base string    // name of the log while it is written: "mailbox.log"
	date time.Time // after which no line of the part is, zero if the name has none
	num  int       // of logrotate: higher is older; 0 for none
}

var (
	packedSuffix = regexp.MustCompile(`(?i)\.(gz|tgz|zst|xz|bz2|tar|zip|z)$`)
	numberSuffix = regexp.MustCompile(`\.(\d{1,4})$`)
	// mailbox.log.2026-08-02, zimbra.log-20260802, trace_log.2026_08_02,
	// mailbox-2026-08-02.log, mail.log-20260802-1754179201
	dateInName = regexp.MustCompile(`[._-]((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])([-_.]?)(0[1-9]|[12]\d|3[01])([-_.T]?\d{2,10})?(\D|$)`)
	oldSuffix  = regexp.MustCompile(`(?i)\.(old|bak|save)$`)
)

// parseName reads the name of a file.
func parseName(name string) (r rotated) {
	name = path.Base(name)
	for cut := true; cut; {
		before := name
		name = packedSuffix.ReplaceAllString(name, "")
		if m := numberSuffix.FindStringSubmatch(name); m != nil && len(name) > len(m[0]) {
			r.num, _ = strconv.Atoi(m[1])
			name = strings.TrimSuffix(name, m[0])
		}
		if m := oldSuffix.FindString(name); m != "" && len(name) > len(m) {
			r.num = max(r.num, 1)
			name = strings.TrimSuffix(name, m)
		}
		cut = name != before && name != ""
	}
	if m := dateInName.FindStringSubmatchIndex(name); m != nil && m[0] > 0 {
		part := func(i int) int { n, _ := strconv.Atoi(name[m[2*i]:m[2*i+1]]); return n }
		// A log dated of a day is written to its end, in any zone.
		r.date = time.Date(part(1), time.Month(part(3)), part(5), 36, 0, 0, 0, time.UTC)
		name = name[:m[0]] + name[m[14]:]
	}
	r.base = name
	return r
}

// container tells a container by the name of a file or of the folder around
// it: as Compose names it (project, service and replica) or, in a folder
// "containers", whatever it is called. Docker's own files are known by the
// transform.
func container(p, base string) string {
	stem := strings.TrimSuffix(strings.TrimSuffix(base, ".log"), "-json")
	dir := path.Base(path.Dir(p))
	switch {
	case len(stem) == 64 || strings.Contains(p, "/pods/") || strings.Contains(stem, "_") && strings.Count(stem, "-") > 4:
		return ""
	case isContainer(stem):
		return stem
	case isContainer(dir):
		return dir
	case dir == "containers" || dir == "docker-logs":
		return stem
	}
	return ""
}

func isContainer(name string) bool {
	return composeName.MatchString(name) && strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz")
}

var composeName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.]*[-_][a-z0-9][a-z0-9_.-]*[-_]\d{1,3}$`)

var (
	// hostFolder is a folder that is named after a host: by its full name, or as
	// hosts are called.
	hostFolder = regexp.MustCompile(`(?i)^(?:[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+|(?:zimbra|zcs|carbonio|mail|mx|mta|mbox|mbs|mailbox|mailstore|store|ldap|proxy|edge|node|srv|vm|host|planr|app)[a-z]*[-_]?\d[a-z0-9-]*)$`)
	notHost    = regexp.MustCompile(`(?i)\.(log|txt|gz|tgz|tar|zip|zst|xz|bz2|d|json|out|jsonl)$|^\d+(\.\d+){0,2}$|^\d{4}[-_.]\d\d`)
)

// folderHost tells a host by the folders that a file stands in, inner ones
// first; "" if none looks like one. An archive is named after its case.
func folderHost(p string) string {
	for dir := path.Dir(p); dir != "." && dir != "/"; dir = path.Dir(dir) {
		name := path.Base(dir)
		if hostFolder.MatchString(name) && !notHost.MatchString(name) && !isContainer(name) {
			return name
		}
	}
	return ""
}
