//! The YAML of one application.

use super::{Quality, Random};

/// What an application is to be.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
    pub(super) kind: &'static str,
    pub(super) quality: Quality,
}

pub(super) fn namespace(name: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n")
}

pub(super) fn workload(wanted: Wanted<'_>, random: &mut Random) -> String {
    let Wanted {
        name,
        namespace,
        kind,
        ..
    } = wanted;
    let group = if matches!(kind, "Job" | "CronJob") {
        "batch"
    } else {
        "apps"
    };
    let team = random.below(40);
    let spec = indented(2, &spec(wanted, random));
    format!(
        "apiVersion: {group}/v1
kind: {kind}
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app: {name}
    team: t{team}
spec:
{spec}"
    )
}

fn spec(wanted: Wanted<'_>, random: &mut Random) -> String {
    let name = wanted.name;
    let head = match wanted.kind {
        "CronJob" => {
            return format!(
                "schedule: \"*/15 * * * *\"\njobTemplate:\n  spec:\n{}",
                indented(4, &job(wanted, "OnFailure", random))
            );
        }
        "Job" => return format!("backoffLimit: 3\n{}", job(wanted, "Never", random)),
        "DaemonSet" => String::new(),
        "StatefulSet" => format!(
            "replicas: {}\nserviceName: {name}\n",
            replicas(wanted.quality)
        ),
        _ => format!("replicas: {}\n", replicas(wanted.quality)),
    };
    let pod = indented(2, &template(wanted, "", random));
    format!("{head}selector:\n  matchLabels:\n    app: {name}\ntemplate:\n{pod}")
}

fn job(wanted: Wanted<'_>, restart: &str, random: &mut Random) -> String {
    let policy = format!("restartPolicy: {restart}\n");
    format!(
        "template:\n{}",
        indented(2, &template(wanted, &policy, random))
    )
}

fn replicas(quality: Quality) -> u8 {
    match quality {
        Quality::Poor => 1,
        Quality::Mixed => 2,
        Quality::Good => 3,
    }
}

fn template(wanted: Wanted<'_>, restart: &str, random: &mut Random) -> String {
    let Wanted { name, quality, .. } = wanted;
    let count = 1 + u64::from(random.chance(30)) + u64::from(random.chance(10));
    let mut pod = restart.to_owned();
    match quality {
        Quality::Good => pod += &careful_pod(name),
        Quality::Poor if random.chance(10) => pod += "hostNetwork: true\n",
        Quality::Poor | Quality::Mixed => {}
    }
    pod += "containers:\n";
    pod.extend((0..count).map(|index| container(wanted, index, random)));
    let pod = indented(2, &pod);
    format!(
        "metadata:\n  labels:\n    app: {name}\n    app.kubernetes.io/name: {name}\nspec:\n{pod}"
    )
}

fn careful_pod(name: &str) -> String {
    format!(
        "serviceAccountName: {name}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 45
securityContext:
  seccompProfile: {{type: RuntimeDefault}}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{app: {name}}}
volumes:
- name: tmp
  emptyDir: {{sizeLimit: 64Mi}}
"
    )
}

fn container(wanted: Wanted<'_>, index: u64, random: &mut Random) -> String {
    let Wanted { name, quality, .. } = wanted;
    let (team, tag, workers) = (random.below(40), tag(quality, random), 1 + random.below(31));
    let mut text = format!(
        "- name: c{index}
  image: registry.example.com/team{team}/{name}:{tag}
  imagePullPolicy: IfNotPresent
  args: [\"serve\", \"--config=/etc/{name}/config.yaml\", \"--workers={workers}\"]
  ports:
  - name: http
    containerPort: {}
",
        8080 + index
    );
    text += &environment(wanted, random);
    if has(quality, 60, random) {
        text += RESOURCES;
    }
    if has(quality, 50, random) {
        text += PROBES;
    }
    if quality == Quality::Good {
        text += CONFINED;
    }
    text
}

/// Whether something that good workloads have is there; in mixed ones by chance.
fn has(quality: Quality, percent: u64, random: &mut Random) -> bool {
    match quality {
        Quality::Poor => false,
        Quality::Mixed => random.chance(percent),
        Quality::Good => true,
    }
}

fn tag(quality: Quality, random: &mut Random) -> String {
    let mut digits = || format!("{:016x}", random.next());
    match quality {
        Quality::Poor => "latest".to_owned(),
        Quality::Mixed => format!("1.{}", random.below(20)),
        Quality::Good => {
            let digest = [digits(), digits(), digits(), digits()].concat();
            format!(
                "1.{}.{}@sha256:{digest}",
                random.below(20),
                random.below(20)
            )
        }
    }
}

fn environment(wanted: Wanted<'_>, random: &mut Random) -> String {
    let name = wanted.name;
    let password = if has(wanted.quality, 70, random) {
        format!("valueFrom:\n      secretKeyRef:\n        name: {name}-db\n        key: password\n")
    } else {
        let number = random.below(1_000_000);
        format!("value: \"s3cr3t-{number}\"\n  - name: DEBUG\n    value: \"true\"\n")
    };
    format!(
        "  env:
  - name: PORT
    value: \"8080\"
  - name: LOG_LEVEL
    value: \"info\"
  - name: REGION
    value: \"eu-west-1\"
  - name: APP_NAME
    value: \"{name}\"
  - name: DB_PASSWORD
    {password}"
    )
}

const RESOURCES: &str = "  resources:
    requests:
      cpu: 100m
      memory: 128Mi
    limits:
      memory: 256Mi
";

const PROBES: &str = "  livenessProbe:
    httpGet:
      path: /livez
      port: http
    periodSeconds: 10
  readinessProbe:
    httpGet:
      path: /readyz
      port: http
";

const CONFINED: &str = "  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    runAsNonRoot: true
    capabilities:
      drop: [\"ALL\"]
  volumeMounts:
  - name: tmp
    mountPath: /tmp
";

pub(super) fn surroundings(wanted: Wanted<'_>, random: &mut Random) -> Vec<String> {
    let mut documents = vec![config_map(wanted, random)];
    let is_good = wanted.quality == Quality::Good;
    if matches!(wanted.kind, "Deployment" | "StatefulSet") {
        documents.push(service(wanted));
        if random.chance(30) {
            documents.push(ingress(wanted));
        }
        if is_good {
            documents.extend([budget(wanted), network_policy(wanted)]);
        }
    }
    if is_good && wanted.kind == "Deployment" && random.chance(50) {
        documents.push(autoscaler(wanted));
    }
    if is_good {
        documents.push(service_account(wanted));
    }
    documents
}

fn object(wanted: Wanted<'_>, api_version: &str, kind: &str, rest: &str) -> String {
    let Wanted {
        name, namespace, ..
    } = wanted;
    format!(
        "apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {namespace}\n{rest}"
    )
}

fn config_map(wanted: Wanted<'_>, random: &mut Random) -> String {
    let (namespace, timeout) = (wanted.namespace, 1 + random.below(59));
    let rest = format!(
        "data:
  config.yaml: |
    listen: 0.0.0.0:8080
    upstream: http://backend.{namespace}.svc
    timeout: {timeout}s
"
    );
    object(wanted, "v1", "ConfigMap", &rest)
}

fn service(wanted: Wanted<'_>) -> String {
    let name = wanted.name;
    let rest = format!(
        "spec:\n  selector:\n    app: {name}\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n"
    );
    object(wanted, "v1", "Service", &rest)
}

fn ingress(wanted: Wanted<'_>) -> String {
    let name = wanted.name;
    let tls = match wanted.quality {
        Quality::Poor => String::new(),
        Quality::Mixed | Quality::Good => {
            format!("  tls:\n  - hosts: [{name}.example.com]\n    secretName: {name}-tls\n")
        }
    };
    let rest = format!(
        "spec:
  ingressClassName: nginx
{tls}  rules:
  - host: {name}.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: {name}
            port:
              name: http
"
    );
    object(wanted, "networking.k8s.io/v1", "Ingress", &rest)
}

fn budget(wanted: Wanted<'_>) -> String {
    let rest = format!(
        "spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app: {}\n",
        wanted.name
    );
    object(wanted, "policy/v1", "PodDisruptionBudget", &rest)
}

fn network_policy(wanted: Wanted<'_>) -> String {
    let rest = format!(
        "spec:
  podSelector:
    matchLabels:
      app: {}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {{}}
",
        wanted.name
    );
    object(wanted, "networking.k8s.io/v1", "NetworkPolicy", &rest)
}

fn autoscaler(wanted: Wanted<'_>) -> String {
    let rest = format!(
        "spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {}
  minReplicas: 3
  maxReplicas: 10
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 70
",
        wanted.name
    );
    object(wanted, "autoscaling/v2", "HorizontalPodAutoscaler", &rest)
}

fn service_account(wanted: Wanted<'_>) -> String {
    object(
        wanted,
        "v1",
        "ServiceAccount",
        "automountServiceAccountToken: false\n",
    )
}

fn indented(by: usize, text: &str) -> String {
    let margin = " ".repeat(by);
    text.lines()
        .flat_map(|line| [&margin, line, "\n"])
        .collect()
}
