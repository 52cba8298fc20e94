package redact

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
)

// checkForm holds what is left of a text in which § stands for the secret against
// want, or against the text with marks in its place.
func checkForm(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, secret := range []string{"Hunter2xQ7zP", "kX9-fw_22Lm"} {
		in := strings.ReplaceAll(text, "§", secret)
		got := scrubText(t, in)
		if strings.Contains(got, secret) || strings.Contains(got, secret[1:]) {
			t.Errorf("\n in  %q\n got %q", in, got)
			continue
		}
		left := strings.ReplaceAll(text, "§", names.Mark)
		if len(want) > 0 {
			left = want[0]
		}
		if got != left {
			t.Errorf("\n in  %q\n got %q\nwant %q", in, got, left)
		}
	}
}

// TestForms: every form in which a value can stand after a secret name, a
// command or a scheme. § stands for the secret, which is all that goes, unless
// want says what is left.
func TestForms(t *testing.T) {
	f := func(text string, want ...string) { t.Helper(); checkForm(t, text, want...) }
	// Schemes.
	for _, scheme := range []string{"Token", "ApiKey", "Bearer", "Basic", "Hawk", "token", "SSWS", "Custom"} {
		f("Authorization: " + scheme + " §")
		f("authorization:\t" + scheme + "\t§")
		f("headers={Authorization=[" + scheme + " §], Host=[h]}")
		f("headers={Authorization=" + scheme + " §, Host=h}")
		f(`curl -H 'Authorization: ` + scheme + ` §' https://h/`)
		f(`{"msg":"Authorization: ` + scheme + ` §","n":1}`)
		f("Proxy-Authorization: " + scheme + " §")
	}
	f("Authorization: AWS4-HMAC-SHA256 Credential=§, SignedHeaders=host, Signature=§", "Authorization: AWS4-HMAC-SHA256 ***")
	f(`Authorization: Digest username="a", response="§", opaque="§"`, "Authorization: Digest ***")
	f("Authorization: §")
	f("headers={Authorization=[Bearer §], Cookie=[ZM_AUTH_TOKEN=§]}")
	// Prefixes, quotes, brackets.
	f("userPassword:: §")
	f("userPassword::§")
	f("{'password': b'§'}")
	f("password=E'§' and")
	f(`{"msg":"x","password":[918273645, 777666555]}`, `{"msg":"x","password":["***"]}`)
	f(`{"msg":"x","password":918273645}`, `{"msg":"x","password":"***"}`)
	f(`{"msg":"{\"password\":918273645}"}`, `{"msg":"{\"password\":\"***\"}"}`)
	f(`{"password":["§","§"],"n":1}`)
	f("password=[§, §]", "password=[***]")
	f("Cookie: a=b c; sid=§", "Cookie: a=***; sid=***")
	f("Cookie: a=§ §; sid=§", "Cookie: a=***; sid=***")
	f("userPassword: {SSHA}§", "userPassword: ***")
	f("userPassword={CRYPT}§;", "userPassword=***;")
	f("password={§}")
	f(`password = """§"""`)
	f(`password = '''a §'''`, "password = '''***'''")
	f("password=`§`")
	f("password: “§”")
	f("password=«§ b»", "password=«***»")
	f("password=<§>")
	f("password: (§)", "password: ***)")
	f(`"user";""§""`[:6] + `;""password"":""§""`)
	f(`{"password":12345678,"n":1}`[:0] + `{"password":"§"}`)
	// Separators.
	f("password= §")
	f("password => §")
	f("password=>§")
	f(`"token"=>"§"`)
	f("password->§")
	f("password :§")
	f("password\t=\t§")
	f("{\"password\" \t: \"§\"}")
	f("{\n \"password\"\n:\n \"§\"\n}")
	f("user[password]=§&x=1")
	f("user%5Bpassword%5D=§&x=1")
	f("user%255Bpassword%255D%253D§%2526x=1")
	f("p%61ssword=§")
	f("%70%61%73%73%77%6f%72%64=§")
	f(`{"p\u0061ssword":"§"}`)
	f(`{\x22password\x22:\x22§\x22}`)
	f("%7B%22password%22%3A%22§%22%7D")
	f("password\u200b=§")
	f("password\x1b[0m=\x1b[31m§\x1b[0m", "password\x1b[0m=\x1b[31m***")
	// Addresses.
	f("amqp://u:a/§@h/v", "amqp://u:***@h/v")
	f("amqp://u:a#§@h", "amqp://u:***@h")
	f("amqp://u:a?§@h", "amqp://u:***@h")
	f("https://§9aB@github.com/x", "https://***@github.com/x")
	f("GET /cb?code=§&state=1")
	f("GET /cb?state=1&sig=§")
	f("AccountName=a;AccountKey=§;EndpointSuffix=core")
	// Lists and pairs.
	f(`{"headers":[["Cookie","sid=§"]]}`, `{"headers":[["Cookie","***"]]}`)
	f(`{"raw":["Host","h","X-Api-Key","§","Accept","*/*"]}`)
	f(`{"value":"§","name":"X-Api-Key"}`)
	f(`{"name":"X-Api-Key","ok":true,"value":"§"}`)
	f("cookies:{sid:§}")
	f(`"cookies":{"sid":"§","lang":"§"}`)
	f("otp=§")
	f(`{"pin":"§","passkey":"§"}`)
	f("<ds:SignatureValue>§</ds:SignatureValue>")
	f(`{"recoveryAccountCode":"§"}`)
	// SQL.
	f("ALTER USER a WITH PASSWORD '§'")
	f("CREATE USER a IDENTIFIED WITH mysql_native_password BY '§'")
	f("IDENTIFIED WITH 'caching_sha2_password' AS '§'")
	f("IDENTIFIED BY PASSWORD '§'")
	f("SET PASSWORD FOR 'u'@'h' = '§'")
	// Commands, first in the text and not.
	for _, before := range []string{"", "sudo ", "/usr/bin/", `{"msg":"`, "$ "} {
		f(before + "ldapsearch -x -w §")
		f(before + "ldapmodify -x -w§")
		f(before + "zmsoap -z -p § GetInfo")
		f(before + "zmmailbox -m a -p § gaf")
		f(before + "zmprov ccr room@example.com § displayName Room")
		f(before + "carbonio prov sp a §")
		f(before + "carbonio prov ca a § displayName A")
		f(before + "zmprov -l -p§ ga x")
		f(before + "zmldappasswd §")
		f(before + "zmldappasswd -r §")
		f(before + "zmmypasswd --root §")
		f(before + "mariadb -u root -p§ db")
		f(before + "mysqladmin -u root password §")
		f(before + "curl -uU:§ https://h/")
		f(before + "curl --user=U:§ https://h/")
		f(before + "curl --user U:§ https://h/")
		f(before + "wget --http-password § https://h/")
		f(before + "swaks --auth-password § --to a")
		f(before + "app --password='§' -x")
		f(before + "keytool -storepass § -list")
	}
	f("prov> sp a §")
	// Protocols, whose commands have no case.
	f("C: a1 login u §")
	f("C: pass §")
	f("pass §")
	f("imap - a1 login u §")
	f("pop - pass §")
	f("auth plain §")
	f("AUTH CRAM-MD5 §")
	f("AUTHENTICATE OAUTHBEARER §")
	// XML.
	f("<password><!-- c -->§</password>")
	f("<password><value><v>§</v></value></password>")
	f("<password>abc<![CDATA[§]]></password>", "<password>***<![CDATA[***]]></password>")
	f("<password " + strings.Repeat("a='b' ", 90) + ">§</password>")
	f("&amp;lt;password&amp;gt;§&amp;lt;/password&amp;gt;")
	f("&#60;password&#62;§&#60;/password&#62;")
	f(`<param name="password" value="§"/>`)
	f(`<param value="§" name="password"/>`)
	// Other languages.
	f("Passwort: §")
	f("Kennwort=§")
	f("пароль: §")
	f("Пароль=§")
	f(`{"пароль":"§"}`)
	f("contraseña=§")
	f("parola: §")
	f("mot de passe : §")
	f(`{"mot de passe":"§"}`)
}

// TestHarmlessForms: what only looks like a secret stays.
func TestHarmlessForms(t *testing.T) {
	for _, s := range []string{
		"zimbra : TTY=pts/0 ; PWD=/opt/zimbra/log ; USER=root ; COMMAND=/bin/ls",
		"zimbra : PWD=unknown ; USER=root ; COMMAND=/bin/ls",
		"pwd=/opt/zimbra", "pwd=~/x", `{"env":{"PWD":"/app","HOME":"/root"}}`,
		"Zimbra::Password::validate", "Password::check(x) failed", "at Crypt::Password::new line 3", "std::token::x",
		"tokens: 12", `{"tokens":15}`, `{"tokens":15000}`, `{"tokenizer":"bpe"}`, "tokenizer=bpe", "tokenring: up", "Secretariat: room 12", "secretary=Anna",
		"nextPageToken=10", "syncToken: 123456", "pass=2 of 3", "pass: 12 fail: 3", `{"pass":2}`, "session=12", `{"session":12}`, "secret: 0",
		"authorization: denied", "authorization: policy rejected the request", "Authorization: failed for user", "Unexpected token: o", "Unexpected token: name",
		"Subject=Reset your password = easy", "passwordless: on", "tokenization=none",
		"https://ivanov@example.com/x", "http://h:8080/x/a@example.com", "ssh://git@github.com/x", "code=404 sig=none", "GET /x?code=404&b=1",
		`{"required":["password","login"]}`, "opts=[pin, otp]", "spf: pass (policy)", "- pass 12 tests", "login failed", "1 login attempt failed",
		"mysql -p -u root", "auth plain login", "password: [none]", "cookie: not set", "curl -u ivanov https://h/",
	} {
		if got := scrubText(t, s); got != s {
			t.Errorf("\n in  %q\n got %q", s, got)
		}
	}
}
