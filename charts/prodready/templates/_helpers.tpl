{{/* The chart's name. */}}
{{- define "prodready.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 54 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of most objects. 54 characters leave room for the longest suffix in a Service's name. */}}
{{- define "prodready.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 54 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 54 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "prodready.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "prodready.serviceAccountName" -}}
{{- default (include "prodready.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "prodready.webhookConfigurationName" -}}
{{- default (include "prodready.fullname" .) .Values.webhook.configurationName -}}
{{- end -}}

{{- define "prodready.certificateSecretName" -}}
{{- default (printf "%s-certificate" (include "prodready.fullname" .)) .Values.webhook.certificateSecretName -}}
{{- end -}}

{{- define "prodready.leaseName" -}}
{{- default (include "prodready.fullname" .) .Values.leaderElection.leaseName -}}
{{- end -}}

{{/* The ClusterRole that owns the webhook configuration; empty where there is none. */}}
{{- define "prodready.ownerClusterRole" -}}
{{- if .Values.webhook.ownerClusterRole -}}
{{- .Values.webhook.ownerClusterRole -}}
{{- else if .Values.rbac.create -}}
{{- include "prodready.fullname" . -}}
{{- end -}}
{{- end -}}

{{/* The account of the clean-up hook. It may only be its own where the chart may also give it its one right. */}}
{{- define "prodready.cleanupServiceAccountName" -}}
{{- if .Values.rbac.create -}}
{{- printf "%s-cleanup" (include "prodready.fullname" .) -}}
{{- else -}}
{{- include "prodready.serviceAccountName" . -}}
{{- end -}}
{{- end -}}

{{- define "prodready.image" -}}
{{- $image := .Values.image.repository -}}
{{- with .Values.global.imageRegistry -}}
{{- $image = printf "%s/%s" (trimSuffix "/" .) $image -}}
{{- end -}}
{{- if .Values.image.tag -}}
{{- $image = printf "%s:%s" $image .Values.image.tag -}}
{{- else if not .Values.image.digest -}}
{{- $image = printf "%s:%s" $image .Chart.AppVersion -}}
{{- end -}}
{{- with .Values.image.digest -}}
{{- $image = printf "%s@%s" $image . -}}
{{- end -}}
{{- $image -}}
{{- end -}}

{{- define "prodready.imagePullSecrets" -}}
{{- $secrets := list -}}
{{- range concat (default list .Values.global.imagePullSecrets) (default list .Values.imagePullSecrets) -}}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) -}}
{{- end -}}
{{- with uniq $secrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* What selects the pods of one component. Takes root and component. */}}
{{- define "prodready.selectorLabels" -}}
app.kubernetes.io/name: {{ include "prodready.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- with .component }}
app.kubernetes.io/component: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* The labels of an object. Takes root, component and, if there are more, labels. */}}
{{- define "prodready.labels" -}}
{{- $labels := include "prodready.selectorLabels" . | fromYaml -}}
{{- $_ := set $labels "app.kubernetes.io/version" (.root.Chart.AppVersion | replace "+" "_" | trunc 63) -}}
{{- $_ := set $labels "app.kubernetes.io/part-of" "prodready" -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- toYaml (merge $labels (default dict .labels) (default dict .root.Values.commonLabels)) -}}
{{- end -}}

{{/*
The metadata of an object. Takes root, name and component; namespace where it has one; labels and
annotations where it has more than the common ones.
*/}}
{{- define "prodready.metadata" -}}
name: {{ .name | quote }}
{{- with .namespace }}
namespace: {{ . | quote }}
{{- end }}
labels:
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
  {{- include "prodready.labels" . | nindent 2 }}
{{- with merge dict (default dict .annotations) (default dict .root.Values.commonAnnotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The annotations of the objects of the clean-up hook. Takes the weight. */}}
{{- define "prodready.cleanupAnnotations" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* The link of an alert to what it means, where it is known where that can be read. Takes base and alert. */}}
{{- define "prodready.runbook" -}}
{{- with .base -}}
runbook_url: {{ printf "%s#%s" . (lower $.alert) | quote }}
{{- end -}}
{{- end -}}
