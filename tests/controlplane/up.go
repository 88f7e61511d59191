package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// wishes are what the command line of "up" says.
type wishes struct {
	dir, assets, readyFile string
	keep, detach           bool
	// untilRemoved is the file whose removal ends a plane that runs in the background.
	untilRemoved string
}

func parseWishes(arguments []string) (*wishes, error) {
	w := &wishes{}
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.StringVar(&w.dir, "dir", "", "directory for data, logs and kubeconfig, new or empty; removed at the end (default: a temporary one)")
	flags.StringVar(&w.assets, "assets", os.Getenv("KUBEBUILDER_ASSETS"), "directory with an etcd and a kube-apiserver to use instead of the built-in ones")
	flags.StringVar(&w.readyFile, "ready-file", "", "file to write the facts to when pods can run")
	flags.BoolVar(&w.keep, "keep", false, "leave the directory when ending")
	flags.BoolVar(&w.detach, "detach", false, "run in the background; needs --dir; end it with \"controlplane down\"")
	flags.StringVar(&w.untilRemoved, "until-removed", "", "file whose removal ends the plane, instead of the end of standard input")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if w.detach && w.dir == "" {
		return nil, errors.New("--detach needs --dir")
	}
	return w, nil
}

// up runs a control plane until it is told to end.
func up(arguments []string) error {
	wishes, err := parseWishes(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if wishes.detach {
		return upInBackground(wishes)
	}
	return upInForeground(wishes)
}

func upInForeground(wishes *wishes) error {
	// A reader who has gone must not keep us from cleaning up.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	dir, release, err := claimDirectory(wishes)
	if err != nil {
		return err
	}
	defer release()
	plane := newPlane(dir, wishes.assets, lineWriter(os.Stdout))
	defer plane.killAll()
	go func() {
		defer cancel()
		awaitEnd(ctx, wishes, plane)
	}()
	return run(ctx, plane, wishes.readyFile)
}

// run starts the plane, says so, and stays until the context ends.
func run(ctx context.Context, plane *plane, readyFile string) error {
	limited, stop := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("not within %s", startLimit))
	defer stop()
	err := plane.up(limited)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	ready, err := json.Marshal(plane.facts())
	if err != nil {
		return err
	}
	if readyFile != "" {
		if err := writeWhole(readyFile, ready); err != nil {
			return err
		}
		defer os.Remove(readyFile)
	}
	plane.report("ready", string(ready))
	<-ctx.Done()
	return nil
}

// awaitEnd returns when the plane shall end: its file is removed, or nobody holds its standard
// input open any more. Until then the latter is obeyed.
func awaitEnd(ctx context.Context, wishes *wishes, plane *plane) {
	if wishes.untilRemoved == "" {
		plane.obey(ctx, os.Stdin)
		return
	}
	for {
		if _, err := os.Stat(wishes.untilRemoved); err != nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// lineWriter writes "kind text" lines, one at a time, each on one line.
func lineWriter(file *os.File) func(kind, text string) {
	var lock sync.Mutex
	return func(kind, text string) {
		lock.Lock()
		defer lock.Unlock()
		fmt.Fprintf(file, "%s %s\n", kind, strings.ReplaceAll(text, "\n", `\n`))
	}
}

// writeWhole makes a file appear with its whole content.
func writeWhole(path string, content []byte) error {
	partial := path + ".partial"
	if err := os.WriteFile(partial, append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// upInBackground starts this program again, apart from this terminal, and returns when it is ready.
func upInBackground(wishes *wishes) error {
	dir, err := filepath.Abs(wishes.dir)
	if err != nil {
		return err
	}
	if ready, err := os.ReadFile(readyIn(dir)); err == nil && isClaimed(dir) {
		fmt.Print(string(ready))
		return nil
	}
	if err := refuseForeign(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// One that was killed has left its own behind.
	_ = os.Remove(readyIn(dir))
	if err := os.WriteFile(runningIn(dir), nil, 0o600); err != nil {
		return err
	}
	child, log, err := startApart(wishes, dir)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		if ready, err := os.ReadFile(readyIn(dir)); err == nil {
			fmt.Print(string(ready))
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("it ended at its start: %w\n%s", err, lastLines(log, 40))
		case <-time.After(pollEvery):
		}
	}
}

// startApart starts the plane in a session of its own.
func startApart(wishes *wishes, dir string) (child *exec.Cmd, log string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	// Beside the directory, because that is removed when the start fails.
	log = dir + ".log"
	output, err := os.Create(log)
	if err != nil {
		return nil, "", err
	}
	defer output.Close()
	arguments := []string{"up", "--dir", dir, "--assets", wishes.assets,
		"--ready-file", readyIn(dir), "--until-removed", runningIn(dir)}
	if wishes.keep {
		arguments = append(arguments, "--keep")
	}
	child = exec.Command(self, arguments...)
	child.Stdout, child.Stderr = output, output
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return child, log, child.Start()
}
