package redact

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scrubText is what the stage does to a text, the filter included.
func scrubText(t testing.TB, s string) string {
	t.Helper()
	clean := NewCleaner(new(scan.Arena))
	out, ok := clean.Text(s, -1)
	if ok && !MaySecret(s) && !MayUserinfo(s) {
		t.Errorf("the filter lets pass %q, which becomes %q", s, out)
	}
	if again, _ := clean.Text(out, -1); again != out {
		t.Errorf("%q becomes %q, and that %q", s, out, again)
	}
	return out
}

// TestScrub: S stands for the secret and is the only thing that goes.
func TestScrub(t *testing.T) {
	f := func(text string) {
		t.Helper()
		for _, secret := range []string{"hunter2", "Tr0ub4dor&3"[:9], "correct_horse", "Zm9vOmJhcmJheg=="} {
			in, want := strings.ReplaceAll(text, "§", secret), strings.ReplaceAll(text, "§", names.Mark)
			if got := scrubText(t, in); got != want {
				t.Errorf("\n in  %q\n got %q\nwant %q", in, got, want)
			}
		}
	}
	// Parameters of URLs, cookies, headers.
	f("GET /service/preauth?account=a@example.com&preauth=§&zauthtoken=§&x=1 HTTP/1.1")
	f("https://mail.example.com/h/search;jsessionid=§?mesg=1")
	f("redirect /?loginOp=relogin&zauthtoken=§")
	f("amqp://planr:§@rabbit:5672/vhost")
	f("redis://:§@cache:6379/0 is up")
	f(`{"dsn":"amqp:\/\/planr:§@rabbit:5672\/"}`)
	f("jdbc:postgresql://db/app?user=app&password=§&ssl=true")
	f("Cookie: ZM_AUTH_TOKEN=§; JSESSIONID=§; lang=§")
	f("Set-Cookie: ZM_AUTH_TOKEN=§; Path=/; HttpOnly")
	f("Authorization: Bearer §")
	f("authorization: Basic §")
	f("X-Zimbra-Csrf-Token: §")
	f("header X-Auth-Token: §, next")
	for _, token := range []string{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "0_1111222233334444555566667777888899990000_69643d33363a"} {
		if got := scrubText(t, "said "+token+" twice"); got != "said *** twice" {
			t.Errorf("got %q", got)
		}
	}
	// XML.
	f(`<AuthRequest><account by="name">a@example.com</account><password>§</password></AuthRequest>`)
	f(`<ns2:authToken xmlns="urn:zimbra">§</ns2:authToken><x/>`)
	f(`<session id="§" type="admin">§</session>`)
	f(`<soap:session type="soap" id='§'/>`)
	f("<password>\n§\n</password> tail")
	f(`<a n="zimbraPreAuthKey">§</a><a n="displayName">Ivan</a>`)
	f(`&lt;password&gt;§&lt;/password&gt; more`)
	f(`<password><![CDATA[a<b§]]></password>`[:len(`<password><![CDATA[`)] + "§]]></password>")
	f(`<key name="ldap_root_password"><value>§</value></key>`)
	// JSON.
	f(`{"user":"ivanov","password":"§","n":1}`)
	f(`{"password" : "§","x":"y"}`)
	f(`{"body":"{\"password\":\"§\",\"a\":1}"}`)
	f(`{"body":"{\"b\":\"{\\\"authToken\\\":\\\"§\\\"}\"}"}`)
	f(`{"authToken":[{"_content":"§"}],"lifetime":172800}`)
	f(`{"session":{"id":"§","_content":"§","type":"admin"}}`)
	f(`{"a":[{"n":"userPassword","_content":"§"},{"n":"cn","_content":"Ivan"}]}`)
	f(`{"headers":{"Cookie":"§","Accept":"*/*"}}`)
	f(`{'password': '§', 'user': 'x'}`)
	f(`map[password:§ user:x]`)
	// Keys.
	f("-----BEGIN RSA PRIVATE KEY-----§-----END RSA PRIVATE KEY-----")
	// Commands and protocols.
	f("cmd: zmprov sp ivanov@example.com §")
	f("(zimbra) CMD (/opt/zimbra/bin/zmprov ca ivanov@example.com '§' displayName 'Ivan I')")
	f("zmprov md example.com zimbraPreAuthKey §")
	f("zmprov -l -a admin -p § ga x")
	f("zmlocalconfig -e ldap_root_password=§")
	f("zimbra_ldap_password = §")
	f("mysql -u root -p§ -h localhost")
	f("mysqldump --password=§ zimbra")
	f("run ldapsearch -x -D cn=config -w § -b ''")
	f("curl -s -u admin:§ https://example.com/")
	f("A001 LOGIN ivanov@example.com §")
	f(`C: a2 LOGIN "ivanov" "§"`)
	f("C: PASS §")
	if got := scrubText(t, "AUTH PLAIN AGl2YW5vdgBo"); got != "AUTH PLAIN ***" {
		t.Errorf("got %q", got)
	}
	f("ldap_bind password §")
	f("bind dn=cn=admin bindpw=§ credentials=§")
	f("CREATE USER 'zimbra'@'localhost' IDENTIFIED BY '§'")
	f("SET PASSWORD = PASSWORD('§')")
	f("password: §")
	f("sql(a@example.com,192.0.2.1): Password mismatch (given password: §)")
	f("sql(a@example.com,192.0.2.1): Password mismatch (SHA1 of given password: §)")
	f("LDAPADMINPASS=§")
}

// TestScrubKeeps: what only speaks of secrets stays.
func TestScrubKeeps(t *testing.T) {
	f := func(s string) {
		t.Helper()
		if got := scrubText(t, s); got != s {
			t.Errorf("\n in  %q\n got %q", s, got)
		}
	}
	f("cmd=Auth; account=ivanov@example.org; protocol=imap; error=authentication failed for [ivanov@example.org], invalid password;")
	f("zimbraPasswordMinLength=8 zimbraPasswordLockoutEnabled=TRUE zimbraAuthTokenLifetime=2d")
	f("Access denied for user 'root'@'localhost' (using password: YES)")
	f("Error changing password: account not found")
	f(`{"password":null,"token":"","secret":"***","max_tokens":4096,"token_type":"Bearer"}`)
	f("IMAP session: closed by peer")
	f("imap - LOGIN elapsed=5")
	f("a LOGIN failed for ivanov")
	f("250-AUTH PLAIN LOGIN XOAUTH2")
	f("Bearer token is invalid")
	f("no valid authtoken present: cannot dispatch request")
	f("Unrecognized token 'foo': was expecting ('true', 'false')")
	f("<ChangePasswordRequest xmlns=\"urn:zimbraAccount\"><account>x</account></ChangePasswordRequest>")
	f("-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----")
	f("https://mail.example.com:8443/zimbra?lang=ru from a@example.com")
	f("account - password changed for ivanov@example.com")
	f("DKIM pass, spf pass, bypass=1 compass=n")
	f("sasl_method=PLAIN, sasl_username=ivanov")
	f("session=<abc> id=4711")
	f("com.zimbra.cs.account.AuthTokenException: expired")
	f("PASS ok"[:4])
}

// TestRedactGivenPassword: what a client sent as its password to Dovecot may hold
// anything.
func TestRedactGivenPassword(t *testing.T) {
	const in = "auth: sql(a@example.com,192.0.2.1): unknown user (given password: my (old) secret, x)\nnext (line)"
	const want = "auth: sql(a@example.com,192.0.2.1): unknown user (given password: " + names.Mark + ")\nnext (line)"
	if got := scrubText(t, in); got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}
