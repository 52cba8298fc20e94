package mailcase

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Filter says which mails are told, by what became of them. The zero value
// keeps all.
type Filter struct {
	From, To string // an address, or a domain as "@example.com"
	Domain   string // of the sender or a recipient
	Client   string // address or network of the person that sent it
	Verdict  string // of the content filter: "Blocked", "SPAM", a virus
	Status   string // of a recipient: see Statuses
	Delayed  time.Duration
}

// Statuses are what can be asked of a recipient: the outcomes of a Recipient,
// with Postfix's own word for delivered.
var Statuses = []string{"delivered", "sent", "deferred", "bounced", "discarded", "blocked", "rejected", "unknown"}

// Check complains of values that keep nothing.
func (f *Filter) Check() error {
	f.Domain, f.Status = strings.TrimPrefix(f.Domain, "@"), strings.ToLower(f.Status)
	if f.Client != "" {
		if _, err := network(f.Client); err != nil {
			return fmt.Errorf("--client-ip %q: must be an address or a network as 192.0.2.0/24", f.Client)
		}
	}
	if f.Status == "" {
		return nil
	}
	for _, s := range Statuses {
		if s == f.Status {
			return nil
		}
	}
	return fmt.Errorf("--status %q: must be one of %s", f.Status, strings.Join(Statuses, ", "))
}

// Empty reports whether all mails are kept.
func (f *Filter) Empty() bool { return *f == Filter{} }

// Keeps reports whether a mail is told.
func (f *Filter) Keeps(s *Story) bool {
	from := f.From == "" || names(s.From, f.From) || names(s.User, f.From)
	client := f.Client == "" || inside(s.ClientIP, f.Client)
	verdict := f.Verdict == "" || strings.Contains(strings.ToLower(s.Verdict), strings.ToLower(f.Verdict))
	domain := f.Domain == "" || names(s.From, "@"+f.Domain) || s.some(func(r *Recipient) bool { return names(r.Address, "@"+f.Domain) })
	return from && client && verdict && domain && s.some(f.recipient)
}

// recipient reports whether what is asked of a recipient is so of r: all of it.
func (f *Filter) recipient(r *Recipient) bool {
	return (f.To == "" || names(r.Address, f.To)) && (f.Status == "" || r.was(f.Status)) &&
		(f.Delayed == 0 || r.After >= f.Delayed)
}

// some reports whether yes is true of a recipient; a mail without any has one of
// which nothing is known.
func (s *Story) some(yes func(*Recipient) bool) bool {
	if len(s.Recipients) == 0 {
		return yes(&Recipient{Outcome: "unknown"})
	}
	for i := range s.Recipients {
		if yes(&s.Recipients[i]) {
			return true
		}
	}
	return false
}

func (r *Recipient) was(status string) bool {
	switch status {
	case "sent":
		return r.Outcome == "delivered"
	case "deferred":
		return r.Deferred > 0
	}
	return r.Outcome == status
}

// names reports whether an address is the one that is asked for, or of the
// domain or a part of it.
func names(address, asked string) bool {
	domain, ok := strings.CutPrefix(asked, "@")
	if !ok {
		return strings.EqualFold(address, asked)
	}
	return ofDomain(address, domain)
}

func ofDomain(address, domain string) bool {
	_, of, ok := strings.Cut(address, "@")
	of, domain = strings.ToLower(of), strings.ToLower(domain)
	return ok && (of == domain || strings.HasSuffix(of, "."+domain))
}

// network reads an address or a network.
func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func inside(ip, asked string) bool {
	a, err := netip.ParseAddr(ip)
	p, wrong := network(asked)
	return err == nil && wrong == nil && p.Contains(a.Unmap())
}
