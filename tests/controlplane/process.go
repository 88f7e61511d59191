package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is one component while it runs.
type process struct {
	name    string
	command *exec.Cmd
	// ended is closed when the process is gone; failure then says how it went.
	ended   chan struct{}
	failure error
}

// starter starts processes from one thread that lives as long as this process does: on Linux
// they are killed when the thread that started them ends.
type starter chan func()

func newStarter() starter {
	work := make(starter)
	go func() {
		runtime.LockOSThread()
		for each := range work {
			each()
		}
	}()
	return work
}

// start runs a component with its output appended to a log file.
func (s starter) start(name, path string, arguments []string, log, dir string) (*process, error) {
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command := &exec.Cmd{
		Path:        path,
		Args:        append([]string{name}, arguments...),
		Dir:         dir,
		Env:         append(os.Environ(), "HOME="+dir),
		Stdout:      output,
		Stderr:      output,
		SysProcAttr: endWithParent(),
	}
	started := make(chan error)
	s <- func() { started <- command.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	running := &process{name: name, command: command, ended: make(chan struct{})}
	go func() {
		running.failure = command.Wait()
		close(running.ended)
	}()
	return running, nil
}

// stop asks the process to end, and makes it end when it has not after a while.
func (p *process) stop(patience time.Duration) {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
	}
}

// kill ends the process at once and returns when it is gone.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// hasEnded says whether the process is gone.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// lastLines of a log file, for an error message.
func lastLines(path string, count int) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
