import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CpuWindow, WINDOW_MS } from './cpu-window.ts'
import { findLoadScope } from './load-scope.ts'

describe('CPU in use', () => {
  test('is that of the last few seconds, however long nobody asked', () => {
    let [now, cpuMs] = [0, 0]
    const window = new CpuWindow({ processors: 2, readCpuMs: () => cpuMs }, () => now)
    const pass = (seconds: number, busyProcessors: number) => {
      for (let second = 0; second < seconds; second++) {
        now += 1000
        cpuMs += 1000 * busyProcessors
        window.look()
      }
    }
    pass(3600, 2)
    expect(window.percent()).toBe(100)
    pass(WINDOW_MS / 1000, 0)
    expect(window.percent()).toBe(0)
    pass(2, 2)
    expect(window.percent()).toBeCloseTo(40)
    // Asking does not begin another window.
    expect(window.percent()).toBeCloseTo(40)
  })
})

describe('what is measured', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'agentbot-cgroup-'))
  })
  afterAll(() => rm(root, { recursive: true }))

  const group = async (name: string, files: Record<string, string>) => {
    await mkdir(join(root, name))
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), text)
    return findLoadScope(root, `/${name}`)
  }
  const MIB = 1024 ** 2

  test('is the container where its processors or its memory are limited, for both', async () => {
    const files = {
      'cpu.max': '150000 100000\n',
      'cpu.stat': 'usage_usec 3000000\nuser_usec 1\n',
      'memory.max': `${256 * MIB}\n`,
      'memory.current': `${192 * MIB}\n`,
      'memory.stat': `anon 1\ninactive_file ${64 * MIB}\n`,
    }
    const scope = await group('both', files)
    expect(scope).toMatchObject({ name: 'container', processors: 1.5 })
    expect([scope.readCpuMs(), scope.readMemoryShare()]).toEqual([3000, 0.5])
    expect(await group('memory', { ...files, 'cpu.max': 'max 100000\n' })).toMatchObject({ name: 'container' })
    expect(await group('cpu', { ...files, 'memory.max': 'max\n' })).toMatchObject({ name: 'container', processors: 1.5 })
  })

  test('is the machine where nothing limits it, or cgroups cannot be read', async () => {
    expect(await group('free', { 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' })).toMatchObject({ name: 'machine' })
    const unknown = findLoadScope(join(root, 'nowhere'), '/')
    expect(unknown.name).toBe('machine')
    expect(unknown.readMemoryShare()).toBeGreaterThan(0)
    expect(unknown.readMemoryShare()).toBeLessThan(1)
  })
})
