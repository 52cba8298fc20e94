package planted

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Shape is a secret in records of a log, in a form that was drawn.
type Shape struct {
	Records [][]string // keys and values in turn, one slice a record
	Parts   [2]string  // the secret's halves: neither may leave
	Secret  string     // between them a sign may stand that some rule could end at
	Exact   bool       // nothing but the secret may go
	Kept    []string   // words around the secret that have to stay
}

// Leaks reports whether text holds a half of the secret, or most of one.
func (s *Shape) Leaks(text string) bool {
	for _, p := range s.Parts {
		if strings.Contains(text, p) || strings.Contains(text, p[1:]) || strings.Contains(text, p[:len(p)-1]) {
			return true
		}
	}
	return false
}

// Draw makes a shape of bytes, each of which is one choice: what is around a
// byte decides what it chooses, so that a fuzzer that changes one changes one
// trait.
func Draw(b []byte) *Shape {
	d := &drawer{rest: b}
	d.exact = true
	d.secret()
	text := d.pair()
	d.open = d.line
	text = d.nest(text)
	s := &Shape{Parts: d.parts}
	s.Records = d.carrier(text)
	s.Secret, s.Exact = d.x, d.exact
	for _, k := range d.kept { // a carrier may have a form of its own
		if strings.Contains(strings.Join(slices.Concat(s.Records...), "\n"), k) {
			s.Kept = append(s.Kept, k)
		}
	}
	return s
}

// drawer turns bytes into choices.
type drawer struct {
	rest  []byte
	x     string // the secret
	parts [2]string
	exact bool
	kept  []string
	words int
	sign  string // between the halves of the secret
	noURL bool   // blanks hold parts apart, or the text has escapes of its own
	line  bool   // the value goes on to the end of the line
	multi bool   // it has line breaks
	open  bool   // it did, before it was put into quotes
}

func (d *drawer) n(of int) int {
	if len(d.rest) == 0 {
		return 0
	}
	v := int(d.rest[0]) % of
	d.rest = d.rest[1:]
	return v
}

func (d *drawer) one(of ...string) string { return of[d.n(len(of))] }

// inexact is one of several texts of which more may go than the secret.
func (d *drawer) inexact(of ...string) string {
	d.exact = false
	return d.one(of...)
}

const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// secret draws one that no other text holds: two halves of letters of both cases
// and digits, and a sign between them.
func (d *drawer) secret() {
	half := func(head, tail string) string {
		b := []byte(head)
		for range 3 + d.n(4) {
			b = append(b, letters[d.n(len(letters))])
		}
		return string(b) + tail
	}
	d.parts = [2]string{half("Zq7", "8wJ"), half("vX4", "9xK")}
	d.sign = d.one("", "", "", "-", "_", ".", "+", "/", "!", "$", "~", "^", ":", "#", "%", "=")
	d.x = d.parts[0] + d.sign + d.parts[1]
}

// only sets the sign of the secret to none if it is one of those: of a form in
// which they end a value.
func (d *drawer) without(signs string) {
	if d.sign != "" && strings.ContainsAny(d.sign, signs) {
		d.sign = ""
		d.x = d.parts[0] + d.parts[1]
	}
}

// within puts a sign into the secret that may stand in quotes only.
func (d *drawer) within() {
	if s := d.one("", "", " ", ",", ";", "&", ")", "]", "}", "|", ", "); s != "" && d.sign == "" {
		d.sign = s
		d.x = d.parts[0] + s + d.parts[1]
	}
}

func (d *drawer) name() string {
	return d.one("password", "userPassword", "Password", "PASSWORD", "passwd", "authToken", "access_token", "client_secret", "X-Auth-Token", "api_key",
		"zimbraPreAuthKey", "bindpw", "db_pass", "refreshToken", "privateKey", "recoveryAccountCode", "otp", "pin", "passkey", "db_pwd", "Passwort", "пароль",
		"smtp.password", "newPassword", "secret", "clientSecret", "sessionId", "JSESSIONID", "pwd", "pass", "OTP", "LDAPADMINPASS", "rootpw", "credentials",
		"ldap_root_password", "X-API-Key", "aws_secret_access_key", "totp", "passphrase", "encryption_key", "spring.datasource.password", "Kennwort")
}

// quoted is the secret in quotes, or bare.
func (d *drawer) quoted() string {
	switch d.n(6) {
	case 0:
		d.within()
		return `"` + d.x + `"`
	case 1:
		d.within()
		return "'" + d.x + "'"
	case 2:
		d.without("%")
		return "`" + d.x + "`"
	default:
		return d.x
	}
}

// pair is a name and the secret, in a form of a text.
func (d *drawer) pair() string {
	switch d.n(20) {
	case 0, 1:
		sign := d.one("=", ": ", ":", "= ", "\t=\t", " = ", " => ", " : ", "=> ")
		if strings.HasSuffix(sign, " ") {
			d.without("=:") // or it is the next pair
		}
		return d.name() + sign + d.quoted()
	case 2:
		q := d.one(`"`, "'")
		d.within()
		return d.name() + d.one("=", ": ") + d.one("b", "u", "E", "r", "N", "x", "rb") + q + d.x + q
	case 3:
		return d.name() + d.one("=", ": ") + d.inexact("{SSHA}", "{CRYPT}", "Bearer ", "Basic ", "{SSHA512} ") + d.x
	case 4:
		return d.bracketed()
	case 5:
		d.without("%#^!$~:._-")
		return "userPassword::" + d.one(" ", "") + d.x
	case 6:
		return d.authorization()
	case 7:
		return d.cookie()
	case 8:
		return d.element()
	case 9:
		d.without("%")
		return d.one("amqp", "https", "ldap", "smtp", "mongodb+srv", "jdbc:postgresql") + "://" + d.one("user", "u%40d.org", "") + ":" + d.inexact("", "a/", "a#", "a?") + d.x + "@" + d.one("host", "h.example.org:8080", "[::1]:25") + d.one("/x", "", "/x?a=b")
	case 10:
		return d.one("{", "map{", "Req[") + "a=b, " + d.one("password", "token", "apiKey") + "=" + d.x + ", c=" + d.word() + "}"
	case 11:
		return d.headers()
	case 12:
		return d.parameter()
	case 13:
		return d.sql()
	case 14:
		return d.protocol()
	case 15:
		return d.object()
	case 16:
		return d.listed()
	case 17:
		d.without("%")
		return d.name() + d.one("=", ": ") + d.one("Some", "Optional", "SecretStr", "new String", "Secret") + "(" + d.inexact(`"`+d.x+`"`, "'"+d.x+"'") + ")"
	default:
		return d.command()
	}
}

// word is one that has to stay.
func (d *drawer) word() string {
	d.words++
	w := fmt.Sprintf("kept%d%c", d.words, 'a'+rune(d.n(26)))
	d.kept = append(d.kept, w)
	return w
}

func (d *drawer) bracketed() string {
	d.without("%:=")
	return d.name() + d.one("=", ": ") + d.inexact("["+d.x+"]", "{"+d.x+"}", "<"+d.x+">", "“"+d.x+"”", `"""`+d.x+`"""`, "«"+d.x+"»", "( "+d.x+" )", "[ "+d.x+" ]", "{a, "+d.x+"}", "[a, "+d.x+"]")
}

func (d *drawer) authorization() string {
	d.noURL, d.line = true, true
	name := d.one("Authorization", "Proxy-Authorization", "authorization", "AUTHORIZATION", "HTTP_AUTHORIZATION", "X-Forwarded-Authorization")
	scheme := d.one("Token", "Bearer", "ApiKey", "Basic", "Hawk", "Custom", "SSWS", "NTLM", "Digest", "AWS4-HMAC-SHA256")
	credential := d.x
	if d.n(4) == 0 {
		credential = d.inexact(`username="u", response="`+d.x+`"`, "Credential="+d.x+", SignedHeaders=host, Signature="+d.x, "token="+d.x, "id=\"a\", mac=\""+d.x+"\"")
	}
	return name + d.one(": ", ":", ":\t") + scheme + d.one(" ", "\t") + credential
}

func (d *drawer) cookie() string {
	d.without("%:#")
	d.noURL, d.line = true, true
	name := d.one("Cookie", "cookie", "COOKIE", "HTTP_COOKIE", "Set-Cookie")
	before := ""
	if name != "Set-Cookie" {
		before = d.inexact("", "a=b; ", "a=b c; ", "flag; ", `a="b;c"; `, "a=(b); ", "a; ", "a=; ")
	}
	return name + d.one(": ", ":", "=") + before + d.one("sid", "ZM_AUTH_TOKEN", "__Host-x") + "=" + d.x + d.one("", "; Path=/", "; lang=ru")
}

func (d *drawer) element() string {
	x := d.x
	if d.n(3) > 0 {
		x = d.inexact("<![CDATA["+d.x+"]]>", "<v>"+d.x+"</v>", "<!-- c -->"+d.x, "a<b/>"+d.x, "\n"+d.x+"\n", "<value><string>"+d.x+"</string></value>")
	}
	d.multi = strings.Contains(x, "\n")
	switch d.n(5) {
	case 0:
		return d.one("<param", "<property", "<a") + d.one(` name="password"`, ` name='authToken'`) + ` value="` + d.x + `"/>`
	case 1:
		return d.one(`<a n="userPassword">`, `<string name="token">`, `<entry key="password">`) + x + "</a>"
	case 2:
		d.exact = false
		return "<member><name>password</name><value>" + d.x + "</value></member>"
	}
	tag := d.one("password", "ns2:authToken", "secret", "pin", "otp", "wsse:Password", "sessionId")
	return fmt.Sprintf("<%[1]s%[3]s>%[2]s</%[1]s>", tag, x, d.one("", ` a="b"`, " xmlns:x='y'\n"))
}

func (d *drawer) headers() string {
	d.noURL = true
	d.without("%:#=")
	scheme := d.one("Bearer ", "Token ", "", "Custom ")
	return d.one("headers={", "headers=[", "map[", "{") + d.inexact("Authorization=["+scheme+d.x+"], Cookie=[sid="+d.x+"]", "Authorization:["+scheme+d.x+"] Accept:[*/*]", "Authorization="+scheme+d.x+", Host=h",
		`"Authorization":["`+scheme+d.x+`"]`, `"Cookie":["a=b","sid=`+d.x+`"]`, "Cookie=sid="+d.x+", Host=h") + d.one("}", "]")
}

func (d *drawer) parameter() string {
	d.without("#%+")
	return d.one("https://h/x?", "GET /x?", "/x?a=b&", "https://h/#") + d.one("token", "authToken", "access_token", "password", "user[password]", "user%5Bpassword%5D", "zauthtoken", "preauth", "token[]", "p%61ssword", "pwd") + "=" + d.x + d.one("", "&a=b", " HTTP/1.1")
}

func (d *drawer) sql() string {
	d.noURL = true
	q := d.one("'", `"`)
	d.within()
	v := q + d.x + q
	return d.one("ALTER USER a WITH PASSWORD ", "CREATE USER a IDENTIFIED BY ", "create user a identified with mysql_native_password by ", "GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD ",
		"SET PASSWORD FOR 'u'@'h' = ", "UPDATE t SET password = ", "IDENTIFIED VIA mysql_native_password USING ", "CHANGE MASTER TO MASTER_USER='u', MASTER_PASSWORD=") + v
}

func (d *drawer) protocol() string {
	d.noURL, d.line = true, true
	d.without("!$~^:#%._-=")
	return d.one("C: a1 LOGIN u ", "C: PASS ", "AUTH PLAIN ", "auth login ", "AUTHENTICATE OAUTHBEARER ", "C: a2 AUTHENTICATE XOAUTH2 ", "> PASS ") + d.x
}

func (d *drawer) object() string {
	d.exact = false
	d.noURL = true
	value := d.one(`"%s"`, `["%s"]`, `["a","%s"]`, `{"value":"%s"}`, `{"_content":"%s"}`, `[{"_content":"%s"}]`, `{"new":"%s","type":"t"}`, `[["%s"]]`)
	d.within()
	return `{` + d.one("", `"a":1,`, `"user":"u",`) + `"` + d.name() + `"` + d.one(":", " : ", "\t: ", ": ") + strings.ReplaceAll(value, "%s", d.x) + d.one("", `,"n":true`, `, "t":"`+d.word()+`"`) + `}`
}

func (d *drawer) listed() string {
	d.exact = false
	d.noURL = true
	return strings.ReplaceAll(
		d.one(`{"headers":[["Cookie","sid=§"]]}`, `{"raw":["Host","h","X-Api-Key","§"]}`, `{"headers":[{"name":"Authorization","value":"Token §"}]}`, `{"value":"§","name":"X-Api-Key"}`,
			`[("Authorization", "Token §")]`, `{"attributes":[{"key":"password","value":{"stringValue":"§"}}]}`, `{"cookies":{"sid":"§","lang":"ru"}}`), "§", d.x)
}

func (d *drawer) command() string {
	d.noURL = true
	d.without("%#$!~^")
	return d.one("", "sudo ", "/opt/zimbra/bin/", "sh -c '", "cd /x && ") + strings.ReplaceAll(d.one("zmprov sp a@b.org §", "zmprov ca a@b.org § displayName A", "zmprov ccr r@b.org §", "ldapsearch -x -w § -b ''",
		"ldapmodify -x -w§", "ldapsearch -xw §", "zmsoap -z -p § GetInfo", "zmmailbox -z -m a -p § gaf", "mysql -uroot -p§ db", "mysqladmin -u root password §", "curl -u a:§ https://h/",
		"curl -uA:§ https://h/", "curl -sSu a:§ https://h/", "curl -b sid=§ https://h/", "wget --http-password § https://h/", "swaks --auth-password=§", "zmmypasswd §", "carbonio prov sp a §", "zmlocalconfig -e ldap_root_password=§",
		"MYSQL_PWD=§ mysql", "sshpass -p § ssh h", "keytool -storepass §", "openssl rsa -passin pass:§", "java -Dspring.password=§ -jar x", "doveadm auth test u §"), "§", d.x)
}

// nest puts a text into another one as programs do: texts of JSON, parameters of
// URLs, texts of XML.
func (d *drawer) nest(s string) string {
	for range d.n(4) {
		switch d.n(5) {
		case 0:
			b, _ := json.Marshal(map[string]string{d.one("body", "msg", "data"): s})
			s = string(b)
			d.noURL = true
			if !strings.HasSuffix(s[:len(s)-2], "</body>") { // or it goes on over what its quotes became
				d.line = false
			}
		case 1:
			if !d.noURL && !strings.ContainsAny(s, " %\n\t") {
				s = "https://h/?u=" + url.QueryEscape(s)
			}
		case 2:
			var b strings.Builder
			if xml.EscapeText(&b, []byte(s)) == nil {
				s = "<body>" + b.String() + "</body>"
			}
			if d.line = d.open; d.open { // it goes on over what its quotes become
				d.kept = nil
			}
			d.exact = false // signs of escapes may go with it
			d.noURL = true
		case 3:
			if !d.line {
				s += d.one(", ", " ", "; ") + d.word()
			}
		default:
			s = d.word() + d.one(": ", " ", " - ") + s
			d.noURL = true
		}
	}
	return s
}
