package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/db"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// fileLog is a log that the name of its file tells, whatever its lines look like.
type fileLog struct {
	file      string // beginning of the file's name
	log       string
	service   string // "" where the path tells it
	component string // of lines that name none
	level     format.Level
}

var fileLogs = [...]fileLog{
	{file: "mysql_error.log", log: db.MySQLError.Log, level: format.LevelInfo},
	{file: "gc.log", log: "gc", service: zimbra.MailboxdOut.Service, component: "gc", level: format.LevelInfo},
	{file: "zmmailboxd.out", log: zimbra.MailboxdOut.Log, service: zimbra.MailboxdOut.Service},
	{file: "z-push", log: web.ZPush.Log, service: web.ZPush.Service},
	{file: "letsencrypt.log", log: syslog.Certbot.Log, service: syslog.Certbot.Service},
}

// setFileLog gives the labels of its file to a line that has none of its own:
// of a log of many programs' words, or one that no parser knew. Other programs
// than Zimbra have such files too; the path tells them.
func setFileLog(d *format.Draft) {
	if d.Log != "" && d.Log != "other" && d.Format != &zimbra.MailboxdOut {
		return // nearly every line: it told its log itself
	}
	path := d.Head.Path
	file := path[strings.LastIndexByte(path, '/')+1:]
	if file == "" || d.Head.IsContainer {
		return
	}
	for i := range fileLogs {
		f := &fileLogs[i]
		if !strings.HasPrefix(file, f.file) {
			continue
		}
		gc := f.log == "gc" && d.Format == &zimbra.MailboxdOut
		if !zimbraName(path) && f.log != web.ZPush.Log && f.log != syslog.Certbot.Log || !gc && d.Log != "other" && d.Log != "" {
			return
		}
		d.Log = f.log
		if d.Service = f.service; f.service == "" {
			d.Service = db.MySQLService(path)
		}
		d.SetNew(format.FieldComponent, f.component)
		if d.Level == format.LevelUnknown {
			d.Level = f.level
		}
		return
	}
}
