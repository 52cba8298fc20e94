package samplelogs

import (
	"fmt"
	"strings"
)

// The hosts.
const (
	mta        = "mta1.example.com"
	store      = "mail.example.com"
	proxy      = "proxy1.example.com"
	containers = "docker1.example.com"

	mtaIP   = "192.0.2.25"
	storeIP = "192.0.2.41"
	proxyIP = "192.0.2.43"
)

// build is the mailstores' version.
const build = "10.1.9_GA_4735"

// users have mailboxes here.
var users = []string{
	"ivanov@example.org", "petrova@example.org", "sidorov@example.org", "kuznetsova@example.org",
	"a.meyer@example.com", "b.rossi@example.com", "c.dubois@example.com", "d.novak@example.com",
	"info@example.com", "sales@example.com", "admin@example.com", "helpdesk@example.org",
}

// outside are people elsewhere.
var outside = []string{
	"maria@partner.example.net", "jens@partner.example.net", "orders@shop.example.net", "news@lists.example.net",
	"john@bigmail.example.net", "lena@bigmail.example.net", "sam@bigmail.example.net", "office@customer.example.net",
}

var agents = []string{
	"ZimbraWebClient - GC142 (Win)/" + build, "ZimbraWebClient - FF140 (Linux)/" + build,
	"Mozilla/5.0 (Macintosh;; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "ZimbraConnectorForOutlook/9.0.0.1933",
}

// browsers are the same in the proxy's words.
var browsers = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
}

// mailboxID is the number of a user's mailbox.
func mailboxID(user string) int {
	for i, u := range users {
		if u == user {
			return 3 + i
		}
	}
	return 2
}

func accountID(user string) string {
	return fmt.Sprintf("8d5e2a10-1111-4222-8333-%012d", mailboxID(user))
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// local tells the domains that the mailstore holds.
func local(address string) bool {
	d := domainOf(address)
	return d == "example.com" || d == "example.org"
}

// peer is a host elsewhere.
type peer struct{ name, ip string }

func (p peer) String() string { return p.name + "[" + p.ip + "]" }

// mx is the mail server of a domain elsewhere; one domain always has the same.
func mx(domain string) peer {
	n := 0
	for _, c := range domain {
		n = (n*31 + int(c)) % 90
	}
	return peer{"mx." + domain, fmt.Sprintf("198.51.100.%d", 100+n)}
}
