import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnv } from '#server/platform/core/index.ts'
import { startFakeOpenAi } from '../../../tests/fakes/openai.ts'
import type { FakeOpenAi } from '../../../tests/fakes/openai.ts'
import { canonicalModelId, defaultModelId, listModels } from './catalogue.ts'
import { isModelAvailable, resolveModel } from './providers.ts'

let fake: FakeOpenAi
beforeEach(async () => {
  fake = await startFakeOpenAi({ models: ['llama3', 'qwen3'] })
})
afterEach(() => fake.close())

const OPENROUTER = { OPENROUTER_API_KEY: 'or' }
const OPENAI = { OPENAI_API_KEY: 'oa' }
const ANTHROPIC = { ANTHROPIC_API_KEY: 'an' }
const COMPATIBLE = { OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:9/v1' }

test.each([
  [{}, 'local/commands', 'local', 'local/commands'],
  [OPENROUTER, 'openai/gpt-4o-mini', 'openrouter', 'openai/gpt-4o-mini'],
  [OPENROUTER, 'google/gemini-2.0-flash', 'openrouter', 'google/gemini-2.0-flash'],
  [OPENROUTER, 'openrouter/x/y', 'openrouter', 'x/y'],
  [{ ...OPENROUTER, ...OPENAI }, 'openai/gpt-4o-mini', 'openai', 'gpt-4o-mini'],
  [{ ...OPENROUTER, ...ANTHROPIC }, 'anthropic/claude-haiku-4-5', 'anthropic', 'claude-haiku-4-5'],
  [{ ...OPENROUTER, ...ANTHROPIC }, 'anthropic/claude-3.5-sonnet', 'openrouter', 'anthropic/claude-3.5-sonnet'],
  [COMPATIBLE, 'llama3', 'compatible', 'llama3'],
  [COMPATIBLE, 'compatible/llama3', 'compatible', 'llama3'],
  [COMPATIBLE, 'openai/gpt-oss-20b', 'compatible', 'openai/gpt-oss-20b'],
  [{ ...COMPATIBLE, ...OPENAI }, 'llama3', 'compatible', 'llama3'],
])('with %j, %s is served by %s as %s', (variables, id, provider, name) => {
  const resolved = resolveModel(readEnv(variables), id)
  expect(resolved).toMatchObject({ id, provider, isLocal: provider === 'local', modelName: name })
})

test.each([
  [{}, 'openai/gpt-4o-mini'],
  [{}, 'local/other'],
  [{}, ''],
  [COMPATIBLE, ''],
  [COMPATIBLE, 'local/other'],
  [COMPATIBLE, 'openrouter/x/y'],
  [ANTHROPIC, 'openai/gpt-4o-mini'],
  [ANTHROPIC, 'anthropic/claude-3.5-sonnet'],
  [OPENROUTER, 'llama3'],
  [OPENROUTER, 'compatible/llama3'],
  [{ ...COMPATIBLE, ...OPENAI }, 'google/gemini-2.0-flash'],
])('with %j, %j is not available', (variables, id) => {
  expect(isModelAvailable(readEnv(variables), id)).toBe(false)
  expect(() => resolveModel(readEnv(variables), id)).toThrow(
    expect.objectContaining({ kind: 'invalid_input', code: 'MODEL_NOT_AVAILABLE' }) as Error,
  )
})

test('the refusal says what is configured', () => {
  expect(() => resolveModel(readEnv(ANTHROPIC), 'openai/x')).toThrow(
    'The model "openai/x" is not available. Configured providers: anthropic',
  )
  expect(() => resolveModel(readEnv({}), 'openai/x')).toThrow('No provider is configured: set OPENROUTER_API_KEY')
})

test('a key of the owner opens its provider, and wins over every key of the operator', () => {
  expect(isModelAvailable(readEnv({}), 'google/gemini-2.0-flash', { google: 'own' })).toBe(true)
  expect(resolveModel(readEnv(OPENROUTER), 'openai/gpt-4o', { openai: 'own' }).provider).toBe('openai')
  expect(resolveModel(readEnv(OPENAI), 'openai/gpt-4o', { openrouter: 'own' }).provider).toBe('openrouter')
  expect(isModelAvailable(readEnv({}), 'openai/gpt-4o', { openai: '' })).toBe(false)
})

test.each([
  [{}, 'local/commands'],
  [{ ...OPENROUTER, ...OPENAI }, 'openrouter/openai/gpt-4o-mini'],
  [{ ...OPENAI, ...ANTHROPIC }, 'openai/gpt-4o-mini'],
  [ANTHROPIC, 'anthropic/claude-haiku-4-5'],
  [{ ...OPENAI, DEFAULT_MODEL: 'openai/other' }, 'openai/other'],
])('the default with %j is %s, and can be resolved', async (variables, id) => {
  expect(await defaultModelId(readEnv(variables))).toBe(id)
  expect(isModelAvailable(readEnv(variables), id)).toBe(true)
})

test('the default of an OpenAI-compatible server is the first model it lists, asked for once', async () => {
  const env = readEnv({ OPENAI_COMPATIBLE_BASE_URL: fake.url })
  expect(await Promise.all([defaultModelId(env), defaultModelId(env), canonicalModelId(env, 'custom')])).toEqual(
    Array(3).fill('compatible/llama3'),
  )
  expect(fake.requests).toHaveLength(1)
})

test('without that server there is no default, and the list of models goes without it', async () => {
  const env = readEnv(COMPATIBLE)
  await expect(defaultModelId(env)).rejects.toMatchObject({ kind: 'unavailable', code: 'MODEL_PROVIDER_UNREACHABLE' })
  expect(await listModels(env)).toEqual([{ id: 'local/commands', provider: 'local', isLocal: true }])
})

test('aliases stand for the default of their provider', async () => {
  expect(await canonicalModelId(readEnv(ANTHROPIC), 'claude-opus-4-6')).toBe('anthropic/claude-haiku-4-5')
  expect(await canonicalModelId(readEnv(OPENAI), 'gpt-4')).toBe('openai/gpt-4o-mini')
  expect(await canonicalModelId(readEnv({}), 'openai/gpt-4')).toBe('openai/gpt-4')
  await expect(canonicalModelId(readEnv(ANTHROPIC), 'gpt-4')).rejects.toMatchObject({ code: 'MODEL_NOT_AVAILABLE' })
  await expect(canonicalModelId(readEnv({}), 'custom')).rejects.toMatchObject({ code: 'MODEL_NOT_AVAILABLE' })
})

test('every listed model can be resolved', async () => {
  const env = readEnv({ ...OPENROUTER, ...OPENAI, ...ANTHROPIC, OPENAI_COMPATIBLE_BASE_URL: fake.url })
  const choices = await listModels(env)
  expect(choices.map(({ id }) => id)).toEqual(expect.arrayContaining(['compatible/llama3', 'compatible/qwen3']))
  expect(choices.at(-1)?.id).toBe('local/commands')
  for (const { id, provider } of choices) expect(resolveModel(env, id)).toMatchObject({ id, provider })
})
