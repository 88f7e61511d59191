package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const everything = "all"

// obey carries out lines such as "restart kube-apiserver" and answers each with one line,
// "ok …" or "failed …". It returns at the line "quit" and when the input ends.
func (p *plane) obey(ctx context.Context, input io.Reader) {
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "quit" {
			return
		}
		began := time.Now()
		if err := p.carryOut(ctx, line); err != nil {
			p.report("failed", err.Error())
			continue
		}
		p.report("ok", fmt.Sprintf("%s (%d ms)", line, time.Since(began).Milliseconds()))
	}
}

func (p *plane) carryOut(ctx context.Context, line string) error {
	words := strings.Fields(line)
	if len(words) != 2 {
		return fmt.Errorf("%q: say start, stop, kill or restart, and a component", line)
	}
	verb, name := words[0], words[1]
	if name != everything && !slices.Contains(components, name) {
		return fmt.Errorf("no component %q; there are %s and all", name, strings.Join(components, ", "))
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	switch verb {
	case "start":
		return p.startNamed(ctx, name)
	case "stop":
		p.endNamed(name, p.stop)
		return nil
	case "kill":
		p.endNamed(name, p.kill)
		return nil
	case "restart":
		p.endNamed(name, p.stop)
		return p.startNamed(ctx, name)
	default:
		return fmt.Errorf("no command %q; there are start, stop, kill and restart", verb)
	}
}

func (p *plane) startNamed(ctx context.Context, name string) error {
	if name == everything {
		return p.startAll(ctx)
	}
	return p.start(ctx, name)
}

// endNamed ends one or, last started first, all.
func (p *plane) endNamed(name string, end func(component string)) {
	for _, component := range slices.Backward(components) {
		if name == component || name == everything {
			end(component)
		}
	}
}
