#!/usr/bin/env bash
# Runs the linters of tools/go.mod, which lie in the directory $1, over every
# module of the repository. Says all that it finds before it fails.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=$(cd "$1" && pwd)
go=${GO:-go}
failed=0

# gofumpt is a stricter gofmt; `make format` mends what it names.
unformatted=$(nice "$bin/gofumpt" -l .) || failed=1
if [ -n "$unformatted" ]; then
	printf 'gofumpt: not formatted (make format):\n%s\n' "$unformatted"
	failed=1
fi

while read -r mod; do
	dir=$(dirname "$mod")
	# A module without Go files has nothing to check.
	[ -n "$(git ls-files --cached --others --exclude-standard "$dir/*.go")" ] || continue
	echo "== vet, staticcheck: $dir"
	(cd "$dir" && nice "$go" vet ./... && nice "$bin/staticcheck" ./...) || failed=1
done < <(git ls-files --cached --others --exclude-standard 'go.mod' '*/go.mod')

# Known vulnerabilities, in what is shipped. Without a network there is no
# database to ask, which is no fault of the code.
if report=$({ nice "$bin/govulncheck" ./... && cd intake && nice "$bin/govulncheck" ./...; } 2>&1); then
	echo '== govulncheck: nothing known'
elif grep -q 'fetching vulnerabilities' <<<"$report"; then
	echo '== govulncheck LEFT OUT: its database cannot be reached'
	printf '%s\n' "$report" | tail -1
else
	printf '== govulncheck\n%s\n' "$report"
	failed=1
fi
exit $failed
