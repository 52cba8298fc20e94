package upload

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// Bounds of a form: an upload is one file and perhaps a few small fields.
const (
	maxParts      = 100
	maxPartHeader = 64 << 10 // bytes of one part's header and what stands before it
	maxFields     = 1 << 20  // bytes of all fields that are no file
	readBuffer    = 256 << 10
)

// badRequest is a fault of the request, and the answer's body that says so.
type badRequest struct{ body any }

func (e badRequest) Error() string { return fmt.Sprintf("bad request: %v", e.body) }

func badDetail(text string) error { return badRequest{detail(text)} }

func badFile(text string) error { return badRequest{map[string][]string{"file": {text}}} }

var (
	errNoFile     = badDetail("Bad Request")
	errNoFilename = badDetail("Missing filename. Request should include a Content-Disposition header with a filename parameter.")
	errEmpty      = badFile("The submitted file is empty.")
	errTwoFiles   = badFile("Only one file may be sent in a request.")
)

// file is the one file of a request. Reading it to its end and then calling
// finish reads the whole body.
type file struct {
	name   string // as the customer has it
	body   io.Reader
	finish func() error
}

// openFile finds the file of a request: the part "file" of a form, or the body
// itself under the name of its Content-Disposition.
func openFile(header http.Header, body io.Reader) (file, error) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case kind == "multipart/form-data":
		// The library reads a form in small pieces.
		return openForm(params["boundary"], bufio.NewReaderSize(body, readBuffer))
	case kind == "application/x-www-form-urlencoded":
		return file{}, errNoFile // it has fields and no files
	case err != nil && kind == "" && header.Get("Content-Type") != "":
		return file{}, badDetail(fmt.Sprintf("Unsupported media type %q in request.", header.Get("Content-Type")))
	}
	_, params, _ = mime.ParseMediaType(header.Get("Content-Disposition"))
	if params["filename"] == "" {
		return file{}, errNoFilename
	}
	return file{params["filename"], body, func() error { return nil }}, nil
}

// form reads a multipart body part by part, in bounded memory.
type form struct {
	parts  *multipart.Reader
	budget *budget
	count  int
	fields int64
}

// budget bounds what is read between two parts; while a part's content is read
// it is off.
type budget struct {
	r    io.Reader
	left int64
	on   bool
}

func (b *budget) Read(p []byte) (int, error) {
	if b.on && b.left <= 0 {
		return 0, formError("the header of a part is too long")
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}

func formError(why string) error { return badDetail("Multipart form parse error - " + why) }

func openForm(boundary string, body io.Reader) (file, error) {
	if boundary == "" || len(boundary) > 200 {
		return file{}, formError("Invalid boundary in multipart")
	}
	// The library takes an end within a part's header for the end of the form, so
	// the body ends in a fault, and before it in a line's end, which may be missing.
	b := &budget{r: io.MultiReader(body, strings.NewReader("\r\n"), noEnd{})}
	f := &form{parts: multipart.NewReader(b, boundary), budget: b}
	part, err := f.nextFile()
	if err == io.EOF {
		return file{}, errNoFile
	}
	if err != nil {
		return file{}, err
	}
	// The name as it was sent: FileName of the library takes a path's last part
	// by the rules of this system.
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	return file{params["filename"], partReader{part}, func() error { return f.finish() }}, nil
}

// noEnd is the end of a body in which the last boundary should have come.
type noEnd struct{}

func (noEnd) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// nextFile skips to the next part "file" that is a file; io.EOF: there is none.
func (f *form) nextFile() (*multipart.Part, error) {
	for {
		f.budget.on, f.budget.left = true, maxPartHeader
		part, err := f.parts.NextRawPart() // and not NextPart, which would decode quoted-printable
		f.budget.on = false
		if err != nil {
			return nil, partError(err)
		}
		if f.count++; f.count > maxParts {
			return nil, formError("too many parts")
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
		n, err := io.Copy(io.Discard, io.LimitReader(part, maxFields-f.fields+1))
		if f.fields += n; f.fields > maxFields {
			return nil, formError("the fields are too long")
		}
		if err != nil {
			return nil, partError(err)
		}
	}
}

// finish reads what stands behind the file: the end, and no other file.
func (f *form) finish() error {
	_, err := f.nextFile()
	if err == nil {
		return errTwoFiles
	}
	if err != io.EOF {
		return err
	}
	return nil
}

// partError makes what the library says of a form an answer. A connection that
// broke looks here as a form that ends too soon; pacedBody knows it.
func partError(err error) error {
	var bad badRequest
	if err == io.EOF || errors.As(err, &bad) {
		return err
	}
	return formError("it is malformed or ends too soon")
}

// partReader reads a part's content, faults told as partError does.
type partReader struct{ part *multipart.Part }

func (r partReader) Read(p []byte) (int, error) {
	n, err := r.part.Read(p)
	if err != nil && err != io.EOF {
		err = partError(err)
	}
	return n, err
}
