package tickets

import "github.com/zimbraloki/zimbraloki/intake/settings"

// RulesOf are the rules that settings say.
func RulesOf(s settings.Settings) Rules {
	r := DefaultRules()
	l, k := s.Limits, s.Keep
	r.MaxUpload, r.TicketQuota, r.TotalQuota, r.MinFree = l.MaxUpload, l.TicketQuota, l.TotalQuota, l.MinFree
	r.Attempts, r.TokenLife, r.TusIdle, r.OwnOnly = l.TokenAttempts, l.TokenLife, l.ResumeTime, l.OwnTicketsOnly
	r.KeepResolved, r.KeepArchives, r.KeepTickets, r.KeepEvents = k.Resolved, k.Archives, k.Tickets, k.Events
	r.Import = s.Imports.On
	return r
}
