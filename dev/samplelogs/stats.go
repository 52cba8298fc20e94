package samplelogs

import (
	"fmt"
	"time"
)

// services of the hosts, as zmstatuslog names them.
var services = []struct {
	host  string
	names []string
}{
	{store, []string{"mailbox", "memcached", "service webapp", "stats", "zimbra webapp", "zmconfigd"}},
	{mta, []string{"amavis", "antispam", "antivirus", "dnscache", "ldap", "mta", "opendkim", "stats", "zmconfigd"}},
}

// stats is zimbra-stats.log: the state of the services, the mail queue, and
// zmstat's numbers.
func (w *world) stats() {
	w.steady(5*time.Minute, func(t time.Time) {
		w.status(t)
		w.zimbramon(t, mta, "%s, QUEUE: %d %d", w.stamp(t), 40+w.IntN(300), 2+w.IntN(9))
	})
	w.steady(30*time.Second, func(t time.Time) {
		at := t.In(w.Location).Format("01/02/2006 15:04:05")
		w.zimbramon(t, store, "zmstat cpu.csv: timestamp, cpu:user, cpu:nice, cpu:sys, cpu:idle, cpu:iowait:: %s, %d.%d, 0.0, %d.%d, %d.0, 0.%d",
			at, 5+w.IntN(30), w.IntN(10), 1+w.IntN(6), w.IntN(10), 50+w.IntN(30), w.IntN(9))
	})
	w.steady(10*time.Minute, func(t time.Time) { w.disks(t, 71, 64) })
}

// status is what zmstatuslog finds.
func (w *world) status(t time.Time) {
	for _, s := range services {
		for _, name := range s.names {
			state := "Running"
			if s.host == store && w.storeIsDown(t) && name != "stats" && name != "zmconfigd" && name != "memcached" {
				state = "Stopped"
			}
			w.zimbramon(t, s.host, "%s, STATUS: %s: %s: %s", w.stamp(t), s.host, name, state)
		}
	}
}

func (w *world) stamp(t time.Time) string { return t.In(w.Location).Format("2006-01-02 15:04:05") }

func (w *world) zimbramon(t time.Time, host, format string, args ...any) {
	pid := w.proc("zimbramon", t, t.Add(time.Second))
	w.syslog("stats", host, Line{Time: t}, "zimbramon", pid, "%d:info: %s", pid, fmt.Sprintf(format, args...))
}

// disks is zmstat's table of the file systems, in MB and percent.
func (w *world) disks(t time.Time, mailstore, mta1 int) {
	at := t.In(w.Location).Format("01/02/2006 15:04:05")
	for _, d := range []struct {
		host string
		used int
	}{{store, mailstore}, {mta, mta1}} {
		const size = 512000
		w.zimbramon(t, d.host, "zmstat df.csv: timestamp, path, disk, disk_use, disk_space, disk_pct_used:: %s, /opt, /dev/vdb1, %d, %d, %d",
			at, size/100*d.used, size, d.used)
	}
}

// jetty is zmmailboxd.out.
func (w *world) jetty() {
	w.every(90*time.Second, func(t time.Time) {
		if w.storeIsDown(t) {
			return
		}
		at := t.In(w.Location).Format("2006-01-02 15:04:05.000")
		if w.IntN(4) > 0 {
			w.put("out", Line{Time: t, Text: fmt.Sprintf("[%s][info][gc] GC(%d) Pause Young (Normal) (G1 Evacuation Pause) %dM->%dM(8192M) %d.%03dms",
				t.In(w.Location).Format("2006-01-02T15:04:05.000-0700"), int(t.Sub(w.Start).Seconds()), 4000+w.IntN(900), 1200+w.IntN(900), 8+w.IntN(40), w.IntN(1000))})
			return
		}
		w.put("out", Line{Time: t, Text: fmt.Sprintf("%s:WARN:oejs.DoSFilter:DOS ALERT:ip=%s,session=null,user=null", at, w.client())})
	})
}
