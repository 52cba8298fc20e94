package tickets

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Audit is a logger for Options.Audit: each event a line of JSON that the
// plugin reads as any program's: user, client_ip, user_agent and the outcome of
// ECS become structured metadata, the rest is in the line.
func Audit(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.MessageKey {
			a.Key = "message"
		}
		return a
	}}))
}

// Record adds an event to the audit trail, in the store and in the log. It
// does not fail what it tells of: where the store takes no event, the log says
// so.
func (s *Service) Record(ctx context.Context, e model.Event) { s.event(ctx, e) }

func (s *Service) event(ctx context.Context, e model.Event) {
	ctx = context.WithoutCancel(ctx) // what was done is told, whoever hung up
	if e.Time.IsZero() {
		e.Time = s.clock()
	}
	for text, most := range map[*string]int{&e.Detail: 1000, &e.UserAgent: 300, &e.Object: 200, &e.Actor: 200} {
		*text = bounded(strings.ReplaceAll(strings.ToValidUTF8(*text, "\uFFFD"), "\x00", "\uFFFD"), most) // else no event is kept
	}
	if err := s.db.AddEvent(ctx, &e); err != nil {
		s.log.ErrorContext(ctx, "an event was not kept", "action", e.Action, "error", err)
	}
	message := strings.TrimSpace(e.Action+" "+e.Object) + ": " + e.Outcome
	s.audit.LogAttrs(ctx, levelOf(e.Outcome), message, eventAttrs(e)...)
}

func eventAttrs(e model.Event) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("service", "zimbraloki-intake"), slog.String("component", "audit"), slog.String("action", e.Action), slog.String("outcome", e.Outcome),
		slog.Group("event", slog.String("outcome", ecsOutcome(e.Outcome))),
	}
	for _, a := range []struct{ key, value string }{
		{"user", e.Actor}, {"object", e.Object}, {"client_ip", e.ClientIP}, {"user_agent", e.UserAgent}, {"detail", e.Detail},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	return attrs
}

// ecsOutcome is an outcome in the two words of ECS.
func ecsOutcome(outcome string) string {
	if levelOf(outcome) == slog.LevelWarn {
		return model.OutcomeFailure
	}
	return model.OutcomeSuccess
}

func levelOf(outcome string) slog.Level {
	switch outcome {
	case model.OutcomeFailure, model.OutcomeRejected, model.OutcomeLockout:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// outcomeOf is the outcome of what ended with an error: a rule said no, or it
// did not work.
func outcomeOf(err error) string {
	if err == nil {
		return model.OutcomeSuccess
	}
	for _, s := range statuses {
		if s.status != http.StatusNotFound && s.status != http.StatusConflict && errors.Is(err, s.err) {
			return model.OutcomeRejected
		}
	}
	return model.OutcomeFailure
}

// bounded is at most n bytes of a text, which ends with a whole character.
func bounded(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func archiveObject(id int64) string { return "archive/" + strconv.FormatInt(id, 10) }

// done tells of what somebody did, or tried to do.
func (s *Service) done(ctx context.Context, w Who, action, object string, err error, detail string) {
	e := model.Event{Actor: w.User.Username, Action: action, Object: object, Outcome: outcomeOf(err), ClientIP: w.ClientIP, UserAgent: w.UserAgent, Detail: detail}
	if err != nil {
		e.Detail = err.Error()
	} else if adminActions[action] {
		e.Outcome = model.OutcomeAdmin
	}
	s.event(ctx, e)
}

// adminActions change accounts, platforms or what somebody may; their outcome
// is admin_change when they work.
var adminActions = map[string]bool{
	model.ActionUserCreate: true, model.ActionUserModify: true, model.ActionUserDelete: true,
	model.ActionPlatformCreate: true, model.ActionPlatformModify: true, model.ActionPlatformDelete: true,
}
