import { readdirSync, readFileSync } from 'node:fs'
import * as apps from 'kubernetes-models/apps/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import * as core from 'kubernetes-models/v1'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { envVariables, readEnv } from '../../server/platform/core/env.ts'
import type { RuntimeAgent } from '../../server/agents/drivers/interface/driver.ts'
import { startFakeKubernetes, type KubeObject } from '../fakes/kubernetes.ts'
import { connectFake } from './kubernetes-driver.ts'

const FOLDER = 'deploy/kubernetes'
const objects = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(`${FOLDER}/${file}`, 'utf8')).map((document) => document.toJS() as KubeObject),
)
const known = new Set(envVariables.map(({ name }) => name))
const compose = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true })

type Model = new (object: KubeObject) => { validate(): void }

const models: Record<string, object> = {
  v1: core,
  'apps/v1': apps,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'rbac.authorization.k8s.io/v1': rbac,
}

test.each(objects.map((object) => ({ what: `${object.kind} ${object.metadata.name}`, object })))('$what fits its schema', ({ object }) => {
  const { [object.kind]: Model } = models[object.apiVersion] as Record<string, Model>
  new Model!(object).validate()
})

test('the role of the server has the rights the driver needs, and no others', async () => {
  const fake = await startFakeKubernetes()
  fake.kubelet.measure({ cpu: '1m', memory: '1Mi' })
  const driver = connectFake(fake, '3')
  const agent: RuntimeAgent = {
    id: 'agent_role',
    accountId: 'usr_role',
    name: 'Porter',
    model: 'local/commands',
    config: {},
    token: 'ab'.repeat(32),
    modelKey: 'sk_porter',
    credentials: {},
    image: driver.defaultImage,
    resources: { memoryGb: 2, cpus: 1 },
  }
  await driver.start(agent)
  await driver.create(agent)
  await driver.status(agent)
  await driver.stats(agent)
  await driver.logs(agent, { limit: 1 })
  await driver.sync(agent, { skills: [], memories: [], files: [] })
  await driver.repair(agent)
  await driver.updateImage(agent, 'registry.example/openclaw:2')
  await driver.stop(agent)
  await driver.resetMemory(agent)
  const listed = fake.list('jobs')
  await driver.remove(agent)
  expect(listed).toEqual([])
  const { rules } = objects.find(({ kind }) => kind === 'Role') as unknown as { rules: Rule[] }
  const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
  )
  // Jobs are deleted when their work is done, or with an agent whose work was interrupted.
  expect([...fake.rights].sort()).toEqual(granted.sort())
  await fake.close()
})

interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

/** Variables whose values are up to the deployment: where something is, and how it is reached. */
const FIXED_BY_COMPOSE = ['DATABASE_URL', 'DATA_DIR', 'HOST', 'PORT', 'RUNTIME']

test.each([
  { service: 'agentbot', fixed: FIXED_BY_COMPOSE },
  { service: 'agentbot-docker', fixed: [...FIXED_BY_COMPOSE, 'DOCKER_HOST'] },
])('Compose passes every variable of the table on to $service, from deploy/.env', ({ service, fixed }) => {
  const { env_file: files, environment } = compose.services[service]
  expect(files).toEqual(['.env'])
  // What `environment` names wins over the file, so it has to be taken from the file, too.
  const overridden = Object.entries(environment as Record<string, string>).filter(([name, value]) => !value.startsWith(`\${${name}`))
  expect(overridden.map(([name]) => name).sort()).toEqual([...fixed].sort())
})

test('Kubernetes passes on every variable that is in the secret or the settings', () => {
  const { containers } = (objects.find(({ kind }) => kind === 'Deployment') as unknown as Deployment).spec.template.spec
  expect(containers.map(({ env, envFrom }) => ({ env, envFrom }))).toEqual([
    { env: undefined, envFrom: [{ configMapRef: { name: 'agentbot' } }, { secretRef: { name: 'agentbot-settings' } }] },
  ])
})

interface Deployment {
  spec: { template: { spec: { containers: { env?: object[]; envFrom: object[] }[] } } }
}

describe('the settings for Kubernetes', () => {
  const settings = Object.assign(
    {},
    ...objects.map(({ kind, data, stringData }) => (kind === 'Secret' ? stringData : kind === 'ConfigMap' ? data : {})),
  )
  const without = (...names: string[]) => Object.fromEntries(Object.entries(settings as object).filter(([name]) => !names.includes(name)))

  test('are accepted as they are', () => {
    expect(readEnv(settings)).toMatchObject({ RUNTIME: 'kubernetes', DATA_DIR_SHARED: false })
  })

  test('are refused without a place for files that every pod sees', () => {
    const withoutBucket = without('S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY')
    expect(() => readEnv(withoutBucket)).toThrow(/S3_ENDPOINT: required with RUNTIME=kubernetes.*DATA_DIR_SHARED=on/)
    expect(readEnv({ ...withoutBucket, DATA_DIR_SHARED: 'on' }).DATA_DIR_SHARED).toBe(true)
  })
})

test('every variable that is set is one the server reads', () => {
  const settings = objects.flatMap((object) =>
    object.kind === 'ConfigMap' || object.kind === 'Secret' ? Object.keys({ ...object.data, ...object.stringData }) : [],
  )
  const composed = ['agentbot', 'agentbot-docker'].flatMap((service) => Object.keys(compose.services[service].environment))
  expect([...settings, ...composed].filter((name) => !known.has(name))).toEqual([])
})

test('the proxy lets through what the Docker driver asks for, and nothing that would leave its containers', () => {
  const rules = (compose.services['docker-proxy'].command as string[]).flatMap((line) => {
    const [, method, path] = /^-allow(GET|POST|PUT|DELETE)=(.+)$/.exec(line) ?? []
    return path === undefined ? [] : [{ method, path: new RegExp(`^${path}$`) }]
  })
  const passes = (call: string) => {
    const [method, path] = call.split(' ') as [string, string]
    return rules.some((rule) => rule.method === method && rule.path.test(path))
  }
  const needed = [
    'GET /_ping',
    'GET /containers/json',
    'GET /containers/0a1b/json',
    'GET /containers/0a1b/stats',
    'GET /containers/0a1b/logs',
    'GET /events',
    'GET /containers/agentbot-agent_1/archive',
    'PUT /containers/agentbot-agent_1/archive',
    'POST /containers/create',
    'POST /containers/0a1b/start',
    'POST /containers/0a1b/stop',
    'POST /containers/0a1b/kill',
    'POST /containers/0a1b/wait',
    'DELETE /containers/0a1b',
    'GET /images/ghcr.io/openclaw/openclaw:2026.9.6/json',
    'POST /images/create',
    'GET /networks',
    'POST /networks/create',
    'DELETE /networks/0a1b',
    'GET /volumes',
    'POST /volumes/create',
    'DELETE /volumes/agentbot-agent_1',
  ]
  expect(needed.filter((call) => !passes(call))).toEqual([])
  const others = ['POST /containers/0a1b/exec', 'POST /exec/0a1b/start', 'POST /build', 'GET /info', 'POST /swarm/init', 'GET /secrets']
  expect(others.filter(passes)).toEqual([])
})
