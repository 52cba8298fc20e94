package pages

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
)

type uploadView struct {
	view
	Result *result
	F      fields
}

type result struct{ Kind, Text string }

func (p *Pages) uploadView(r *http.Request, i *guard.Info, token string) uploadView {
	v := uploadView{view: p.base(r, i, "upload", "upload.title"), F: formOf(
		field{Name: "token", Label: "upload.token", Value: token, Auto: "off", Max: 200, Required: true, Focus: token == "", Hint: "upload.tokenhint"},
	)}
	v.Width, v.Scripts = "middle", []string{"upload.js"}
	return v
}

func (p *Pages) upload(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	return p.render(w, i, http.StatusOK, "upload", p.uploadView(r, i, ""))
}

// uploadPost takes the form without a script: the token, then the file, which
// goes on to the API's own handler as it arrives.
func (p *Pages) uploadPost(w http.ResponseWriter, r *http.Request) {
	i := guard.From(r.Context())
	token, status, detail := p.pass(w, r)
	v := p.uploadView(r, i, token)
	v.Result = p.uploadResult(i, status, detail)
	if status == http.StatusCreated {
		v.F = p.uploadView(r, i, "").F
	}
	if err := p.render(w, i, status, "upload", v); err != nil {
		p.refuse(w, r, err)
	}
}

// The bounds of what comes before the file: of it all, of the token, and of the
// time until the file begins. The file has bounds of its own.
const (
	maxOpening  = 64 << 10 // bytes
	maxToken    = 1024     // bytes
	openingTime = 30 * time.Second
)

// opening is a body whose file has not begun.
type opening struct {
	io.ReadCloser
	left int64 // bytes
	over bool  // the file has begun
}

func (o *opening) Read(b []byte) (int, error) {
	if !o.over && o.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := o.ReadCloser.Read(b)
	o.left -= int64(n)
	return n, err
}

func (p *Pages) pass(w http.ResponseWriter, r *http.Request) (token string, status int, detail string) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(openingTime)) // a server that cannot has no slow clients
	body := &opening{ReadCloser: r.Body, left: maxOpening}
	r.Body = body
	parts, err := r.MultipartReader()
	if err != nil {
		return "", http.StatusBadRequest, ""
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return token, http.StatusBadRequest, ""
		}
		switch part.FormName() {
		case "token":
			data, err := io.ReadAll(io.LimitReader(part, maxToken))
			if err != nil {
				return token, http.StatusBadRequest, ""
			}
			token = strings.TrimSpace(string(data))
		case "file":
			if part.FileName() == "" {
				return token, http.StatusBadRequest, ""
			}
			body.over = true
			status, detail = p.forward(w, r, token, part.FileName(), part)
			return token, status, detail
		}
	}
}

// forward gives a file to the API's handler as a raw body.
func (p *Pages) forward(w http.ResponseWriter, r *http.Request, token, name string, body io.Reader) (status int, detail string) {
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawQuery, inner.RequestURI = "/api/v1/archives/", "", "/api/v1/archives/"
	inner.Header.Set("Upload-Token", token)
	inner.Header.Set("Content-Type", "application/octet-stream")
	inner.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	inner.Body, inner.MultipartForm = io.NopCloser(body), nil
	if inner.ContentLength > 0 { // what the form has besides is less than this
		inner.ContentLength = max(inner.ContentLength-maxOpening, 0)
	}
	answer := &memory{ResponseWriter: w, header: http.Header{}, status: http.StatusOK}
	p.Upload.ServeHTTP(answer, inner)
	var said struct {
		Detail string `json:"detail"`
	}
	_ = json.Unmarshal(answer.body.Bytes(), &said)
	return answer.status, said.Detail
}

// memory is an answer that is read by us. What is under it sets the deadlines of
// the connection.
type memory struct {
	http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

func (m *memory) Unwrap() http.ResponseWriter { return m.ResponseWriter }

func (m *memory) Header() http.Header    { return m.header }
func (m *memory) WriteHeader(status int) { m.status = status }
func (m *memory) Write(b []byte) (int, error) {
	if m.body.Len() < 1<<16 {
		m.body.Write(b)
	}
	return len(b), nil
}

func (p *Pages) uploadResult(i *guard.Info, status int, detail string) *result {
	if status == http.StatusCreated {
		return &result{"good", p.text(i, "upload.js.text-done")}
	}
	key := "upload.js.status-other"
	switch status {
	case 401, 403, 413, 423, 429, 507:
		key = "upload.js.status" + strconv.Itoa(status)
	case http.StatusBadRequest:
		key = "upload.js.text-file"
	}
	text := p.text(i, key)
	if detail != "" && key == "upload.js.status-other" {
		text += " (" + detail + ")"
	}
	return &result{"bad", text}
}
