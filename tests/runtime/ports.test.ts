import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { holdPort, type HeldPort } from '../../server/agents/drivers/process/ports.ts'

/** A loopback address of this run alone: on the usual one, others take and leave ports meanwhile. */
const host = `127.${[...randomBytes(3)].map((byte) => 1 + (byte % 254)).join('.')}`

const portsOf = (held: HeldPort[]): number[] => held.map(({ port }) => port)
const releaseAll = (held: HeldPort[]) => Promise.all(held.map(({ release }) => release()))

test('ports that are asked for at once are different ones, and free again once they are released', async () => {
  const held = await Promise.all(Array.from({ length: 10 }, () => holdPort(host)))
  expect(new Set(portsOf(held)).size).toBe(10)
  await releaseAll(held)
  const again = await Promise.all(Array.from({ length: 10 }, () => holdPort(host)))
  expect(portsOf(again).sort()).toEqual(portsOf(held).sort())
  await releaseAll(again)
})

test('a port another server holds is given to nobody else, until that server is killed', async () => {
  const program = `import(${JSON.stringify(resolve('server/agents/drivers/process/ports.ts'))}).then(async ({ holdPort }) => {
    console.log((await holdPort('${host}')).port)
    setInterval(() => {}, 1000)
  })`
  const other = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const theirs = Number((await once(other.stdout, 'data'))[0])
  const held = await Promise.all(Array.from({ length: 5 }, () => holdPort(host)))
  expect(portsOf(held)).not.toContain(theirs)
  await releaseAll(held)
  other.kill('SIGKILL')
  await once(other, 'exit')
  const again = await Promise.all(Array.from({ length: 6 }, () => holdPort(host)))
  expect(portsOf(again)).toContain(theirs)
  await releaseAll(again)
})

test('a port that another program listens on is passed over, and its range is not held', async () => {
  const first = await holdPort(host)
  await first.release()
  const stranger = createServer().listen(first.port, host)
  await once(stranger, 'listening')
  const next = await holdPort(host)
  expect(next.port).not.toBe(first.port)
  await next.release()
  stranger.close()
  await once(stranger, 'close')
  const again = await holdPort(host)
  expect(again.port).toBe(first.port)
  await again.release()
})
