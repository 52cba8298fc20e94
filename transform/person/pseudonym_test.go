package person

import (
	"strconv"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

func TestPseudonymNames(t *testing.T) {
	p := NewPseudonyms([]byte("0123456789abcdef"))
	ivanov := p.Name("ivanov")
	if !isPseudonym(ivanov) {
		t.Fatalf("%q", ivanov)
	}
	f := func(in, want string) {
		t.Helper()
		if got := p.Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
	f("Ivanov", ivanov)
	f("Ivanov@Example.COM", ivanov+"@example.com")
	f("ivanov+news@example.com", ivanov+"@example.com")
	f(ivanov, ivanov)
	f(ivanov+"@example.com", ivanov+"@example.com")
	for _, s := range []string{"", "-", "postmaster", "MAILER-DAEMON@example.com", "zimbra", "root", "spam.x1y2@example.com", "galsync.abc@example.com"} {
		f(s, s)
	}
	if other := NewPseudonyms([]byte("0123456789abcdeg")).Name("ivanov"); other == ivanov {
		t.Error("another key gives the same")
	}
}

// TestPersonText: § is where the pseudonym has to stand.
func TestPersonText(t *testing.T) {
	p := NewPseudonyms([]byte("0123456789abcdef"))
	persons := NewPersons(new(scan.Arena), p)
	persons.Names = []string{"ivanov"}
	f := func(in, want string) {
		t.Helper()
		want = strings.ReplaceAll(want, "§", p.Name("ivanov"))
		got := persons.Text(in)
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
		if again := persons.Text(got); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	}
	f("from=<Ivanov@Example.COM>, x", "from=<§@example.com>, x")
	f("account=ivanov@example.com;", "account=§@example.com;")
	f("/home/ivanov%40example.com/Inbox", "/home/§%40example.com/Inbox")
	f("user ivanov, not ivanova or xivanov", "user §, not ivanova or xivanov")
	f("for ivanov.", "for §.")
	f("message-id=<ivanov.1@example.com>", "message-id=<ivanov.1@example.com>")
	f("Message-ID: <ivanov.1@example.com>", "Message-ID: <ivanov.1@example.com>")
	f("x <postmaster@example.com> y@ @z a@1.2", "x <postmaster@example.com> y@ @z a@1.2")
	f(`dn="uid=ivanov,ou=people"`, `dn="uid=§,ou=people"`)
	persons.Names = nil
	for _, s := range []string{
		"uid: ivanov", "dn: cn=ivanov,ou=people,dc=x", `"cn=ivanov,ou=Users"`, "(cn=ivanov)", "(|(uid=ivanov)(cn=ivanov))", "(sn=ivanov)", "(displayName=ivanov)", "cn=ivanov",
		"userid=ivanov,ou=x", "memberUid: ivanov", "sAMAccountName: ivanov", "/home/ivanov/", "/home/ivanov", "GET /home/ivanov/Calendar", "/home/~ivanov/x",
		"PWD=/home/ivanov ; USER=root", "?user=ivanov&x=1", "?account=ivanov", "username=ivanov&a=b", "user=ivanov", `user="ivanov"`, "user=[ivanov]", "account=ivanov;",
		"sasl_username=ivanov", "ivanov&#064;", "name=ivanov@", "login=ivanov",
	} {
		if strings.HasSuffix(s, "@") || strings.HasSuffix(s, ";") && strings.Contains(s, "#") {
			s += "example.org"
		}
		f(s, strings.ReplaceAll(s, "ivanov", "§"))
	}
	for _, s := range []string{
		"cn=config", "cn=admins,cn=zimbra", "cn=mail.example.org,cn=servers", "cn=default,cn=cos", "(cn=default)", "CN=R3,O=x", "uid=1001 gid=1001", "uid: 1001", "/home/zimbra/x",
		"/home/", "/home/a.txt", "/home/lost+found/x", "user=root", "login=ok", "account=active", "user: not found", "name=Inbox", "session: open",
	} {
		f(s, s)
	}
	persons.Names = []string{"/C=RU/A= /S=ivanov/"}
	x400 := p.Name("/C=RU/A= /S=ivanov/")
	f("from=</C=RU/A= /S=ivanov/@gw.example.org>", "from=<"+x400+"@gw.example.org>")
	f("[name=/C=RU/A= /S=ivanov/@gw.example.org;mid=1;]", "[name="+x400+"@gw.example.org;mid=1;]")
	if got := persons.Field("/C=RU/A= /S=ivanov/@gw.example.org"); got != x400+"@gw.example.org" {
		t.Errorf("got %s", got)
	}
}

func FuzzPersonText(f *testing.F) {
	for _, s := range []string{"a@b.cc ivanov", "<a=b.c@d.ee>", "msgid=<a@b.cc>", "uid=a,b", "a%40b.cc@d.ee", `{"user":"\u0430@b.cc"}`} {
		f.Add(s)
	}
	var arena scan.Arena
	persons := NewPersons(&arena, NewPseudonyms([]byte("0123456789abcdef")))
	f.Fuzz(func(t *testing.T, s string) {
		arena.Reset()
		persons.Names = append(persons.Names[:0], "ivanov")
		s = strings.ToValidUTF8(s, "?")
		once := persons.Line(s)
		if again := persons.Line(once); again != once {
			t.Fatalf("%q becomes %q, and that %q", s, once, again)
		}
	})
}

// TestPseudonymsBounded: ten times the names that are remembered keep their
// pseudonyms.
func TestPseudonymsBounded(t *testing.T) {
	p := NewPseudonyms([]byte("key"))
	first := p.local("name0")
	for i := range 10 * maxPseudonyms {
		p.local("name" + strconv.Itoa(i))
		if len(p.known) > maxPseudonyms {
			t.Fatalf("%d names are remembered", len(p.known))
		}
	}
	if again := p.local("name0"); again != first || first == "name0" {
		t.Errorf("%s, before %s", again, first)
	}
}
