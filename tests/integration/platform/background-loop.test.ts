import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Platform } from '../../../server/platform/core/context.ts'
import { BackgroundLoop } from '../../../server/platform/jobs/background-loop.ts'
import { TestClock } from '../../helpers/test-clock.ts'

let clock: TestClock
let due: Date | null
let loop: BackgroundLoop
beforeEach(async () => {
  clock = new TestClock()
  const databases = { listen: async (_channel: string, { onChange }: { onChange(isListening: boolean): void }) => onChange(true) }
  const platform = { databases, shutdown: new AbortController().signal } as unknown as Platform
  loop = new BackgroundLoop(platform, clock, [async () => due])
})
afterEach(() => loop.stop())

/** How long it sleeps now. */
async function sleepsMs(): Promise<number> {
  await loop.settled()
  return clock.sleepsUntil()! - clock.now().getTime()
}

test('work that is due, and that another server is taking, is looked for less and less often', async () => {
  due = clock.now()
  await loop.start()
  const pauses: number[] = []
  for (let look = 0; look < 8; look++) {
    pauses.push(await sleepsMs())
    clock.moveBy(pauses.at(-1)!)
  }
  expect(pauses).toEqual([20, 40, 80, 160, 320, 640, 1000, 1000])
  due = null
  clock.moveBy(await sleepsMs())
  expect(await sleepsMs()).toBe(60_000)
})
