package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// keycloakEvent reads an event of Keycloak (JBossLoggingEventListenerProvider),
// whose values have quotes since version 22:
//
//	type="LOGIN_ERROR", realmId="r", clientId="web", userId="null", ipAddress="192.0.2.7", error="invalid_user_credentials", username="anna"
func keycloakEvent(in *format.Input, d *format.Draft, s string) {
	if !strings.HasPrefix(s, "type=") || !strings.Contains(s, "realmId=") {
		return
	}
	const most = 40 // pairs
	kind := ""
	for range most {
		var key, v string
		key, v, s = keycloakPair(s)
		if key == "" {
			break
		}
		if format.IsPlaceholder(v) {
			continue
		}
		switch key {
		case "type":
			kind = v
		case "ipAddress":
			d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, v))
		case "username":
			d.Set(format.FieldUser, scan.ShortText(v))
		case "userId":
			d.Set(format.FieldUserID, scan.ShortText(v))
		case "error":
			d.Set(format.FieldError, scan.ShortText(v))
		}
	}
	switch kind {
	case "LOGIN", "LOGIN_ERROR":
		d.Set(format.FieldAction, format.ActionAuth)
	default:
		d.Set(format.FieldAction, scan.ShortText(kind))
	}
	d.Set(format.FieldOutcome, "success")
	if strings.HasSuffix(kind, "_ERROR") {
		d.Set(format.FieldOutcome, "failure")
		d.Raise(format.LevelWarn)
	}
}

// keycloakPair cuts `key="value", ` or `key=value, ` off s.
func keycloakPair(s string) (key, v, rest string) {
	n := scan.KeyLen(s)
	if n == 0 || n >= len(s) || s[n] != '=' {
		return "", "", ""
	}
	key, s = s[:n], s[n+1:]
	if strings.HasPrefix(s, `"`) {
		if i := strings.Index(s, `", `); i > 0 {
			return key, s[1:i], s[i+3:]
		}
		return key, strings.Trim(s, `"`), ""
	}
	v, rest, _ = strings.Cut(s, ", ")
	return key, v, rest
}
