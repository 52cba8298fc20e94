package planted

import (
	"encoding/json"
	"strings"
)

const (
	mailboxPath = "/opt/zimbra/log/mailbox.log"
	auditPath   = "/opt/zimbra/log/audit.log"
	syslogPath  = "/var/log/zimbra.log"
	appPath     = "/srv/app.log"
	podPath     = "/var/log/containers/app-1.log"
)

// carrier puts a text into records of a log.
func (d *drawer) carrier(s string) [][]string {
	switch d.n(16) {
	default:
		return lines(mailboxPath, head(d.one("INFO ", "WARN ", "DEBUG"), "q", "", "soap")+s)
	case 1:
		if strings.ContainsAny(s, ";]\n") || !strings.ContainsAny(s, "=:<") { // what ends a context, or is no value
			return lines(mailboxPath, head("INFO ", "q", "", "soap")+s)
		}
		return lines(mailboxPath, head("WARN ", "q", "name=a@b.org;ip=192.0.2.1;ua="+s+";", "soap")+"hi")
	case 2:
		return lines(mailboxPath, head("WARN ", "q", "name=a@b.org;", d.one("account", "soap", "ldap"))+"failed",
			d.one("java.io.IOException: ", "Caused by: com.example.E: ", "ExceptionId:q:1 ")+s, "\tat a.b.C.d(C.java:12)")
	case 3:
		return lines(syslogPath, "Aug  2 16:49:04 mail "+d.one("bash", "sudo", "saslauthd[1]", "postfix/smtpd[77]", "amavis[8]", "CRON[9]", "zmconfigd[5]", "dovecot", "app[7]")+": "+oneLine(s))
	case 4:
		b, _ := json.Marshal(s)
		return lines(appPath, `{"level":"info","msg":`+string(b)+`,"n":1}`)
	case 5:
		return d.jsonKey()
	case 6:
		return lines(appPath, d.one("2026-08-02T16:49:06Z INFO ", "", "2026/08/02 16:49:06 ")+oneLine(s))
	case 7:
		return lines(podPath, "2026-08-02T16:49:06.123456789Z "+d.one("stdout", "stderr")+" F "+oneLine(s))
	case 8:
		b, _ := json.Marshal(oneLine(s) + "\n")
		return lines("/var/lib/docker/containers/0/0-json.log", `{"log":`+string(b)+`,"stream":"stdout","time":"2026-08-02T16:49:06.1Z"}`)
	case 9:
		return [][]string{{"MESSAGE", s, "SYSLOG_IDENTIFIER", d.one("zmconfigd", "app", "postfix/smtpd"), "_SYSTEMD_UNIT", "x.service", "PRIORITY", "6", "_HOSTNAME", "mail"}}
	case 10:
		return d.audit()
	case 11:
		name, value := d.name(), d.x
		d.exact = false
		return [][]string{{"log", "hi", "filename", appPath, name, value}}
	case 12:
		return lines(syslogPath, "<13>1 2026-08-02T16:49:04.1Z mail "+d.one("app", "slapd")+" 7 - - "+oneLine(s))
	case 13:
		return d.access()
	case 14:
		b, _ := json.Marshal(s)
		return lines(appPath, `{"__REALTIME_TIMESTAMP":"1785678544000000","MESSAGE":`+string(b)+`,"SYSLOG_IDENTIFIER":"app","_HOSTNAME":"mail","PRIORITY":"6"}`)
	case 15:
		return lines(mailboxPath, head("INFO ", "q", "", "soap")+"<soap:Body>", "<x/>", oneLine(s), "</soap:Body> end")
	}
}

// jsonKey is a line of JSON in which the secret stands behind a key.
func (d *drawer) jsonKey() [][]string {
	d.exact = false
	name, x := d.name(), d.x
	value := d.one(`"`+x+`"`, `["`+x+`","b"]`, `{"value":"`+x+`"}`, `{"a":{"b":"`+x+`"}}`, `"\"`+x+`\""`)
	if d.n(4) == 0 {
		return lines(appPath, `{"level":"info","value":"`+x+`","name":"`+name+`"}`)
	}
	return lines(appPath, d.one("", "  ")+`{"level":"info","`+name+`"`+d.one(":", " : ", "\t: ", ": ")+value+d.one("", `,"n":1`)+`}`)
}

// audit is a line of audit.log, whose values hold anything.
func (d *drawer) audit() [][]string {
	name := d.one("userPassword", "zimbraPreAuthKey", "zimbraAuthLdapSearchBindPassword", "zimbraDataSourcePassword", "+zimbraLdapPassword", "zimbraAuthTokenKey")
	if s := d.one("", " ", ",", ";; ", "=", "; b", "&", "'"); d.sign == "" {
		d.x = d.parts[0] + s + d.parts[1]
	}
	d.exact = false
	return lines(auditPath, head("INFO ", "q", "name=admin@example.com;ip=192.0.2.10;", "security")+
		"cmd=ModifyAccount; name=a@example.com; "+name+"="+d.x+"; displayName="+d.word()+";")
}

// access is a request in which the secret is a parameter.
func (d *drawer) access() [][]string {
	d.without("#%+= ,;&)]}|, ")
	d.exact = false
	u := d.one("/home/~/?", "/service/preauth?account=a&", "/?redirect=%3F", "/x?a=1&") + d.one("zauthtoken", "authtoken", "preauth", "password", "token")
	sign := "="
	if strings.Contains(u, "%3F") {
		sign = "%3D"
	}
	u += sign + d.x
	if d.n(2) == 0 {
		return lines("/opt/zimbra/log/nginx.access.log", `198.51.100.20:51237 - - [02/Aug/2026:16:49:07 +0300]  "GET https://mail.example.com`+u+` HTTP/1.1" 200 100 "https://mail.example.com`+u+`" "Mozilla/5.0" "10.0.0.5:8443" "10.0.0.4:443"`)
	}
	return lines("/opt/zimbra/log/access_log.2026_08_02", `192.0.2.5 - - [02/Aug/2026:16:49:11 +0000] "GET `+u+` HTTP/1.1" 302 0 "-" "Mozilla/5.0" 9`)
}

// oneLine is a text without line breaks, of a carrier that has none.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// lines are the records that tail makes of lines of a file; of a text with line
// breaks it makes several.
func lines(path string, text ...string) (records [][]string) {
	for _, l := range strings.Split(strings.Join(text, "\n"), "\n") {
		records = append(records, []string{"log", l, "filename", path})
	}
	return records
}
