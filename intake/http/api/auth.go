package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
)

// LoginBody signs in.
type LoginBody struct {
	Username string `json:"username"`
	Password string `json:"password"`
	OTP      string `json:"otp,omitempty" doc:"A code of the authenticator or a backup code. Without it the tokens neither download nor delete nor administer."`
}

// Pair are the two tokens of a sign-in.
type Pair struct {
	Refresh string `json:"refresh" doc:"Gives new access tokens for a day"`
	Access  string `json:"access" doc:"Is valid for an hour"`
}

// Access is a new access token.
type Access struct {
	Access string `json:"access"`
}

// RefreshBody asks for one.
type RefreshBody struct {
	Refresh string `json:"refresh"`
}

// VerifyBody asks whether a token is good.
type VerifyBody struct {
	Token string `json:"token"`
}

// Nothing is an answer that says only by its status what it says.
type Nothing struct{}

func (a *API) authRoutes() {
	huma.Register(a.huma, throttled(open(operation(http.MethodPost, "/auth/token/", "auth_token_create", tagAuth, "Sign in: tokens for a name and a password", http.StatusOK), 400, 401), throttleLogin),
		func(ctx context.Context, in *struct{ Body LoginBody }) (*struct{ Body Pair }, error) {
			if err := required(map[string]string{"username": in.Body.Username, "password": in.Body.Password}); err != nil {
				return nil, err
			}
			pair, err := a.Accounts.IssueJWT(ctx, in.Body.Username, in.Body.Password, in.Body.OTP, guard.From(ctx).Origin())
			if err != nil {
				return nil, a.refuseLogin(ctx, err)
			}
			return &struct{ Body Pair }{Pair{pair.Refresh, pair.Access}}, nil
		})
	huma.Register(a.huma, throttled(open(operation(http.MethodPost, "/auth/token/refresh/", "auth_token_refresh_create", tagAuth, "A new access token for a refresh token", http.StatusOK), 400, 401), throttleToken),
		func(ctx context.Context, in *struct{ Body RefreshBody }) (*struct{ Body Access }, error) {
			if err := required(map[string]string{"refresh": in.Body.Refresh}); err != nil {
				return nil, err
			}
			access, err := a.Accounts.RefreshJWT(ctx, in.Body.Refresh)
			if err != nil {
				return nil, a.refuseLogin(ctx, err)
			}
			return &struct{ Body Access }{Access{access}}, nil
		})
	huma.Register(a.huma, throttled(open(operation(http.MethodPost, "/auth/token/verify/", "auth_token_verify_create", tagAuth, "Whether a token is good", http.StatusOK), 400, 401), throttleToken),
		func(ctx context.Context, in *struct{ Body VerifyBody }) (*struct{ Body Nothing }, error) {
			if err := required(map[string]string{"token": in.Body.Token}); err != nil {
				return nil, err
			}
			if err := a.Accounts.VerifyJWT(ctx, in.Body.Token); err != nil {
				return nil, a.refuseLogin(ctx, err)
			}
			return &struct{ Body Nothing }{}, nil
		})
}

func required(fields map[string]string) error {
	wrong := map[string][]string{}
	for name, value := range fields {
		if value == "" {
			wrong[name] = []string{"This field is required."}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &Error{status: http.StatusBadRequest, Fields: wrong}
}

func (a *API) refuseLogin(ctx context.Context, err error) error {
	var delay *accounts.DelayError
	switch {
	case errors.As(err, &delay):
		seconds := strconv.FormatInt(accounts.Seconds(delay.Wait), 10)
		e := fail(http.StatusTooManyRequests, "Request was throttled. Expected available in "+seconds+" seconds.")
		return huma.ErrorWithHeaders(e, http.Header{"Retry-After": {seconds}})
	case errors.Is(err, accounts.ErrToken):
		e := fail(http.StatusUnauthorized, "Token is invalid or expired")
		e.Code = "token_not_valid"
		return e
	case errors.Is(err, accounts.ErrCredentials):
		return fail(http.StatusUnauthorized, "No active account found with the given credentials")
	case errors.Is(err, accounts.ErrCode):
		return fail(http.StatusUnauthorized, "The one-time code is wrong or was used already")
	}
	return a.refuse(ctx, err)
}
