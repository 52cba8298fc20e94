//go:build ignore

/* Lines to chunks, byte for byte as Fluent Bit 5.1 writes them: the event
 * format [[time, metadata], body] with 32-bit map headers. Sources, all in
 * Fluent Bit: src/flb_log_event_encoder.c (emit_record), src/flb_mp.c
 * (flb_mp_map_header_init), plugins/in_tail/tail_file.c (pack_line: path first). */
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct record_options record_options = { .chunk_bytes = 2000000 };

void buf_put(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (b->len + n > b->cap) {
		b->cap = (b->len + n) * 2;
		b->p = must(realloc(b->p, b->cap));
	}
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static void put_u8(struct buf *b, uint8_t v) { buf_put(b, &v, 1); }

static void put_be(struct buf *b, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		put_u8(b, v >> (8 * bytes));
}

static void put_map(struct buf *b, uint32_t pairs)
{
	put_u8(b, 0xdf);
	put_be(b, pairs, 4);
}

static void put_str(struct buf *b, const void *p, size_t n)
{
	if (n < 32) {
		put_u8(b, 0xa0 | n);
	} else if (n < 1 << 8) {
		put_u8(b, 0xd9);
		put_be(b, n, 1);
	} else if (n < 1 << 16) {
		put_u8(b, 0xda);
		put_be(b, n, 2);
	} else {
		put_u8(b, 0xdb);
		put_be(b, n, 4);
	}
	buf_put(b, p, n);
}

/* arrival is the time of the next record; by --arrival they are 1 µs apart. */
static int64_t arrival(void)
{
	static int64_t count;
	struct timespec t;

	if (record_options.arrival_ns)
		return record_options.arrival_ns + 1000 * count++;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void put_record(struct chunk *c, const struct source *s, const uint8_t *line, size_t n)
{
	static const uint8_t head[] = { 0x92, 0x92, 0xd7, 0x00 };
	struct buf *b = &c->data;
	const char *path_key = record_options.path_key;
	int64_t ns = arrival();

	buf_put(b, head, sizeof head);
	put_be(b, ns / 1000000000, 4);
	put_be(b, ns % 1000000000, 4);
	put_map(b, 0);
	put_map(b, 1 + !!path_key + !!s->host);
	if (path_key) {
		put_str(b, path_key, strlen(path_key));
		put_str(b, s->path, strlen(s->path));
	}
	if (s->host) {
		put_str(b, "hostname", strlen("hostname"));
		put_str(b, s->host, strlen(s->host));
	}
	put_str(b, "log", 3);
	put_str(b, line, n);
	c->records++;
}

struct chunk *chunk_new(const char *tag)
{
	static int64_t last;
	struct chunk *c = must(calloc(1, sizeof *c));
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	int64_t id = t.tv_sec * 1000000000LL + t.tv_nsec;
	last = id > last ? id : last + 1;
	snprintf(c->id, sizeof c->id, "%019lld", (long long)last);
	c->tag = must(strdup(tag));
	return c;
}

void chunk_free(struct chunk *c)
{
	free(c->tag);
	free(c->path);
	free(c->data.p);
	free(c);
}

/* source_new reads TAG=PATH. */
struct source *source_new(const char *spec, bool raw)
{
	const char *eq = strchr(spec, '=');
	struct source *s = must(calloc(1, sizeof *s));

	if (!eq || eq == spec || !eq[1])
		die("%s: want TAG=PATH", spec);
	s->tag = must(strndup(spec, eq - spec));
	s->path = must(strdup(eq + 1));
	s->raw = raw;
	s->fd = -1;
	return s;
}

/* fill appends what the file has next to s->rest; false at its end. */
static bool fill(struct source *s)
{
	uint8_t block[64 << 10];

	if (s->fd < 0) {
		s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
		if (s->fd < 0) {
			if (errno == ENOENT && record_options.follow)
				return false;
			die("%s: %s", s->path, strerror(errno));
		}
		lseek(s->fd, s->offset, SEEK_SET);
	}
	ssize_t n = read(s->fd, block, sizeof block);
	if (n < 0)
		die("%s: %s", s->path, strerror(errno));
	buf_put(&s->rest, block, n);
	return n > 0;
}

static struct chunk *read_raw(struct source *s)
{
	struct chunk *c = chunk_new(s->tag);

	while (fill(s))
		;
	c->data = s->rest;
	s->rest = (struct buf){ 0 };
	s->done = true;
	c->path = must(strdup(s->path));
	c->end = s->offset = s->offset + c->data.len;
	if (c->data.len > 0)
		return c;
	chunk_free(c); /* it was read in an earlier run */
	return NULL;
}

/* take_lines moves the complete lines of s->rest into the chunk, and the last
 * one without newline if whole. As Fluent Bit does it, a line loses its \r and
 * an empty one is a record too. */
static void take_lines(struct source *s, struct chunk *c, bool whole)
{
	size_t at = 0;

	while (at < s->rest.len && c->data.len < record_options.chunk_bytes) {
		uint8_t *line = s->rest.p + at, *nl = memchr(line, '\n', s->rest.len - at);
		if (!nl && !whole)
			break;
		size_t n = nl ? (size_t)(nl - line) : s->rest.len - at;
		put_record(c, s, line, n - (n >= 2 && line[n - 1] == '\r'));
		at += n + (nl != NULL);
	}
	memmove(s->rest.p, s->rest.p + at, s->rest.len - at);
	s->rest.len -= at;
	s->offset += at;
}

struct chunk *source_read(struct source *s)
{
	if (s->done)
		return NULL;
	if (s->raw)
		return read_raw(s);
	struct chunk *c = chunk_new(s->tag);
	for (bool more = true; more && c->data.len < record_options.chunk_bytes;) {
		more = fill(s);
		take_lines(s, c, !more && !record_options.follow);
		s->done = !more && !record_options.follow && s->rest.len == 0;
	}
	c->path = must(strdup(s->path));
	c->end = s->offset;
	if (c->records > 0)
		return c;
	chunk_free(c);
	return NULL;
}
