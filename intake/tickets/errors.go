package tickets

import (
	"errors"
	"net/http"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Why something is refused. Status gives the answer of HTTP.
var (
	ErrTokenMissing = errors.New("header Upload-Token is required")
	ErrTokenInvalid = errors.New("token is not valid")
	ErrResolved     = errors.New("ticket already resolved")
	ErrTokenExpired = errors.New("token expired") // its attempts are used up or its time is over
	ErrTooLarge     = errors.New("the file is larger than is admitted")
	ErrQuota        = errors.New("the ticket or the server holds as much as it may")
	ErrNoSpace      = errors.New("there is no room left on the server")
	ErrGone         = errors.New("the upload has ended")

	ErrSignIn    = errors.New("authentication credentials were not provided")
	ErrForbidden = errors.New("you do not have permission to perform this action")
	ErrVerify    = errors.New("a second factor is required for this")
	ErrBadValue  = errors.New("not a valid value")
)

// statuses are the answers of HTTP to the errors, the first that fits.
var statuses = []struct {
	err    error
	status int
}{
	{ErrTokenMissing, http.StatusUnauthorized},
	{ErrTokenInvalid, http.StatusForbidden},
	{ErrResolved, http.StatusLocked},
	{ErrTokenExpired, http.StatusLocked},
	{ErrTooLarge, http.StatusRequestEntityTooLarge},
	{ErrQuota, http.StatusRequestEntityTooLarge},
	{ErrNoSpace, http.StatusInsufficientStorage},
	{ErrGone, http.StatusGone},
	{ErrSignIn, http.StatusUnauthorized},
	{ErrForbidden, http.StatusForbidden},
	{ErrVerify, http.StatusForbidden},
	{ErrBadValue, http.StatusBadRequest},
	{ErrFault, http.StatusBadRequest},
	{model.ErrText, http.StatusBadRequest},
	{model.ErrNotFound, http.StatusNotFound},
	{model.ErrExists, http.StatusConflict},
}

// ErrFault marks the end of an upload as the customer's fault: a broken
// request, no file in it, a wrong checksum, more bytes than are admitted. Its
// attempt is not given back.
var ErrFault = errors.New("bad request")

// Status is the answer of HTTP to an error of this package or of the store.
func Status(err error) int {
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return s.status
		}
	}
	return http.StatusInternalServerError
}
