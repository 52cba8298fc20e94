package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/db"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// parseSyslog reads what stands behind a syslog header, by the program that its
// tag names. A program that is not known leaves the line as it is; its name
// becomes a label only if it is one of syslog.ForeignPrograms, because a tag is
// whatever the sender of a datagram wrote. A header alone makes a line known.
func (r *Run) parseSyslog(d *format.Draft) {
	h := &d.Header
	s := d.Joined
	if s == "" {
		s = syslog.Unrepeat(d, syslog.WithoutMsgID(d.Head.Text[h.Skip:]))
	}
	d.Msg = s
	d.Level = format.PriLevel(h.Pri)
	program := r.programs.of(h.Tag)
	if f := program.spec; f != nil {
		d.Format, d.Harmless = f, h.Skip // another tag may be the name of a secret: "INFO password: x"
		r.setSyslogLabels(d, scan.OrElse(f.Service, program.name))
		d.SetKnown(f.Message(&r.Input, d, s))
		return
	}
	if rest, ok := strings.CutPrefix(s, "last message repeated "); ok && h.Tag == "" {
		d.Set(format.FieldRepeat, scan.Number(rest))
	}
	if r.parseBehindHeader(d) || strings.HasPrefix(s, "{") && r.jsonBehindHeader(d) {
		return
	}
	name := program.name
	service := "other"
	if syslog.ForeignPrograms[name] {
		service = name
	}
	d.Format = &syslog.Syslog
	r.setSyslogLabels(d, service)
	if web.Message(&r.Input, d, s) || plain.ReadLogfmt(&r.Input, d, s) ||
		plain.Apache(&r.Input, d, s) {
		return
	}
	syslog.ParseForeign(&r.Input, d, name, s)
	if h.Tag == "" {
		d.Raise(format.LeadingLevel(s))
	}
}

// parseBehindHeader reads a line of one of the web servers, or of the database,
// behind the header: as in its own file, but for time and host, which the header has. The header
// of a line of the journal may have lost its time, see SyslogHeader.Stamp.
func (r *Run) parseBehindHeader(d *format.Draft) bool {
	host, at, level, text := d.Host, d.Time, d.Level, d.Head.Text[d.Head.Skip:]
	for _, f := range [...]*format.Spec{&web.NginxError, &web.NginxAccess, &web.AccessLog, &db.MySQLError} {
		if !f.Head(text) || !r.try(f, d) {
			continue
		}
		d.Host = host
		if at != 0 {
			d.Time = at
		}
		if d.Level == format.LevelUnknown {
			d.Level = level
		}
		if f == &web.AccessLog && strings.Contains(d.Header.Tag, "nginx") {
			d.Log, d.Service = web.NginxAccess.Log, web.NginxAccess.Service
		}
		return true
	}
	d.Level = level
	return false
}

// jsonBehindHeader reads an object behind the header, as Caddy and containers
// with the driver syslog write it. Time and host are the header's, PLAN-R's labels
// its own.
func (r *Run) jsonBehindHeader(d *format.Draft) bool {
	host, at, level := d.Host, d.Time, d.Level
	if !r.try(&json.JSON, d) {
		d.Level = level
		return false
	}
	d.Host = host
	if at != 0 {
		d.Time = at
	}
	if d.Level == format.LevelUnknown {
		d.Level = level
	}
	if json.VisiologyJSON(&r.Input, d) {
		d.Format = &json.Visiology
	}
	if d.Job != "" {
		return true
	}
	service := "other"
	if d.Service != d.Head.Service {
		service = d.Service
	}
	if name := format.ProgramName(d.Header.Tag); syslog.ForeignPrograms[name] {
		service = name
	}
	d.Format = &syslog.Syslog // the file's labels are those of any program
	r.setSyslogLabels(d, service)
	d.Format = &json.JSON
	return true
}

// setSyslogLabels gives job, log and service_name. The log is that of
// the file, if the record names one; else zmstat's facility local1, or its
// programs, tell zimbra-stats.log from zimbra.log.
func (r *Run) setSyslogLabels(d *format.Draft, service string) {
	d.Job, d.Service, d.Log = "zimbra", service, "zimbra"
	file := r.programs.kindOf(d.Head.Path)
	const local1 = 17 // facility of RFC 5424 section 6.2.1
	switch {
	case file == syslog.FileStats:
		d.Log = "zimbra-stats"
	case file == syslog.FileZimbra:
	case d.Header.Pri >= 0 && d.Header.Pri>>3 == local1:
		d.Log = "zimbra-stats"
	case d.Format.Log != "" && d.Format.Parse == nil:
		d.Log = d.Format.Log
	}
}

// readSyslogHeader takes what the header says. What follows it, a log4j line
// or a program's message, has a parser of its own.
func (r *Run) readSyslogHeader(d *format.Draft) {
	h := &d.Header
	if h.Stamp != "" {
		d.Time = r.Clock.SyslogTime(h.Stamp, d.Head.Arrival)
	}
	d.Host = h.Host
	d.Set(format.FieldProgram, h.Tag)
	d.Set(format.FieldPID, h.PID)
	d.Msg = d.Head.Text[h.Skip:]
}

// rescanHeader reads the header of a line whose bytes have changed again.
func (r *Run) rescanHeader(d *format.Draft) {
	if d.Header.Known && d.Header.Skip > 0 && !scanHeader(&d.Header, d.Head.Path, d.Head.Text) {
		d.Header = envelope.SyslogHeader{}
	}
}
