//! Services that are bought: their tokens, and the ids and public keys that stand beside them.

use super::{Habit, NO, YES};

pub(super) const SERVICES: &[Habit] = &[
    (
        "SLACK_SIGNING_SECRET",
        "8f742231b10e8888abcd9912345685a5",
        YES,
    ),
    (
        "SLACK_APP_TOKEN",
        concat!("xa", "pp-1-A012345678-1234567890-abcdef0123456789"),
        YES,
    ),
    ("SLACK_CHANNEL_ID", "C024BE91L", NO),
    ("SLACK_CHANNEL", "#alerts", NO),
    (
        "DISCORD_TOKEN",
        concat!(
            "MTk4NjIyNDgzNDcxOTI1MjQ4",
            ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
        ),
        YES,
    ),
    (
        "DISCORD_WEBHOOK_URL",
        concat!(
            "https://discord",
            ".com/api/webhooks/123456789012345678/a1B2c3D4e5F6g7H8"
        ),
        YES,
    ),
    (
        "TELEGRAM_BOT_TOKEN",
        concat!("110201543", ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
        YES,
    ),
    ("TELEGRAM_CHAT_ID", "-1001234567890", NO),
    (
        "PAGERDUTY_ROUTING_KEY",
        "R0123456789abcdef0123456789abcde",
        YES,
    ),
    ("PAGERDUTY_SERVICE_ID", "PABC123", NO),
    (
        "OPSGENIE_API_KEY",
        "6f1a2c3d-0000-4000-8000-1234567890ab",
        YES,
    ),
    (
        "STRIPE_WEBHOOK_SECRET",
        concat!("wh", "sec_a1B2c3D4e5F6g7H8i9J0k1L2"),
        YES,
    ),
    ("STRIPE_PRICE_ID", "price_1Mo2Rz4eC39HqLyj", NO),
    ("STRIPE_API_VERSION", "2023-10-16", NO),
    (
        "VITE_STRIPE_KEY",
        concat!("pk_", "test_4eC39HqLyjWDarjtT1zdp7dc"),
        NO,
    ),
    ("PAYPAL_CLIENT_SECRET", "EGnHDxD_qRPdaLdZz8iCr8N7", YES),
    ("PAYPAL_CLIENT_ID", "AQkquBDf1zctJOWGKWUEtKXm6qVh", NO),
    ("PAYPAL_MODE", "sandbox", NO),
    (
        "BRAINTREE_PRIVATE_KEY",
        "4f0d8b2c6a1e4d7f9b3c5a8e1d2f4b6c",
        YES,
    ),
    ("BRAINTREE_PUBLIC_KEY", "9h7k5m3n1p2q4r6s", NO),
    ("RECAPTCHA_SITE_KEY", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ", NO),
    (
        "RECAPTCHA_SECRET_KEY",
        "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuo",
        YES,
    ),
    (
        "HCAPTCHA_SITEKEY",
        "10000000-ffff-ffff-ffff-000000000001",
        NO,
    ),
    ("ALGOLIA_ADMIN_KEY", "0123456789abcdef0123456789abcdef", YES),
    ("ALGOLIA_APP_ID", "B1G2GM9NG0", NO),
    ("ALGOLIA_INDEX_NAME", "products", NO),
    ("GA_MEASUREMENT_ID", "G-1A2B3C4D5E", NO),
    ("FIREBASE_PROJECT_ID", "shop-prod", NO),
    (
        "FIREBASE_SERVICE_ACCOUNT",
        concat!(
            r#"{"type":"service_account","private_key":"-----BEGIN "#,
            r#"PRIVATE KEY-----\nMIIE\n"}"#
        ),
        YES,
    ),
    (
        "LAUNCHDARKLY_SDK_KEY",
        "sdk-6f1a2c3d-0000-4000-8000-1234567890ab",
        YES,
    ),
    (
        "LAUNCHDARKLY_CLIENT_SIDE_ID",
        "0123456789abcdef01234567",
        NO,
    ),
    (
        "DD_APP_KEY",
        "0123456789abcdef0123456789abcdef01234567",
        YES,
    ),
    ("DD_SITE", "datadoghq.example.com", NO),
    (
        "DD_API_KEY_SECRET_ARN",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:dd",
        NO,
    ),
    (
        "DD_TRACE_AGENT_URL",
        "unix:///var/run/datadog/apm.socket",
        NO,
    ),
    ("HONEYCOMB_API_KEY", "hcaik_01hq0123456789abcdefghij", YES),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "x-honeycomb-team=hcaik_01hq0123456789abcdefghij",
        YES,
    ),
    ("OTEL_EXPORTER_OTLP_HEADERS", "x-scope-orgid=shop", NO),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "Authorization=Basic c2hvcDpzM2NyZXQ5OQ==",
        YES,
    ),
    (
        "SPLUNK_HEC_TOKEN",
        "6f1a2c3d-0000-4000-8000-1234567890ab",
        YES,
    ),
    ("SPLUNK_HEC_URL", "https://splunk.example.com:8088", NO),
    ("SNYK_TOKEN", "6f1a2c3d-0000-4000-8000-1234567890ab", YES),
    (
        "SONAR_TOKEN",
        concat!("sq", "p_0123456789abcdef0123456789abcdef01234567"),
        YES,
    ),
    ("SONAR_HOST_URL", "https://sonar.example.com", NO),
    (
        "NPM_TOKEN",
        concat!("np", "m_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"),
        YES,
    ),
    (
        "REGISTRY_LOGIN",
        concat!("dckr", "_pat_a1B2c3D4e5F6g7H8i9J0k1L2m3N"),
        YES,
    ),
    (
        "HF_TOKEN",
        concat!("h", "f_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7"),
        YES,
    ),
    ("HF_HOME", "/models", NO),
    (
        "WANDB_API_KEY",
        "0123456789abcdef0123456789abcdef01234567",
        YES,
    ),
    (
        "ANTHROPIC_API_KEY",
        concat!("sk-", "ant-api03-a1B2c3D4e5F6g7H8i9J0k1L2"),
        YES,
    ),
    (
        "REPLICATE_API_TOKEN",
        concat!("r", "8_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s"),
        YES,
    ),
    ("AZURE_OPENAI_KEY", "0123456789abcdef0123456789abcdef", YES),
    ("AZURE_OPENAI_DEPLOYMENT", "gpt-4o", NO),
    ("MAX_TOKENS_PER_REQUEST", "2048", NO),
    ("TOKEN_LIMIT", "8192", NO),
    ("CONTEXT_TOKENS", "200000", NO),
    ("PROMPT_TOKENS", "512", NO),
    ("EOS_TOKEN", "</s>", NO),
    ("PAD_TOKEN", "[PAD]", NO),
    ("TOKENIZER_MODEL", "cl100k_base", NO),
    (
        "CLOUDFLARE_API_TOKEN",
        "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0",
        YES,
    ),
    ("CLOUDFLARE_ZONE_ID", "0123456789abcdef0123456789abcdef", NO),
    ("CF_API_EMAIL", "dns@example.com", NO),
    (
        "TUNNEL_TOKEN",
        "eyJhIjoiMDEyMzQ1Njc4OWFiY2RlZiIsInQiOiI2ZjFhIn0",
        YES,
    ),
    (
        "HEROKU_API_KEY",
        "6f1a2c3d-0000-4000-8000-1234567890ab",
        YES,
    ),
    ("NETLIFY_AUTH_TOKEN", "a1B2c3D4e5F6g7H8i9J0", YES),
    (
        "AUTH0_CLIENT_SECRET",
        "a1B2c3D4e5F6g7H8i9J0-k1L2m3N4o5P6",
        YES,
    ),
    ("AUTH0_DOMAIN", "shop.eu.example.com", NO),
    ("AUTH0_AUDIENCE", "https://api.example.com", NO),
    ("OKTA_CLIENT_ORGURL", "https://shop.example.com", NO),
    ("OKTA_CLIENT_TOKEN", "00a1B2c3D4e5F6g7H8i9J0k1L2", YES),
    (
        "SUPABASE_SERVICE_ROLE_KEY",
        "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r",
        YES,
    ),
    (
        "NEXT_PUBLIC_SUPABASE_ANON_KEY",
        "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r",
        NO,
    ),
    (
        "TWILIO_ACCOUNT_SID",
        concat!("A", "C0123456789abcdef0123456789abcdef"),
        NO,
    ),
    (
        "TWILIO_VERIFY_SERVICE_SID",
        concat!("V", "A0123456789abcdef0123456789abcdef"),
        NO,
    ),
    ("GITHUB_APP_ID", "123456", NO),
    (
        "GITHUB_APP_PRIVATE_KEY",
        concat!(
            "-----BEGIN RSA ",
            "PRIVATE KEY-----\nMIIE\n-----END RSA ",
            "PRIVATE KEY-----"
        ),
        YES,
    ),
    ("GITHUB_WEBHOOK_SECRET", "development", YES),
    ("GITHUB_API_URL", "https://api.github.example.com", NO),
    ("GITLAB_ROOT_PASSWORD", "Fr0ntD00r!", YES),
    (
        "GITLAB_OMNIBUS_CONFIG",
        "gitlab_rails['initial_root_password'] = 'Fr0ntD00r'",
        YES,
    ),
    ("CI_JOB_TOKEN_SCOPE", "project", NO),
    (
        "ROLLBAR_ACCESS_TOKEN",
        "0123456789abcdef0123456789abcdef",
        YES,
    ),
    ("BUGSNAG_API_KEY", "0123456789abcdef0123456789abcdef", YES),
    ("ELASTIC_APM_SECRET_TOKEN", "a1B2c3D4e5F6g7H8", YES),
    ("ELASTIC_APM_SERVER_URL", "http://apm:8200", NO),
    (
        "ELASTIC_APM_SANITIZE_FIELD_NAMES",
        "password,passwd,pwd,secret,*key,*token*",
        NO,
    ),
    ("LOG_REDACT_KEYS", "password,token,authorization", NO),
];
