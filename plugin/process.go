package main

import (
	"strconv"
	"sync"
)

// process is what outlives the instances. Its size does not depend on how often
// they come and go.
type process struct {
	mu   sync.Mutex
	next int // number of the next instance
}

// hostProcess is the one process this shared object lives in.
var hostProcess process

// register starts the numbering of instances anew. A hot reload registers before
// it stops the old instances; those keep their names.
func (p *process) register() {
	saveGoSignals()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = 0
}

// instanceName is the name that Fluent Bit gives the next instance: the
// plugin's name and a number, in the order of the configuration, which is the
// order of the inits. An alias stays unknown, Fluent Bit keeps it to itself.
func (p *process) instanceName() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := pluginName + "." + strconv.Itoa(p.next)
	p.next++
	return name
}
