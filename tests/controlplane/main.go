// Command controlplane is a whole Kubernetes control plane in one file, for tests and the demo.
//
// It is a multi-call binary: under the name of a component (etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler, kwok, kubectl) it is that component, either as the
// name it was started by or as its first argument. Under its own name it starts and ends all
// of them together:
//
//	controlplane up                    runs until its standard input closes
//	controlplane up --detach --dir D   runs in the background
//	controlplane down --dir D          ends that one and removes D
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const usage = `usage: controlplane up [--dir DIR] [--keep] [--assets DIR] [--ready-file FILE] [--detach]
       controlplane down --dir DIR
       controlplane COMPONENT [argument...]

Components: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, kubectl.
"up" prints one line "ready {...}" when pods can run, then obeys lines on standard input:
  start NAME, stop NAME, kill NAME, restart NAME   (NAME is a component or "all"), quit
and ends, with everything it started, when standard input closes.
`

// commands are what the binary can be, besides a component.
var commands = map[string]func(arguments []string) error{
	"up":   up,
	"down": down,
}

func main() {
	if become, ok := programs[filepath.Base(os.Args[0])]; ok {
		become()
		return
	}
	if len(os.Args) < 2 {
		refuse("say what to do")
	}
	if become, ok := programs[os.Args[1]]; ok {
		os.Args = os.Args[1:]
		become()
		return
	}
	command, ok := commands[os.Args[1]]
	if !ok {
		refuse(fmt.Sprintf("unknown command %q", os.Args[1]))
	}
	if err := command(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

// refuse ends the process as one that was called wrongly.
func refuse(why string) {
	fmt.Fprintf(os.Stderr, "controlplane: %s\n%s", why, usage)
	os.Exit(2)
}
