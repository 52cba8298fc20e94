package transform

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// planter makes lines with one secret in a shape that it draws.
type planter struct {
	r      *rand.Rand
	secret string
}

func (p *planter) one(of ...string) string { return of[p.r.IntN(len(of))] }

const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// draw makes a secret that nothing else is: letters of both cases and digits.
func (p *planter) draw() {
	b := []byte("Zq7")
	for range 8 + p.r.IntN(8) {
		b = append(b, alphabet[p.r.IntN(len(alphabet))])
	}
	p.secret = string(append(b, "9xK"...))
}

func (p *planter) name() string {
	return p.one("password", "userPassword", "Password", "PASSWORD", "passwd", "authToken", "access_token", "client_secret", "X-Auth-Token", "api_key",
		"zimbraPreAuthKey", "bindpw", "db_pass", "refreshToken", "privateKey", "recoveryAccountCode", "otp", "pin", "passkey", "db_pwd", "Passwort", "пароль")
}

// pair is a name and the secret, in a form of a text.
func (p *planter) pair() string {
	name, x := p.name(), p.secret
	q := p.one(`"`, "'")
	switch p.r.IntN(14) {
	case 0, 1:
		sign := p.one("=", ": ", ":", "= ", "\t=\t", " = ", " => ")
		if len(name) == 3 { // too short, with a blank behind it, for the filter
			sign = strings.TrimLeft(sign, " ")
		}
		return name + sign + p.one(x, q+x+q)
	case 2:
		return name + "=" + p.one("b", "u", "E", "r") + q + x + q
	case 3:
		return name + p.one("=", ": ") + p.one("{SSHA}", "{CRYPT}", "Bearer ", "Basic ") + x
	case 4:
		return name + p.one("=", ": ") + p.one("["+x+"]", "{"+x+"}", "<"+x+">", "`"+x+"`", "“"+x+"”", `"""`+x+`"""`)
	case 5:
		return "userPassword::" + p.one(" ", "") + x
	case 6:
		return p.one("Authorization", "Proxy-Authorization", "authorization") + p.one(": ", ":", ":\t") + p.one("Token", "Bearer", "ApiKey", "Basic", "Hawk", "Custom", "SSWS") + p.one(" ", "\t") + x
	case 7:
		return p.one("Cookie", "cookie") + p.one(": ", "=") + p.one("", "a=b; ", "a=b c; ") + "sid=" + x + p.one("", "; lang=ru")
	case 8:
		return fmt.Sprintf("<%[1]s%[3]s>%[2]s</%[1]s>", p.one("password", "ns2:authToken", "secret"), p.one(x, "<![CDATA["+x+"]]>", "<v>"+x+"</v>", "<!-- c -->"+x), p.one("", ` a="b"`))
	case 9:
		return p.one("amqp", "https", "ldap") + "://user:" + p.one("", "a/", "a#", "a?") + x + "@host/x"
	case 10:
		return p.one("{", "map{") + "a=b, " + p.one("password", "token") + "=" + x + ", c=d}"
	case 11:
		return "headers={Authorization=[" + p.one("Bearer ", "Token ", "") + x + "], Cookie=[sid=" + x + "]}"
	case 12:
		return "https://h/x?" + p.one("token", "authToken", "code", "sig", "password", "user[password]", "user%5Bpassword%5D") + "=" + x + p.one("", "&a=b")
	default:
		return p.command()
	}
}

func (p *planter) command() string {
	return p.one("", "sudo ", "/opt/zimbra/bin/", "sh -c '") + strings.ReplaceAll(p.one("zmprov sp a@b.org §", "zmprov ca a@b.org § displayName A", "zmprov ccr r@b.org §", "ldapsearch -x -w § -b ''",
		"ldapmodify -x -w§", "zmsoap -z -p § GetInfo", "zmmailbox -z -m a -p § gaf", "mysql -uroot -p§ db", "mysqladmin -u root password §", "curl -u a:§ https://h/",
		"curl -uA:§ https://h/", "wget --http-password § https://h/", "swaks --auth-password=§", "zmmypasswd §", "carbonio prov sp a §"), "§", p.secret)
}

// nest puts a text into another one as programs do: texts of JSON, parameters of
// URLs, texts of XML.
func (p *planter) nest(s string) string {
	for range p.r.IntN(3) {
		switch p.r.IntN(4) {
		case 0:
			b, _ := json.Marshal(map[string]string{p.one("body", "msg", "data"): s})
			s = string(b)
		case 1:
			if strings.IndexByte(s, '%') < 0 && p.isURLText(s) {
				s = "https://h/?u=" + url.QueryEscape(s)
			}
		case 2:
			var b strings.Builder
			if xml.EscapeText(&b, []byte(s)) == nil {
				s = "<body>" + b.String() + "</body>"
			}
		default:
			s = p.one("failed: ", "request ", "") + s
		}
	}
	return s
}

// isURLText reports whether blanks of s may become "+": of no command or header,
// whose parts they hold apart.
func (p *planter) isURLText(s string) bool { return strings.IndexByte(s, ' ') < 0 }

// carrier puts a text into a line of a log; path is its file.
func (p *planter) carrier(s string) (path, line string) {
	n := p.r.IntN(6)
	if n == 1 && (strings.ContainsAny(s, ";]") || !strings.ContainsAny(s, "=:<")) { // what ends a context, or is no value
		n = 0
	}
	switch n {
	case 0:
		return "/opt/zimbra/log/mailbox.log", "2026-08-02 16:49:04,242 INFO  [q] [] soap - " + s
	case 1:
		return "/opt/zimbra/log/mailbox.log", "2026-08-02 16:49:04,242 WARN  [q] [name=a@b.org;ip=192.0.2.1;ua=" + s + ";] soap - hi"
	case 2:
		return "/var/log/zimbra.log", "Aug  2 16:49:04 mail " + p.one("bash", "sudo", "saslauthd[1]", "postfix/smtpd[77]") + ": " + s
	case 3:
		b, _ := json.Marshal(s)
		return "/srv/app.log", `{"level":"info","msg":` + string(b) + `,"n":1}`
	case 4:
		name, value := p.name(), `"`+p.secret+`"`
		switch p.r.IntN(4) {
		case 0:
			value = `["` + p.secret + `","b"]`
		case 1:
			value = `{"value":"` + p.secret + `"}`
		case 2:
			return "/srv/app.log", `{"level":"info","value":` + value + `,"name":"` + name + `"}`
		}
		return "/srv/app.log", `{"level":"info","` + name + `"` + p.one(":", " : ", "\t: ") + value + `}`
	default:
		return "/srv/app.log", "2026-08-02T16:49:06Z INFO " + s
	}
}

// leaks is what of a secret leaves with an entry: in its line, metadata or
// labels.
func leaks(tr *Transform, path, line, secret string) (out string) {
	transformChunk(tr, "x", pathChunk(path, strings.Split(line, "\n")...), func(e *entry.Entry) {
		all := string(e.AppendLine(nil)) + " " + metaText(e.Meta) + " " + e.Labels.Text
		if strings.Contains(all, secret) || strings.Contains(all, secret[3:]) || strings.Contains(all, secret[:len(secret)-3]) {
			out = all
		}
	})
	return out
}

func plantOne(t *testing.T, tr *Transform, seed uint64) bool {
	t.Helper()
	p := planter{r: rand.New(rand.NewPCG(seed, 7))}
	p.draw()
	path, line := p.carrier(p.nest(p.pair()))
	if out := leaks(tr, path, line, p.secret); out != "" {
		t.Errorf("seed %d: %s\n lets out %s", seed, line, out)
		return false
	}
	return true
}

// TestPlantedSecrets: none of some thousand secrets in drawn shapes leaves.
func TestPlantedSecrets(t *testing.T) {
	tr := New(Options{Location: time.UTC, NoMails: true})
	bad := 0
	for seed := range uint64(6000) {
		if !plantOne(t, tr, seed) {
			if bad++; bad == 20 {
				t.FailNow()
			}
		}
	}
	// Without redaction it is there: the test sees what it looks for.
	keep := New(Options{Location: time.UTC, NoMails: true, KeepSecrets: true})
	if leaks(keep, "/srv/app.log", "2026-08-02T16:49:06Z INFO password=Zq7aaaa9xK", "Zq7aaaa9xK") == "" {
		t.Error("nothing is planted")
	}
}

// FuzzPlantedSecrets draws further shapes.
func FuzzPlantedSecrets(f *testing.F) {
	f.Add(uint64(1 << 40))
	tr := New(Options{Location: time.UTC, NoMails: true})
	f.Fuzz(func(t *testing.T, seed uint64) { plantOne(t, tr, seed) })
}
