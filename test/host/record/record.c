/* A native filter that changes nothing: it writes each chunk that it gets to the
 * file that RECORD_FILE names, its length (8 bytes, as the machine has them)
 * before it. So a test knows where one chunk ended and the next began, and when
 * each line arrived. */
#include <stdio.h>
#include <stdlib.h>

#include "../../../plugin/filter.h"

static FILE *out;

static int init(struct zl_filter_instance *in, struct zl_config *config, void *data)
{
	const char *path = getenv("RECORD_FILE");

	(void)in, (void)config, (void)data;
	return path && (out = fopen(path, "ab")) ? 0 : -1;
}

static int filter(const void *data, size_t size, const char *tag, int tag_size, void **answer, size_t *answer_size,
	struct zl_filter_instance *in, void *input, void *context, struct zl_config *config)
{
	uint64_t length = size;

	(void)tag, (void)tag_size, (void)answer, (void)answer_size, (void)in, (void)input, (void)context, (void)config;
	if (fwrite(&length, sizeof length, 1, out) != 1 || fwrite(data, 1, size, out) != size)
		abort();
	return ZL_FILTER_NOTOUCH;
}

static int leave(void *context, struct zl_config *config)
{
	(void)context, (void)config;
	return fclose(out);
}

struct zl_filter_plugin filter_record_plugin = {
	.name = "record",
	.description = "Keeps the chunks that pass",
	.init = init,
	.filter = filter,
	.exit = leave,
};
