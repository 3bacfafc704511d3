// Judges histories with Porcupine and prints what it took, one line a file:
//
//	FILE<tab>linearizable|not linearizable<tab>STEPS<tab>NANOSECONDS
//
// STEPS is 0 unless -steps is given: counting them would slow the search down. The nanoseconds are those of the check
// alone, without reading. Files that end in .log are Jepsen's logs of etcd, a register; those that end in .txt are
// Porcupine's key-value logs, a string for each key, checked key by key.
package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// What an operation on the register asks for, and what it was told. One that never returned has isUnknown.
type input struct {
	kind     uint8
	from, to int
}

type output struct {
	isUnknown, isOk bool
	value           int
}

// What an operation on the store asks for; it is told a text.
type storeInput struct {
	kind      uint8
	key, text string
}

const (
	read = iota
	write
	cas
	add
)

var kinds = map[string]uint8{"read": read, "get": read, "write": write, "put": write, "cas": cas, "append": add}

// The register holds a number; absent is one that no log writes.
const absent = -1 << 40

func register(steps *int64) porcupine.Model {
	return porcupine.Model{
		Init: func() interface{} { return absent },
		Step: func(state, in, out interface{}) (bool, interface{}) {
			if steps != nil {
				atomic.AddInt64(steps, 1)
			}
			value, asked, told := state.(int), in.(input), out.(output)
			switch asked.kind {
			case read:
				return told.isUnknown || told.value == value, state
			case write:
				return true, asked.to
			}
			if asked.from != value {
				return told.isUnknown || !told.isOk, state
			}
			return told.isUnknown || told.isOk, asked.to
		},
	}
}

func keyValue(steps *int64) porcupine.Model {
	return porcupine.Model{
		PartitionEvent: func(history []porcupine.Event) [][]porcupine.Event {
			places := map[string]int{}
			keys := map[int]string{}
			var parts [][]porcupine.Event
			for _, event := range history {
				if event.Kind == porcupine.CallEvent {
					keys[event.Id] = event.Value.(storeInput).key
				}
				place, isKnown := places[keys[event.Id]]
				if !isKnown {
					place = len(parts)
					places[keys[event.Id]] = place
					parts = append(parts, nil)
				}
				parts[place] = append(parts[place], event)
			}
			return parts
		},
		Init: func() interface{} { return "" },
		Step: func(state, in, out interface{}) (bool, interface{}) {
			if steps != nil {
				atomic.AddInt64(steps, 1)
			}
			value, asked := state.(string), in.(storeInput)
			switch asked.kind {
			case read:
				return out.(string) == value, state
			case write:
				return true, asked.text
			}
			return true, value + asked.text
		},
		Hash: func(state interface{}) uint64 {
			hash := fnv.New64a()
			hash.Write([]byte(state.(string)))
			return hash.Sum64()
		},
	}
}

func number(text string) int {
	if text == "nil" {
		return absent
	}
	value, err := strconv.Atoi(strings.Trim(text, "[]"))
	if err != nil {
		panic(err)
	}
	return value
}

// A line of a log, whatever its format.
type line struct {
	process, kind string
	asked, told   interface{}
}

// Reads one line of a Jepsen log; false for lines that are no operation.
func jepsenLine(text string) (line, bool) {
	fields := strings.Fields(text)
	if len(fields) < 7 || fields[0] != "INFO" {
		return line{}, false
	}
	l := line{process: fields[3], kind: fields[4][1:]}
	asked := input{kind: kinds[fields[5][1:]]}
	told := output{}
	if l.kind == "fail" && asked.kind == write {
		l.kind = "info"
	}
	if l.kind != "info" {
		switch asked.kind {
		case read:
			// A read that timed out has no effect: whatever it saw is right.
			told.isUnknown = l.kind == "fail"
			if l.kind == "ok" {
				told.value = number(fields[6])
			}
		case write:
			asked.to = number(fields[6])
		case cas:
			asked.from, asked.to = number(fields[6]), number(fields[7])
			told.isOk = l.kind == "ok"
		}
	}
	l.asked, l.told = asked, told
	return l, true
}

var keyValueLine = regexp.MustCompile(`^\{:process (\d+), :type :(\w+), :f :(\w+), :key "([^"]*)", :value (?:nil|"([^"]*)")\}$`)

func storeLine(text string) (line, bool) {
	part := keyValueLine.FindStringSubmatch(text)
	if part == nil {
		return line{}, false
	}
	return line{
		process: part[1], kind: part[2], told: part[5],
		asked: storeInput{kind: kinds[part[3]], key: part[4], text: part[5]},
	}, true
}

// Reads a whole log. What never returned is closed at the end, as Porcupine wants it.
func load(path string) []porcupine.Event {
	content, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	parse := storeLine
	if strings.HasSuffix(path, ".log") {
		parse = jepsenLine
	}
	var events []porcupine.Event
	open := map[string]int{}
	var order []string
	for _, text := range strings.Split(string(content), "\n") {
		l, isOperation := parse(strings.TrimSpace(text))
		if !isOperation {
			continue
		}
		process, _ := strconv.Atoi(l.process)
		switch l.kind {
		case "invoke":
			id := len(order)
			order = append(order, l.process)
			open[l.process] = id
			events = append(events, porcupine.Event{ClientId: process, Kind: porcupine.CallEvent, Value: l.asked, Id: id})
		case "ok", "fail":
			events = append(events, porcupine.Event{ClientId: process, Kind: porcupine.ReturnEvent, Value: l.told, Id: open[l.process]})
			delete(open, l.process)
		}
	}
	for id, name := range order {
		if last, isOpen := open[name]; isOpen && last == id {
			process, _ := strconv.Atoi(name)
			events = append(events, porcupine.Event{ClientId: process, Kind: porcupine.ReturnEvent, Value: output{isUnknown: true}, Id: id})
		}
	}
	return events
}

func main() {
	counts := flag.Bool("steps", false, "count the steps of the search")
	flag.Parse()
	for _, path := range flag.Args() {
		events := load(path)
		var steps int64
		counter := (*int64)(nil)
		if *counts {
			counter = &steps
		}
		model := keyValue(counter)
		if strings.HasSuffix(path, ".log") {
			model = register(counter)
		}
		start := time.Now()
		isLinearizable := porcupine.CheckEvents(model, events)
		length := time.Since(start)
		verdict := "not linearizable"
		if isLinearizable {
			verdict = "linearizable"
		}
		fmt.Printf("%s\t%s\t%d\t%d\n", path, verdict, steps, length.Nanoseconds())
	}
}
