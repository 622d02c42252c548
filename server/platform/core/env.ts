import { z } from 'zod'
import { chainChecks, chainVariables } from './env-chains.ts'
import { signInChecks, signInVariables } from './env-sign-in.ts'
import { flag, list, membershipOf, text, url, wholeFrom } from './env-values.ts'
import { describeIssue } from './input-problems.contract.ts'

const mailbox = z
  .string()
  .regex(/^(?:[^<>@"\r\n]+ )?<[^<>\s]+@[^<>\s]+>$|^[^<>\s]+@[^<>\s]+$/, 'expected an address, or a name and an address in <>')
  .transform((value) => {
    const [, name = '', address = value] = /^(.*)<(.+)>$/.exec(value) ?? []
    return { name: name.trim(), address }
  })
  .refine(({ address }) => z.email().safeParse(address).success, 'expected an address, or a name and an address in <>')
const amount = String.raw`\d+(?:\.\d+)?`
const price = new RegExp(`^([^\\s=]+)=(${amount})/(${amount})(?::cacheRead=(${amount}))?(?::cacheWrite=(${amount}))?$`)

/** Of a model, in US dollars per million tokens. */
interface SetPrice {
  input: number
  output: number
  cacheRead?: number
  cacheWrite?: number
}

const prices = list.transform((parts, ctx) => {
  const entries = parts.map((part) => price.exec(part)).filter((entry) => entry !== null)
  if (entries.length < parts.length)
    ctx.addIssue('expected provider/model=input/output, such as openai/gpt-4o=2.50/10 or openai/gpt-4o=2.50/10:cacheRead=1.25')
  return Object.fromEntries(
    entries.map(([, id, input, output, cacheRead, cacheWrite]): [string, SetPrice] => [
      id!,
      {
        input: Number(input),
        output: Number(output),
        ...(cacheRead === undefined ? {} : { cacheRead: Number(cacheRead) }),
        ...(cacheWrite === undefined ? {} : { cacheWrite: Number(cacheWrite) }),
      },
    ]),
  )
})
const port = z.string().regex(/^\d+$/, 'expected a port number').transform(Number).pipe(z.number().int().min(0).max(65535))

/**
 * Every variable the server reads; the README's table is generated from it. A variable whose
 * `reserved` says so belongs to a feature this version does not have: it is checked, and the server
 * says at start that it has no effect yet.
 */
const variables = {
  PORT: port.default(3000).meta({ description: 'Port it listens on; 0 picks a free one.' }),
  HOST: text.default('127.0.0.1').meta({ description: 'Address it listens on.' }),
  APP_URL: url.optional().meta({ description: 'Public address, used in links and cookies. Default: `http://localhost:PORT`.' }),
  DATA_DIR: text.default('./data').meta({ description: 'Embedded database, secret and lock file.' }),
  DATA_DIR_SHARED: flag.default(false).meta({
    description:
      '`on` when DATA_DIR is one volume that outlives the servers and that all of them have, so that uploaded files may be in it.',
  }),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .meta({ description: 'Postgres 15 or newer, instead of the embedded database.' }),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .meta({ description: 'Redis, so that several servers share their rate limits; without it each server counts its own.' }),
  APP_SECRET: z.string().min(32).optional().meta({
    description:
      'Root of all encryption and signing, 32 characters or more. Made in `DATA_DIR` when left out; required with `DATABASE_URL`.',
  }),
  APP_SECRET_PREVIOUS: list
    .default([])
    .meta({ description: 'Earlier values of `APP_SECRET`, comma-separated: what they encrypted can still be read.' }),
  ADMIN_EMAILS: list.default([]).meta({
    description: 'Comma-separated addresses of admins. An account is an admin once its address is also verified (`npm run verify-email`).',
  }),
  SIGNUPS: z
    .enum(['open', 'invite', 'closed'])
    .default('open')
    .meta({ description: '`open`; `invite` (a referral code of an existing account is needed); or `closed`.' }),
  SIGNUP_WORKSPACE: membershipOf.optional().meta({
    description:
      'A team everybody who registers becomes a member of, as `<id>:<role>` with the role `member`, `viewer` or `admin`: for a server of one team.',
  }),
  MAX_CREDITED_REFERRALS: wholeFrom(0).default(10).meta({
    description:
      'Most referrals one account gets credit for (10 credits for each side, once the new account has a verified address or has paid a deposit); 0 for none.',
  }),
  SELF_HOSTED_PLAN: z
    .enum(['solo', 'collective', 'label', 'network'])
    .default('network')
    .meta({ description: 'Plan of every account while Stripe is off.' }),
  STRIPE_SECRET_KEY: text.optional().meta({
    description: 'Switches to paid plans: an account then needs a plan or a trial to run agents. A live key needs `DATABASE_URL`.',
  }),
  STRIPE_WEBHOOK_SECRET: text.optional().meta({
    description:
      'Secret of the events Stripe sends to `/api/webhooks/stripe`. Without it plans and credits are only switched on by the sweep that asks Stripe every few minutes.',
  }),
  STRIPE_TOPUP_WEBHOOK_SECRET: text.optional().meta({
    description: 'Secret of the events Stripe sends to `/api/wallet/top-up`. Default: `STRIPE_WEBHOOK_SECRET`.',
  }),
  STRIPE_CREDIT_PRICES: list
    .pipe(z.array(z.string().regex(/^price_\w+$/, 'expected ids of prices at Stripe, price_…')))
    .default([])
    .meta({
      description:
        'Comma-separated ids of the prices at Stripe, one-time and in US dollars, that `/api/stripe/credits` sells credits for, a credit for each dollar. None without.',
    }),
  STRIPE_API_BASE: url.optional().meta({ description: 'Another Stripe address, for tests.' }),
  OPENROUTER_API_KEY: text.optional().meta({ description: 'OpenRouter.' }),
  OPENROUTER_BASE_URL: url.default('https://openrouter.ai/api/v1').meta({ description: 'OpenRouter address.' }),
  OPENAI_API_KEY: text.optional().meta({ description: 'OpenAI.' }),
  OPENAI_BASE_URL: url.default('https://api.openai.com/v1').meta({ description: 'OpenAI address.' }),
  ANTHROPIC_API_KEY: text.optional().meta({ description: 'Anthropic.' }),
  ANTHROPIC_BASE_URL: url.default('https://api.anthropic.com/v1').meta({ description: 'Anthropic address.' }),
  OPENAI_COMPATIBLE_BASE_URL: url
    .optional()
    .meta({ description: 'Any OpenAI-compatible server (vLLM, LM Studio, Ollama), ending in `/v1`.' }),
  OPENAI_COMPATIBLE_API_KEY: text.optional().meta({ description: 'Its key, if it wants one.' }),
  GEMINI_API_KEY: text.optional().meta({ description: 'Google Gemini.' }),
  GEMINI_BASE_URL: url.default('https://generativelanguage.googleapis.com/v1beta').meta({ description: 'Gemini address.' }),
  GROQ_API_KEY: text.optional().meta({ description: 'Groq.' }),
  GROQ_BASE_URL: url.default('https://api.groq.com/openai/v1').meta({ description: 'Groq address.' }),
  OLLAMA_BASE_URL: url
    .default('http://127.0.0.1:11434')
    .meta({ description: 'Ollama address. When a server answers there, its models are offered.' }),
  DEFAULT_MODEL: text
    .optional()
    .meta({ description: "Model of new agents. Default: the first configured provider's, else `local/commands`." }),
  MODEL_PRICES: prices.default({}).meta({
    description:
      'Prices where none is published or another one holds, in US dollars per million tokens in and out: `openai/gpt-4o-mini=0.15/0.60,compatible/llama3=0/0`. What tokens cost that a provider reads from its cache, or writes there, may follow: `anthropic/claude-haiku-4-5=1/5:cacheRead=0.10:cacheWrite=1.25`.',
  }),
  FALLBACK_MODELS: list
    .default([])
    .meta({ description: 'Comma-separated models that `/api/ai/chat` and the gateway try in turn when a model fails.' }),
  SPEECH_MODEL: text.optional().meta({
    description:
      'Text to speech on the gateway, such as `openai/gpt-4o-mini-tts`. Without it a small English voice inside the server speaks.',
  }),
  TRANSCRIPTION_MODEL: text
    .optional()
    .meta({ description: 'Speech to text on the gateway, such as `openai/whisper-1`. Default: that one with OPENAI_API_KEY, else none.' }),
  MODEL_TIMEOUT_SECONDS: z
    .string()
    .regex(/^\d+$/, 'expected a number of seconds')
    .transform(Number)
    .pipe(z.number().int().min(1).max(3600))
    .default(120)
    .meta({
      description:
        'Longest a model may be silent, before its answer and in the middle of it. An answer that flows is not cut off before an hour.',
    }),
  RUNTIME: z.enum(['builtin', 'process', 'docker', 'kubernetes']).default('builtin').meta({
    description:
      'Where agents run. `builtin`: inside this server. `process`: an OpenClaw gateway each, as a process beside it; for a single server, and it needs OpenClaw installed. `docker`: one in a container each. `kubernetes`: one in a pod each, next to this server.',
  }),
  RUNTIME_IMAGE: text.optional().meta({ description: 'Image of agents that ask for no other. Default: the one that goes with RUNTIME.' }),
  RUNTIME_IMAGES: list.default([]).meta({ description: 'Comma-separated further images agents may be moved to.' }),
  RUNTIME_MODELS_URL: url.optional().meta({
    description:
      'Where agents outside of this server reach its `/v1`. Default: `http://127.0.0.1:PORT/v1`, with RUNTIME=docker `http://host.docker.internal:PORT/v1`.',
  }),
  RUNTIME_START_SECONDS: wholeFrom(1).default(120).meta({ description: 'Longest an agent outside of this server may take to start.' }),
  DOCKER_HOST: z
    .url({ protocol: /^(unix|tcp|http)$/, hostname: /.*/ })
    .default('unix:///var/run/docker.sock')
    .meta({ description: 'Docker engine for RUNTIME=docker, `unix:///path` or `tcp://host:port`. It has to be the one of this machine.' }),
  KUBERNETES_NAMESPACE: text.default('agentbot').meta({ description: 'Namespace of the agents, for RUNTIME=kubernetes.' }),
  KUBECONFIG: text
    .optional()
    .meta({ description: 'File that says how to reach Kubernetes. Without it: the service account of the pod this server runs in.' }),
  KUBERNETES_STORAGE_CLASS: text.optional().meta({ description: "Storage class of the agents' volumes. Default: the cluster's own." }),
  KUBERNETES_VOLUME_GB: wholeFrom(1).default(5).meta({ description: "Size of an agent's volume in GiB." }),
  OPENCLAW_DIR: text.optional().meta({
    description: 'Folder of the package `openclaw`, for RUNTIME=process. Default: `node_modules/openclaw` here or in `DATA_DIR/openclaw`.',
  }),
  WATCHDOG_CHECK_SECONDS: wholeFrom(1).default(120).meta({ description: 'How often the watchdog looks after an agent that is well.' }),
  WATCHDOG_DEGRADED_SECONDS: wholeFrom(1).default(5).meta({ description: 'How often it looks after one that is not.' }),
  WATCHDOG_REPAIRS: wholeFrom(0).default(2).meta({ description: 'Repairs it tries before it leaves an agent to its owner.' }),
  WATCHDOG_BACKOFF_SECONDS: wholeFrom(0)
    .default(10)
    .meta({ description: 'Wait after a repair that failed; it doubles with each further one.' }),
  WATCHDOG_CRASHES: wholeFrom(1).default(3).meta({ description: 'That many crashes within the window are a crash loop.' }),
  WATCHDOG_CRASH_WINDOW_SECONDS: wholeFrom(1).default(300).meta({ description: 'That window.' }),
  WATCHDOG_FAILED_STARTS: wholeFrom(1).default(3).meta({ description: 'That many failed starts in a row are a crash loop, too.' }),
  S3_ENDPOINT: url
    .optional()
    .meta({ description: 'S3-compatible server that keeps uploaded files; without it they are in `DATA_DIR/files`.' }),
  S3_BUCKET: text.optional().meta({ description: 'Its bucket, which has to exist.' }),
  S3_REGION: text.default('us-east-1').meta({ description: 'Its region.' }),
  S3_ACCESS_KEY_ID: text.optional().meta({ description: 'Key of the bucket.' }),
  S3_SECRET_ACCESS_KEY: text.optional().meta({ description: 'Secret of that key.' }),
  MESSAGE_RETENTION_DAYS: wholeFrom(1)
    .optional()
    .meta({ description: 'Days that messages are kept. Default: as many messages as the plan has room for, whatever their age.' }),
  RUN_RETENTION_DAYS: wholeFrom(1)
    .default(30)
    .meta({ description: 'Days that jobs and runs of schedules are kept after their end, the newest 1,000 of each schedule.' }),
  USAGE_RETENTION_DAYS: wholeFrom(62)
    .default(400)
    .meta({ description: 'Days that single model calls and uses of tools are kept for the usage figures, 62 or more.' }),
  AUDIT_DAYS: wholeFrom(1).default(400).meta({
    description: 'Days that the audit log is kept, 1,000,000 events of each workspace at most.',
  }),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, hostname: /.+/ })
    .optional()
    .meta({
      description:
        'Mail server, such as `smtps://user:password@smtp.example.org`. Without one, mail is written to `DATA_DIR/outbox`, where admins can read it.',
    }),
  MAIL_FROM: mailbox.optional().meta({
    description: 'Sender of mail, such as `Agentbot <agentbot@example.org>`. Required with `SMTP_URL`.',
  }),
  ...signInVariables,
  ...chainVariables,
  FARCASTER_DOMAIN: text.optional().meta({
    description: 'Domain of the Farcaster app whose identity tokens are checked. Without it `/api/auth/farcaster/verify` answers 503.',
  }),
  FARCASTER_AUTH_ORIGIN: url
    .default('https://auth.farcaster.xyz')
    .transform((origin) => new URL(origin).origin)
    .meta({ description: 'Server that signs those tokens.' }),
  TELEGRAM_API_BASE: url.optional().meta({ description: 'Telegram.', reserved: true }),
  DISCORD_API_BASE: url.optional().meta({ description: 'Discord.', reserved: true }),
  WHATSAPP_API_BASE: url.optional().meta({ description: 'WhatsApp.', reserved: true }),
  RATE_LIMIT_SCALE: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'expected a number above 0')
    .transform(Number)
    .pipe(z.number().positive())
    .default(1)
    .meta({ description: 'Multiplies all rate limits.' }),
  CORS_ORIGINS: list.default([]).meta({ description: 'Comma-separated origins whose pages may call the API.' }),
  METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,}$/, 'expected 16 characters or more, without spaces')
    .optional()
    .meta({ description: 'Bearer token that may read `/metrics` for Prometheus, 16 characters or more. Admins may in any case.' }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log lines shown.' }),
  TRUST_PROXY: flag.default(false).meta({
    description:
      "`on` behind a reverse proxy: the caller's address is then the last one in X-Forwarded-For, and the server's own what X-Forwarded-Proto and X-Forwarded-Host say.",
  }),
  STOP_GRACE_SECONDS: wholeFrom(2)
    .default(9)
    .meta({ description: 'How long answers that have begun may take to finish when the server is told to stop.' }),
}

const schema = z.object(variables)

export type Env = Omit<z.output<typeof schema>, 'APP_URL'> & { APP_URL: string }

/** The configuration cannot be used; `problems` has one line per variable. */
export class InvalidConfiguration extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/**
 * Reads the configuration. An empty variable counts as not set.
 *
 * @throws InvalidConfiguration listing every problem at once.
 */
export function readEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([name, value]) => name in variables && value !== ''))
  const parsed = schema.safeParse(given, { error: describeIssue })
  const problems = parsed.success
    ? crossChecks(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (!parsed.success || problems.length > 0) throw new InvalidConfiguration(problems)
  return { ...parsed.data, APP_URL: (parsed.data.APP_URL ?? `http://localhost:${parsed.data.PORT}`).replace(/\/$/, '') }
}

/** Rules that need more than one variable. */
function crossChecks(env: z.output<typeof schema>): string[] {
  const problems: string[] = []
  if (env.DATABASE_URL && !env.APP_SECRET)
    problems.push('APP_SECRET: required with DATABASE_URL (32 characters or more), so that every server uses the same one')
  if (env.STRIPE_SECRET_KEY?.startsWith('sk_live_') && !env.DATABASE_URL)
    problems.push('DATABASE_URL: required with a live STRIPE_SECRET_KEY, because the embedded database does not survive a power cut')
  problems.push(...chainChecks(env))
  for (const name of ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const)
    if (env.S3_ENDPOINT && !env[name]) problems.push(`${name}: required with S3_ENDPOINT`)
  if (env.SMTP_URL && !env.MAIL_FROM)
    problems.push('MAIL_FROM: required with SMTP_URL, because mail servers refuse senders they do not know')
  problems.push(...signInChecks(env))
  if (env.RUNTIME === 'kubernetes' && !env.RUNTIME_MODELS_URL)
    problems.push('RUNTIME_MODELS_URL: required with RUNTIME=kubernetes, such as http://agentbot.agentbot.svc:3000/v1')
  if (env.RUNTIME === 'kubernetes' && !env.S3_ENDPOINT && !env.DATA_DIR_SHARED)
    problems.push(
      'S3_ENDPOINT: required with RUNTIME=kubernetes, because the next pod does not have the files that are in the DATA_DIR of this one; or mount one volume as DATA_DIR of all pods (ReadWriteMany) and set DATA_DIR_SHARED=on',
    )
  if (env.RUNTIME === 'docker' && !env.RUNTIME_MODELS_URL && /^(127\.|localhost$|::1$)/.test(env.HOST))
    problems.push(
      'HOST: containers cannot reach this server on a loopback address; listen on 0.0.0.0 or the address of the Docker bridge, or set RUNTIME_MODELS_URL',
    )
  return problems
}

/** One row of the configuration table. */
export interface EnvVariable {
  name: string
  description: string
  default: string
  isReserved: boolean
}

export const envVariables: EnvVariable[] = Object.entries(variables).map(([name, variable]) => {
  const meta = variable.meta() as { description: string; reserved?: boolean }
  const fallback = variable.safeParse(undefined)
  return {
    name,
    description: meta.description,
    default: fallback.success && fallback.data !== undefined ? defaultText(fallback.data) : '',
    isReserved: meta.reserved === true,
  }
})

function defaultText(value: unknown): string {
  if (value === false) return 'off'
  return typeof value === 'object' && !Array.isArray(value) ? '' : String(value)
}

/** Variables that are a secret, whole. */
const secretVariables = [
  'APP_SECRET',
  'APP_SECRET_PREVIOUS',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_TOPUP_WEBHOOK_SECRET',
  'OPENROUTER_API_KEY',
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'OPENAI_COMPATIBLE_API_KEY',
  'GEMINI_API_KEY',
  'GROQ_API_KEY',
  'S3_SECRET_ACCESS_KEY',
  'CDP_API_KEY_SECRET',
  'CDP_WALLET_SECRET',
  'METRICS_TOKEN',
  'GITHUB_CLIENT_SECRET',
  'GOOGLE_CLIENT_SECRET',
  'OIDC_CLIENT_SECRET',
] as const satisfies (keyof Env)[]

/** Addresses of services, which may hold a password or a key. */
const serviceAddresses = [
  'DATABASE_URL',
  'REDIS_URL',
  'SMTP_URL',
  'BASE_RPC_URL',
  'BASE_SEPOLIA_RPC_URL',
  'ETHEREUM_RPC_URL',
  'OPTIMISM_RPC_URL',
  'TEMPO_RPC_URL',
  'TOKEN_GATING_RPC',
  'X402_FACILITATOR_URL',
] as const satisfies (keyof Env)[]

/** A shorter part of an address names something, such as a version or a network. */
const MIN_KEY_IN_ADDRESS = 16

/** Everything in the configuration that nobody may read in an answer or a log: keys, and the passwords and keys in addresses. */
export const secretsOf = (env: Partial<Env>): string[] => [
  ...secretVariables.flatMap((name) => env[name] ?? []),
  ...serviceAddresses.flatMap((name) => secretsInAddress(env[name])),
]

function secretsInAddress(address: string | undefined): string[] {
  if (!address || !URL.canParse(address)) return []
  const { password, pathname, searchParams } = new URL(address)
  const keys = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= MIN_KEY_IN_ADDRESS)
  return [password, decoded(password), ...keys].filter((part) => part !== '')
}

/** A password with a percent sign of its own is what it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
