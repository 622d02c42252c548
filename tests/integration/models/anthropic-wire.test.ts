import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFakeAnthropic, type FakeAnthropic } from '../../fakes/anthropic.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What becomes of a request in the form of the OpenAI API on its way to Anthropic, which speaks another, and of the answer.

let anthropic: FakeAnthropic
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  anthropic = await startFakeAnthropic({ apiKey: 'an-key' })
  server = await startTestServer({ ANTHROPIC_API_KEY: 'an-key', ANTHROPIC_BASE_URL: anthropic.url })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await anthropic.close()
})

const user = { role: 'user', content: 'Name a knot' }
const complete = (body: object) =>
  server.call('POST', '/v1/chat/completions', { key: account.key, body: { model: 'anthropic/claude-next', messages: [user], ...body } })
const sent = async (body: object) => {
  expect((await complete(body)).status).toBe(200)
  return anthropic.requests.at(-1)!
}

test('instructions come first, and what is empty is left out', async () => {
  const request = await sent({
    messages: [
      { role: 'system', content: '' },
      { role: 'system', content: ' \n' },
      { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
      user,
      { role: 'assistant', content: '' },
      { role: 'assistant', content: '\n' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: ' ' },
          { type: 'text', text: 'Quickly.' },
        ],
      },
      { role: 'developer', content: 'No lists.' },
    ],
  })
  expect(request).toMatchObject({
    system: [
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'No lists.' },
    ],
    messages: [{ role: 'user', content: [{ text: 'Name a knot' }, { text: 'Quickly.' }] }],
  })
})

test('calls and results are brought together, whatever their ids', async () => {
  const call = (id: string, name: string, input?: string) => ({
    id,
    type: 'function',
    function: { name, ...(input ? { arguments: input } : {}) },
  })
  const request = await sent({
    messages: [
      user,
      {
        role: 'assistant',
        content: null,
        tool_calls: [call('', 'tie', '{"knot":1}'), call('a.b', 'untie'), call('ok', 'pull', 'no JSON')],
      },
      { role: 'tool', tool_call_id: '', content: 'tied' },
      { role: 'tool', tool_call_id: 'a.b', content: [{ type: 'text', text: 'untied' }] },
      { role: 'tool', tool_call_id: 'ok', content: 'pulled' },
      { role: 'user', content: 'And?' },
    ],
  })
  expect(request.messages.slice(1)).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'call_1', name: 'tie', input: { knot: 1 } },
        { type: 'tool_use', id: 'call_2', name: 'untie', input: {} },
        { type: 'tool_use', id: 'ok', name: 'pull', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_1', content: 'tied' },
        { type: 'tool_result', tool_use_id: 'call_2', content: 'untied' },
        { type: 'tool_result', tool_use_id: 'ok', content: 'pulled' },
        { type: 'text', text: 'And?' },
      ],
    },
  ])
  expect(await complete({ messages: [user, { role: 'tool', tool_call_id: 'none', content: 'x' }] })).toMatchObject({
    status: 400,
    body: { error: { param: 'messages.1.tool_call_id' } },
  })
})

test('every call has an id of its own, and results stand in front of what was said meanwhile', async () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'tie', arguments: '{}' } })
  const image = { type: 'image_url', image_url: { url: 'https://example.org/knot.png' } }
  const { messages } = await sent({
    messages: [
      user,
      { role: 'assistant', content: null, tool_calls: [call('call_2'), call('')] },
      { role: 'tool', tool_call_id: 'call_2', content: 'one' },
      { role: 'user', content: 'Quickly.' },
      { role: 'tool', tool_call_id: '', content: [image] },
      { role: 'assistant', content: null, tool_calls: [call('call_2')] },
      { role: 'tool', tool_call_id: 'call_2', content: 'three' },
    ],
  })
  const ids = messages.flatMap(({ content }) =>
    Array.isArray(content) ? content.filter(({ type }) => type === 'tool_use').map(({ id }) => id) : [],
  )
  expect(new Set(ids).size).toBe(3)
  expect(messages[2]!.content).toEqual([
    { type: 'tool_result', tool_use_id: ids[0], content: 'one' },
    { type: 'tool_result', tool_use_id: ids[1], content: [{ type: 'image', source: { type: 'url', url: image.image_url.url } }] },
    { type: 'text', text: 'Quickly.' },
  ])
  expect(messages[4]!.content).toEqual([{ type: 'tool_result', tool_use_id: ids[2], content: 'three' }])
})

test('a model that refused in a part of its own has said that', async () => {
  const { messages } = await sent({ messages: [user, { role: 'assistant', content: [{ type: 'refusal', refusal: 'I will not.' }] }, user] })
  expect(messages[1]).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'I will not.' }] })
})

test('what is no text in the words of a model or of its instructions is refused by its place, thoughts left out', async () => {
  for (const role of ['system', 'assistant'])
    expect(
      await complete({ messages: [user, { role, content: [{ type: 'text', text: 'x' }, { type: 'input_audio' }] }, user] }),
    ).toMatchObject({
      status: 400,
      body: { error: { param: 'messages.1.content.1' } },
    })
  const thought = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'Bowline.' },
    ],
  }
  expect((await sent({ messages: [user, thought, user] })).messages[1]).toEqual({
    role: 'assistant',
    content: [{ type: 'text', text: 'Bowline.' }],
  })
})

test('limits, tools and formats have their own names there', async () => {
  const tool = { type: 'function', function: { name: 'tie', description: 'Ties.', parameters: { properties: { knot: {} } } } }
  expect(
    await sent({
      tools: [tool],
      tool_choice: 'required',
      parallel_tool_calls: false,
      stop: ['x', ''],
      max_tokens: -1,
      user: 'ada',
      seed: 1,
    }),
  ).toEqual({
    model: 'claude-next',
    max_tokens: 4096,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Name a knot' }] }],
    tools: [{ name: 'tie', description: 'Ties.', input_schema: { type: 'object', properties: { knot: {} } } }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    stop_sequences: ['x'],
    metadata: { user_id: 'ada' },
  })
  const schema = { type: 'object', properties: {} }
  expect(await sent({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })).toMatchObject({
    output_config: { format: { type: 'json_schema', schema } },
  })
  expect(await sent({ response_format: { type: 'json_object' } })).toMatchObject({ system: [{ text: expect.stringContaining('JSON') }] })
  expect(
    await sent({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
            { type: 'text', text: 'What is it?' },
          ],
        },
      ],
    }),
  ).toMatchObject({
    messages: [{ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } }, { type: 'text' }] }],
  })
})

test('a whole answer to a call that asked for a stream is one', async () => {
  anthropic.script({
    whole: {
      id: 'msg_9',
      content: [{ type: 'text', text: 'Bowline.' }],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 3, output_tokens: 2 },
    },
  })
  const { body } = await complete({ stream: true })
  expect(body).toContain('"content":"Bowline."')
  expect(body).toContain('"finish_reason":"length"')
  expect(body).toContain('"prompt_tokens":3,"completion_tokens":2')
})

test('an answer with thoughts, counts of its cache and a refusal is told in the words of the OpenAI API', async () => {
  const usage = { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 40, cache_creation_input_tokens: 7 }
  anthropic.script({
    whole: {
      id: 'msg_9',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'x' },
        { type: 'text', text: 'No.' },
      ],
      stop_reason: 'refusal',
      usage,
    },
  })
  expect((await complete({})).body).toMatchObject({
    id: 'msg_9',
    choices: [{ message: { content: 'No.', reasoning_content: 'Hm.' }, finish_reason: 'content_filter' }],
    usage: {
      prompt_tokens: 50,
      completion_tokens: 2,
      total_tokens: 52,
      prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 7 },
    },
  })
})
