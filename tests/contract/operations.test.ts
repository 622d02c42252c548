import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestServer } from '../helpers/test-server.ts'
import { startContractServer } from './contract-server.ts'
import { built, type BuiltOperation } from './built.ts'
import { acceptsKey, documented, expectContract, isOpenToAll } from './contract.ts'
import { namesRows, needsGateway } from './examples.ts'
import { createOwner, type Owner } from './fixtures.ts'
import { readyFor } from './renewals.ts'
import { credentialFor, operationOf, requestFor, send } from './requests.ts'

let server: TestServer
let owner: Owner
let other: Owner
/** What changes something is called for this one. */
let writer: Owner
beforeAll(async () => {
  server = await startContractServer()
  owner = await createOwner(server)
  other = await createOwner(server)
  writer = await createOwner(server)
})
afterAll(() => server.close())

/** Whether nothing is changed by it, so that it can be called for an account others use as well. */
const isRead = (operationId: BuiltOperation) => operationOf(operationId)?.kind !== 'mutation'

/** An account for which the operation succeeds. */
async function subjectOf(operationId: BuiltOperation): Promise<Owner> {
  const operation = operationOf(operationId)
  return isRead(operationId) || !operation ? owner : readyFor(server, operation, writer)
}

/** A link sends on whoever follows it, and the page says what is missing. */
const isLink = (operationId: BuiltOperation) => '303' in documented(operationId).responses

const isRefusable = (operationId: BuiltOperation) => !isOpenToAll(operationId) && !isLink(operationId)

describe('with a good credential', () => {
  test.each(built)('%s answers as documented', async (operationId) => {
    const subject = await subjectOf(operationId)
    const answer = await send(server, operationId, requestFor(operationId, subject), credentialFor(operationId, subject))
    expect(answer.status, JSON.stringify(answer.body)).toBe(successOf(operationId))
    expectContract(operationId, answer)
    for (const secret of subject.secrets) expect(JSON.stringify(answer.body)).not.toContain(secret)
  })

  test.each(built.filter((operationId) => acceptsKey(operationId) && operationId !== 'validateBearerKey'))(
    '%s takes a session as well as a key',
    async (operationId) => {
      const subject = await subjectOf(operationId)
      const answer = await send(server, operationId, requestFor(operationId, subject), { cookie: subject.cookie })
      expectContract(operationId, answer)
      expect(answer.status).toBe(successOf(operationId))
    },
  )
})

describe('without a credential', () => {
  test.each(built.filter(isRefusable))('%s answers 401', async (operationId) => {
    const answer = await send(server, operationId, requestFor(operationId, owner))
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expectContract(operationId, answer)
  })

  test.each(['listAgents', 'getTrial', 'getSession', 'signOut'] as const)('%s answers all the same', async (operationId) => {
    const answer = await send(server, operationId, {})
    expect(answer.status).toBe(200)
    expectContract(operationId, answer)
  })
})

describe('with a credential that is not good', () => {
  const bad = [
    ['an unknown key', { key: 'sk_q7Zd1xKexampleonly' }],
    ['something that is no key', { key: 'hello' }],
    ['an ended session', { cookie: 'agentbot-session=nosuchsession' }],
  ] as const
  const refusing = [...built.filter(isRefusable), 'listAgents' as const]

  test.each(refusing.flatMap((operationId) => bad.map(([what, caller]) => ({ operationId, what, caller }))))(
    '$operationId refuses $what with 401',
    async ({ operationId, caller }) => {
      const answer = await send(server, operationId, requestFor(operationId, owner), caller)
      expect(answer.status).toBe(401)
      expectContract(operationId, answer)
    },
  )

  test.each(built.filter((operationId) => isRefusable(operationId) && !acceptsKey(operationId)))(
    '%s refuses an API key, good as it is',
    async (operationId) => {
      const answer = await send(server, operationId, requestFor(operationId, owner), { key: owner.key })
      expect(answer).toMatchObject({ status: 401, body: { code: 'SESSION_REQUIRED' } })
      expectContract(operationId, answer)
    },
  )
})

describe('with ids of another account, or of nobody', () => {
  /** Here the contract has 403 for what belongs to others; tests of instances and jobs see to it. */
  const answers403 = /^\/api\/(instance|jobs)\//

  const named = built.filter((operationId) => {
    const operation = operationOf(operationId)
    const { path, responses } = documented(operationId)
    return responses[404] && operation && namesRows(operation) && !answers403.test(path)
  })

  test.each(named)('%s answers 404', async (operationId) => {
    const ofOther = await send(server, operationId, requestFor(operationId, other), credentialFor(operationId, owner))
    const ofNobody = await send(
      server,
      operationId,
      requestFor(operationId, {
        ...owner,
        agentId: 'none',
        taskId: 'none',
        cronJobId: 'none',
        keyId: 'none',
        fileId: 'none',
        paymentSessionId: 'ses_none',
        bookingId: 'none',
        splitId: 'none',
      }),
      credentialFor(operationId, owner),
    )
    for (const answer of [ofOther, ofNobody]) {
      expect(answer.status).toBe(404)
      expectContract(operationId, answer)
    }
    expect(ofOther.body.code).toBe(ofNobody.body.code)
  })
})

function successOf(operationId: BuiltOperation): number {
  const operation = operationOf(operationId)
  if (operation && needsGateway.includes(operation.name)) return 404
  return Math.min(...Object.keys(documented(operationId).responses).map(Number))
}
