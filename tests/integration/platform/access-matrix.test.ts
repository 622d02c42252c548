import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startContractServer } from '../../contract/contract-server.ts'
import { attemptOf, expectNothingOf } from '../../contract/foreign-ids.ts'
import { dumpRows } from '../../contract/owner-rows.ts'
import { createTeam, type Team } from '../../contract/team.ts'
import { everyTransport, type Outcome } from '../../contract/transports.ts'
import { forgetKeysOf, generateApiKey, hashApiKey, previewApiKey } from '../../../server/identity/auth/index.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import { roles, scopesOfRole, type Role } from '../../../server/platform/core/roles.contract.ts'
import { keyScopes, type Scope } from '../../../server/platform/core/scopes.contract.ts'
import type { Operation } from '../../../server/platform/operations/operation.ts'
import type { Caller, TestServer } from '../../helpers/test-server.ts'

// Every operation over every transport by everybody who may know the ids of a workspace: what the table of operations says
// of who may call is what happens, and nothing of the workspace changes by a call that is refused.

// Whoever follows a link is sent on, whoever they are; the other transports of what it runs say who may.
const every = (await everyTransport()).filter(({ transport }) => !transport.isLink)
let server: TestServer
let team: Team
let rows: string
beforeAll(async () => {
  server = await startContractServer()
  team = await createTeam(server)
  rows = await rowsNow()
})
afterAll(() => server.close())

/** When and from where its keys were used, and the log of what was refused, are no change of a workspace. */
async function rowsNow(): Promise<string> {
  const dumped = JSON.parse(await dumpRows(server, team.owner.id)) as { table: string; row: Record<string, unknown> }[]
  const kept = dumped.map(({ table, row: { last_used_at: _at, last_address: _from, ...row } }) => ({ table, row }))
  return JSON.stringify(kept, null, 1)
}

type Call = Caller & { headers?: Record<string, string> }

/** What is expected of a refusal, by the operation; undefined where the operation does not look who calls. */
type Refusal = (operation: Operation) => { status: number; code?: string } | undefined

/** Calls everything as somebody who is refused, and sees to it that they are, and that nothing comes of it. */
function testRefused(callerNow: (operation: Operation) => Promise<Call> | Call, refusal: Refusal, isTold = false): void {
  const refused = every.filter(({ operation }) => refusal(operation) !== undefined)
  test.each(refused)('$name', async ({ operation, transport }) => {
    const input = attemptOf(operation, team.owner)
    const outcome = await transport.call(server, input, await callerNow(operation))
    expect(outcome, outcome.text).toMatchObject(refusal(operation)!)
    if (!isTold) expectNothingOf(team.owner, outcome, input)
    if (operation.kind !== 'query') expect(await rowsNow()).toBe(rows)
  })
  test('and nothing is changed', async () => {
    expect(refused.length).toBeGreaterThan(0)
    expect(await rowsNow()).toBe(rows)
  })
}

/** Operations that look at who calls. */
const looks = ({ access }: Operation): boolean => access !== 'public'

const needsSession = ({ access }: Operation): boolean => access === 'session' || access === 'fresh' || access === 'admin'

const unauthenticated: Refusal = (operation) => (looks(operation) ? { status: 401, code: 'INVALID_CREDENTIAL' } : undefined)

/** Gives the team a key, past the number people can make; it is gone again after the tests of its description. */
async function addKey(scopes: readonly Scope[] | null, createdBy: string | null = null): Promise<{ id: string; key: string }> {
  const [id, key] = [newId('apiKey'), generateApiKey()]
  const row = { id, accountId: team.owner.id, name: 'another', preview: previewApiKey(key), keyHash: hashApiKey(key), createdBy }
  await server.platform.databases.system
    .insertInto('apiKeys')
    .values({ ...row, scopes: scopes as string[] | null })
    .execute()
  added.push(id)
  rows = await rowsNow()
  return { id, key }
}

/** Has the server keep it at hand. */
async function useKey(key: string): Promise<void> {
  const { status } = await server.call('GET', '/api/agents', { key })
  if (status !== 200) throw new Error(`the key was not good before: ${status}`)
}

const added: string[] = []
/** There are no more of them than can be listed. */
const removeKeys = async () => {
  await server.platform.databases.system.deleteFrom('apiKeys').where('id', 'in', added.splice(0)).execute()
  rows = await rowsNow()
}

describe('nobody is refused by', () => {
  testRefused(
    () => ({}),
    ({ access }) => (access === 'public' || access === 'optional' ? undefined : { status: 401 }),
  )
})

describe('a session that has expired is refused by', () => {
  let cookie: string
  beforeAll(async () => {
    const joined = await team.join('owner')
    ;({ cookie } = joined)
    await server.platform.databases.system
      .updateTable('sessions')
      .set({ expiresAt: sql<string>`now() - interval '1 second'` })
      .where('userId', '=', joined.userId)
      .execute()
    rows = await rowsNow()
  })
  testRefused(() => ({ cookie }), unauthenticated)
})

describe('a key that was revoked is refused by', () => {
  let key: string
  beforeAll(async () => {
    const made = await addKey(null)
    key = made.key
    await useKey(key)
    await server.call('DELETE', `/api/keys/${made.id}`, { cookie: team.owner.cookie })
    rows = await rowsNow()
  })
  testRefused(() => ({ key }), unauthenticated)
})

describe('a key of a person who is suspended is refused by', () => {
  afterAll(removeKeys)
  let key: string
  beforeAll(async () => {
    const maker = await team.join('owner')
    ;({ key } = await addKey(null, maker.userId))
    await useKey(key)
    await suspend(maker.userId)
    rows = await rowsNow()
  })
  testRefused(() => ({ key }), unauthenticated)
})

describe('a person who is suspended is refused by', () => {
  let cookie: string
  beforeAll(async () => {
    const joined = await team.join('owner')
    ;({ cookie } = joined)
    await suspend(joined.userId)
    rows = await rowsNow()
  })
  testRefused(() => ({ cookie }), unauthenticated)
})

/** As the operator does it; the server hears of it at once, and not moments later from the database. */
async function suspend(userId: string): Promise<void> {
  await server.platform.databases.system
    .updateTable('users')
    .set({ suspendedAt: sql<string>`now()` })
    .where('id', '=', userId)
    .execute()
  forgetKeysOf(server.platform, team.owner.id)
}

describe('somebody who was removed', () => {
  let cookie: string
  beforeAll(async () => {
    const joined = await team.join('admin')
    ;({ cookie } = joined)
    await server.platform.databases.system
      .deleteFrom('memberships')
      .where('accountId', '=', team.owner.id)
      .where('userId', '=', joined.userId)
      .execute()
    rows = await rowsNow()
  })

  describe('and names the workspace is refused by', () => {
    testRefused(
      () => ({ cookie, headers: { 'x-agentbot-workspace': team.owner.id } }),
      (operation) => (looks(operation) ? { status: 404, code: 'WORKSPACE_NOT_FOUND' } : undefined),
    )
  })

  describe('and does not gets nothing of it by', () => {
    const asked = every.filter(({ operation }) => looks(operation) && operation.kind === 'query')
    test.each(asked)('$name', async ({ operation, transport }) => {
      const input = attemptOf(operation, team.owner)
      expectNothingOf(team.owner, await transport.call(server, input, { cookie }), input)
    })
  })
})

describe('a key without the scope is refused by', () => {
  afterAll(removeKeys)
  const keys = new Map<Scope, string>()
  beforeAll(async () => {
    for (const scope of keyScopes) keys.set(scope, (await addKey(keyScopes.filter((one) => one !== scope))).key)
  })
  testRefused(
    ({ scope }) => ({ key: keys.get(scope!)! }),
    (operation) => {
      const isOfKeys = operation.scope !== undefined && (keyScopes as readonly Scope[]).includes(operation.scope)
      if (!isOfKeys || !looks(operation)) return undefined
      return needsSession(operation) ? { status: 401, code: 'SESSION_REQUIRED' } : { status: 403, code: 'SCOPE_REQUIRED' }
    },
    true,
  )
})

describe('a key with every scope is refused by what needs a person:', () => {
  afterAll(removeKeys)
  let key: string
  beforeAll(async () => {
    ;({ key } = await addKey(null))
  })
  testRefused(
    () => ({ key }),
    (operation) => {
      if (needsSession(operation)) return { status: 401, code: 'SESSION_REQUIRED' }
      const isGiven = operation.scope === undefined || (keyScopes as readonly Scope[]).includes(operation.scope)
      return isGiven || !looks(operation) ? undefined : { status: 403, code: 'SCOPE_REQUIRED' }
    },
    true,
  )
})

/** What the table says of a role; undefined where it may call. */
function refusalOf(role: Role): Refusal {
  return ({ access, scope, isPersonal }) => {
    if (access === 'public') return undefined
    if (access === 'admin') return { status: 403, code: 'ADMIN_REQUIRED' }
    return scope === undefined || isPersonal || scopesOfRole[role].includes(scope) ? undefined : { status: 403, code: 'ROLE_REQUIRED' }
  }
}

const refusedRoles = roles.filter((role) => every.some(({ operation }) => refusalOf(role)(operation) !== undefined))

describe.each(refusedRoles)('as %s one is refused by', (role) => {
  let cookie: string
  beforeAll(async () => {
    ;({ cookie } = await team.join(role))
    rows = await rowsNow()
  })
  testRefused(() => ({ cookie }), refusalOf(role), true)
})

describe.each(roles)('as %s one may', (role) => {
  let cookie: string
  beforeAll(async () => {
    ;({ cookie } = await team.join(role))
  })
  const allowed = every.filter(
    ({ operation }) => looks(operation) && operation.kind === 'query' && refusalOf(role)(operation) === undefined,
  )

  test.each(allowed)('$name', async ({ operation, transport }) => {
    const outcome = await transport.call(server, attemptOf(operation, team.owner), { cookie })
    expect(isOfAccess(outcome), outcome.text).toBe(false)
    expect(outcome.status, outcome.text).not.toBe(500)
  })
})

/** Whether somebody was refused for who they are. */
const isOfAccess = ({ status, code = '' }: Outcome): boolean => status === 401 || /^(?:ROLE|SCOPE|SESSION|ADMIN|WORKSPACE)_/.test(code)

// What changes something for good comes last.
describe.each(['member', 'admin'] as const)('as %s one is not refused for their role by', (role) => {
  let cookie: string
  beforeAll(async () => {
    ;({ cookie } = await team.join(role))
  })
  const allowed = every.filter(
    ({ operation }) => looks(operation) && !operation.isPersonal && operation.kind !== 'query' && refusalOf(role)(operation) === undefined,
  )

  test.each(allowed)('$name', async ({ operation, transport }) => {
    const outcome = await transport.call(server, attemptOf(operation, team.owner), { cookie })
    expect(/^(?:ROLE|SCOPE)_/.test(outcome.code ?? ''), outcome.text).toBe(false)
    expect(outcome.status, outcome.text).not.toBe(500)
  })
})
