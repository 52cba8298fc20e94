//go:build ignore

/* Chunks on disk until every instance has answered, so that a killed process
 * loses none (Fluent Bit: storage.type filesystem, and tail's db). A chunk's
 * file also says how far its source had been read; the file "positions" says it
 * for chunks that are gone. Both are renamed into place, so what a SIGKILL
 * leaves is whole. */
#define _GNU_SOURCE
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FILE *journal;
static const char *spool;
static struct source *all_sources;

void journal_open(const char *path)
{
	journal = fopen(path, "ae");
	if (!journal)
		die("%s: %s", path, strerror(errno));
	setvbuf(journal, NULL, _IOLBF, 4096);
}

void journal_write(const struct chunk *c, int instance, int tries, const char *result)
{
	if (journal)
		fprintf(journal, "%s %s instance=%d try=%d records=%ld bytes=%zu tag=%s\n",
			result, c->id, instance, tries, c->records, c->data.len, c->tag);
}

static char *in_spool(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", spool, name) < 0)
		die("out of memory");
	return path;
}

static FILE *open_new(void)
{
	char *path = in_spool("new");
	FILE *f = fopen(path, "we");

	if (!f)
		die("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

/* commit puts what was written since open_new into place. */
static void commit(FILE *f, const char *name)
{
	char *from = in_spool("new"), *to = in_spool(name);

	if (fclose(f) != 0 || rename(from, to) != 0)
		die("%s: %s", to, strerror(errno));
	free(from);
	free(to);
}

static void save_positions(void)
{
	FILE *f = open_new();

	for (struct source *s = all_sources; s; s = s->next)
		fprintf(f, "%" PRId64 " %s\n", s->offset, s->path);
	commit(f, "positions");
}

/* advance takes an offset from an earlier run. */
static void advance(const char *path, int64_t offset)
{
	for (struct source *s = all_sources; s; s = s->next)
		if (strcmp(s->path, path) == 0 && offset > s->offset)
			s->offset = offset;
}

void spool_open(const char *dir, struct source *sources)
{
	char path[4096];
	int64_t offset;

	spool = dir;
	all_sources = sources;
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		die("%s: %s", dir, strerror(errno));
	char *name = in_spool("positions");
	FILE *f = fopen(name, "re");
	free(name);
	if (!f)
		return;
	while (fscanf(f, "%" SCNd64 " %4095[^\n]", &offset, path) == 2)
		advance(path, offset);
	fclose(f);
}

void spool_store(struct chunk *c)
{
	if (!spool)
		return;
	FILE *f = open_new();
	fprintf(f, "%ld %" PRId64 "\n%s\n%s\n", c->records, c->end, c->tag, c->path);
	if (fwrite(c->data.p, 1, c->data.len, f) != c->data.len)
		die("%s: %s", spool, strerror(errno));
	char *name;
	if (asprintf(&name, "%s.chunk", c->id) < 0)
		die("out of memory");
	commit(f, name);
	free(name);
	save_positions();
}

void spool_remove(struct chunk *c)
{
	char *name, *path;

	if (!spool)
		return;
	if (asprintf(&name, "%s.chunk", c->id) < 0)
		die("out of memory");
	path = in_spool(name);
	if (remove(path) != 0)
		die("%s: %s", path, strerror(errno));
	free(name);
	free(path);
}

static struct chunk *load(const char *name)
{
	char *path = in_spool(name), *line = NULL;
	size_t cap = 0;
	uint8_t block[64 << 10];
	FILE *f = fopen(path, "re");

	if (!f || getline(&line, &cap, f) < 0)
		die("%s: %s", path, strerror(errno));
	struct chunk *c = must(calloc(1, sizeof *c));
	snprintf(c->id, sizeof c->id, "%.*s", (int)strcspn(name, "."), name);
	if (sscanf(line, "%ld %" SCNd64, &c->records, &c->end) != 2)
		die("%s: damaged", path);
	ssize_t n = getline(&line, &cap, f);
	c->tag = must(strndup(line, n - 1));
	n = getline(&line, &cap, f);
	c->path = must(strndup(line, n - 1));
	for (size_t got; (got = fread(block, 1, sizeof block, f)) > 0;)
		buf_put(&c->data, block, got);
	fclose(f);
	free(line);
	free(path);
	advance(c->path, c->end);
	return c;
}

static int is_chunk(const struct dirent *e)
{
	const char *dot = strchr(e->d_name, '.');

	return dot && strcmp(dot, ".chunk") == 0;
}

struct chunk *spool_load(void)
{
	struct dirent **names;
	struct chunk *first = NULL, **at = &first;
	int n;

	if (!spool)
		return NULL;
	n = scandir(spool, &names, is_chunk, alphasort);
	if (n < 0)
		die("%s: %s", spool, strerror(errno));
	for (int i = 0; i < n; i++) {
		*at = load(names[i]->d_name);
		at = &(*at)->next;
		free(names[i]);
	}
	free(names);
	return first;
}
