/*
 * The functions that Fluent Bit looks up and may call in a forked process.
 *
 * In daemon mode Fluent Bit forks after it has loaded the plugin. A fork takes
 * one thread along, so Go's runtime is dead in the child: a call into it hangs
 * sooner or later (about one start in four did). Hence this check stands in C,
 * in front of Go. Fluent Bit's --supervisor (from 4.1) forks before it loads
 * plugins.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "_cgo_export.h"
#include "filter.h"

static pid_t loaded_in;

/* note_process runs when the shared object is loaded. */
__attribute__((constructor)) static void note_process(void)
{
	loaded_in = getpid();
}

int zl_forked(void)
{
	return getpid() != loaded_in;
}

/* FLBPluginInit starts an instance; Fluent Bit goes on if the result is above 0. */
int FLBPluginInit(struct zl_plugin *plugin)
{
	const char *copy = zl_other_copy();

	if (copy && !zl_forked()) {
		plugin->api->log_print(ZL_LOG_ERROR, NULL, 0,
			"[output:zimbraloki] cannot start: %s is a second copy of the plugin in this process, "
			"and two Go runtimes do not get on: make one file a link to the other", copy);
		return 0;
	}
	if (!zl_forked())
		return zimbralokiInit(plugin);
	plugin->api->log_print(ZL_LOG_ERROR, NULL, 0, "%s",
		"[output:zimbraloki] cannot start: Fluent Bit forked after it had loaded the plugin "
		"(daemon mode: -d, --daemon or daemon on), and a Go plugin does not survive a fork: "
		"run Fluent Bit in the foreground under systemd, or (from 4.1) with --supervisor");
	return 0;
}

/* FLBPluginExitCtx ends an instance. Fluent Bit calls it also for one that did
 * not start; its handle is 0. */
int FLBPluginExitCtx(uintptr_t handle)
{
	return handle ? zimbralokiExit(handle) : 1;
}

/* FLBPluginUnregister frees what FLBPluginRegister allocated, unless the
 * process is a fork, which is about to end. */
void FLBPluginUnregister(void *def)
{
	if (!zl_forked())
		zimbralokiUnregister(def);
}
