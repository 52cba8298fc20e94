package names

import (
	"testing"
)

func TestIsSecretKey(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := IsSecretKey(in); got != want {
			t.Errorf("isSecretKey(%q) = %v", in, got)
		}
	}
	for _, in := range []string{
		"userPassword", "password", "PASSWORD", "zimbraAuthLdapSearchBindPassword", "zimbraGalLdapBindPassword", "zimbraPreAuthKey",
		"zimbraDataSourcePassword", "PassWd", "http_passwd", "clientSecret", "zimbraSslPrivateKey", "zimbraAuthTokenKey", "authtoken", "ldapBindPw", "BINDPW",
	} {
		f(in, true)
	}
	for _, in := range []string{"", "name", "description", "zimbraMailForwardingAddress", "secre", "zimbraPreAuth", "tok\xffen", "été", "zimbraPasswordMinLength", "zimbraFeatureChangePasswordEnabled", "authTokenLifetime", "bypass"} {
		f(in, false)
	}
}
