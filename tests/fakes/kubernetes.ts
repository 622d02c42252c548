import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKubelet, type Kubelet } from './kubernetes.kubelet.ts'

/** An object as the API server keeps it. What is in it was validated when it came in. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; [field: string]: unknown }
  // oxlint-disable-next-line typescript/no-explicit-any
  spec?: any
  // oxlint-disable-next-line typescript/no-explicit-any
  status?: any
  data?: Record<string, string>
  stringData?: Record<string, string>
}

type Body = ConstructorParameters<typeof StatefulSet>[0] & ConstructorParameters<typeof Job>[0]
type Model = new (body: Body) => { validate(): void }

/** What can be kept, and the model its bodies have to fit. Pods are made by the kubelet only. */
const models: Record<string, Model | undefined> = {
  'api/v1/secrets': Secret as Model,
  'api/v1/services': Service as Model,
  'api/v1/persistentvolumeclaims': PersistentVolumeClaim as Model,
  'api/v1/pods': undefined,
  'apis/apps/v1/statefulsets': StatefulSet as Model,
  'apis/batch/v1/jobs': Job as Model,
  'apis/networking.k8s.io/v1/networkpolicies': NetworkPolicy as Model,
  'apis/metrics.k8s.io/v1beta1/pods': undefined,
}

const TOKEN = 'token-of-the-service-account'

export interface FakeKubernetes {
  url: string
  token: string
  kubelet: Kubelet
  /** Objects of one kind, by their plural name. */
  list(plural: string): KubeObject[]
  /** Makes the API server answer every call with 503, or not any more. */
  setBroken(isBroken: boolean): void
  /** Makes calls of that method and plural name forbidden, as a role without that right would. */
  forbid(method: string, plural: string): void
  /** Rights a role needs for the calls so far, such as `create apps/statefulsets`. */
  rights: Set<string>
  close(): Promise<void>
}

class Refused extends Error {
  readonly status: number
  readonly reason: string
  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

/**
 * An API server of Kubernetes on a free port of 127.0.0.1 that knows what this product uses of it. It
 * validates what it is sent, answers as the real one does (401, 403, 404, 409, 415, 422 with a `Status`),
 * and its kubelet runs what it keeps as processes of this machine.
 */
export async function startFakeKubernetes(): Promise<FakeKubernetes> {
  const kept = new Map<string, KubeObject>()
  const kubelet = await createKubelet(kept)
  const forbidden = new Set<string>()
  const rights = new Set<string>()
  let isBroken = false

  async function answer(request: IncomingMessage): Promise<unknown> {
    if (isBroken) throw new Refused(503, 'ServiceUnavailable', 'the server is currently unable to handle the request')
    if (request.headers.authorization !== `Bearer ${TOKEN}`) throw new Refused(401, 'Unauthorized', 'Unauthorized')
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost')
    if (pathname === '/version') return { major: '1', minor: '34', gitVersion: 'v1.34.0' }
    const [, group, namespace, plural, name, sub] =
      /^\/(.+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? []
    const collection = `${group}/${plural}`
    if (!(collection in models)) throw new Refused(404, 'NotFound', 'the server could not find the requested resource')
    const method = request.method!
    const verb = method === 'GET' && name === undefined ? 'list' : verbs[method]
    rights.add(`${verb} ${apiGroupOf(group!)}/${plural}${sub ? `/${sub}` : ''}`)
    if (forbidden.has(`${method} ${plural}`)) throw new Refused(403, 'Forbidden', `${plural} is forbidden: no right to ${method}`)
    const key = `${collection}/${namespace}/${name}`
    const found = () => {
      const object = kept.get(key)
      if (!object) throw new Refused(404, 'NotFound', `${plural} "${name}" not found`)
      return object
    }
    if (method === 'POST') return create(collection, namespace!, await readBody(request), models[collection])
    if (method === 'GET' && name === undefined) return listOf(kept, `${collection}/${namespace}/`, searchParams.get('labelSelector'))
    if (method === 'GET' && sub === 'log') return kubelet.logOf(found(), searchParams)
    if (method === 'GET') return collection.includes('metrics') ? (kubelet.metricsOf(name!) ?? found()) : found()
    if (method === 'PATCH') return change(key, found(), request, models[collection])
    if (method === 'DELETE') return remove(key, found())
    throw new Refused(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  }

  function create(collection: string, namespace: string, body: KubeObject, model: Model | undefined): KubeObject {
    if (!model) throw new Refused(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
    validate(body, model)
    const key = `${collection}/${namespace}/${body.metadata.name}`
    if (kept.has(key)) throw new Refused(409, 'AlreadyExists', `"${body.metadata.name}" already exists`)
    const object = settle({ ...body, metadata: { ...body.metadata, namespace, creationTimestamp: new Date().toISOString() } })
    kept.set(key, object)
    kubelet.notice(object)
    return object
  }

  async function change(key: string, before: KubeObject, request: IncomingMessage, model: Model | undefined): Promise<KubeObject> {
    if (request.headers['content-type'] !== 'application/merge-patch+json')
      throw new Refused(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${request.headers['content-type']}`)
    const after = settle(merge(before, await readBody(request)) as KubeObject)
    validate(after, model!)
    const fixed = before.kind === 'StatefulSet' ? ['serviceName', 'selector', 'volumeClaimTemplates'] : []
    for (const field of fixed)
      if (JSON.stringify(before.spec[field]) !== JSON.stringify(after.spec[field]))
        throw new Refused(422, 'Invalid', `spec.${field}: Forbidden: updates to this field are forbidden`)
    kept.set(key, after)
    kubelet.notice(after)
    return after
  }

  function remove(key: string, object: KubeObject): object {
    kept.delete(key)
    kubelet.forget(object)
    return { kind: 'Status', apiVersion: 'v1', status: 'Success' }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (result) => reply(response, 200, result),
      (error: unknown) => {
        const { status, reason, message } = error instanceof Refused ? error : new Refused(500, 'InternalError', String(error))
        reply(response, status, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: status })
      },
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    kubelet,
    list: (plural) => [...kept].flatMap(([key, object]) => (key.split('/').at(-3) === plural ? [object] : [])),
    setBroken: (value) => {
      isBroken = value
    },
    rights,
    forbid: (method, plural) => void forbidden.add(`${method} ${plural}`),
    async close() {
      await kubelet.close()
      await new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
    },
  }
}

const verbs: Record<string, string> = { GET: 'get', POST: 'create', PATCH: 'patch', DELETE: 'delete' }

const apiGroupOf = (path: string) => /^apis\/([^/]+)/.exec(path)?.[1] ?? ''

function reply(response: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' }).end(isText ? body : JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<KubeObject> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as KubeObject
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

function validate(object: KubeObject, model: Model): void {
  try {
    new model(object as unknown as Body).validate()
  } catch (error) {
    throw new Refused(422, 'Invalid', `${object.kind} is invalid: ${String(error)}`)
  }
  const { name, labels = {} } = object.metadata
  if (!NAME.test(name) || name.length > 63) throw new Refused(422, 'Invalid', `metadata.name: Invalid value: "${name}"`)
  for (const value of Object.values(labels))
    if (!LABEL_VALUE.test(value) || value.length > 63) throw new Refused(422, 'Invalid', `metadata.labels: Invalid value: "${value}"`)
}

/** Text of a secret is kept as base64, and is not given back. */
function settle({ stringData, ...object }: KubeObject): KubeObject {
  if (!stringData) return object
  const data = Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
  return { ...object, data: { ...object.data, ...data } }
}

function listOf(kept: Map<string, KubeObject>, prefix: string, selector: string | null): object {
  const wanted = (selector ?? '')
    .split(',')
    .filter(Boolean)
    .map((part) => part.split('=') as [string, string])
  const fits = ({ metadata: { labels = {} } }: KubeObject) => wanted.every(([key, value]) => labels[key] === value)
  return {
    kind: 'List',
    apiVersion: 'v1',
    metadata: {},
    items: [...kept].flatMap(([key, object]) => (key.startsWith(prefix) && fits(object) ? [object] : [])),
  }
}

/** JSON merge patch, RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const merged: Record<string, unknown> = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = merge(merged[key], value)
  }
  return merged
}
