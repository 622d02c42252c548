import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../helpers/test-server.ts'
import { expectContract, expectSchema } from './contract.ts'
import { createOwner, type Owner } from './fixtures.ts'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await createOwner(server)
})
afterAll(() => server.close())

const ask = async (query: string) => {
  const answer = await server.call('GET', `/api/agent${query}`, { key: owner.key })
  expectContract('queryAgent', answer)
  return answer
}

const act = async (body: Record<string, unknown>, key = owner.key) => {
  const answer = await server.call('POST', '/api/agent', { key, body })
  expectContract('actOnAgent', answer)
  return answer
}

describe('asking about the agent', () => {
  test('with no action lists the calls there are', async () => {
    const { body } = await ask('')
    expectSchema('AgentApiIndex', body)
    expect(Object.keys(body.endpoints)).toHaveLength(10)
  })

  test('for its health', async () => {
    const { body } = await ask('?action=health')
    expectSchema('AgentHealth', body)
    expect(body).toMatchObject({ status: 'running', model: 'local/commands', channels: [], skills: ['venue-finder'] })
    expect(body.lastSeen).toBeGreaterThan(0)
  })

  test('for its sessions and for one of them', async () => {
    const { body } = await ask('?action=sessions')
    expectSchema('AgentSessionList', body)
    expect(body.sessions).toMatchObject([{ id: owner.sessionId, messageCount: 3 }])
    const one = await ask(`?action=session&sessionId=${owner.sessionId}`)
    expectSchema('AgentSessionAnswer', one.body)
    expect(one.body.session.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(one.body.session.messages[0].content).toContain(owner.marker)
  })

  test('for the last messages of the active session', async () => {
    const { body } = await ask('?action=memory')
    expectSchema('AgentMemoryPeek', body)
    expect(body.memory.at(-1)).toEqual({ role: 'user', content: `calculate 1 + 1 for ${owner.marker}` })
  })

  test('for its skills and credentials', async () => {
    const skills = await ask('?action=skills')
    expectSchema('AgentSkillList', skills.body)
    expect(skills.body.skills).toMatchObject([{ id: 'venue-finder', enabled: true }])
    const { body } = await ask('?action=credentials')
    expectSchema('AgentCredentialList', body)
    expect(body.credentials).toMatchObject({ anthropic: true, openai: false })
    expect(JSON.stringify(body)).not.toContain(owner.secrets[1])
  })

  test('for something unknown is refused by name', async () => {
    for (const action of ['fly', '', 'constructor', 'HEALTH']) {
      const answer = await ask(`?action=${action}`)
      if (action === '') expectSchema('AgentApiIndex', answer.body)
      else expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'action' }] } })
    }
  })

  test('for a session needs to say which, and that there is one', async () => {
    expect(await ask('?action=session')).toMatchObject({ status: 400, body: { fields: [{ field: 'sessionId' }] } })
    expect(await ask('?action=session&sessionId=sess_none')).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
  })

  test('needs an agent, except to list the calls', async () => {
    const { key } = await server.createAccount()
    for (const action of ['health', 'sessions', 'memory', 'skills', 'credentials']) {
      const answer = await server.call('GET', `/api/agent?action=${action}`, { key })
      expect(answer.status).toBe(404)
      expectContract('queryAgent', answer)
    }
    expect((await server.call('GET', '/api/agent', { key })).status).toBe(200)
  })
})

describe('acting on the agent', () => {
  test('talks to it, also when no action is named', async () => {
    for (const action of ['chat', undefined]) {
      const { body } = await act({ ...(action ? { action } : {}), message: 'calculate 6 * 7' })
      expect(body).toMatchObject({ sessionId: owner.sessionId, reply: expect.stringContaining('42'), timestamp: expect.any(Number) })
    }
  })

  test('starts a session, which goes on until an earlier one is named', async () => {
    const { sessionId, status } = (await act({ action: 'create-session' })).body
    expect(status).toBe('active')
    expect((await act({ message: 'help' })).body.sessionId).toBe(sessionId)
    expect((await act({ message: 'help', sessionId: owner.sessionId })).body.sessionId).toBe(owner.sessionId)
    expect((await act({ message: 'help' })).body.sessionId).toBe(owner.sessionId)
    expect((await act({ message: 'help', sessionId: 'sess_none' })).status).toBe(404)
  })

  test('switches a skill, off when it does not say', async () => {
    const enabled = async () => (await ask('?action=skills')).body.skills[0].enabled
    expect((await act({ action: 'update-skill', skillId: 'venue-finder' })).body).toEqual({
      success: true,
      skillId: 'venue-finder',
      enabled: false,
    })
    expect(await enabled()).toBe(false)
    await act({ action: 'update-skill', skillId: 'venue-finder', enabled: true })
    expect(await enabled()).toBe(true)
    expect(await act({ action: 'update-skill', skillId: 'none' })).toMatchObject({ status: 404, body: { code: 'SKILL_NOT_FOUND' } })
  })

  test('stores a credential encrypted, and removes it when no value is given', async () => {
    const value = 'placeholder-value'
    expect((await act({ action: 'set-credential', key: 'groq', value })).body).toEqual({ success: true, key: 'groq', configured: true })
    expect((await ask('?action=credentials')).body.credentials.groq).toBe(true)
    const rows = await server.platform.databases.system
      .selectFrom('agentCredentials')
      .selectAll()
      .where('agentId', '=', owner.agentId)
      .execute()
    expect(JSON.stringify(rows)).not.toContain(value)
    expect((await act({ action: 'set-credential', key: 'groq' })).body.configured).toBe(false)
    expect((await ask('?action=credentials')).body.credentials).not.toHaveProperty('groq')
  })

  test('in an unknown way is refused by name', async () => {
    for (const action of ['fly', 7, null, ['chat'], 'toString']) {
      expect(await act({ action, message: 'help' })).toMatchObject({ status: 400, body: { fields: [{ field: 'action' }] } })
    }
  })
})
