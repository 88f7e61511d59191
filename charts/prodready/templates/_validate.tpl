{{/* Installs that cannot work are refused here, each with what to do instead. */}}
{{- define "prodready.validate" -}}
{{- $namespace := include "prodready.namespace" . -}}
{{- if has $namespace (list "kube-system" "kube-public" "kube-node-lease") -}}
{{- fail (printf "prodready must not be installed into %s, which its gate never touches and which other parts of the cluster depend on. Use a namespace of its own: --namespace prodready-system --create-namespace" $namespace) -}}
{{- end -}}
{{- if lt (int .Values.replicaCount) 1 -}}
{{- fail "replicaCount must be at least 1: with 0, nothing answers the gate and what it enforces is refused. To stop enforcing, set enforcement.mode of the policies to Audit; to remove prodready, uninstall the release." -}}
{{- end -}}
{{- if and .Values.hostNetwork (eq (int .Values.webhook.port) 10250) -}}
{{- fail "hostNetwork needs a webhook.port other than 10250, which is the kubelet's on every node: --set webhook.port=10260. Firewalls between API server and nodes must let it through." -}}
{{- end -}}
{{- if eq (int .Values.webhook.port) (int .Values.admin.port) -}}
{{- fail (printf "webhook.port and admin.port must differ: both are %d" (int .Values.admin.port)) -}}
{{- end -}}
{{- if ge (int .Values.preStopSleepSeconds) (int .Values.terminationGracePeriodSeconds) -}}
{{- fail (printf "preStopSleepSeconds (%d) must be less than terminationGracePeriodSeconds (%d), which includes it" (int .Values.preStopSleepSeconds) (int .Values.terminationGracePeriodSeconds)) -}}
{{- end -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.name must be set where serviceAccount.create is false: the operator's rights must not go to the namespace's default account" -}}
{{- end -}}
{{- if and .Values.webhook.certManager.enabled (not .Values.webhook.certManager.issuerRef.name) -}}
{{- fail "webhook.certManager.issuerRef.name must be set where webhook.certManager.enabled is true: which issuer is to make the gate's certificate" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled needs metrics.service.enabled; without that Service use metrics.podMonitor.enabled" -}}
{{- end -}}
{{- end -}}
