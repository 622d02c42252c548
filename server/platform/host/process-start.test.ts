import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startOfProcess } from './process-start.ts'

test('a process keeps its start whatever it calls itself, and has none once it has ended', async () => {
  const child = spawn(process.execPath, ['-e', "process.title = 'a) S 1 (b'; console.log('renamed'); setInterval(() => {}, 1000)"])
  const before = startOfProcess(child.pid!)
  expect(before).toMatch(/\d/)
  await once(child.stdout, 'data')
  expect(startOfProcess(child.pid!)).toBe(before)
  expect(startOfProcess(process.pid)).not.toBe(before)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(startOfProcess(child.pid!)).toBeUndefined()
})
