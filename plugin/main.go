// Command plugin is zimbraloki.so, the output plugin that Fluent Bit loads:
//
//	go build -buildmode=c-shared -o zimbraloki.so ./plugin
//
// Under the name flb-filter_zimbraloki.so, a link to the same file, it is a
// native filter as well; filter.c has what Fluent Bit wants of one.
//
// This file is the border to C, and nothing else: chunk bytes in, result code
// out. It is the only file of the module with import "C"; fork.c and filter.c
// stand in front of some of its functions, and everything behind it (instance.go,
// filter.go) is plain Go.
//
// Contract: Fluent Bit src/proxy/go/go.c and src/flb_plugin_proxy.c, the same
// from 3.2 to 5.1. Threads: FLBPluginRegister is called on the main thread when
// the file is loaded, FLBPluginInit and FLBPluginExitCtx on the engine thread,
// FLBPluginFlushCtx on a worker thread (engine thread if workers is 0), on the
// stack of a coroutine.
package main

/*
// See glibc.c.
#cgo linux LDFLAGS: -Wl,--no-as-needed -l:libpthread.so.0 -l:libresolv.so.2
#cgo linux LDFLAGS: -Wl,--wrap=pthread_create -Wl,--wrap=pthread_getattr_np
#cgo linux LDFLAGS: -Wl,--wrap=pthread_attr_getstack -Wl,--wrap=pthread_attr_getstacksize
#cgo linux LDFLAGS: -Wl,--wrap=pthread_key_create -Wl,--wrap=pthread_setspecific
#cgo linux LDFLAGS: -Wl,--wrap=pthread_sigmask -Wl,--wrap=res_search

#include <stdint.h>
#include <stdlib.h>

#include "filter.h"

static inline void zl_set_context(struct zl_plugin *plugin, uintptr_t handle)
{
	plugin->context->remote_context = (void *) handle;
}

// zl_log_error prints through Fluent Bit's own log.
static inline void zl_log_error(struct zl_plugin *plugin, const char *text)
{
	plugin->api->log_print(ZL_LOG_ERROR, NULL, 0, "%s", text);
}
*/
import "C"

import (
	"runtime/cgo"
	"strings"
	_ "time/tzdata" // zones by name in images without /usr/share/zoneinfo
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"

	"github.com/zimbraloki/zimbraloki/filter"
)

const (
	pluginName        = "zimbraloki"
	pluginDescription = "Zimbra and container logs to Grafana Loki"
)

func main() {} // never runs in a shared object

// FLBPluginRegister fills in the definition of the plugin. The pinned
// fluent-bit-go writes no field that Fluent Bit 3.2 has no room for.
//
//export FLBPluginRegister
func FLBPluginRegister(def unsafe.Pointer) (code C.int) {
	defer func() {
		if recover() != nil {
			code = -1 // not registered
		}
	}()
	hostProcess.register()
	return C.int(output.FLBPluginRegister(def, pluginName, pluginDescription))
}

// zimbralokiInit is FLBPluginInit: it opens one instance.
//
//export zimbralokiInit
func zimbralokiInit(plugin *C.struct_zl_plugin) C.int {
	get := func(key string) string { return output.FLBPluginConfigKey(unsafe.Pointer(plugin), key) }
	h, err := start(get, open)
	if err != nil {
		logStartError(plugin, err)
		return output.FLB_ERROR
	}
	C.zl_set_context(plugin, C.uintptr_t(h))
	return output.FLB_OK
}

// FLBPluginFlushCtx delivers one chunk. The handle is an integer for the
// compiler: as a Go pointer it would be an invalid one.
//
//export FLBPluginFlushCtx
func FLBPluginFlushCtx(handle C.uintptr_t, data unsafe.Pointer, size C.size_t, tag *C.char) C.int {
	return C.int(flush(cgo.Handle(handle), C.GoString(tag), (*byte)(data), int(size)))
}

// zimbralokiExit is FLBPluginExitCtx: it closes one instance.
//
//export zimbralokiExit
func zimbralokiExit(handle C.uintptr_t) C.int {
	return C.int(exit(cgo.Handle(handle)))
}

// zimbralokiUnregister is FLBPluginUnregister.
//
//export zimbralokiUnregister
func zimbralokiUnregister(def unsafe.Pointer) {
	defer func() { _ = recover() }() // what is not freed is a few bytes
	output.FLBPluginUnregister(def)
}

// logStartError says why an instance does not start. It goes through Fluent
// Bit's log, where the reader looks when Fluent Bit does not start.
func logStartError(plugin *C.struct_zl_plugin, err error) {
	for line := range strings.Lines(err.Error()) {
		text := C.CString(strings.TrimSuffix(line, "\n"))
		C.zl_log_error(plugin, text)
		C.free(unsafe.Pointer(text))
	}
}

// zimbralokiFilterKnows reports whether a filter can run in a Fluent Bit of this
// version, and beside other, a second copy of this shared object; NULL for none.
//
//export zimbralokiFilterKnows
func zimbralokiFilterKnows(version, other *C.char) C.int {
	if err := filterFits(C.GoString(version), C.GoString(other)); err != nil {
		logFilterError(err)
		return 0
	}
	return 1
}

// zimbralokiFilterInit opens a filter and returns its handle, 0 if it cannot.
//
//export zimbralokiFilterInit
func zimbralokiFilterInit(in *C.struct_zl_filter_instance, name *C.char, level C.int) C.uintptr_t {
	h, err := startFilter(C.GoString(name), int(level), func() []filter.Property { return properties(in) }, openFilter)
	if err != nil {
		logFilterError(err)
		return 0
	}
	return C.uintptr_t(h)
}

// properties are those of a filter's section. Where they cannot be listed, they
// are asked for by name.
func properties(in *C.struct_zl_filter_instance) (list []filter.Property) {
	for kv := C.zl_kv_next(in, nil); kv != nil; kv = C.zl_kv_next(in, kv) {
		list = append(list, filter.Property{Key: C.GoString(kv.key), Value: C.GoString(kv.value)})
	}
	if list != nil {
		return list
	}
	for _, name := range filter.PropertyNames() {
		key := C.CString(name)
		list = append(list, filter.Property{Key: name, Value: C.GoString(C.zl_property(in, key))})
		C.free(unsafe.Pointer(key))
	}
	return list
}

// zimbralokiFilter adds the fields to a chunk.
//
//export zimbralokiFilter
func zimbralokiFilter(handle C.uintptr_t, data unsafe.Pointer, size C.size_t, tag *C.char, tagSize C.int, out *unsafe.Pointer, outSize *C.size_t) C.int {
	// Safety: Fluent Bit owns both and keeps them until this call returns.
	name, chunk := unsafe.Slice((*byte)(unsafe.Pointer(tag)), int(tagSize)), unsafe.Slice((*byte)(data), int(size))
	return C.int(applyFilter(cgo.Handle(handle), name, chunk, func(b []byte) bool {
		return C.zl_hand_over(unsafe.Pointer(unsafe.SliceData(b)), C.size_t(len(b)), out, outSize) != 0
	}))
}

// zimbralokiFilterExit closes a filter.
//
//export zimbralokiFilterExit
func zimbralokiFilterExit(handle C.uintptr_t) { exitFilter(cgo.Handle(handle)) }

// logFilterError says why a filter does not start, a line for each reason.
func logFilterError(err error) {
	for line := range strings.Lines(err.Error()) {
		text := C.CString(strings.TrimSuffix(line, "\n"))
		C.zl_log(C.ZL_LOG_ERROR, text)
		C.free(unsafe.Pointer(text))
	}
}
