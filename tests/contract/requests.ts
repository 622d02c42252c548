import type { Caller, TestServer } from '../helpers/test-server.ts'
import type { BuiltOperation } from './built.ts'
import { acceptsKey, documented, isOpenToAll } from './contract.ts'
import type { Owner } from './fixtures.ts'
import { wallet } from './wallet.ts'

/** A call, as REST callers write it. */
export interface RequestParts {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  headers?: Record<string, string>
}

let emails = 0
const ofAgent = ({ agentId }: Owner): RequestParts => ({ params: { id: agentId } })
const ofInstance = ({ instanceId }: Owner): RequestParts => ({ params: { userId: instanceId } })
const ofAccount = ({ id }: Owner): RequestParts => ({ params: { userId: id } })
const ofKey = ({ keyId }: Owner): RequestParts => ({ params: { id: keyId } })
const ofPaymentSession = ({ paymentSessionId }: Owner): RequestParts => ({ query: { sessionId: paymentSessionId } })
const nothing = (): RequestParts => ({})

/** A form with a small file, as it is sent. */
const formOf = (agentId: string): string =>
  [
    '--tide',
    'content-disposition: form-data; name="file"; filename="tides.csv"',
    'content-type: text/csv',
    '',
    'hour,metres',
    '--tide',
    'content-disposition: form-data; name="agentId"',
    '',
    agentId,
    '--tide--',
    '',
  ].join('\r\n')

/** One call of each operation that succeeds for the owner. */
export const requests: Record<BuiltOperation, (owner: Owner) => RequestParts> = {
  registerAccount: () => ({ body: { email: `ines${++emails}@example.org`, password: 'old-harbour-light', name: 'Ines Vale' } }),
  signIn: ({ email, password }) => ({ body: { email: email.toUpperCase(), password } }),
  getSession: nothing,
  signOut: nothing,
  getProfile: nothing,
  updateProfile: () => ({ body: { name: 'Ines Vale' } }),
  patchProfile: () => ({ body: { name: 'Ines Vale', notifications: { weeklyReport: true } } }),
  changePassword: ({ password }) => ({ body: { currentPassword: password, newPassword: password } }),
  getTrial: nothing,
  getPasskeyRegistrationOptions: nothing,
  verifyPasskeyRegistration: ({ passkeyRegistration }) => ({ body: passkeyRegistration }),
  listApiKeys: nothing,
  createApiKey: () => ({ body: { name: 'Ferry bot' } }),
  getApiKey: ofKey,
  deleteApiKey: ofKey,
  validateApiKey: ({ key }) => ({ body: { apiKey: key } }),
  validateBearerKey: nothing,
  listAgents: nothing,
  createAgent: () => ({
    body: { name: 'Harbour Desk', config: { aiProvider: 'local', instructions: 'Answer berth questions.', plan: 'solo' } },
  }),
  getAgent: ofAgent,
  updateAgent: (owner) => ({ ...ofAgent(owner), body: { plan: 'collective', aiProvider: 'local', config: { temperature: 0.3 } } }),
  deleteAgent: ofAgent,
  getAgentConfig: ofAgent,
  updateAgentConfig: (owner) => ({ ...ofAgent(owner), body: { model: 'local/commands', memoryLimit: 80 } }),
  listAgentMessages: (owner) => ({ ...ofAgent(owner), query: { limit: '10', offset: '0' } }),
  getAgentStats: ofAgent,
  provisionAgent: () => ({
    body: { name: 'Night Clerk', model: 'local/commands', config: { instructions: 'Handle late check-ins.' }, tier: 'pro' },
  }),
  listProvisionedAgents: nothing,
  startAgent: ofAgent,
  stopAgent: ofAgent,
  restartAgent: ofAgent,
  getAgentVerification: ofAgent,
  verifyAgent: (owner) => ({ ...ofAgent(owner), body: owner.verification }),
  removeAgentVerification: ofAgent,
  getAgentVerificationAlias: ofAgent,
  listAgentLogs: (owner) => ({ ...ofAgent(owner), query: { limit: '10', level: 'info' } }),
  updateAgentImage: (owner) => ({ ...ofAgent(owner), body: {} }),
  repairAgent: ofAgent,
  getAgentToken: ofAgent,
  syncAgent: ofAgent,
  provisionWithChannels: () => ({
    body: { autoProvision: true, aiProvider: 'openrouter', apiKey: 'sk-or-of-mine', model: 'openai/gpt-4o-mini', plan: 'collective' },
  }),
  getUserRuntime: nothing,
  getInstance: ofInstance,
  startInstance: ofInstance,
  stopInstance: ofInstance,
  restartInstance: ofInstance,
  updateInstanceImage: (owner) => ({ ...ofInstance(owner), body: {} }),
  repairInstance: ofInstance,
  resetInstanceMemory: ofInstance,
  getInstanceToken: ofInstance,
  getInstanceStats: ofInstance,
  sendChatMessage: ({ agentId }) => ({ body: { message: 'When does the first ferry leave?', topic: 'travel', agentId } }),
  listChatMessages: ({ agentId, marker }) => ({ query: { agentId, topic: marker, limit: '10', offset: '0' } }),
  queryAgent: ({ agentId, sessionId }) => ({ query: { action: 'session', sessionId, agentId } }),
  actOnAgent: ({ agentId, sessionId }) => ({ body: { action: 'chat', message: 'Is berth 9 taken?', sessionId, agentId } }),
  enqueueGatewayChat: () => ({ body: { message: 'Draft the weekly tide report.' } }),
  getJob: ({ jobId }) => ({ params: { jobId } }),
  getHeartbeat: ({ agentId }) => ({ query: { agentId } }),
  updateHeartbeat: ({ agentId }) => ({ body: { agentId, frequency: '3h', enabled: true } }),
  updateHeartbeatAlias: ({ agentId }) => ({ body: { agentId, frequency: '12h', enabled: false } }),
  resetHeartbeat: ({ agentId }) => ({ body: { agentId } }),
  listScheduledTasks: ({ agentId }) => ({ query: { agentId } }),
  createScheduledTask: ({ agentId }) => ({
    body: {
      name: 'Morning tides',
      cronSchedule: '30 6 1 1 *',
      prompt: 'Post the tide table.',
      agentId,
      description: 'Daily.',
      enabled: true,
    },
  }),
  updateScheduledTask: ({ taskId }) => ({
    body: { taskId, name: 'Evening tides', description: null, cronSchedule: '30 18 1 1 *', prompt: 'Post it again.', enabled: false },
  }),
  deleteScheduledTask: ({ taskId }) => ({ body: { taskId } }),
  listCronJobs: nothing,
  createCronJob: () => ({
    body: {
      name: 'Evening digest',
      schedule: { kind: 'cron', expr: '0 19 1 1 *' },
      payload: { kind: 'systemEvent', text: 'Sum up the day.' },
      enabled: true,
    },
  }),
  deleteCronJob: ({ cronJobId }) => ({ query: { jobId: cronJobId } }),
  getMemory: ({ agentId }) => ({ query: { agentId } }),
  storeMemory: ({ agentId }) => ({ body: { agentId, key: 'tone', memory: 'brief' } }),
  resetAgentMemory: ofAgent,
  getAiHealth: nothing,
  listAiModels: nothing,
  listAiModelsByProvider: () => ({ params: { provider: 'local' } }),
  selectAiModel: () => ({ body: { taskType: 'coding' } }),
  createAiChat: () => ({ body: { messages: [{ role: 'user', content: 'Name three kinds of knot.' }], max_tokens: 60 } }),
  estimateAiCost: () => ({ body: { model: 'local/commands', inputTokens: 2000, outputTokens: 500 } }),
  listOpenAiModels: nothing,
  getOpenAiModel: () => ({ params: { model: 'local/commands' } }),
  createChatCompletion: () => ({
    body: { model: 'compatible/fake-model', messages: [{ role: 'user', content: 'Name three kinds of knot.' }] },
  }),
  createEmbeddings: () => ({ body: { input: 'slack water', model: 'compatible/embed' } }),
  listPaymentSessions: ofPaymentSession,
  openPaymentSession: () => ({ body: { address: wallet.address, deposit: '10.00' } }),
  closePaymentSession: ofPaymentSession,
  submitVoucher: ({ voucher }) => ({ body: voucher }),
  routeGatewayRequest: ({ agentId }) => ({ body: { plugin: 'agent', agentId, messages: [{ role: 'user', content: 'calculate 2 + 2' }] } }),
  getGatewayOptions: nothing,
  getUsageSummary: () => ({ query: { days: '7' } }),
  getUsageByAgent: ({ agentId }) => ({ params: { agentId }, query: { days: '7' } }),
  getUsageByModel: () => ({ query: { days: '7' } }),
  getDailyUsage: nothing,
  getToolUsage: ({ agentId }) => ({ query: { agentId, days: '30' } }),
  listFiles: ({ agentId }) => ({ query: { agentId } }),
  uploadFile: ({ agentId }) => ({ body: formOf(agentId), headers: { 'content-type': 'multipart/form-data; boundary=tide' } }),
  deleteFile: ({ fileId }) => ({ body: { fileId } }),
  getMetrics: nothing,
  getStats: nothing,
  getHistoricalMetrics: (owner) => ({ ...ofAccount(owner), query: { range: '7d' } }),
  getPerformanceMetrics: ofAccount,
  getMetricsSummary: ofAccount,
  getHealth: nothing,
  getServiceHealth: nothing,
  getVersion: nothing,
  getOpenapi: nothing,
}

/** The credential the owner calls an operation with: a key where keys are accepted, else the session. */
export function credentialFor(operationId: BuiltOperation, { key, cookie }: Owner): Caller {
  if (acceptsKey(operationId)) return { key }
  return isOpenToAll(operationId) && operationId !== 'signOut' ? {} : { cookie }
}

/** Makes a call of an operation; its method and path are those of the contract. */
export function send(
  server: TestServer,
  operationId: BuiltOperation,
  { params = {}, query, body, headers = {} }: RequestParts,
  caller: Caller = {},
) {
  const { method, path } = documented(operationId)
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name]!))
  return server.call(method, query ? `${filled}?${new URLSearchParams(query)}` : filled, {
    ...caller,
    headers,
    ...(body === undefined ? {} : { body }),
  })
}
