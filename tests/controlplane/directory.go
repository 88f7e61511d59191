package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// endLimit is how long "down" waits before it kills.
const endLimit = 20 * time.Second

// A plane's directory holds two files about its life: "lock", on which the running process
// holds a lock, and "running", whose removal ends a process in the background.
func lockIn(dir string) string    { return filepath.Join(dir, "lock") }
func runningIn(dir string) string { return filepath.Join(dir, "running") }
func readyIn(dir string) string   { return filepath.Join(dir, "ready.json") }

// claimDirectory makes the directory ours and returns what gives it back.
func claimDirectory(wishes *wishes) (dir string, release func(), err error) {
	if wishes.dir == "" {
		dir, err = os.MkdirTemp("", "controlplane-")
	} else {
		dir, err = filepath.Abs(wishes.dir)
	}
	if err != nil {
		return "", nil, err
	}
	if err := refuseForeign(dir); err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	held, err := lock(dir)
	if err != nil {
		return "", nil, fmt.Errorf("another control plane runs in %s; end it with: controlplane down --dir %s", dir, dir)
	}
	release = func() {
		if !wishes.keep {
			_ = os.RemoveAll(dir)
		}
		_ = held.Close()
	}
	return dir, release, nil
}

// refuseForeign keeps us from removing, at the end, a directory that was never ours.
func refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, mark := range []string{lockIn(dir), runningIn(dir)} {
		if _, err := os.Stat(mark); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s holds something else; name a new or empty directory", dir)
}

// lock takes the directory's lock, or fails at once when a living process has it.
func lock(dir string) (*os.File, error) {
	file, err := os.OpenFile(lockIn(dir), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, err
	}
	if err := file.Truncate(0); err != nil {
		_ = file.Close()
		return nil, err
	}
	_, err = fmt.Fprintf(file, "%d\n", os.Getpid())
	return file, err
}

// isClaimed says whether a living process has the directory.
func isClaimed(dir string) bool {
	file, err := os.Open(lockIn(dir))
	if err != nil {
		return false
	}
	defer file.Close()
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return true
	}
	return false
}

// down ends the control plane that runs in a directory, and removes what is left of it.
func down(arguments []string) error {
	flags := flag.NewFlagSet("down", flag.ContinueOnError)
	dir := flags.String("dir", "", "the directory that \"up\" was given")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("down needs --dir")
	}
	if _, err := os.Stat(*dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := refuseForeign(*dir); err != nil {
		return err
	}
	if err := endClaimant(*dir); err != nil {
		return err
	}
	_ = os.Remove(filepath.Clean(*dir) + ".log")
	return os.RemoveAll(*dir)
}

// endClaimant asks the process that has the directory to end, and kills it when it does not:
// what it started is then killed by the kernel.
func endClaimant(dir string) error {
	_ = os.Remove(runningIn(dir))
	deadline := time.Now().Add(endLimit)
	for isClaimed(dir) {
		if time.Now().After(deadline) {
			return killClaimant(dir)
		}
		time.Sleep(pollEvery)
	}
	return nil
}

// killClaimant kills the process whose number is in the lock that it holds.
func killClaimant(dir string) error {
	content, err := os.ReadFile(lockIn(dir))
	if err != nil {
		return err
	}
	var pid int
	if _, err := fmt.Sscan(string(content), &pid); err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}
