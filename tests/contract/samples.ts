import type { z } from 'zod'
import type { operations } from '../../server/operations.ts'
import type { Owner } from './fixtures.ts'
import { wallet } from './wallet.ts'

type Operations = typeof operations

/** One valid input of each operation, for an account that has one of everything. An operation without one does not compile. */
type Samples = { [D in keyof Operations]: { [V in keyof Operations[D]]: Sample<Operations[D][V]> } }
type Sample<O> = O extends { input: infer I extends z.ZodType } ? (owner: Owner) => z.input<I> : never

let count = 0
const nothing = () => ({})
const agent = ({ agentId }: Owner) => ({ agentId })
const instance = ({ instanceId }: Owner) => ({ userId: instanceId })
const key = ({ keyId }: Owner) => ({ keyId })
const paymentSession = ({ paymentSessionId }: Owner) => ({ sessionId: paymentSessionId })

export const samples: Samples = {
  accounts: {
    register: () => ({ email: `sample${++count}@example.org`, password: 'old-harbour-light' }),
    signIn: ({ email, password }) => ({ email, password }),
    session: nothing,
    signOut: nothing,
    profile: nothing,
    updateProfile: () => ({ name: 'Another name' }),
    patchProfile: () => ({ notifications: { weeklyReport: true } }),
    changePassword: ({ password }) => ({ currentPassword: password, newPassword: password }),
  },
  agents: {
    list: nothing,
    provisioned: nothing,
    get: agent,
    create: () => ({ name: 'Harbour Desk', config: { temperature: 0.3 } }),
    provision: () => ({ name: 'Night Clerk', tier: 'pro' }),
    update: ({ agentId }) => ({ agentId, plan: 'solo', config: { temperature: 0.3 } }),
    delete: agent,
    config: agent,
    updateConfig: ({ agentId }) => ({ agentId, config: { temperature: 0.3 } }),
    stats: agent,
    start: agent,
    stop: agent,
    restart: agent,
    resetMemory: agent,
    health: agent,
    skills: agent,
    switchSkill: ({ agentId }) => ({ agentId, skillId: 'venue-finder', enabled: false }),
    credentials: agent,
    events: agent,
    logs: ({ agentId }) => ({ agentId, limit: 10, level: 'info' }),
    streamLogs: ({ agentId }) => ({ agentId, limit: 10 }),
    updateImage: agent,
    repair: agent,
    token: agent,
    sync: agent,
    configVersions: agent,
    configDiff: ({ agentId }) => ({ agentId, from: 1, to: 1 }),
    restoreConfig: ({ agentId }) => ({ agentId, version: 1 }),
    setCredential: ({ agentId }) => ({ agentId, key: 'anthropic', value: 'another' }),
  },
  ai: {
    health: nothing,
    models: nothing,
    modelsOf: () => ({ provider: 'local' }),
    select: () => ({ taskType: 'coding' }),
    estimate: () => ({ model: 'local/commands', inputTokens: 2000, outputTokens: 500 }),
    chat: () => ({ messages: [{ role: 'user', content: 'calculate 2 + 2' }], model: 'local/commands', max_tokens: 60 }),
    streamChat: () => ({ messages: [{ role: 'user', content: 'calculate 2 + 2' }], model: 'local/commands' }),
    providerKeys: nothing,
    setProviderKey: () => ({ provider: 'groq', apiKey: 'gsk-another' }),
    removeProviderKey: () => ({ provider: 'openai' }),
  },
  billing: { trial: nothing },
  chat: {
    list: ({ agentId }) => ({ agentId, limit: 5, offset: 0 }),
    send: ({ agentId, sessionId }) => ({ agentId, sessionId, message: 'calculate 2 + 2', topic: 'sums' }),
    stream: ({ agentId, sessionId }) => ({ agentId, sessionId, message: 'calculate 2 + 2', topic: 'sums' }),
    retry: ({ failedMessageId }) => ({ messageId: failedMessageId }),
    streamRetry: ({ failedMessageId }) => ({ messageId: failedMessageId }),
  },
  conversations: {
    list: agent,
    get: ({ agentId, sessionId }) => ({ agentId, sessionId }),
    create: agent,
    recent: agent,
    agentMessages: ({ agentId }) => ({ agentId, limit: 5, offset: 0 }),
    messagesOfAgents: ({ agentId }) => ({ agentIds: [agentId], perAgent: 5 }),
  },
  files: {
    list: agent,
    get: ({ fileId }) => ({ fileId }),
    upload: ({ agentId }) => ({ agentId, filename: 'tides.csv', content: 'aG91cixtZXRyZXMK' }),
    delete: ({ fileId }) => ({ fileId }),
  },
  gateway: {
    plugins: nothing,
    route: ({ agentId }) => ({ plugin: 'agent', agentId, messages: [{ role: 'user', content: 'calculate 2 + 2' }] }),
    stream: ({ agentId }) => ({ plugin: 'agent', agentId, messages: [{ role: 'user', content: 'calculate 2 + 2' }] }),
  },
  instances: {
    provision: () => ({ autoProvision: true, plan: 'collective' }),
    own: nothing,
    get: instance,
    start: instance,
    stop: instance,
    restart: instance,
    updateImage: instance,
    repair: instance,
    resetMemory: instance,
    token: instance,
    stats: instance,
  },
  jobs: { get: ({ jobId }) => ({ jobId }), enqueueChat: () => ({ message: 'calculate 2 + 2' }) },
  keys: {
    list: nothing,
    get: key,
    create: () => ({ name: 'Ferry bot', scopes: ['agents:read'] }),
    delete: key,
    validate: ({ key }) => ({ apiKey: key }),
    validateBearer: nothing,
  },
  memory: {
    get: agent,
    store: ({ agentId }) => ({ agentId, values: { tone: 'brief', berth: 9, tide: 'high', ferry: '06:40' } }),
    delete: ({ agentId, marker }) => ({ agentId, key: `secret${marker}` }),
  },
  metrics: {
    platform: nothing,
    stats: nothing,
    history: ({ id }) => ({ userId: id }),
    performance: ({ id }) => ({ userId: id }),
    summary: ({ id }) => ({ userId: id }),
  },
  openai: {
    models: nothing,
    model: () => ({ model: 'local/commands' }),
    complete: ({ agentId }) => ({ model: `agent:${agentId}`, messages: [{ role: 'user', content: 'calculate 2 + 2' }] }),
    stream: ({ agentId }) => ({ model: `agent:${agentId}`, messages: [{ role: 'user', content: 'calculate 2 + 2' }] }),
    embed: () => ({ input: 'slack water', model: 'compatible/embed' }),
  },
  passkeys: {
    list: nothing,
    startRegistration: nothing,
    register: ({ passkeyRegistration }) => passkeyRegistration,
    remove: ({ passkeyId }) => ({ passkeyId }),
  },
  payments: {
    sessions: paymentSession,
    depositTerms: nothing,
    openSession: () => ({ address: wallet.address, deposit: '10.00' }),
    closeSession: paymentSession,
    submitVoucher: ({ voucher }) => voucher,
  },
  schedules: {
    heartbeat: agent,
    updateHeartbeat: ({ agentId }) => ({ agentId, frequency: '3h' }),
    resetHeartbeat: agent,
    tasks: nothing,
    createTask: ({ agentId }) => ({ agentId, name: 'Morning tides', cronSchedule: '30 6 1 1 *', prompt: 'calculate 2 + 2' }),
    updateTask: ({ taskId }) => ({ taskId, enabled: false }),
    deleteTask: ({ taskId }) => ({ taskId }),
    cronJobs: nothing,
    createCronJob: () => ({ name: 'Digest', schedule: { kind: 'every', everyMs: 86_400_000 }, payload: { text: 'calculate 2 + 2' } }),
    deleteCronJob: ({ cronJobId }) => ({ jobId: cronJobId }),
    runs: ({ taskId }) => ({ scheduleId: taskId, limit: 5 }),
  },
  usage: { summary: nothing, byAgent: agent, byModel: () => ({ days: 7 }), daily: nothing, tools: agent },
  system: { health: nothing, serviceHealth: nothing, readiness: nothing, version: nothing, openapi: nothing, capabilities: nothing },
  verification: {
    get: agent,
    start: ({ agentId }) => ({ agentId, verificationType: 'ens' }),
    verify: ({ agentId, verification }) => ({ agentId, ...verification }),
    remove: agent,
  },
}

/** The sample of an operation, by its name. @throws Error when it has none. */
export function sampleOf(name: string, owner: Owner): Record<string, unknown> {
  const [domain, verb] = name.split('.') as [keyof Samples, string]
  const sample = (samples[domain] as Record<string, (owner: Owner) => Record<string, unknown>> | undefined)?.[verb]
  if (!sample) throw new Error(`The operation ${name} needs a sample in tests/contract/samples.ts.`)
  return sample(owner)
}
