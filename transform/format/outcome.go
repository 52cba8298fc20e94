package format

// Outcome is a value of the field outcome that a format may give, and when it
// does: the rule that docs/outcomes.md shows.
type Outcome struct {
	Value string // one of Outcomes
	When  string // Markdown, one line
}

// OutcomeOther counts what is not one of Outcomes; no line has it.
const OutcomeOther = "other"

// outcomes are the values of the field outcome: a closed set, each with what it
// means in every log.
var outcomes = []Description{
	{Name: "success", Doc: "the thing was done, the login let in, the mail taken by the next server or the mailbox"},
	{Name: "failure", Doc: "it was tried and did not work: a wrong password, an error, a check that a mail did not pass"},
	{Name: "attempt", Doc: "somebody tries, and the line comes before the answer is known; never a success"},
	{Name: "lockout", Doc: "an account was locked since too many logins failed"},
	{Name: "delegate", Doc: "somebody acts as another: delegated access, an administrator in a mailbox"},
	{Name: "admin_change", Doc: "a command that changed accounts, domains, servers, lists or settings was carried out"},
	{Name: "deferred", Doc: "not now: it is tried again, here or by the sender"},
	{Name: "bounced", Doc: "given up: the sender gets the mail back"},
	{Name: "rejected", Doc: "a rule, a limit or a recipient that does not exist turned it away before it was taken; Postfix's refusals with a code 4.x.x too, which the sender may try again (`dsn` tells)"},
	{Name: "discarded", Doc: "taken and thrown away, nobody is told"},
	{Name: "held", Doc: "put aside for a person to decide: on hold, in quarantine"},
	{Name: "hop", Doc: "handed to a program of the same mail system, which queues it anew; no delivery"},
	{Name: "duplicate", Doc: "not done since it has been done before"},
	{Name: "passed", Doc: "a filter let it through; `category` and `disposition` say with which mark"},
	{Name: "blocked", Doc: "a filter stopped the mail and does not say what became of it"},
	{Name: "infected", Doc: "malware was found"},
	{Name: "not_signed", Doc: "a mail got no DKIM signature, by the rules"},
	{Name: "slow", Doc: "it was done, and took longer than its program thinks right"},
}

// Outcomes describes the values of the field outcome.
func Outcomes() []Description { return outcomes }
