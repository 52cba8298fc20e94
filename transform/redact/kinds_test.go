package redact

import "testing"

// TestPrintedForms: headers, cookies, objects, calls, commands and what servers say, in
// the ways in which programs print them.
func TestPrintedForms(t *testing.T) {
	f := func(text string, want ...string) { t.Helper(); checkForm(t, text, want...) }
	// Headers as they are named and printed.
	for _, name := range []string{"HTTP_AUTHORIZATION", "X-Forwarded-Authorization", "AUTHORIZATION", "http.request.header.authorization"} {
		f(name + ": Token §")
		f(name + "=Custom §")
	}
	f(`{"Authorization":["Token §"]}`, `{"Authorization":["***"]}`)
	f(`{"http.request.header.cookie":["a=§"]}`, `{"http.request.header.cookie":["***"]}`)
	f(`{"set-cookie":["a=b; Path=/","sid=§; Path=/"]}`, `{"set-cookie":["***","***"]}`)
	f(`[("Authorization", "Token §")]`, `[("Authorization", "***")]`)
	f(`{"attributes":[{"key":"password","value":{"stringValue":"§"}}]}`)
	f("Authorization:: Bearer §")
	f(`Bearer "§"`)
	f("HTTP_COOKIE=sid=§")
	f("set-cookie2: sid=§")
	f("Cookie: a=(b); sid=§", "Cookie: a=***; sid=***")
	f(`Cookie: a={"x":1}; sid=§`, "Cookie: a=***; sid=***")
	f("Cookie: a='b;c'; sid=§", "Cookie: a=***; sid=***")
	f("Cookie: sid=a,§", "Cookie: sid=***")
	f("Cookie: a ; sid=§")
	f("Cookie:\ta=§;\tsid=§")
	f("Set-Cookie: a=§, sid=§")
	f("javax.servlet.http.Cookie[sid=§]")
	f(`Cookie{name="sid", value="§", path="/"}`)
	f("<Cookie sid=§ for h/>")
	// Calls, lists, what a value begins with.
	f(`password=Some("§")`)
	f("password=new String('§')")
	f("{'password': SecretStr('§')}")
	f("{'password': ('§',)}")
	f("password = MD5('§')")
	f("password=crypt('§', password)")
	f("password=( § )", "password=( *** )")
	f("password={ § }", "password={***}")
	f("password={a, §}", "password={***}")
	f("password=a'§", "password=***")
	f(`password=""§`)
	f("password='a''§'", "password='***'")
	f("password=x'§'")
	f("userPassword: {SSHA} §", "userPassword: ***")
	f("userPassword: {ARGON2}$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$§", "userPassword: ***")
	f("password==§")
	f("token[]=§")
	f(`{"password[0]":"§","password.1":"§"}`)
	f(`{"password":{"a":"§"},"n":1}`)
	f(`{"credentials":{"login":"u","key":"§"}}`)
	f(`{"secrets":{"db":"§","mail":"§"}}`)
	f(`{"token":{"access":"§","type":"Bearer","expires_in":3600}}`)
	f(`{"session":{"token":"§"}}`)
	f(`{"msg":"x\npin=§"}`)
	f(`{"msg":"\tpwd=§"}`)
	f("olcRootPW: §")
	f("rootpw: §")
	f("https://h/#pwd=§")
	f("smtp://u@example.org:§@h:25", "smtp://u@example.org:***@h:25")
	f("https://u%3A§@h")
	for _, name := range []string{"otp", "pin", "OTP"} {
		f(name + " = §")
		f(name + ": §")
		f(name + " => §")
		f("x; " + name + " = §")
	}
	// XML.
	f(`<password value="§"/>`)
	f("<pin>§</pin><otp a='b'>§</otp><pwd>§</pwd>")
	f("<cookie>§</cookie>")
	f("<key>password</key><string>§</string>")
	f("<member><name>password</name><value><string>§</string></value></member>")
	f("<password>a<?x y?>§</password>", "<password>***<?x y?>***</password>")
}

// TestSpokenForms: what clients and servers say to each other, and operators to
// shells.
func TestSpokenForms(t *testing.T) {
	f := func(text string, want ...string) { t.Helper(); checkForm(t, text, want...) }
	// SQL.
	f("IDENTIFIED VIA mysql_native_password USING '§'")
	f("identified\tby\t'§'")
	f("IDENTIFIED  BY  '§'")
	f("CREATE ROLE u PASSWORD\t'§'")
	// Protocols.
	f("> PASS §")
	f(`C: USER u\r\nPASS §`)
	f("cmd: PASS §")
	if got := scrubText(t, `C: AUTHENTICATE "PLAIN" "AGl2YW5vdgBo"`); got != `C: AUTHENTICATE "PLAIN" "***"` {
		t.Errorf("got %s", got)
	}
	f(`{"msg":"C: a1 LOGIN u §","n":1}`)
	f("ua=C: a1 LOGIN u §;] soap - hi")
	// Commands.
	f("ldapsearch -xw §")
	f("ldapsearch -xw§")
	f("curl -sSu u:§ https://h/")
	f("curl -b sid=§ https://h/")
	f("redis-cli -h h -a § ping")
	f("rabbitmqctl change_password u §")
	f("lftp -u u,§ h")
	f("smbclient -U u%§ //h/s")
	f("swaks --au u --ap §")
	f("htpasswd -b f u §")
	f("doveadm auth test u §")
	f("testsaslauthd -u u -p §")
	f("docker login -u u -p §")
	f("useradd -p § u")
	f("zxsuite config set password §")
	f("aws configure set aws_secret_access_key §")
	f("cmd 'zmprov sp a@example.org §', done")
	f("<c>zmprov sp a@example.org §</c>")
	// Dovecot's auth_debug_passwords, as rsyslog writes tabs and as they are.
	for _, tab := range []string{"#011", "\t"} {
		f("auth: Debug: client in: AUTH" + tab + "1" + tab + "PLAIN" + tab + "service=imap" + tab + "resp=§")
		f("auth: Debug: client in: CONT" + tab + "1" + tab + "§")
		f("auth: Debug: client passdb out: OK" + tab + "1" + tab + "user=ivanov" + tab + "pass=§" + tab + "original_user=a")
	}
	f("auth-worker(12): Debug: sql(a@example.org,192.0.2.1): SHA512-CRYPT(§ b) != '$6$abc$§'", "auth-worker(12): Debug: sql(a@example.org,192.0.2.1): SHA512-CRYPT(***) != '***'")
	f("auth: Debug: ldap(a,192.0.2.1): Credentials: §")
	f("auth: Debug: auth(a,192.0.2.1): Generating CRAM-MD5 from user 'a', password '§'")
	// A layer of escapes around another.
	f("<body>password=Optional(&#39;§&#39;)</body>", "<body>password=***&#39;***&#39;)</body>"[:0]+"<body>password=Optional(&#39;***&#39;)</body>")
	f(`{"data":"db_pass=\u003e §"}`)
	f(`{"m":"{\"password\":\"\u003c§\u003e\"}"}`, `{"m":"{\"password\":\"***\"}"}`)
}

// TestHarmlessKinds: what only looks like one of these stays.
func TestHarmlessKinds(t *testing.T) {
	for _, s := range []string{
		"otp = disabled", "otp disabled", "spin = 3", "pin = 4", "pinned = true", "pins=4", "PASS 12 tests", "--- PASS: TestX", "PASS: all", "ok: pass",
		"postscreen: PASS NEW [192.0.2.1]:25", "DKIM: pass (2048-bit key)", "<cookie> is missing", "<token>0</token>", "Setting cookie path=/ for client",
		"cookie domain=example.com rejected", "password=(none)", "session=closed", "credentials=include", "privatekey=/opt/zimbra/ssl/key.pem",
		"file identified as text/plain", "mail identified as spam by rule 7", "identified by serial 12", "docker run -p 8080:80 nginx", "docker login failed",
		"usermod -aG docker ivanov", "aws s3 ls", "carbonio token list", "carbonio prov ga ivanov@example.org", "doveadm quota get -u ivanov", "curl -s https://h/ -b cookies.txt",
		"htpasswd -c f ivanov", "redis-cli ping", "mysql -h localhost -P 7306 zimbra", "https://example.com/x:y?m=a@example.org", "https://example.com:8443/path@2x.png",
		"https://example.com/x?code=200", "ticket=12345", "GET /x?ticket=open", "key=value", "<key>name</key><string>Ivan</string>",
		`{"credentials":{"type":"oauth","user":"ann"}}`, `{"password":{"type":"string","name":"password"}}`, `{"session":{"state":"open","duration":12}}`,
		`{"secretName":"db-creds","kind":"Secret"}`, `{"usage":{"prompt_tokens":15,"total_tokens":35}}`, "this == that", "password == null",
		"auth: Debug: client in: AUTH#0111#011PLAIN#011session=x#011resp=<hidden>", "auth: Debug: client in: CONT<hidden>", "resp=12345678", "f(A) != 'b'",
	} {
		if got := scrubText(t, s); got != s {
			t.Errorf("\n in  %q\n got %q", s, got)
		}
	}
}
