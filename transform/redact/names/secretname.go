package names

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Mark stands in place of a secret.
const Mark = "***"

// secretWords mark the name of a secret wherever they stand in it, in any
// letter case: userPassword, zimbraAuthTokenKey, client_secret.
// docs/security.md lists them.
var secretWords = [...]string{
	"password", "passwd", "passphrase", "passcode", "secret", "token", "preauthkey", "preauth_key",
	"privatekey", "private_key", "private-key", "bindpw", "credential", "jsessionid", "sessionid", "session_id", "session-id", "sessid",
	"apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "scratchcode", "recoverycode", "recovery_code",
	"twofactorcode", "passwordhistory", "recoveryaccountcode", "recovery_account_code", "accountkey", "account_key", "account-key", "passkey", "pass_key",
	"sharedkey", "encryptionkey", "encryption_key", "signaturevalue", "signature_value",
	"passwort", "kennwort", "motdepasse", "mot_de_passe", "mot-de-passe", "contrase\u00f1a", "contrase\u00d1a", "contrasena",
	"\u043f\u0430\u0440\u043e\u043b", "\u041f\u0430\u0440\u043e\u043b", "\u041f\u0410\u0420\u041e\u041b", // "parol" of "password" in Russian, the letter cases
	"wachtwoord", "palavra-passe", "l\u00f6senord", "pass_word", "pass-word", "rootpw", "adminpw",
	"backupcode", "backup_code", "verificationcode", "verification_code", "pincode", "pin_code", "otpcode", "otp_code", "mfacode", "mfa_code",
	"masterkey", "master_key", "master-key", "signingkey", "signing_key", "signing-key", "authkey", "auth_key", "auth-key", "appkey", "app_key", "app-key",
	"sessionkey", "session_key", "session-key", "hmackey", "hmac_key", "hmac-key", "subscriptionkey", "subscription_key", "subscription-key", "pass_phrase", "pass-phrase",
	"securitycode", "security_code", "smscode", "sms_code", "authcode", "auth_code", "authorizationcode", "authorization_code", "activationcode", "activation_code",
	"resetcode", "reset_code", "onetimecode", "one_time_code", "2facode", "2fa_code",
}

// secretNames are the names that are secret as a whole only: in others the word
// means something else.
var secretNames = NewWords(map[string]bool{
	"pwd": true, "pass": true, "preauth": true, "session": true, "connect.sid": true, "cookie": true, "set-cookie": true,
	"authorization": true, "proxy-authorization": true, "samlresponse": true, "samlrequest": true, "x-amz-signature": true, "x-goog-signature": true, "zm_auth": true,
	"cookies": true, "cookie2": true, "otp": true, "pin": true, "parola": true, "auth-code": true, "set-cookie2": true, "bearer": true, "pswd": true, "totp": true,
	"jwt": true, "csrf": true, "_csrf": true, "xsrf": true, "x-zimbra-auth": true, "x-registry-auth": true, "masterauth": true,
})

// URLSecret reports whether name is a parameter of a URL that gives access;
// elsewhere the words mean something else.
func URLSecret(name string) bool { return Has(urlNames, name) }

var urlNames = NewWords(map[string]bool{
	"code": true, "sig": true, "signature": true, "ticket": true, "samlart": true,
	"sid": true, "key": true, "auth": true, "assertion": true, "client_assertion": true, "hmac": true, "sign": true,
	"oauth_verifier": true, "code_verifier": true, "device_code": true, "user_code": true, "id_token_hint": true,
})

// otherWords go on from a secret word to a word that means something else:
// tokenizer, tokenring, Secretariat, secretion, passwordless.
var otherWords = [...]string{"ary", "ari", "iz", "ise", "isa", "ring", "less", "ly", "ion", "ive", "bucket"}

// policyWords, behind a secret word, make the name one of a rule about secrets:
// zimbraPasswordMinLength, authTokenLifetime, http_passwd_file.
var policyWords = [...]string{
	"min", "max", "len", "lock", "enable", "disable", "enforce", "modified", "mustchange", "must_change", "life", "valid", "age", "allow",
	"block", "status", "state", "type", "expir", "change", "policy", "count", "attempt", "time", "ttl", "url", "uri", "endpoint", "name",
	"file", "path", "reset", "check", "hint", "error", "class", "provider", "manager", "service", "require", "strength", "format", "alg",
	"scheme", "days", "period", "limit", "warn", "notif", "feature", "method", "suspension", "encoding", "interval", "size", "quota", "used", "usage", "request", "response", "exception", "auth", "ref", "store",
}

// IsSecretKey reports whether an attribute, a parameter, an element or a header
// of that name holds a secret.
func IsSecretKey(name string) bool {
	if len(name) < 3 || len(name) > 120 {
		return len(name) == 2 && scan.FoldEqual(name, "pw")
	}
	name = withoutIndex(name)
	whole := name
	name = name[strings.LastIndexByte(name, '.')+1:] // spring.mail.password, not AuthToken.java
	end, word := LastSecretWord(name)
	if end < 0 {
		return wholeSecretName(whole)
	}
	rest := strings.TrimLeft(name[end:], "_-.")
	if word == "token" && scan.FoldEqual(name, "usernametoken") { // of WS-Security, with a name in it
		return false
	}
	if word == "token" && (scan.FoldEqual(rest, "id") || scan.FoldEqual(rest, "s") && countedToken(name)) {
		return false
	}
	for _, p := range policyWords {
		if scan.FoldPrefix(rest, p) {
			return false
		}
	}
	return !isOtherWord(name, end)
}

// withoutIndex cuts the place in a list off a name: password.0.
func withoutIndex(name string) string {
	n := len(name)
	for n > 0 && scan.IsDigit(name[n-1]) {
		n--
	}
	if n > 3 && n < len(name) && name[n-1] == '.' {
		return name[:n-1]
	}
	return name
}

// isOtherWord reports whether the secret word that ends at end is the beginning
// of another word, in the same letter case.
func isOtherWord(name string, end int) bool {
	if end == len(name) || IsCapital(name[end]) != IsCapital(name[end-1]) {
		return false
	}
	for _, o := range otherWords {
		if scan.FoldPrefix(name[end:], o) {
			return true
		}
	}
	return false
}

// HarmlessValue reports whether a value says by its form that it is no secret:
// a directory behind pwd, a number that counts. Passwords of digits there are,
// of one digit there are none.
func HarmlessValue(name, v string) bool {
	if v == "" {
		return true
	}
	if n := len(name); n >= 3 && scan.FoldEqual(name[n-3:], "pwd") {
		return v[0] == '/' || v[0] == '~' || len(v) > 2 && v[1] == ':' && v[2] == '\\'
	}
	if n := len(name); n > 2 && n < 6 && PlainWord(v) && (scan.FoldEqual(name[n-3:], "jwt") || scan.FoldEqual(name[n-3:], "srf")) { // "csrf: failed"
		return true
	}
	if v[0] == '/' && Has(keyFiles, v[strings.LastIndexByte(v, '.')+1:]) {
		return true
	}
	for i := 0; i < len(v); i++ {
		if !scan.IsDigit(v[i]) {
			return false
		}
	}
	if len(v) == 1 {
		return true
	}
	end, word := LastSecretWord(name)
	if end < 0 { // pass, session
		return len(v) < 4 && (scan.FoldEqual(name, "pass") || scan.FoldEqual(name, "preauth")) || len(v) < 5 && scan.FoldEqual(name, "session")
	}
	if word != "token" && word != "secret" {
		return false
	}
	return len(v) < 5 || len(v) < 10 && (scan.FoldEqual(name[end:], "s") || isPosition(name))
}

// keyFiles are the ends of names of files with keys.
var keyFiles = NewWords(map[string]bool{"pem": true, "key": true, "crt": true, "der": true, "jks": true, "p12": true, "pfx": true, "txt": true, "conf": true})

// isPosition reports whether name is the place in a list that a service goes on
// from: nextPageToken, syncToken.
func isPosition(name string) bool {
	for _, p := range [...]string{"next", "page", "sync", "prev", "continu", "cursor"} {
		if scan.FoldPrefix(name, p) {
			return true
		}
	}
	return false
}

// countedToken reports whether name is one of a number of tokens, of a language
// model say: max_tokens, total_tokens.
func countedToken(name string) bool {
	for _, p := range [...]string{"max", "min", "total", "prompt", "completion", "input", "output", "num"} {
		if scan.FoldPrefix(name, p) {
			return true
		}
	}
	return false
}

func wholeSecretName(name string) bool {
	n := len(name)
	if IsHeaderName(name) {
		return true
	}
	if n > 4 && scan.FoldEqual(name[n-4:], "pass") { // LDAPADMINPASS, smtp_pass; not bypass and compass
		if scan.FoldEqual(name, "storepass") || scan.FoldEqual(name, "keypass") {
			return true
		}
		for _, w := range passWords {
			if n >= len(w) && scan.FoldEqual(name[n-len(w):], w) {
				return false
			}
		}
		return true
	}
	if endsShort(name, "pw") || endsShort(name, "jwt") {
		return true
	}
	if n > 3 && scan.FoldEqual(name[n-3:], "pwd") {
		if endsShort(name, "pwd") {
			return true
		}
		for _, two := range pwdTwo {
			if n > 4 && scan.FoldEqual(name[n-5:n-3], two) {
				return true
			}
		}
		return false
	}
	return Has(secretNames, name)
}

// passWords end in pass and mean something else.
var passWords = [...]string{"bypass", "compass", "surpass", "trespass", "overpass", "underpass", "firstpass", "lastpass", "keepass", "singlepass", "multipass"}

// endsShort reports whether name ends in a short word that begins there:
// ldap_pw, ldapPw, app.jwt.
func endsShort(name, word string) bool {
	n := len(name) - len(word)
	if n < 1 || !scan.FoldEqual(name[n:], word) {
		return false
	}
	c := name[n-1]
	return c == '_' || c == '-' || c == '.' || IsCapital(name[n]) && !IsCapital(name[n+1]) && c >= 'a' && c <= 'z'
}

// IsHeaderName reports whether name is, or ends in, that of a header with
// credentials: HTTP_AUTHORIZATION, http.request.header.cookie.
func IsHeaderName(name string) bool {
	switch name[len(name)-1] | 0x20 {
	case 'n':
		return IsAuthorization(name)
	case 'e', '2':
		return IsCookieName(name)
	}
	return false
}

// IsAuthorization reports whether name is, or ends in, that of a header of credentials (RFC 9110
// section 11.6.2).
func IsAuthorization(name string) bool { return endsInWord(name, "authorization") }

// IsCookieName reports whether name is, or ends in, that of a header with cookies.
func IsCookieName(name string) bool {
	return endsInWord(name, "cookie") || scan.FoldEqual(name, "cookie2") || IsSetCookie(name)
}

// IsSetCookie reports whether name is, or ends in, that of a header which sets a cookie (RFC
// 6265 section 4.1).
func IsSetCookie(name string) bool {
	return endsInWord(name, "set-cookie") || endsInWord(name, "set_cookie") || scan.FoldEqual(name, "set-cookie2")
}

// headerParts may stand before the name of a header.
var headerParts = [...]string{"http", "header", "headers", "x", "proxy", "request", "response", "set", "forwarded", "original"}

// endsInWord reports whether name is word, in any letter case, or ends in it
// behind a word that is said of headers.
func endsInWord(name, word string) bool {
	n := len(name) - len(word)
	if n < 0 || !scan.FoldEqual(name[n:], word) {
		return false
	}
	if n == 0 {
		return true
	}
	if c := name[n-1]; c != '_' && c != '-' && c != '.' {
		return false
	}
	before := name[:n-1]
	before = before[strings.LastIndexAny(before, "_-.")+1:]
	for _, p := range headerParts {
		if scan.FoldEqual(before, p) {
			return true
		}
	}
	return false
}

// IsCapital reports whether c is a capital letter of ASCII.
func IsCapital(c byte) bool { return 'A' <= c && c <= 'Z' }

// secretBy holds secretWords by their first letter, small or not.
var secretBy = func() (t [256][]string) {
	for _, w := range secretWords {
		t[w[0]] = append(t[w[0]], w)
		if w[0] < 0x80 {
			t[w[0]-0x20] = append(t[w[0]-0x20], w)
		}
	}
	return t
}()

// secretStart holds the first two letters of secretWords.
var secretStart = func() (t [1024]bool) {
	for _, w := range secretWords {
		t[startOf(w[0], w[1])] = true
	}
	return t
}()

func startOf(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// LastSecretWord finds the secret word that ends last in name; end is -1 if
// there is none.
func LastSecretWord(name string) (end int, word string) {
	end = -1
	for i := 0; i+5 <= len(name); i++ {
		if !secretStart[startOf(name[i], name[i+1])] {
			continue
		}
		for _, w := range secretBy[name[i]] {
			if scan.LowerByte[name[i+1]] == w[1] && i+len(w) > end && scan.FoldPrefix(name[i:], w) {
				end, word = i+len(w), w
			}
		}
	}
	return end, word
}

// SecretNames returns what the names of secrets hold, what they are as a whole,
// and which words behind the first make them harmless; docs/security.md prints
// them.
func SecretNames() (words, names, policies []string) {
	for n := range secretNames.of {
		names = append(names, n)
	}
	return secretWords[:], names, policyWords[:]
}

// keptValues are no secrets, whatever the name before them is.
var keptValues = map[string]bool{
	"": true, "null": true, "nil": true, "none": true, "true": true, "false": true, "yes": true, "no": true, "on": true, "off": true,
	"undefined": true, "unset": true, "set": true, "empty": true, "missing": true, "n/a": true, "value-blocked": true, "[redacted]": true, "redacted": true, "<redacted>": true,
	"[filtered]": true, "<hidden>": true, "[hidden]": true, "(hidden)": true, "<none>": true, "<null>": true, "invalid": true, "expired": true, "ok": true, "failed": true,
	"disabled": true, "enabled": true, "required": true, "optional": true, "closed": true, "opened": true, "include": true, "denied": true, "granted": true,
	"unsupported": true, "chauthtok": true, "(none)": true, "(null)": true, "(empty)": true, "(not set)": true,
}

// KeepValue reports whether v tells nothing: it is empty, says that there is no
// value, or was masked before.
func KeepValue(v string) bool {
	var low [14]byte
	if len(v) <= len(low) {
		for i := range len(v) {
			low[i] = v[i]
			if 'A' <= v[i] && v[i] <= 'Z' {
				low[i] |= 0x20
			}
		}
		if keptValues[string(low[:len(v)])] {
			return true
		}
	}
	return strings.Trim(v, "*") == "" || strings.Trim(v, ".") == "" || strings.Trim(v, "-") == ""
}
