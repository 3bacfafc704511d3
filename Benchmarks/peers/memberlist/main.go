// Measures hashicorp/memberlist as Debian packages it, in real time, in one process, on its own in-memory network:
// a mass join, a quiet group, and crashes. The counterpart of swim-scale, which runs on virtual time.
package main

import (
	"flag"
	"fmt"
	"io/ioutil"
	"net"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/memberlist"
)

var (
	packets, bytes int64
	silent         sync.Map // addresses of nodes that have crashed
)

// counted is a transport of the in-memory network that counts packets and loses those from and to the crashed.
type counted struct {
	*memberlist.MockTransport
	self string
}

func isSilent(address string) bool {
	_, found := silent.Load(address)
	return found
}

func (t *counted) WriteTo(b []byte, address string) (time.Time, error) {
	return t.WriteToAddress(b, memberlist.Address{Addr: address})
}

func (t *counted) WriteToAddress(b []byte, a memberlist.Address) (time.Time, error) {
	atomic.AddInt64(&packets, 1)
	atomic.AddInt64(&bytes, int64(len(b)))
	if isSilent(t.self) || isSilent(a.Addr) {
		return time.Now(), nil
	}
	// The network hands a packet over when its receiver takes it; two that send to each other would wait for ever.
	packet := append([]byte(nil), b...)
	go t.MockTransport.WriteToAddress(packet, a)
	return time.Now(), nil
}

func (t *counted) DialTimeout(address string, timeout time.Duration) (net.Conn, error) {
	return t.DialAddressTimeout(memberlist.Address{Addr: address}, timeout)
}

func (t *counted) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	if isSilent(t.self) || isSilent(a.Addr) {
		return nil, fmt.Errorf("no route to %s", a.Addr)
	}
	return t.MockTransport.DialAddressTimeout(a, timeout)
}

// ear hears who is held for dead.
type ear struct {
	deaths chan death
}

type death struct {
	name string
	at   time.Time
}

func (e *ear) NotifyJoin(*memberlist.Node)   {}
func (e *ear) NotifyUpdate(*memberlist.Node) {}
func (e *ear) NotifyLeave(node *memberlist.Node) {
	e.deaths <- death{node.Name, time.Now()}
}

func processor() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func spread(values []float64) string {
	sort.Float64s(values)
	return fmt.Sprintf("%.2f / %.2f / %.2f", values[0], values[len(values)/2], values[len(values)-1])
}

func main() {
	count := flag.Int("nodes", 100, "members")
	seconds := flag.Int("seconds", 20, "length of the quiet time")
	crashes := flag.Int("crashes", 5, "crashes, one after the other")
	flag.Parse()
	network := &memberlist.MockNetwork{}
	deaths := make(chan death, 1_000_000)
	members := make([]*memberlist.Memberlist, *count)
	addresses := make([]string, *count)
	start := time.Now()
	for i := range members {
		config := memberlist.DefaultLANConfig()
		config.Name = fmt.Sprintf("n%d", i+1)
		config.LogOutput = ioutil.Discard
		config.Events = &ear{deaths}
		addresses[i] = fmt.Sprintf("127.0.0.1:%d", i+1)
		config.Transport = &counted{network.NewTransport(config.Name), addresses[i]}
		list, err := memberlist.Create(config)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		members[i] = list
	}
	created, before := time.Now(), processor()
	for i := 1; i < *count; i++ {
		go members[i].Join([]string{addresses[i%3%i]})
	}
	for !agree(members, *count) {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("join N=%d: created in %.2f s, everybody knows everybody after %.2f s, %.2f s of processor\n",
		*count, created.Sub(start).Seconds(), time.Since(created).Seconds(), (processor() - before).Seconds())
	time.Sleep(10 * time.Second)
	sent, sized, used := atomic.LoadInt64(&packets), atomic.LoadInt64(&bytes), processor()
	time.Sleep(time.Duration(*seconds) * time.Second)
	per := float64(*count) * float64(*seconds)
	fmt.Printf("idle N=%d: %.2f packets and %.0f bytes per node and second, %.2f ms of processor per second\n", *count,
		float64(atomic.LoadInt64(&packets)-sent)/per, float64(atomic.LoadInt64(&bytes)-sized)/per,
		(processor()-used).Seconds()*1000/float64(*seconds))
	var first, all []float64
	wrong := 0
	for c := 0; c < *crashes; c++ {
		victim := *count - 1 - c
		silent.Store(addresses[victim], true)
		crash := time.Now()
		heard := 0
		for heard < *count-1-c {
			d := <-deaths
			if d.name != fmt.Sprintf("n%d", victim+1) {
				wrong++
				continue
			}
			heard++
			if heard == 1 {
				first = append(first, d.at.Sub(crash).Seconds())
			}
			// The crashed hear of nobody; the last of the others ends it.
			if heard == *count-1-c {
				all = append(all, d.at.Sub(crash).Seconds())
			}
		}
		members[victim].Shutdown()
	}
	if len(all) > 0 {
		fmt.Printf("crash N=%d, %d crashes: first death %s s, everybody knows %s s, other deaths reported %d\n",
			*count, *crashes, spread(first), spread(all), wrong)
	}
}

func agree(members []*memberlist.Memberlist, count int) bool {
	for _, m := range members {
		if m.NumMembers() != count {
			return false
		}
	}
	return true
}
