package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Reader takes the envelopes off records and texts. It belongs to one Run.
type Reader struct {
	Arena      *scan.Arena
	Clock      *logtime.Clock
	PayloadKey string // record key that holds the line; "" tries log, MESSAGE, message
	PathKey    string // record key that holds the file's path; "" tries the usual ones
	docker     dockerLine
}

// maxEnvelopes is how many envelopes are peeled off a text: a runtime's and
// one that the program itself put around its line.
const maxEnvelopes = 2

// UnwrapText peels the envelopes that p.Text itself carries: a line of Docker's
// json-file, a CRI line, a whole Fluent Bit record or a record of the journal
// written out as JSON, an object that has only the key log, the prefix of docker
// compose. What it finds is set in p, what it does not
// find stays. A piece of a line is not looked into: whoever joins the pieces
// calls again.
func (r *Reader) UnwrapText(p *Payload) {
	for range maxEnvelopes {
		if p.Partial == PartialMore || !r.peel(p) {
			break
		}
	}
	if p.IsContainer {
		p.complete()
	}
}

func (r *Reader) peel(p *Payload) bool {
	switch {
	case p.Text == "":
		return false
	case p.Text[0] == '{':
		return r.unwrapDocker(p) || r.unwrapRecordText(p) || r.unwrapJournal(p)
	case scan.IsDigit(p.Text[0]) && r.unwrapCRI(p):
		return true
	}
	return p.unwrapCompose()
}

// complete fills in what the name of the log file and the container's name
// tell.
func (p *Payload) complete() {
	if p.Path != "" {
		p.fromPath()
	}
	if p.Service == "" && p.Container != "" {
		p.Service = ServiceName(p.Container)
	}
}

// fromPath reads the names of container logs on a node:
//
//	/var/lib/docker/containers/<id>/<id>-json.log
//	/var/log/containers/<pod>_<namespace>_<container>-<id>.log
//	/var/log/pods/<namespace>_<pod>_<uid>/<container>/<restarts>.log
//
// Source: moby daemon/daemon_unix.go, Kubernetes
// pkg/kubelet/kuberuntime/legacy.go and helpers.go (BuildContainerLogsDirectory).
func (p *Payload) fromPath() {
	dir, file := "", p.Path
	if i := strings.LastIndexByte(p.Path, '/'); i >= 0 {
		dir, file = p.Path[:i], p.Path[i+1:]
	}
	file, ok := strings.CutSuffix(file, ".log")
	switch {
	case !ok:
	case strings.HasSuffix(file, "-json"):
		if id := file[:len(file)-len("-json")]; len(id) == 64 && scan.IsHex(id) {
			p.ContainerID = scan.OrElse(p.ContainerID, id)
		}
	case strings.HasSuffix(dir, "/containers"):
		p.fromLink(file)
	default:
		if i := strings.Index(dir, "/pods/"); i >= 0 {
			p.fromPodDir(dir[i+len("/pods/"):])
		}
	}
}

// fromLink reads <pod>_<namespace>_<container>-<id>.
func (p *Payload) fromLink(name string) {
	pod, rest, _ := strings.Cut(name, "_")
	namespace, rest, ok := strings.Cut(rest, "_")
	i := strings.LastIndexByte(rest, '-')
	if !ok || i <= 0 {
		return
	}
	p.Pod, p.Namespace = scan.OrElse(p.Pod, pod), scan.OrElse(p.Namespace, namespace)
	p.Container, p.ContainerID = scan.OrElse(p.Container, rest[:i]), scan.OrElse(p.ContainerID, rest[i+1:])
}

// fromPodDir reads <namespace>_<pod>_<uid>/<container>.
func (p *Payload) fromPodDir(dir string) {
	pod, container, ok := strings.Cut(dir, "/")
	namespace, pod, ok2 := strings.Cut(pod, "_")
	pod, _, ok3 := strings.Cut(pod, "_")
	if ok && ok2 && ok3 && strings.IndexByte(container, '/') < 0 {
		p.Pod, p.Namespace = scan.OrElse(p.Pod, pod), scan.OrElse(p.Namespace, namespace)
		p.Container = scan.OrElse(p.Container, container)
	}
}

// CleanName takes the slash off that Docker puts before a container's name.
func CleanName(s string) string { return strings.TrimPrefix(s, "/") }

// ServiceName guesses the service from a container's name: what Compose makes
// of project, service and replica ("shop-web-1", before version 2 "shop_web_1"),
// what Swarm does ("shop_web.1.x7b…"), else the name itself. The project is
// taken to have no separator of its own; the labels of Compose, where a log
// has them, tell for sure.
func ServiceName(container string) string {
	s := CleanName(container)
	if i := strings.IndexByte(s, '.'); i > 0 {
		n := len(scan.Number(s[i+1:]))
		if n == 0 || !strings.HasPrefix(s[i+1+n:], ".") {
			return s
		}
		return afterFirst(s[:i], '_')
	}
	digits := len(s)
	for digits > 0 && scan.IsDigit(s[digits-1]) {
		digits--
	}
	if digits < 2 || digits == len(s) || s[digits-1] != '-' && s[digits-1] != '_' {
		return s
	}
	return afterFirst(s[:digits-1], s[digits-1])
}

// afterFirst returns what follows the first sep in s, or s.
func afterFirst(s string, sep byte) string {
	if i := strings.IndexByte(s, sep); i >= 0 && i+1 < len(s) {
		return s[i+1:]
	}
	return s
}
