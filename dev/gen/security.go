package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/person"
	"github.com/zimbraloki/zimbraloki/transform/redact"
)

// securityMarkdown writes docs/security.md: the text for the security officer,
// with the lists that the code goes by.
func securityMarkdown(string) ([]byte, error) {
	words, names, policies := redact.SecretNames()
	system, prefixes := person.SystemNames()
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

For those responsible for what a log store contains: what the plugin removes from log lines, where it does so, and what it cannot detect. The lists are generated from the code.

Both redaction and pseudonymisation happen in the plugin, after a line is parsed and before it gets its labels. What they remove reaches neither Loki nor the dead-letter file nor the plugin's own log. The metadata is always read from the line that is sent. Both depend only on the line and the configuration, so a chunk that comes again gives the same entries.

## Secrets: ` + "`redact`" + `, on by default

A secret is replaced by ` + "`***`" + `; the rest of the line stays.

**By name**, in ` + "`name=value`, `name: value`, `\"name\":\"value\"`, `<name>value</name>`" + `, in attributes of XML and of SOAP's JSON, in record keys and OpenTelemetry attributes. A name is secret if it contains one of these, in any letter case:

{{words}}

or if it is, as a whole, one of

{{names}}

or ends in ` + "`pass` (but for `bypass` and the like), `Pwd`, `_pwd`, `pw`, `_pw`, `ldapPw` or `_jwt`" + `. A word ends where it ends in the name: ` + "`tokenizer` and `Secretariat`" + ` are other words. If the word is followed by one of these, it is the name of a setting, whose value stays (` + "`zimbraPasswordMinLength=8`" + `):

{{policies}}

The value goes to its real end, in whatever form it stands: in quotes of any language (` + "`'x'`, `b'x'`, `\"\"\"x\"\"\"`, `“x”`" + `), in brackets, as a list, in a call (` + "`Some(\"x\")`" + `, ` + "`MD5('x')`" + `), behind the scheme of a hash (` + "`{SSHA}x`" + `) or of LDIF (` + "`:: x`" + `), after ` + "`= `, `=>` or `->`" + `, and in any layer of escapes (` + "`%3D`, `%253D`, `\\u003d`, `\\x22`, `&lt;`, `&#60;`" + `).

**By place**:

| where | what is removed |
|---|---|
| audit.log | the value up to its single ` + "`;`" + `, including blanks, commas, ` + "`;;`" + ` and line breaks |
| saslauthd's ` + "`zmpost`" + ` | tokens in the URL and in the SOAP answer |
| SOAP, XML | text of elements, with what they hold, namespace prefixes, attributes, CDATA, comments, escaped as ` + "`&lt;`" + `, over several lines; ` + "`<param name=\"password\" value=\"…\">`" + `; ` + "`<session id=\"…\">`" + `; ` + "`<a n=\"userPassword\">`" + ` |
| JSON | strings, numbers, lists and objects after a secret name (of an object what says something on the secret stays: type, user, scope, expiry), and pairs in which one member is the name (` + "`[\"Cookie\",\"…\"]`, `{\"name\":\"X-Api-Key\",\"value\":\"…\"}`" + `); JSON inside of strings, at any depth of backslashes |
| headers | Cookie: every value, with the blanks and brackets in it; Set-Cookie: the first; Authorization: all but the scheme, whatever that is, to the end of the line or the quotes; both also as ` + "`HTTP_COOKIE`" + `, ` + "`X-Forwarded-Authorization`" + `, ` + "`http.request.header.authorization`" + `; X-…-Token, X-API-Key by their names; cookies as programs print them (` + "`Cookie[sid=x]`" + `, ` + "`<Cookie sid=x for h>`" + `) |
| URLs | parameters, also within an encoded parameter (` + "`%3Fzauthtoken%3D…`" + `), ` + "`;jsessionid=…`, `scheme://user:***@host`" + `; ` + "`code`, `sig` and `signature`" + ` and one-time tickets as parameters, and ` + "`key`, `sid`, `auth`, `assertion`, `hmac`, `sign`" + ` if their values look like no words; ` + "`user:***@tcp(host)`, `thin:user/***@host`" + `; a token in place of the user |
| trace_log | every cookie, whatever ` + "`redact`" + ` says |
| private keys | the block of ` + "`-----BEGIN … PRIVATE KEY-----`" + `, also over several lines |
| tokens by their form | JSON Web Tokens; Zimbra's tokens (` + "`0_<digest>_69643d…`" + `); what follows Bearer, Basic, Negotiate, NTLM; those of GitHub, GitLab, Slack, AWS, Stripe, Google, npm, Telegram's bots; the last part of Slack's and Discord's hooks |
| sentences and configurations | what looks like a password (eight signs or more, letters of both cases and digits) behind a secret name and a blank: ` + "`bindpw ***`, `password for ann is ***`, `token *** expired`, `API key: ***`, `verification code: ***`" + ` |
| protocols | ` + "`LOGIN user ***`, `PASS ***`, `AUTH PLAIN ***`, `XOAUTH2 ***`" + ` and the other mechanisms, in any letter case |
| commands, also first in a message | zmprov and ` + "`carbonio prov`" + ` (` + "`sp`, `ca`, `ccr`" + `, attributes, ` + "`-p`" + `), zmsoap and zmmailbox ` + "`-p`" + `, zmldappasswd, zmmypasswd, zmlocalconfig, mysql and mariadb ` + "`-p`" + `, mysqladmin ` + "`password`" + `, ldapsearch and its relatives ` + "`-w`" + `, curl ` + "`-u` and `-b`" + `, doveadm, testsaslauthd, swaks, htpasswd, redis-cli, mongosh, rabbitmqctl, lftp, smbclient, sshpass, useradd, usermod, docker login, zxsuite, aws, also with further letters in one option (` + "`-xw x`" + `), options of any program with a secret name (` + "`--auth-password x`" + `); of further programs ` + "`-p`, `-P`, `-w`, `-pw`" + ` with what looks like a password, or with any word beside an option that names a user; ` + "`echo x | kinit`, `echo u:x | chpasswd`, `| sudo -S`, `<<< x`" + ` |
| SQL | ` + "`IDENTIFIED BY '***'`, `IDENTIFIED WITH plugin BY '***'`, `IDENTIFIED VIA plugin USING '***'`, `WITH PASSWORD '***'`, `PASSWORD('***')`" + `, with any white space; in ` + "`INSERT INTO users (name, password) VALUES (…)`" + ` the values of the secret columns, without columns what looks like a secret in tables of users and accounts |
| Dovecot | what ` + "`auth_debug_passwords`" + ` and ` + "`auth_verbose_passwords`" + ` add: ` + "`resp=`" + `, ` + "`pass=`" + `, ` + "`CONT`" + `, given and compared passwords; tabs also as rsyslog writes them (` + "`#011`" + `) |

**What stays**, because it is evidence rather than a secret: empty values, ` + "`null`, `true`, `YES`, `***`" + `; numbers of one digit, numbers that count (` + "`tokens: 12`, `session=12`, `nextPageToken=10`" + `), a directory behind ` + "`pwd`" + `, files of keys (` + "`privatekey=/ssl/key.pem`" + `), words of state (` + "`otp = disabled`" + `), names of classes (` + "`Zimbra::Password::validate`" + `); sentences about passwords ("invalid password", "password changed for …", "Error changing password: account not found"); certificates; names and addresses of persons (see below).

### What it cannot see

- A secret under a name that is in none of the lists, in a sentence if it looks like a word ("the password is easy"), or in a format of its own: a password typed as the name of an account, say.
- The rest of an unquoted password after a blank, ` + "`&`, `;`, `<`, `>`" + ` or a closing bracket, outside of audit.log.
- A password that stands in a list by its place, such as the parameters of a statement; one that looks like a word behind an option of one letter of programs that are not named above.
- A secret that is split across two entries: an event longer than ` + "`multiline_max_lines` or `multiline_max_bytes`" + `, or one whose lines came in two chunks. Each entry is examined on its own.
- ` + "`AUTH LOGIN`" + `'s answers, which are base64 in lines of their own. Postfix and nginx log neither by default.
- **Damaged chunks.** What cannot be read of a chunk goes to the dead-letter file byte for byte, with the secrets in it: there is no line to examine. The file is readable only for its owner (mode 0600); treat it like the logs themselves.

## Persons: ` + "`pseudonymize`" + `, off by default

A person's name becomes ` + "`p_`" + ` and 16 hexadecimal digits: the beginning of HMAC-SHA256 over the local part of the address in lower case, with the key from ` + "`pseudonymize_key_file`" + `. ` + "`ivanov`, `Ivanov@Example.COM` and `ivanov+news@example.com`" + ` give the same digits, and the domain stays: so a person's lines join across mailbox.log, zimbra.log and PLAN-R, and mails can be followed as before. Two persons of the same local part in two domains share their digits; the domain tells them apart where it was logged.

Replaced are:

- every address in line and metadata, in one form in both: with ` + "`%40`, `%2540`, `&#64;`, `\\u0040`" + ` or ` + "`＠`" + ` too, with a local part in quotes, with a domain in brackets, and whole where it holds another address (SRS, BATV, bounces, ` + "`user%domain@relay`" + `) or where a field tells it so; ` + "`uid=`, `cn=`, `sn=`, `memberUid=`, `sAMAccountName=`" + ` and the like in names and filters of directories and in LDIF (` + "`cn=`" + ` of people only), ` + "`user=`, `username=`, `account=`, `login=`" + ` of programs and URLs; ` + "`/home/x/`" + `;
- the names that sentences tell: ` + "`no such account: x`, `authentication failed for [x]`, `/dav/x/`, `/service/home/x/`, `/principals/users/x/`, `Accepted password for x`, `Invalid user x`, `session opened for user x`" + `;
- the values of {{fields}} and of the keys {{keys}} (` + "`_`, `-` and `.`" + ` in them are ignored), including display names with blanks, lists, and JSON in strings;
- each of these names wherever it stands as a word in the same entry, in any letter case of ASCII.

Not replaced are message-ids (they join hosts), host names, client addresses, UUIDs and numbers of accounts and mailboxes, subjects and file names, and the names of the system: {{system}}, and anything that begins with {{prefixes}} (the junk and quarantine accounts if a digit stands behind: ` + "`spam.ivanov`" + ` may be a person). In lines that continue an entry (` + "`continued`" + `), names without a domain are known only within the chunk. A name that is neither in a field of its line nor an address stays: "deleted folder of Ivan". Personal data is thus pseudonymised, not anonymous: anyone who has the key can test names.

### The key

` + "```sh" + `
umask 077
openssl rand -hex 32 > /etc/zimbraloki/pseudonym.key    # or: head -c 32 /dev/urandom | base64
` + "```" + `

Every host needs the same key, or a person has a different name on each. It is read at start. Keep it away from the logs: with it, names can be tried; without it, they cannot.

To rotate it, write a new key on all hosts and restart; from then on each person has a new name. Keep the old key for as long as the old entries are kept, so that you can search them.

### Who is it?

A hash cannot be reversed. To get the hash of a known person, run

` + "```sh" + `
zimbraloki pseudonym ivanov@example.com --key-file /etc/zimbraloki/pseudonym.key
` + "```" + `

and search for it with ` + "`{job=\"zimbra\"} | user=~\"p_0123456789abcdef(@.*)?\"`" + `. To identify an unknown person, try the possible accounts: ` + "`zimbraloki pseudonym $(zmprov -l gaa) --key-file …`" + `.
`
