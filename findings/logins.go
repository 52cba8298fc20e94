package findings

var logins = []Finding{{
	Name: "account-locked", Topic: "logins", Severity: Critical, Min: 1, Alert: "ZimbraAccountLocked",
	LogQL:   `{job="zimbra", log="audit"} | outcome="lockout"`,
	By:      []string{"user", "client_ip"},
	Title:   Text{"An account was locked", "Учётная запись заблокирована"},
	Meaning: Text{"The attack on this account has reached the lockout limit. The user cannot log in either.", "Атака на эту учётную запись достигла предела блокировки. Сам пользователь тоже не может войти."},
	Action: Text{
		"See who tried: `{job=\"zimbra\"} | user=\"…\" | outcome=\"failure\"`. Block the address, then `zmprov ma USER zimbraAccountStatus active`.",
		"Посмотрите, кто пытался: `{job=\"zimbra\"} | user=\"…\" | outcome=\"failure\"`. Закройте адрес, затем `zmprov ma USER zimbraAccountStatus active`.",
	},
}, {
	Name: "failed-logins", Topic: "logins", Severity: Warning, Min: 20,
	LogQL:   `{job="zimbra", log="audit"} | action=~".*Auth" | outcome="failure"`,
	By:      []string{"client_ip", "user"},
	Title:   Text{"Failed logins", "Неудачные входы"},
	Meaning: Text{"Many from one address: somebody guesses passwords. Few of each user: forgotten passwords, old devices.", "Много с одного адреса: кто-то подбирает пароли. Понемногу у каждого: забытые пароли, старые устройства."},
	Action: Text{
		"Block the address (firewall, fail2ban, zimbraHttpDosFilter) and see whether an account was entered from it.",
		"Закройте адрес (межсетевой экран, fail2ban, zimbraHttpDosFilter) и проверьте, не вошёл ли он в чью-то учётную запись.",
	},
}, {
	Name: "failed-admin-logins", Topic: "logins", Severity: Warning, Min: 5, Alert: "ZimbraAdminLoginFailures",
	LogQL:   `{job="zimbra", log="audit"} | outcome="failure" | admin_port="true"`,
	By:      []string{"client_ip", "user"},
	Title:   Text{"Failed logins to the admin console", "Неудачные входы в консоль администратора"},
	Meaning: Text{"The administration port is reachable for somebody who does not have the password.", "Порт администрирования доступен тому, кто не знает пароля."},
	Action: Text{
		"Ports 7071 and 9071 belong behind a firewall or a VPN. Ask the administrator if it was them.",
		"Порты 7071 и 9071 должны быть за межсетевым экраном или VPN. Спросите администратора, он ли это.",
	},
}}
