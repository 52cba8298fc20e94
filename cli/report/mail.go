package report

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"os/exec"
	"strings"
	"unicode"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/report"
	"github.com/zimbraloki/zimbraloki/report/page"
)

// checkAddress refuses what could not be an address, or would become another
// header or an option of sendmail.
func checkAddress(address string) error {
	bad := strings.IndexFunc(address, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>,;"`, r)
	})
	if address == "" || bad >= 0 || strings.HasPrefix(address, "-") {
		return flags.Usagef("--mail %q: must be one address, as root or admin@example.com", address)
	}
	return nil
}

// send gives the report to sendmail, which knows how mail leaves this host.
func send(ctx context.Context, program, address string, r *report.Report, o page.Options) error {
	body, err := message(address, r, o)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "-oi", "--", address)
	cmd.Stdin = bytes.NewReader(body)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("--mail %s: %s: %w %s", address, program, err, terminal.Safe(strings.TrimSpace(string(out))))
	}
	return nil
}

// message is a mail (RFC 5322) with the report in two forms, the plain one first
// (RFC 2046, 5.1.4). Date and Message-ID are sendmail's.
func message(address string, r *report.Report, o page.Options) ([]byte, error) {
	var b, body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, form := range []struct {
		kind, encoding string
		write          func(io.Writer, *report.Report, page.Options) error
	}{
		{"text/plain", "quoted-printable", page.Markdown},
		{"text/html", "base64", page.HTML},
	} {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {form.kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {form.encoding},
		})
		if err != nil {
			return nil, err
		}
		if err := encode(part, form.encoding, func(w io.Writer) error { return form.write(w, r, o) }); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	for _, h := range [][2]string{
		{"To", address},
		{"Subject", mime.QEncoding.Encode("utf-8", subject(r, o))},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: no vacation notice comes back
		{"MIME-Version", "1.0"},
		{"Content-Type", `multipart/alternative; boundary="` + w.Boundary() + `"`},
	} {
		fmt.Fprintf(&b, "%s: %s\n", h[0], h[1])
	}
	// sendmail takes and gives lines of Unix.
	return append(b.Bytes(), "\n"+strings.ReplaceAll(body.String(), "\r\n", "\n")...), nil
}

// subject tells whether the mail need be opened.
func subject(r *report.Report, o page.Options) string {
	urgent, others := r.Told(findings.Critical), r.Told(findings.Warning)
	if o.Lang == "ru" {
		return fmt.Sprintf("%s: срочно %d, проверить %d", o.Title, urgent, others)
	}
	return fmt.Sprintf("%s: %d urgent, %d to look at", o.Title, urgent, others)
}

// lineLength is that of encoded lines (RFC 2045, 6.8).
const lineLength = 76

func encode(w io.Writer, encoding string, write func(io.Writer) error) error {
	if encoding == "quoted-printable" {
		q := quotedprintable.NewWriter(w)
		if err := write(q); err != nil {
			return err
		}
		return q.Close()
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	for text := base64.StdEncoding.EncodeToString(b.Bytes()); text != ""; {
		n := min(lineLength, len(text))
		if _, err := io.WriteString(w, text[:n]+"\r\n"); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}
