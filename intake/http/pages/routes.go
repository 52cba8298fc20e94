package pages

import (
	"net/http"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// Limits are the limiters of what strangers may try.
type Limits struct{ Login, Upload *guard.Limiter }

// Register adds the pages to a mux.
func (p *Pages) Register(mux *http.ServeMux, l Limits) {
	login := func(h http.Handler) http.Handler { return p.Guard.Throttle(l.Login, h) }
	mux.HandleFunc("GET /static/{hash}/{name}", p.static)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("User-agent: *\nDisallow: /\n"))
	})
	mux.Handle("GET /{$}", p.signed(func(w http.ResponseWriter, r *http.Request, _ *guard.Info) error { return see(w, r, "/tickets/") }))
	p.accountRoutes(mux, login)
	p.ticketRoutes(mux)
	p.adminRoutes(mux)
	mux.Handle("GET /archives/upload/{$}", p.handle(p.upload))
	mux.Handle("POST /archives/upload/{$}", p.Guard.Throttle(l.Upload, http.HandlerFunc(p.uploadPost)))
}

func (p *Pages) accountRoutes(mux *http.ServeMux, login func(http.Handler) http.Handler) {
	mux.Handle("GET /account/login/{$}", p.handle(p.login))
	mux.Handle("POST /account/login/{$}", login(p.handle(p.loginPost)))
	mux.Handle("POST /account/logout/{$}", p.handle(p.logout))
	mux.Handle("GET /account/two_factor/{$}", p.signed(p.factor))
	mux.Handle("POST /account/two_factor/{$}", login(p.signed(p.factorPost)))
	mux.Handle("GET /account/two_factor/setup/{$}", p.signed(p.setup))
	mux.Handle("POST /account/two_factor/setup/{$}", login(p.signed(p.setupPost)))
	mux.Handle("GET /account/two_factor/qr.png", p.signed(p.qr))
	mux.Handle("POST /account/two_factor/backup/tokens/{$}", p.signed(p.newCodes))
	mux.Handle("GET /account/two_factor/disable/{$}", p.signed(p.disable))
	mux.Handle("POST /account/two_factor/disable/{$}", login(p.signed(p.disablePost)))
	mux.Handle("GET /account/show/{$}", p.signed(p.account))
	mux.Handle("POST /account/update/{$}", p.signed(p.profile))
	mux.Handle("POST /account/password-change/{$}", login(p.signed(p.password)))
	mux.Handle("GET /account/tokens/{$}", p.signed(p.tokens))
	mux.Handle("POST /account/tokens/{$}", p.signed(p.tokenCreate))
	mux.Handle("POST /account/tokens/{id}/rename/{$}", p.signed(p.tokenRename))
	mux.Handle("POST /account/tokens/{id}/delete/{$}", p.signed(p.tokenDelete))
	mux.Handle("GET /account/two_factor/remove/{id}/{$}", p.signed(p.factorRemove))
	mux.Handle("POST /account/two_factor/remove/{id}/{$}", login(p.signed(p.factorRemovePost)))
	mux.Handle("POST /account/two_factor/rename/{id}/{$}", p.signed(p.keyRename))
	if p.OIDC != nil {
		mux.Handle("GET /account/oidc/{$}", login(p.handle(p.oidc)))
		mux.Handle("GET /account/oidc/callback/{$}", login(p.handle(p.oidcBack)))
		mux.Handle("POST /account/oidc/link/{$}", login(p.signed(p.oidcLink)))
		mux.Handle("POST /account/oidc/unlink/{$}", p.signed(p.oidcUnlink))
	}
	if p.Passkeys != nil {
		mux.Handle("POST /account/two_factor/passkey/new/{$}", p.signed(p.passkeyBegin(true)))
		mux.Handle("POST /account/two_factor/passkey/add/{$}", p.signed(p.passkeyAdd))
		mux.Handle("POST /account/two_factor/passkey/begin/{$}", login(p.signed(p.passkeyBegin(false))))
		mux.Handle("POST /account/two_factor/passkey/finish/{$}", login(p.signed(p.passkeyCheck)))
	}
}

func (p *Pages) ticketRoutes(mux *http.ServeMux) {
	write := func(h handler) http.Handler { return p.allowed(tickets.WriteTickets, h) }
	mux.Handle("GET /tickets/{$}", p.signed(p.tickets))
	mux.Handle("GET /tickets/show/{platform}/{$}", p.signed(p.tickets))
	mux.Handle("GET /tickets/show/{platform}/{number}/{$}", p.signed(p.ticket))
	mux.Handle("GET /tickets/create/{$}", write(p.ticketNew))
	mux.Handle("POST /tickets/create/{$}", write(p.ticketCreate))
	mux.Handle("GET /tickets/update/{platform}/{number}/{$}", write(p.ticketEdit))
	mux.Handle("POST /tickets/update/{platform}/{number}/{$}", write(p.ticketUpdate))
	mux.Handle("GET /tickets/delete/{number}/{$}", p.allowed(tickets.Delete, p.ticketDelete))
	mux.Handle("POST /tickets/do/{number}/{action}/{$}", p.signed(p.ticketDo))
	mux.Handle("GET /tickets/ask/{number}/{$}", p.allowed(tickets.Ask, p.ask))
	mux.Handle("GET /archives/download/{id}/{$}", p.signed(p.download))
	mux.Handle("GET /archives/report/{id}/{$}", p.signed(p.report))
	mux.Handle("GET /archives/progress/{id}/{$}", p.signed(p.progress))
	mux.Handle("GET /archives/delete/{id}/{$}", p.allowed(tickets.Delete, p.archiveDelete))
	mux.Handle("POST /archives/do/{id}/{action}/{$}", p.signed(p.archiveDo))
}

func (p *Pages) adminRoutes(mux *http.ServeMux) {
	admin := func(h handler) http.Handler { return p.allowed(tickets.Admin, h) }
	mux.Handle("GET /platforms/{$}", p.signed(p.platforms))
	mux.Handle("POST /platforms/{$}", admin(p.platformCreate))
	mux.Handle("GET /platforms/{name}/{$}", admin(p.platform))
	mux.Handle("POST /platforms/{name}/{$}", admin(p.platformUpdate))
	mux.Handle("GET /platforms/{name}/delete/{$}", admin(p.platformDelete))
	mux.Handle("POST /platforms/{name}/delete/{$}", admin(p.platformDeletePost))
	mux.Handle("GET /users/{$}", admin(p.users))
	mux.Handle("GET /users/create/{$}", admin(p.userNew))
	mux.Handle("POST /users/create/{$}", admin(p.userSave))
	mux.Handle("GET /users/{id}/{$}", admin(p.user))
	mux.Handle("POST /users/{id}/{$}", admin(p.userSave))
	mux.Handle("POST /users/{id}/reset/{$}", admin(p.userReset))
	mux.Handle("GET /users/{id}/delete/{$}", admin(p.userDelete))
	mux.Handle("POST /users/{id}/delete/{$}", admin(p.userDeletePost))
	mux.Handle("GET /audit/{$}", admin(p.audit))
}
