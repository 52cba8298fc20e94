package pages

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// keptPasskey is where a session keeps what a browser is asked to sign.
const keptPasskey = "passkey"

// passkeyBegin answers with what the browser's own dialogue needs.
func (p *Pages) passkeyBegin(add bool) handler {
	return func(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
		begin := p.Passkeys.BeginCheck
		if add {
			begin = p.Passkeys.BeginAdd
		}
		if err := mayPasskey(i, add); err != nil {
			return p.passkeyFail(w, err)
		}
		options, kept, err := begin(r.Context(), i.Who.User)
		if err != nil {
			return p.passkeyFail(w, err)
		}
		p.Guard.Keep(r.Context(), keptPasskey, kept)
		return writeJSON(w, http.StatusOK, options)
	}
}

// mayPasskey: to add a key one has to have shown the second factor that is
// there already.
func mayPasskey(i *guard.Info, add bool) error {
	if i.Way != "session" || add && i.Who.User.SecondFactor() && !i.Who.Verified {
		return tickets.ErrVerify
	}
	return nil
}

func (p *Pages) passkeyCheck(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	kept := p.Guard.Kept(r.Context(), keptPasskey)
	p.Guard.Keep(r.Context(), keptPasskey, "") // each challenge once
	if err := mayPasskey(i, false); err != nil {
		return p.passkeyFail(w, err)
	}
	if err := p.Passkeys.Check(r.Context(), i.Who.User, kept, r.Body, i.Origin()); err != nil {
		return p.passkeyFail(w, err)
	}
	if err := p.Guard.Verified(r.Context()); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{})
}

func (p *Pages) passkeyAdd(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	kept := p.Guard.Kept(r.Context(), keptPasskey)
	p.Guard.Keep(r.Context(), keptPasskey, "")
	if err := mayPasskey(i, true); err != nil {
		return p.passkeyFail(w, err)
	}
	name := strings.TrimSpace(r.URL.Query().Get("name"))
	if name == "" {
		name = p.text(i, "passkey.unnamed")
	}
	codes, epoch, err := p.Passkeys.Add(r.Context(), i.Who.User, kept, r.Body, name, i.Origin())
	if err != nil {
		return p.passkeyFail(w, err)
	}
	if err := p.Guard.NewEpoch(r.Context(), epoch, true); err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "passkey.added"))
	return writeJSON(w, http.StatusOK, map[string][]string{"codes": codes})
}

func (p *Pages) passkeyFail(w http.ResponseWriter, err error) error {
	var tooLarge *http.MaxBytesError
	if errors.Is(err, accounts.ErrCode) || errors.Is(err, accounts.ErrName) || errors.Is(err, tickets.ErrVerify) || errors.As(err, &tooLarge) {
		return writeJSON(w, http.StatusForbidden, map[string]string{"detail": "refused"})
	}
	return err
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}
