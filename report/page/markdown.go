package page

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/report"
)

// Markdown writes what went wrong and the sums of the mail, in one language.
// What logs say stands indented, where Markdown shows it as it is.
func Markdown(w io.Writer, r *report.Report, o Options) error {
	out := bufio.NewWriter(terminal.NewWriter(w))
	say1 := func(t findings.Text) string {
		if o.Lang == "ru" {
			return t.RU
		}
		return t.EN
	}
	fmt.Fprintf(out, "# %s\n\n%s – %s (%s)\n\n", o.Title, o.time(r.First), o.time(r.Last), o.zone(r.Last))
	for _, c := range cards(r) {
		fmt.Fprintf(out, "- %s: %s\n", say1(c.Name), say.Number(c.Value))
	}
	for _, t := range topics(r) {
		fmt.Fprintf(out, "\n## %s\n", say1(t.Title))
		for i := range t.Results {
			f := &t.Results[i]
			fmt.Fprintf(out, "\n### %s: %s (%s)\n\n%s – %s\n\n%s %s\n\n", say.Number(f.Count), say1(f.Title), f.Severity, o.time(f.First), o.time(f.Last), say1(f.Meaning), say1(f.Action))
			for _, top := range f.Top {
				values(out, top.Name, top, false, say1)
			}
			for _, e := range f.Examples {
				fmt.Fprintf(out, "    %s\n", strings.ReplaceAll(e.Line, "\n", "\n    "))
			}
			fmt.Fprintf(out, "\n    %s\n", o.ask(f.LogQL))
		}
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(out, "\n%s\n", say1(findings.Text{EN: "Nothing of note was found.", RU: "Ничего примечательного не найдено."}))
	}
	fmt.Fprintf(out, "\n## %s\n\n", say1(findings.Text{EN: "Mail in numbers", RU: "Почта в числах"}))
	for _, c := range mailCards(&r.Mail) {
		fmt.Fprintf(out, "- %s: %s\n", say1(c.Name), say.Number(c.Value))
	}
	for _, l := range mailTops(&r.Mail) {
		values(out, say1(l.Name), l.Top, l.Bytes, say1)
	}
	return out.Flush()
}

// values lists the most frequent values of something.
func values(out io.Writer, name string, t report.Top, bytes bool, say1 func(findings.Text) string) {
	if len(t.Values) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n\n", name)
	for _, v := range t.Values {
		n := say.Number(v.Count)
		if bytes {
			n = say.Size(v.Count)
		}
		fmt.Fprintf(out, "    %8s  %s\n", n, strings.ReplaceAll(cmp.Or(v.Value, "<>"), "\n", " "))
	}
	if t.More > 0 {
		fmt.Fprintf(out, "    %s %s\n", say1(findings.Text{EN: "and more:", RU: "и ещё:"}), say.Number(int64(t.More)))
	}
	if t.Rest > 0 {
		fmt.Fprintf(out, "    %s %s\n", say1(findings.Text{EN: "rare values together:", RU: "редкие вместе:"}), say.Number(t.Rest))
	}
	fmt.Fprintln(out)
}
