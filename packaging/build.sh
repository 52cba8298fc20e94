#!/usr/bin/env bash
# Builds dist/: deb, rpm, archive and SBOM for amd64, and for arm64 where a cross
# compiler is; and their checksums. The same source gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd .. && pwd)
go=${GO:-go}
dist=${DIST:-$root/dist}
version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
umask 022

# A package's version begins with a digit; a commit without a tag sorts before
# the first release.
case $version in
v[0-9]*) PKGVERSION=${version#v} ;;
[0-9]*.[0-9]*) PKGVERSION=$version ;;
*) PKGVERSION=0.0.0~git$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$version ;;
esac
export PKGVERSION=${PKGVERSION//-/+}

debian_changelog() { # PACKAGE
	printf '%s (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- zimbraloki <zimbraloki@example.org>  %s\n' \
		"$1" "$PKGVERSION" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n
}

build() { # ARCH COMPILER
	export ARCH=$1
	export STAGE=$dist/.stage/$ARCH
	local flags="-s -w -X github.com/zimbraloki/zimbraloki/internal/buildinfo.Version=$version"
	echo "building $PKGVERSION for $ARCH"
	mkdir -p "$STAGE/man"
	(cd "$root" &&
		GOOS=linux GOARCH=$ARCH CC=$2 CGO_ENABLED=1 $go build -trimpath -tags notfastpath -buildvcs=false -buildmode=c-shared -ldflags "$flags" -o "$STAGE/zimbraloki.so" ./plugin &&
		GOOS=linux GOARCH=$ARCH CGO_ENABLED=0 $go build -trimpath -buildvcs=false -ldflags "$flags" -o "$STAGE/zimbraloki" ./cmd/zimbraloki &&
		(cd intake && GOOS=linux GOARCH=$ARCH CGO_ENABLED=0 $go build -trimpath -buildvcs=false -ldflags "$flags" -o "$STAGE/zimbraloki-intake" ./cmd/zimbraloki-intake) &&
		CGO_ENABLED=0 $go build -trimpath -buildvcs=false -ldflags "$flags" -o "$dist/.stage/cli" ./cmd/zimbraloki &&
		CGO_ENABLED=0 $go run -ldflags "$flags" ./dev/gen man "$STAGE/man")
	ln -sf zimbraloki.so "$STAGE/flb-filter_zimbraloki.so"
	gzip -9nf "$STAGE"/man/*.1
	for shell in bash zsh fish; do
		"$dist/.stage/cli" completion $shell >"$STAGE/zimbraloki.$shell"
	done
	gzip -9nc "$root/CHANGELOG.md" >"$STAGE/changelog.gz"
	debian_changelog zimbraloki >"$STAGE/changelog.Debian.gz"
	debian_changelog zimbraloki-intake >"$STAGE/intake-changelog.Debian.gz"
	CGO_ENABLED=0 $go run ./sbom -version "$PKGVERSION" "$STAGE/zimbraloki.so" "$STAGE/zimbraloki" >"$STAGE/sbom.cdx.json"
	CGO_ENABLED=0 $go run ./sbom -version "$PKGVERSION" "$STAGE/zimbraloki-intake" >"$STAGE/intake.cdx.json"
	cp "$STAGE/sbom.cdx.json" "$dist/zimbraloki_${PKGVERSION}_$ARCH.cdx.json"
	for kind in deb rpm; do
		$go tool nfpm package --config nfpm.yaml --packager $kind --target "$dist"
		$go tool nfpm package --config nfpm-intake.yaml --packager $kind --target "$dist"
	done
	tar -C "$STAGE" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
		--transform "s,^\.,zimbraloki-$PKGVERSION-linux-$ARCH," -cf - ./zimbraloki ./zimbraloki.so ./flb-filter_zimbraloki.so ./man |
		gzip -9n >"$dist/zimbraloki-$PKGVERSION-linux-$ARCH.tar.gz"
}

rm -rf "$dist"
mkdir -p "$dist"
native=$($go env GOARCH)
cross=arm64 compiler=aarch64-linux-gnu-gcc
if [ "$native" = arm64 ]; then
	cross=amd64 compiler=x86_64-linux-gnu-gcc
fi
build "$native" "${CC:-gcc}"
if [ "${ARCHES:-all}" = all ]; then
	if command -v $compiler >/dev/null; then
		build $cross $compiler
	else
		echo "no packages for $cross: $compiler is not installed (Debian: apt-get install gcc-${compiler%-gcc})"
	fi
fi
rm -rf "$dist/.stage"
(cd "$dist" && sha256sum -- * >SHA256SUMS)
ls -l "$dist"
