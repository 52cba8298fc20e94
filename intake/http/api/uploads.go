package api

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// documentUploads puts what package upload serves into the document.
func (a *API) documentUploads() {
	text := &huma.Schema{Type: huma.TypeString}
	token := &huma.Param{Name: "Upload-Token", In: "header", Required: true, Schema: text, Description: "The token of a ticket"}
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	stored := &huma.Schema{Type: huma.TypeObject, Required: []string{"file", "ticket"}, Properties: map[string]*huma.Schema{
		"file": {Type: huma.TypeString}, "ticket": Number("").Schema(nil),
		"id": {Type: huma.TypeInteger, Format: "int64", Description: "for who is signed in"}, "time_create": {Type: huma.TypeString, Format: "date-time", Description: "for who is signed in"},
	}}
	post := operation(http.MethodPost, "/archives/", "archives_create", tagUploads, "Upload an archive in one request", http.StatusCreated)
	post.Security, post.Parameters = anybody, []*huma.Param{token, {Name: "Content-Disposition", In: "header", Schema: text, Description: "Names the file where the body is the file itself: attachment; filename=logs.tar.gz"}}
	post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data":      {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": binary}}},
		"application/octet-stream": {Schema: binary},
	}}
	post.Responses = map[string]*huma.Response{"201": {Description: "Stored", Content: map[string]*huma.MediaType{"application/json": {Schema: stored}}}}
	refusals(&post, 400, 401, 403, 413, 423, 429, 507)
	create := operation(http.MethodPost, "/uploads/", "uploads_create", tagUploads, "Begin a resumable upload (tus 1.0)", http.StatusCreated)
	create.Security, create.Parameters = anybody, []*huma.Param{
		token,
		{Name: "Tus-Resumable", In: "header", Required: true, Schema: text},
		{Name: "Upload-Length", In: "header", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}, Description: "Bytes of the file"},
		{Name: "Upload-Metadata", In: "header", Schema: text, Description: "filename and, to be checked at the end, sha256; each with its value in base64"},
		{Name: "Idempotency-Key", In: "header", Schema: text, Description: "A mark of the client's, random for each upload, at most 64 characters: a creation that is repeated with it is the same upload and costs no other attempt"},
	}
	create.Responses = map[string]*huma.Response{"201": {Description: "Begun; Location is where to send the bytes", Headers: map[string]*huma.Param{"Location": {Schema: text}}}}
	refusals(&create, 400, 401, 403, 413, 423, 429, 507)
	a.huma.OpenAPI().AddOperation(&post)
	a.huma.OpenAPI().AddOperation(&create)
}

func refusals(op *huma.Operation, statuses ...int) {
	for _, status := range statuses {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/Error"}}},
		}
	}
}
