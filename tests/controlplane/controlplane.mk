# The control plane that cluster tests and the demo run on; included by the root Makefile.

CONTROLPLANE_BUILD := $(dir $(lastword $(MAKEFILE_LIST)))build.sh

.PHONY: controlplane
controlplane: ## Build the embedded Kubernetes control plane (once, about 5 minutes)
	@$(CONTROLPLANE_BUILD)
