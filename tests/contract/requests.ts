import { loadRestBindings } from '../../scripts/routes.ts'
import { writeRequest } from '../../server/platform/operations/rest-request.ts'
import type { Operation } from '../../server/platform/operations/operation.ts'
import { isByAction, type RestBinding } from '../../server/platform/operations/rest.ts'
import type { Caller, TestServer } from '../helpers/test-server.ts'
import { built, type BuiltOperation } from './built.ts'
import { acceptsKey, documented, isOpenToAll } from './contract.ts'
import { inputFor } from './examples.ts'
import type { Owner } from './fixtures.ts'

/** A call, as REST callers write it. */
export interface RequestParts {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  headers?: Record<string, string>
}

/** The action that stands for a path where several operations share it. */
const shownActions: Partial<Record<BuiltOperation, string>> = {
  queryAgent: 'session',
  actOnAgent: 'chat',
  actOnBilling: 'get-usage',
  actOnWallet: 'info',
  settleBooking: 'get',
  executeInstantSplit: 'execute_split',
}

interface Bound {
  method: string
  path: string
  binding: RestBinding
  action: string | undefined
}

/** What a path and method of the contract runs; a preflight runs nothing. */
const bound = new Map<BuiltOperation, Bound>()
const routes = new Map((await loadRestBindings()).map((route) => [route.documentPath, route]))
for (const id of built) {
  const { method, path: documentPath } = documented(id)
  const { path, bindings } = routes.get(documentPath)!
  const entry = bindings[method as keyof typeof bindings]
  if (!entry) continue
  const action = shownActions[id]
  bound.set(id, { method, path, action, binding: isByAction(entry) ? entry.actions[action!]! : entry })
}

/** The operation behind a path and method of the contract. */
export const operationOf = (id: BuiltOperation): Operation | undefined => bound.get(id)?.binding.operation

/** The call of the contract that the example of its operation makes. */
export function exampleRequest(id: BuiltOperation): RequestParts {
  const call = bound.get(id)
  return call ? writeRequest(call.method, call.path, call.binding, call.binding.operation.example.input as object, call.action) : {}
}

/** The same, as the owner makes it: it succeeds. */
export function requestFor(id: BuiltOperation, owner: Owner): RequestParts {
  const call = bound.get(id)
  if (!call) return {}
  if (id === 'uploadFile') return formWith(owner)
  return writeRequest(call.method, call.path, call.binding, inputFor(call.binding.operation, owner), call.action)
}

/** The contract has uploads as forms; a file in JSON is an addition of this server. */
const formWith = ({ agentId }: Owner): RequestParts => ({
  headers: { 'content-type': 'multipart/form-data; boundary=tide' },
  body: [
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
  ].join('\r\n'),
})

/** The credential the owner calls an operation with: a key where keys are accepted, else the session. */
export function credentialFor(operationId: BuiltOperation, { key, cookie }: Owner): Caller {
  if (acceptsKey(operationId)) return { key }
  return isOpenToAll(operationId) && operationId !== 'signOut' ? {} : { cookie }
}

/** Makes a call of an operation; its method and path are those of the contract. */
export function send(
  server: TestServer,
  operationId: BuiltOperation,
  { params = {}, query = {}, body, headers = {} }: RequestParts,
  caller: Caller = {},
) {
  const { method, path } = documented(operationId)
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name]!))
  const search = new URLSearchParams(query as Record<string, string>).toString()
  return server.call(method, search ? `${filled}?${search}` : filled, {
    ...caller,
    headers,
    ...(body === undefined ? {} : { body }),
  })
}
