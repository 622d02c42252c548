import type { ContainerStats } from 'dockerode'
import { expect, test } from 'vitest'
import { toStats } from './measure.ts'

const reading = (networks: ContainerStats['networks'] | undefined) =>
  ({
    cpu_stats: { cpu_usage: { total_usage: 3e9 }, system_cpu_usage: 20e9, online_cpus: 4 },
    precpu_stats: { cpu_usage: { total_usage: 1e9 }, system_cpu_usage: 16e9 },
    memory_stats: {},
    networks,
  }) as unknown as ContainerStats

test('traffic that nobody counted is unknown, and not zero', () => {
  for (const networks of [undefined, {} as ContainerStats['networks']])
    expect(toStats(reading(networks))).toMatchObject({ networkInBytes: null, networkOutBytes: null })
  const eth0 = { rx_bytes: 0, tx_bytes: 7 } as ContainerStats['networks'][string]
  expect(toStats(reading({ eth0 }))).toMatchObject({ networkInBytes: 0, networkOutBytes: 7 })
})

test('CPU is in percent of one processor', () => {
  // Two seconds of work in a second of four processors.
  expect(toStats(reading(undefined)).cpuPercent).toBe(200)
})
