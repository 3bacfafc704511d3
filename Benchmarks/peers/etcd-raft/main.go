// Drives three or more replicas of etcd's raft in one goroutine and prints how many entries a second they commit.
//
// A round proposes entries of 128 fresh bytes at the leader and goes on until every replica has applied them. Messages
// are handed over as values, nothing is serialised, nothing ticks. Sources/RaftRounds does the same with Mesh.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"go.etcd.io/etcd/raft"
	"go.etcd.io/etcd/raft/raftpb"
)

const (
	entryBytes     = 128
	warmUpEntries  = 20_000
	compactEntries = 10_000
	keptEntries    = 1_000
)

type replica struct {
	node      *raft.RawNode
	storage   *raft.MemoryStorage
	inbox     []raftpb.Message
	spare     []raftpb.Message
	sequence  uint64
	hash      uint64
	applied   uint64
	compacted uint64
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "etcd-raft:", err)
		os.Exit(1)
	}
}

func (r *replica) apply(entries []raftpb.Entry) {
	for i := range entries {
		entry := &entries[i]
		switch entry.Type {
		case raftpb.EntryConfChange:
			var change raftpb.ConfChange
			check(change.Unmarshal(entry.Data))
			r.node.ApplyConfChange(change)
		case raftpb.EntryNormal:
			if len(entry.Data) > 0 {
				r.sequence++
				if found := binary.LittleEndian.Uint64(entry.Data); found != r.sequence {
					check(fmt.Errorf("applied %d, expected %d", found, r.sequence))
				}
				r.hash = (r.hash ^ r.sequence ^ uint64(len(entry.Data))) * 0x9fb21c651e98df25
			}
		}
		r.applied = entry.Index
	}
	if r.applied >= r.compacted+compactEntries {
		r.compacted = r.applied
		check(r.storage.Compact(r.applied - keptEntries))
	}
}

type cluster struct {
	replicas []*replica
	messages uint64
}

func newCluster(size int) *cluster {
	c := &cluster{}
	var peers []raft.Peer
	for id := 1; id <= size; id++ {
		peers = append(peers, raft.Peer{ID: uint64(id)})
	}
	for id := 1; id <= size; id++ {
		storage := raft.NewMemoryStorage()
		node, err := raft.NewRawNode(&raft.Config{
			ID: uint64(id), ElectionTick: 10, HeartbeatTick: 1, Storage: storage,
			MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256, Logger: quiet{},
		})
		check(err)
		check(node.Bootstrap(peers))
		c.replicas = append(c.replicas, &replica{node: node, storage: storage})
	}
	c.settle()
	check(c.replicas[0].node.Campaign())
	c.settle()
	return c
}

// settle hands messages over and works off what is ready until nothing is left.
func (c *cluster) settle() {
	for busy := true; busy; {
		busy = false
		for _, r := range c.replicas {
			inbox := r.inbox
			r.inbox, r.spare = r.spare[:0], inbox
			for i := range inbox {
				_ = r.node.Step(inbox[i])
			}
			if !r.node.HasReady() {
				continue
			}
			busy = true
			ready := r.node.Ready()
			if !raft.IsEmptyHardState(ready.HardState) {
				check(r.storage.SetHardState(ready.HardState))
			}
			check(r.storage.Append(ready.Entries))
			for _, message := range ready.Messages {
				to := c.replicas[message.To-1]
				to.inbox = append(to.inbox, message)
			}
			c.messages += uint64(len(ready.Messages))
			r.apply(ready.CommittedEntries)
			r.node.Advance(ready)
		}
	}
}

func main() {
	mode := flag.String("mode", "batch", "one (entry in flight), each (a batch, proposed one by one), batch (proposed at once)")
	entries := flag.Int("entries", 1_000_000, "how many entries are timed")
	size := flag.Int("replicas", 3, "how many replicas")
	batch := flag.Int("batch", 64, "entries in a batch")
	flag.Parse()
	c := newCluster(*size)
	leader := c.replicas[0]
	sequence := uint64(0)
	fresh := func(memory []byte) []byte {
		sequence++
		binary.LittleEndian.PutUint64(memory, sequence)
		return memory
	}
	part := func(memory []byte, i int) []byte { return memory[i*entryBytes : (i+1)*entryBytes : (i+1)*entryBytes] }
	run := func(count int) {
		for target := sequence + uint64(count); sequence < target; {
			switch *mode {
			case "one":
				check(leader.node.Propose(fresh(make([]byte, entryBytes))))
			case "each":
				memory := make([]byte, *batch*entryBytes)
				for i := 0; i < *batch; i++ {
					check(leader.node.Propose(fresh(part(memory, i))))
				}
			case "batch":
				proposal := raftpb.Message{Type: raftpb.MsgProp, From: 1, Entries: make([]raftpb.Entry, *batch)}
				memory := make([]byte, *batch*entryBytes)
				for i := range proposal.Entries {
					proposal.Entries[i].Data = fresh(part(memory, i))
				}
				check(leader.node.Step(proposal))
			default:
				check(fmt.Errorf("no mode %q: one, each or batch", *mode))
			}
			c.settle()
		}
	}
	run(warmUpEntries)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	messages, first, cpu := c.messages, sequence, cpuTime()
	start := time.Now()
	run(*entries)
	elapsed := time.Since(start)
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	done := float64(sequence - first)
	for id, r := range c.replicas {
		if r.sequence != sequence || r.hash != leader.hash {
			check(fmt.Errorf("replica %d applied %d of %d entries, or others", id+1, r.sequence, sequence))
		}
	}
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	fmt.Printf("entries_per_second=%.0f ns_per_entry=%.1f cpu_ns_per_entry=%.1f allocations_per_entry=%.3f "+
		"bytes_per_entry=%.0f messages_per_entry=%.3f rss_kib=%d hash=%016x version=%s\n",
		done/elapsed.Seconds(), float64(elapsed.Nanoseconds())/done, float64(cpu.Nanoseconds())/done,
		float64(after.Mallocs-before.Mallocs)/done, float64(after.TotalAlloc-before.TotalAlloc)/done,
		float64(c.messages-messages)/done, usage.Maxrss, leader.hash, runtime.Version())
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

type quiet struct{}

func (quiet) Debug(v ...interface{})                   {}
func (quiet) Debugf(format string, v ...interface{})   {}
func (quiet) Error(v ...interface{})                   {}
func (quiet) Errorf(format string, v ...interface{})   {}
func (quiet) Info(v ...interface{})                    {}
func (quiet) Infof(format string, v ...interface{})    {}
func (quiet) Warning(v ...interface{})                 {}
func (quiet) Warningf(format string, v ...interface{}) {}
func (quiet) Fatal(v ...interface{})                   { check(fmt.Errorf("%v", v)) }
func (quiet) Fatalf(format string, v ...interface{})   { check(fmt.Errorf(format, v...)) }
func (quiet) Panic(v ...interface{})                   { check(fmt.Errorf("%v", v)) }
func (quiet) Panicf(format string, v ...interface{})   { check(fmt.Errorf(format, v...)) }
