package samplelogs

import (
	"fmt"
	"time"
)

func (w *world) virusMail(t time.Time) {
	w.send(&mail{
		id: VirusMail, from: "scanner@print.example.net", client: mx("print.example.net"), score: virus, spf: "Softfail", size: 211873,
		to: to("info@example.com", "sales@example.com", "helpdesk@example.org"),
	}, t.Add(20*time.Second))
}

// bounceStorm has both directions: our newsletter to people who are gone, and
// notifications about mail that someone sent in the name of sales.
func (w *world) bounceStorm(t time.Time) {
	w.burst(t, 6*time.Minute, 60, func(i int, t time.Time) {
		m := &mail{from: "info@example.com", way: webmail, client: peer{store, storeIP}, score: -1, id: w.zimbraID(t)}
		m.to = []recipient{{fmt.Sprintf("reader%d@lists.example.net", i), []outcome{userUnknown}}}
		w.send(m, t)
	})
	w.burst(t.Add(2*time.Second), 6*time.Minute, 80, func(_ int, t time.Time) {
		d := w.pick([]string{"bigmail.example.net", "shop.example.net", "city.example.net", "school.example.net"})
		w.send(&mail{client: mx(d), id: w.messageID(t, "mailer-daemon@"+d), score: 1 + 3*w.Float64(), spf: "None", to: to("sales@example.com")}, t)
	})
}

// forgeries are delivered, tagged as spam or not; what matters is that DKIM and
// SPF fail one after the other.
func (w *world) forgeries(t time.Time) {
	w.burst(t, 5*time.Minute, 25, func(_ int, t time.Time) {
		from := fmt.Sprintf("service%d@bank.example.net", w.IntN(9))
		w.send(&mail{
			from: from, id: w.messageID(t, from), client: peer{"unknown", "198.51.100.77"}, score: 5 + 4*w.Float64(), spf: "Fail", dkim: true,
			to: to(w.pick(users)),
		}, t)
	})
}

// The outage, after the start of a period: the databases stop answering, 90
// seconds later mailboxd dies, 90 seconds later it is back.
const (
	outageStart = 52 * time.Minute
	outageDown  = outageStart + 90*time.Second
	outageUp    = outageDown + 90*time.Second
	outageEnd   = 61 * time.Minute // when what was deferred is delivered
)

// sincePeriod is the time since the period began; negative before the only one.
func (w *world) sincePeriod(t time.Time) time.Duration {
	d := t.Sub(w.Start.Add(w.Once))
	if w.Once != 0 {
		return d
	}
	return d % Period
}

// storeIsDown tells when mailboxd does not run.
func (w *world) storeIsDown(t time.Time) bool {
	d := w.sincePeriod(t)
	return !w.NoIncidents && d >= outageDown && d < outageUp
}

// storeState is what a delivery to the mailstore meets; nil is health.
func (w *world) storeState(t time.Time) *outcome {
	d := w.sincePeriod(t)
	switch {
	case w.NoIncidents:
		return nil
	case w.storeIsDown(t):
		return &storeDown
	case d >= outageStart && d < outageDown:
		return &storeIll
	case d >= diskFullFrom && d < diskFullTo:
		return &overQuota452
	}
	return nil
}

// oom is how mailboxd ends.
const oom = "out of memory\njava.lang.OutOfMemoryError: Java heap space" +
	"\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)" +
	"\n\tat org.apache.lucene.index.SegmentReader.norms(SegmentReader.java:1023)"

func (w *world) outage(t time.Time) {
	mailbox := func(at time.Duration, level, thread, logger, text string) {
		w.log4j("mailbox", Line{Time: t.Add(at)}, level, thread, "", logger, "%s", text)
	}
	for d := time.Second; d < 85*time.Second; d += 5 * time.Second {
		mailbox(d, "WARN", "MailboxPurge", "dbconn", "Could not establish a connection to the database.  Retrying in 5 seconds.")
	}
	for d := 3 * time.Second; d < 85*time.Second; d += 12 * time.Second {
		w.mtaLine(t.Add(d), "slapd", w.always("slapd"), "connection_input: conn=%d deferring operation: too many executing", 1000+w.IntN(800))
		mailbox(d+time.Second, "ERROR", "AccountAgent-2", "ldap", "unable to ldap search: LDAPException(resultCode=91 (connect error), errorMessage='An error occurred while attempting to connect to server ldap1.example.com:389')")
	}
	died, back := t.Add(outageDown-outageStart), t.Add(outageUp-outageStart)
	w.log4j("mailbox", Line{Time: died.Add(-time.Millisecond)}, "FATAL", w.thread("SearchRequest"), w.soapContext("sales@example.com", w.client()), "system", "%s", oom)
	w.mtaLine(died.Add(20*time.Second), "zmconfigd", w.always("zmconfigd"), "Service status change: %s mailboxd changed from running to stopped", store)
	w.status(died.Add(25 * time.Second))
	w.mtaLine(back.Add(10*time.Second), "zmconfigd", w.always("zmconfigd"), "Service status change: %s mailboxd changed from stopped to running", store)
	w.put("out", Line{Time: back.Add(-9 * time.Second), Text: back.Add(-9*time.Second).In(w.Location).Format("2006-01-02 15:04:05.000") + ":INFO::main: Logging initialized @1342ms to org.eclipse.jetty.util.log.StdErrLog"})
	start := outageUp - outageStart
	mailbox(start, "INFO", "main", "misc", "version="+build+" release=20250604100000 builddate=20250604-1000 buildhost=build.example.com")
	mailbox(start+time.Second, "WARN", "main", "extensions", "no Zimbra-Extension-Class found, ignored: /opt/zimbra/lib/ext/mitel")
	mailbox(start+2*time.Second, "INFO", "LmtpServer", "TcpServer/7025", "Starting accept loop: 1 core threads, 20 max threads.")
}

const (
	diskFullFrom = 77 * time.Minute
	diskFullTo   = 79 * time.Minute
)

var overQuota452 = outcome{"deferred", "4.3.1", "host %[2]s said: 452 4.3.1 Temporary message delivery failure try again: insufficient system storage (in reply to end of DATA command)"}

// diskFull ends after five minutes: someone deletes an old backup.
func (w *world) diskFull(t time.Time) {
	for i := range 5 {
		at, used := t.Add(time.Duration(i)*time.Minute), 91+2*i
		w.zimbramon(at, store, "Disk warning: %s: /opt on device /dev/vdb1 at %d%%", store, used)
		w.disks(at.Add(time.Second), used, 64)
	}
	full := t.Add(diskFullFrom - 75*time.Minute)
	w.burst(full, 2*time.Minute, 8, func(_ int, t time.Time) {
		w.log4j("mailbox", Line{Time: t}, "ERROR", fmt.Sprintf("LmtpServer-%d", w.IntN(80)), "ip="+mtaIP+";", "lmtp",
			"exception occurred while writing the message\njava.io.IOException: No space left on device\n\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)\n\tat com.zimbra.cs.store.file.FileBlobStore.storeIncoming(FileBlobStore.java:94) ~[zimbrastore.jar:%s]", build)
	})
	w.send(&mail{id: StoreFull, from: "maria@partner.example.net", client: mx("partner.example.net"), score: -1, size: 18_344_120, to: to("info@example.com")}, full.Add(30*time.Second))
	w.zimbramon(t.Add(5*time.Minute), store, "zmstat df.csv: timestamp, path, disk, disk_use, disk_space, disk_pct_used:: %s, /opt, /dev/vdb1, 358400, 512000, 70",
		t.Add(5*time.Minute).In(w.Location).Format("01/02/2006 15:04:05"))
}
