package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/redact"
)

// securityMarkdown writes docs/security.md: the text for the security officer,
// with the lists that the code goes by.
func securityMarkdown(string) ([]byte, error) {
	words, names, policies := redact.SecretNames()
	system, prefixes := redact.SystemNames()
	slices.Sort(names)
	slices.Sort(system)
	system = slices.DeleteFunc(system, func(s string) bool { return s == "" || s == "***" })
	fields, keys := transform.PersonNames()
	slices.Sort(keys)
	r := strings.NewReplacer("{{words}}", list(words), "{{names}}", list(names), "{{policies}}", list(policies),
		"{{system}}", list(system), "{{prefixes}}", list(prefixes), "{{fields}}", list(fields), "{{keys}}", list(keys))
	return bytes.TrimSpace([]byte(r.Replace(securityText))), nil
}

// list writes code words with commas between them.
func list(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

const securityText = `# Secrets and persons

For whoever answers for what a log store holds: what the plugin takes out of log lines, where, and what it cannot see. The lists are generated from the code.

Both happen in the plugin, after a line is parsed and before it has labels. What they took out reaches neither Loki nor the dead-letter file nor the plugin's own log. The metadata is always read from the line that is sent. Both depend on the line and the configuration alone, so a chunk that comes again gives the same entries.

## Secrets: ` + "`redact`" + `, on by default

A secret is replaced by ` + "`***`" + `; the rest of the line stays.

**By name**, in ` + "`name=value`, `name: value`, `\"name\":\"value\"`, `<name>value</name>`" + `, in attributes of XML and of SOAP's JSON, in record keys and OpenTelemetry attributes. A name is secret if one of these stands in it, in any letter case:

{{words}}

or if it is, as a whole, one of

{{names}}

or ends in ` + "`_pass`, `PASS` or `_pwd`" + `. Behind the word, one of these makes it the name of a rule, whose value stays (` + "`zimbraPasswordMinLength=8`" + `):

{{policies}}

**By place**:

| where | what goes |
|---|---|
| audit.log | the value up to its single ` + "`;`" + `, blanks, commas, ` + "`;;`" + ` and line breaks in it too |
| saslauthd's ` + "`zmpost`" + ` | tokens in the URL and in the SOAP answer |
| SOAP, XML | text of elements, with namespace prefixes, attributes, CDATA, escaped as ` + "`&lt;`" + `, over several lines; ` + "`<session id=\"…\">`" + `; ` + "`<a n=\"userPassword\">`" + ` |
| JSON | texts, objects and lists behind a secret name; JSON inside of texts, at any depth of backslashes; ` + "`\\u003d`" + ` and the like for the signs of HTML |
| headers | Cookie: every value; Set-Cookie: the first; Authorization: all but the scheme; X-…-Token, X-API-Key by their names |
| URLs | parameters, also inside of an encoded parameter (` + "`%3Fzauthtoken%3D…`" + `), ` + "`;jsessionid=…`, `scheme://user:***@host`" + ` |
| trace_log | every cookie, whatever ` + "`redact`" + ` says |
| private keys | the block of ` + "`-----BEGIN … PRIVATE KEY-----`" + `, over several lines too |
| tokens by their form | JSON Web Tokens; Zimbra's tokens (` + "`0_<digest>_69643d…`" + `); what follows Bearer, Basic, Negotiate, NTLM |
| protocols | ` + "`LOGIN user ***`, `PASS ***`, `AUTH PLAIN ***`, `XOAUTH2 ***`" + ` |
| commands | zmprov (` + "`sp`, `ca`" + `, attributes, ` + "`-p`" + `), zmlocalconfig, mysql ` + "`-p`" + `, ldapsearch and its kind ` + "`-w`" + `, curl ` + "`-u`" + ` |
| SQL | ` + "`IDENTIFIED BY '***'`, `PASSWORD('***')`" + ` |

**What stays**, because it is evidence and no secret: empty values, ` + "`null`, `true`, `YES`, `***`" + `; sentences about passwords ("invalid password", "password changed for …", "Error changing password: account not found"); certificates; names and addresses of persons (see below).

### What it cannot see

- A secret under a name that no list has, in a sentence ("the password is x"), or in a format of its own: a password typed as the name of an account, say.
- The rest of an unquoted password behind a blank, ` + "`&`, `;`" + ` or a closing bracket, outside of audit.log.
- A secret that stands across two entries: an event longer than ` + "`multiline_max_lines` or `multiline_max_bytes`" + `, or one whose lines came in two chunks. Each entry is looked at alone.
- ` + "`AUTH LOGIN`" + `'s answers, which are base64 in lines of their own. Postfix and nginx log neither by default.
- User and password in the form of MySQL's Go driver (` + "`user:password@tcp(host)`" + `).
- **Damaged chunks.** What cannot be read of a chunk goes to the dead-letter file byte for byte, with the secrets in it: there is no line to look at. The file is readable for its owner alone (mode 0600); treat it like the logs themselves.

## Persons: ` + "`pseudonymize`" + `, off by default

A person's name becomes ` + "`p_`" + ` and 16 hexadecimal digits: the beginning of HMAC-SHA256 over the local part of the address in lower case, with the key from ` + "`pseudonymize_key_file`" + `. ` + "`ivanov`, `Ivanov@Example.COM` and `ivanov+news@example.com`" + ` give the same digits, and the domain stays: so a person's lines join across mailbox.log, zimbra.log and PLAN-R, and mails can be followed as before. Two persons of the same local part in two domains share their digits; the domain tells them apart where it was logged.

Replaced are

- every address in line and metadata, ` + "`%40`" + ` and ` + "`\\u0040`" + ` too, and ` + "`uid=`" + ` in names of directories;
- the values of {{fields}} and of the keys {{keys}} (` + "`_`, `-` and `.`" + ` in them do not count), display names with blanks too;
- each of these names wherever it stands as a word in the same entry, in the same letter case.

Not replaced are message-ids (they join hosts), host names, client addresses, UUIDs and numbers of accounts and mailboxes, subjects and file names, and the names of the system: {{system}}, and what begins with {{prefixes}}. Of lines that go on with an entry (` + "`continued`" + `), names without a domain are known only within the chunk. A name that no field of its line holds, and that is no address, stays: "deleted folder of Ivan". Personal data is thus pseudonymised, not anonymous: whoever has the key can test names.

### The key

` + "```sh" + `
umask 077
openssl rand -hex 32 > /etc/zimbraloki/pseudonym.key    # or: head -c 32 /dev/urandom | base64
` + "```" + `

Every host needs the same key, else a person has another name on each. It is read at start. Keep it where the logs are not: with it names can be tried, without it not.

To rotate it, write a new one on all hosts and restart; from then on each person has a new name. Keep the old key as long as the old entries are kept, to look into them.

### Who is it?

The way back does not exist. For a known person the hash is printed by

` + "```sh" + `
zimbraloki pseudonym ivanov@example.com --key-file /etc/zimbraloki/pseudonym.key
` + "```" + `

and found by ` + "`{job=\"zimbra\"} | user=~\"p_0123456789abcdef(@.*)?\"`" + `. For an unknown one, try the accounts that come into question: ` + "`zimbraloki pseudonym $(zmprov -l gaa) --key-file …`" + `.
`
