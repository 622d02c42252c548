import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporaryServer, type TemporaryServer } from '../../scripts/temporary-server.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../fakes/openai.ts'
import { createAgent, register, useBrowser } from './browser.ts'

const browser = useBrowser()
let model: FakeOpenAi
let server: TemporaryServer

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTemporaryServer({ OPENAI_COMPATIBLE_BASE_URL: model.url })
})
afterAll(async () => {
  await server.stop()
  await model.close()
})

async function openChat() {
  const page = await browser.open('/', { baseURL: server.url })
  await register(page)
  await createAgent(page, 'Atlas')
  const ask = async (text: string) => {
    await page.getByLabel('Message to Atlas').fill(text)
    await page.getByLabel('Message to Atlas').press('Enter')
  }
  return { page, log: page.getByRole('log'), ask }
}

test('an answer appears while it is written; stopped, it keeps its beginning and can be asked for again', async () => {
  const { page, log, ask } = await openChat()
  const gate = createGate()
  model.script({ kind: 'slow', chunks: ['The first ferry ', 'leaves at six.'], gate }, { kind: 'text', text: 'At **six**.' })
  await ask('When does the first ferry leave?')
  gate.open()
  // Exact: the question has these words too.
  await log.getByText('The first ferry', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Stop the answer' }).click()
  await log.getByText('Cut off before its end').waitFor()
  expect(await log.getByText('leaves at six.').count()).toBe(0)

  await log.getByRole('button', { name: 'Retry' }).click()
  await log.locator('strong').getByText('six').waitFor()
  await page.getByRole('button', { name: 'Send' }).waitFor()
  expect(await log.getByText('The first ferry', { exact: true }).count()).toBe(0)
  expect(await log.getByText('When does the first ferry leave?').count()).toBe(1)
  gate.open()
})

test('an answer goes on while another tab of the agent is open', async () => {
  const { page, log, ask } = await openChat()
  const gate = createGate()
  model.script({ kind: 'slow', chunks: ['One, ', 'two.'], gate })
  await ask('Count')
  gate.open()
  await log.getByText('One,').waitFor()
  await page.getByRole('link', { name: 'Memory' }).click()
  await page.getByText('Nothing remembered yet').waitFor()
  gate.open()
  gate.open()
  await page.getByRole('link', { name: 'Chat' }).click()
  await log.getByText('One, two.', { exact: true }).waitFor()
})

test('a model that fails is said to have failed, and can be tried again', async () => {
  const { page, log, ask } = await openChat()
  model.script({ kind: 'status', status: 400, message: 'no such model' }, { kind: 'text', text: 'Here I am.' })
  await ask('Hello?')
  await log.getByText('No answer: the model failed.').waitFor()
  await log
    .getByRole('alert')
    .getByText(/^Request req_/)
    .waitFor()
  await log.getByRole('button', { name: 'Retry' }).click()
  await log.getByText('Here I am.').waitFor()
  expect(await log.getByRole('alert').count()).toBe(0)
  await page.getByRole('button', { name: 'Send' }).waitFor()
})

test('what an agent writes is Markdown, and never markup', async () => {
  const { page, log, ask } = await openChat()
  model.script({ kind: 'text', text: 'See [the docs](https://example.com) <img src=x onerror=alert(1)> [bad](javascript:alert(1))' })
  await ask('Show me')
  const link = log.getByRole('link', { name: 'the docs' })
  await link.waitFor()
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  expect(await log.locator('img').count()).toBe(0)
  expect(await page.content()).not.toContain('href="javascript:')
})
