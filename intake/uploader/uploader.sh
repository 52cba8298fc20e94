#!/bin/sh
# Uploads an archive of logs to a ticket of the support. Needs curl and nothing
# else. A connection that breaks is taken up again where it was.
#
# Exit codes: 0 the archive is stored; 1 curl is missing, an option is missing or
# the file cannot be read; 2 no or unknown options; 3 the server refused the
# upload; 4 the network or the server failed; 5 the bytes were damaged on the way.

VERSION=1.0.0
PROGRAM=${0##*/}
ARCHIVES=/api/v1/archives/
UPLOADS=/api/v1/uploads/
# Attempts in a row that bring nothing, and the longest pause between two.
RETRIES=${UPLOAD_RETRIES:-10}
PAUSE=${UPLOAD_PAUSE:-30}

usage() {
	cat <<EOF
Usage: $PROGRAM -f FILE -t TOKEN -d DOMAIN
       $PROGRAM -f FILE -t TOKEN -u URL

  -f, --file FILE        the archive to upload, of any format
  -t, --token TOKEN      the token the support gave you; better in the variable
                         UPLOAD_TOKEN or in a file, since others on this
                         machine see the options of running programs
      --token-file FILE  a file that holds the token
  -d, --dst DOMAIN       the support's server, as support.example.com
  -u, --url URL          or its full URL, as https://support.example.com$ARCHIVES
  -r, --resume URL       go on with an upload that was broken off; its URL is
                         printed then, and no token is needed
  -v, --version          print the version
  -h, --help             print this help

Exit codes: 0 stored, 1 option or curl missing or file not readable, 2 unknown
option, 3 refused by the server, 4 network or server failed, 5 damaged on the way.
EOF
}

# printable: without what steers a terminal, since a server may say anything.
printable() { tr -d '\000-\010\013-\037\177'; }

say() { printf '%s\n' "$*" >&2; }

# fail CODE TEXT: end with a reason.
fail() {
	code=$1
	shift
	say "$PROGRAM: $*"
	exit "$code"
}

# header NAME: its value in the last answer.
header() {
	printable <"$TMP/headers" | grep -i "^$1:" | tail -n 1 | cut -d: -f2- | tr -d ' '
}

# reason: what the last answer says, in short.
reason() {
	if header content-type | grep -qi '^text/html'; then
		printf 'a page, "%s"' "$(sed -n 's/.*<title>\([^<]*\)<.*/\1/p' "$TMP/body" | head -n 1 | head -c 100 | printable)"
		case $STATUS in
		4??) printf '; is the URL right? It ends with %s' "$ARCHIVES" ;;
		esac
		return
	fi
	text=$(sed -n 's/.*"detail" *: *"\([^"]*\)".*/\1/p' "$TMP/body" 2>/dev/null | head -n 1)
	[ -n "$text" ] || text=$(head -c 300 "$TMP/body" 2>/dev/null | tr -d '\r' | tr '\n' ' ')
	printf '%s' "$text" | printable
}

# request OPTIONS: sets STATUS (000 = no answer) and CURL, curl's exit code. The
# answer is in $TMP/headers and $TMP/body.
request() {
	: >"$TMP/headers"
	: >"$TMP/body"
	STATUS=$(curl -g -S --connect-timeout 30 --speed-limit 1 --speed-time 90 \
		-D "$TMP/headers" -o "$TMP/body" -w '%{http_code}' "$@")
	CURL=$?
	# An early "100 Continue" stands in the same file; the last status counts.
	case $STATUS in
	[1-9][0-9][0-9]) ;;
	*) STATUS=000 ;;
	esac
}

# rest N: pause before try N, twice as long each time.
rest() {
	pause=1
	i=1
	while [ "$i" -lt "$1" ] && [ "$pause" -lt "$PAUSE" ]; do
		pause=$((pause * 2))
		i=$((i + 1))
	done
	[ "$pause" -le "$PAUSE" ] || pause=$PAUSE
	sleep "$pause"
}

checksum() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum <"$FILE" | cut -c1-64
	elif command -v shasum >/dev/null 2>&1; then
		shasum -a 256 <"$FILE" | cut -c1-64
	elif command -v openssl >/dev/null 2>&1; then
		openssl dgst -sha256 <"$FILE" | sed 's/.* //'
	fi
}

encode() {
	if command -v base64 >/dev/null 2>&1; then
		printf '%s' "$1" | base64 | tr -d '\n'
	else
		printf '%s' "$1" | openssl base64 | tr -d '\n'
	fi
}

# refused: end if the last answer says that trying again is useless.
refused() {
	case $STATUS in
	408 | 409 | 423 | 425 | 429 | 460) return ;;
	3??) fail 3 "the server sends elsewhere ($STATUS, $(header location)): check the URL" ;;
	4??) fail 3 "the server refused the upload ($STATUS): $(reason)" ;;
	507) broken 4 "the server has no room ($STATUS): $(reason)" ;;
	esac
}

# trouble: the last failure in words.
trouble() {
	if [ "$STATUS" = 000 ]; then
		printf 'network failure, curl exit code %s' "$CURL"
	else
		printf 'HTTP %s: %s' "$STATUS" "$(reason)"
	fi
}

# random: 32 hexadecimal digits.
random() {
	od -An -N16 -tx1 /dev/urandom 2>/dev/null | tr -d ' \n'
}

# create: begin a resumable upload, set LOCATION. It returns 1 if the server has
# none.
create() {
	command -v base64 >/dev/null 2>&1 || command -v openssl >/dev/null 2>&1 || return 1
	meta="filename $(encode "${FILE##*/}")"
	sum=$(checksum)
	[ -z "$sum" ] || meta="$meta,sha256 $(encode "$sum")"
	# With it a creation that is repeated, its answer being lost, is the same one.
	key=$(random)
	[ -n "$key" ] || key=$$.$(date +%s).$(printf '%s' "$sum" | head -c 32)
	try=0
	while :; do
		request -s -X POST -K "$TMP/token" -H "Idempotency-Key: $key" -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $SIZE" \
			-H "Upload-Metadata: $meta" -H 'Content-Length: 0' "$BASE$UPLOADS"
		case $STATUS in
		201) break ;;
		404 | 405 | 501) return 1 ;;
		423) fail 3 "the server refused the upload ($STATUS): $(reason)" ;;
		esac
		refused
		try=$((try + 1))
		[ "$try" -lt "$RETRIES" ] || fail 4 "the upload could not begin: $(trouble)"
		say "$PROGRAM: $(trouble); trying again"
		rest "$try"
	done
	# Its path on the server that was named: another one gets nothing.
	LOCATION=$(header location)
	case $LOCATION in
	/*) LOCATION=$BASE$LOCATION ;;
	*://*/*)
		host=${BASE#*://}
		LOCATION=${BASE%%://*}://${host%%/*}/${LOCATION#*://*/}
		;;
	*) fail 4 "the server gave no address for the upload" ;;
	esac
}

# offset: ask how far the upload is, set OFFSET, empty if there is no answer.
offset() {
	OFFSET=
	request -s -I -H 'Tus-Resumable: 1.0.0' "$LOCATION"
	if [ "$STATUS" = 200 ]; then
		OFFSET=$(header upload-offset)
	fi
	refused
	case $OFFSET in
	'' | *[!0-9]*) OFFSET= ;;
	esac
}

# send: one request with what the server has not yet.
send() {
	if [ "$OFFSET" -gt 0 ]; then
		set -- -C "$OFFSET"
	else
		set --
	fi
	# shellcheck disable=SC2086 # $BAR is one option
	request $BAR -X PATCH "$@" -T "$FILE" -H 'Tus-Resumable: 1.0.0' -H "Upload-Offset: $OFFSET" \
		-H 'Content-Type: application/offset+octet-stream' -H 'Content-Range:' "$LOCATION"
}

# resume: send until all is there.
resume() {
	try=0
	damaged=0
	last=-1
	while :; do
		[ -n "$OFFSET" ] || offset
		if [ -n "$OFFSET" ]; then
			[ "$OFFSET" -lt "$SIZE" ] || return 0
			if [ "$OFFSET" -gt "$last" ]; then
				try=0
				last=$OFFSET
			fi
			send
			if [ "$STATUS" = 204 ] && [ "$(header upload-offset)" = "$SIZE" ]; then
				return 0
			fi
			if [ "$STATUS" = 460 ]; then
				damaged=$((damaged + 1))
				[ "$damaged" -lt 3 ] || broken 5 "the server gets other bytes than this file had at the beginning, again and again: is something still writing to it?"
				last=-1
			fi
			refused
			OFFSET=
		fi
		try=$((try + 1))
		[ "$try" -lt "$RETRIES" ] || broken 4 "$(trouble)"
		say "$PROGRAM: $(trouble); going on in a moment"
		rest "$try"
	done
}

# quoted TEXT: the text as a word for a shell.
quoted() {
	printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# later: say how to go on.
later() {
	[ -z "$LOCATION" ] || say "$PROGRAM: to go on later: sh $(quoted "$0") -f $(quoted "$FILE") -r $(quoted "$LOCATION")"
}

# broken CODE TEXT: end, and say how to go on.
broken() {
	later
	fail "$@"
}

# stopped CODE: end, as a signal asks, and say how to go on.
stopped() {
	trap '' INT TERM HUP
	say ""
	later
	exit "$1"
}

# post: the whole file in one request, for a server without resumable uploads.
post() {
	name=$FILE
	case $name in # curl before 7.30 has no quotes, and needs none for other names
	*[\",\;\\]*) name=\"$(printf '%s' "$name" | sed 's/[\\"]/\\&/g')\" ;;
	esac
	# A server without resumable uploads may copy the file before it answers.
	# shellcheck disable=SC2086 # $BAR is one option
	request $BAR --speed-time 1800 -X POST -K "$TMP/token" -H 'accept: application/json' -F "file=@$name" "$URL"
	case $STATUS in
	200 | 201)
		[ "$CURL" = 0 ] || fail 4 "network failure, curl exit code $CURL"
		printable <"$TMP/body"
		echo
		;;
	000) fail 4 "network failure, curl exit code $CURL" ;;
	423) fail 3 "the server refused the upload ($STATUS): $(reason)" ;;
	*)
		refused
		fail 4 "the server failed ($STATUS): $(reason)"
		;;
	esac
}

# options ARGUMENTS: sets FILE, TOKEN, DST, URL, LOCATION.
options() {
	FILE='' TOKEN='' TOKEN_FILE='' DST='' URL='' LOCATION=''
	if [ $# -eq 0 ]; then
		usage >&2
		exit 2
	fi
	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		-v | --version)
			echo "$PROGRAM $VERSION"
			exit 0
			;;
		--*=*)
			name=${1%%=*}
			value=${1#*=}
			shift
			set -- "$name" "$value" "$@"
			continue
			;;
		-f | --file | -t | --token | --token-file | -d | --dst | -u | --url | -r | --resume)
			[ $# -ge 2 ] || fail 1 "option $1 needs a value"
			;;
		*)
			say "$PROGRAM: unknown option $1"
			usage >&2
			exit 2
			;;
		esac
		case $1 in
		-f | --file) FILE=$2 ;;
		-t | --token) TOKEN=$2 ;;
		--token-file) TOKEN_FILE=$2 ;;
		-d | --dst) DST=$2 ;;
		-u | --url) URL=$2 ;;
		-r | --resume) LOCATION=$2 ;;
		esac
		shift 2
	done
}

# check: what the options say, before anything is sent.
check() {
	command -v curl >/dev/null 2>&1 || fail 1 "curl is missing; install it: apt install curl, yum install curl"
	[ -n "$FILE" ] || fail 1 "option --file is missing"
	{ [ -f "$FILE" ] && [ -r "$FILE" ]; } || fail 1 "$FILE is no file that can be read"
	# curl reads "-" as its input, and "." too
	case $FILE in
	/*) ;;
	*) FILE=./$FILE ;;
	esac
	SIZE=$(wc -c <"$FILE" | tr -d ' ')
	[ "$SIZE" -gt 0 ] || fail 1 "$FILE is empty"
	[ -z "$LOCATION" ] || return 0
	if [ -z "$TOKEN" ] && [ -n "$TOKEN_FILE" ]; then
		[ -r "$TOKEN_FILE" ] || fail 1 "$TOKEN_FILE cannot be read"
		TOKEN=$(tr -d '\r\n\t ' <"$TOKEN_FILE")
	fi
	[ -n "$TOKEN" ] || TOKEN=${UPLOAD_TOKEN:-}
	[ -n "$TOKEN" ] || fail 1 "option --token is missing"
	case $TOKEN in
	*[!A-Za-z0-9_-]*) fail 1 "the token has signs that no token has; copy it again" ;;
	esac
	if [ -z "$URL" ]; then
		[ -n "$DST" ] || fail 1 "option --dst or --url is missing"
		case $DST in
		*://*) BASE=${DST%/} ;;
		*) BASE=https://${DST%/} ;;
		esac
		URL=$BASE$ARCHIVES
	fi
	# The address of the page, or of the server alone, means the same.
	case $URL in
	*/archives/upload | */archives/upload/) URL=${URL%/archives/upload*}$ARCHIVES ;;
	*://*/?*) ;;
	*://*) URL=${URL%/}$ARCHIVES ;;
	esac
}

main() {
	options "$@"
	check
	umask 077
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/uploader.XXXXXX") || fail 1 "no temporary folder can be made"
	trap 'rm -rf "$TMP"' EXIT
	trap 'stopped 130' INT
	trap 'stopped 143' TERM
	trap 'stopped 129' HUP
	BAR='-s'
	[ ! -t 2 ] || BAR='--progress-bar'
	OFFSET=
	if [ -n "$LOCATION" ]; then
		resume
		say "$FILE is stored ($SIZE bytes)"
		return
	fi
	# A file only we can read, and not an option, which everybody sees.
	printf 'header = "Upload-Token: %s"\n' "$TOKEN" >"$TMP/token"
	case $URL in
	*"${ARCHIVES%/}" | *"$ARCHIVES") BASE=${URL%"${ARCHIVES%/}"*} ;;
	*) BASE= ;;
	esac
	if [ -n "$BASE" ] && create; then
		OFFSET=0
		resume
		say "$FILE is stored ($SIZE bytes)"
	else
		post
	fi
}

main "$@"
