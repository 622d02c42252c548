import { setTimeout as pause } from 'node:timers/promises'
import { RuntimeFailed } from '../interface/index.ts'

const POLL_MS = 250

/**
 * Waits until `look` says 'ready'. It says 'waiting' as long as that may still come.
 *
 * @throws RuntimeFailed after `timeoutMs`, and what `look` throws.
 */
export async function waitUntilReady(look: () => Promise<'ready' | 'waiting'>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while ((await look()) === 'waiting') {
    if (Date.now() > deadline) throw new RuntimeFailed(`The agent was not ready within ${Math.round(timeoutMs / 1000)} seconds.`)
    await pause(POLL_MS)
  }
}
