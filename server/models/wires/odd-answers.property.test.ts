import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readEnv } from '#server/platform/core/index.ts'
import { oddStream, type OddStream } from '../../../tests/fakes/odd-stream.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../../tests/fakes/openai.ts'
import { AnswerCollector, UpstreamRefused, wireOf, type AnswerPart } from './index.ts'

// Whatever stands beside it, however it is cut: what a provider said arrives, once and in order.

vi.setConfig({ testTimeout: 60_000 })

let fake: FakeOpenAi
beforeAll(async () => {
  fake = await startFakeOpenAi()
})
afterAll(() => fake.close())

async function read({ packets, headers }: Pick<OddStream, 'packets' | 'headers'>): Promise<{ parts: AnswerPart[]; error: unknown }> {
  fake.script({ kind: 'raw', packets, headers })
  const parts: AnswerPart[] = []
  try {
    const route = { provider: 'compatible' as const, modelName: 'any', apiKey: undefined, isOwnKey: false }
    const call = {
      env: readEnv({ OPENAI_COMPATIBLE_BASE_URL: fake.url }),
      route,
      request: { model: 'any', messages: [{ role: 'user', content: 'x' }] },
      isStream: true,
      signal: AbortSignal.timeout(10_000),
      onActivity: () => undefined,
    }
    for await (const part of wireOf(route)(call)) parts.push(part)
    return { parts, error: undefined }
  } catch (error) {
    return { parts, error }
  }
}

const collected = (parts: AnswerPart[]) => {
  const collector = new AnswerCollector()
  for (const part of parts) collector.add(part)
  return collector.answer
}

describe('what was said arrives, once and in order', () => {
  test('with every oddity, in every order, cut at any byte', async () => {
    await fc.assert(
      fc.asyncProperty(oddStream(), async ({ said, error: sent, ...stream }) => {
        const { parts, error } = await read(stream)
        const { choices } = collected(parts)
        const texts = choices.map(({ index, message }) => [index, message.content ?? '', message.reasoning_content ?? ''])
        expect(texts.filter(([, content, reasoning]) => content || reasoning)).toEqual(
          said.map(({ index, content, reasoning }) => [index, content, reasoning]).filter(([, content, reasoning]) => content || reasoning),
        )
        for (const { index, calls } of said) {
          const got = choices.find((choice) => choice.index === index)?.message.tool_calls ?? []
          expect(got.map((call) => [call.id, call.function?.name, call.function?.arguments])).toEqual(calls)
        }
        if (sent) expect(error).toMatchObject({ refusal: { status: sent } })
        else expect(error).toBeUndefined()
        if (error) expect(error).toBeInstanceOf(UpstreamRefused)
      }),
      { numRuns: 150 },
    )
  })
})
