import { expect, test } from 'vitest'
import { Semaphore, TooBusy } from './semaphore.ts'

test('a semaphore runs so many at once, lets the next wait their turn, and refuses the rest', async () => {
  const semaphore = new Semaphore({ permits: 2, maxWaiting: 2 })
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const began: number[] = []
  const works = gates.map(({ promise }, index) =>
    semaphore.run(async () => {
      began.push(index)
      await promise
      return index
    }),
  )
  await expect(semaphore.run(async () => 'too late')).rejects.toBeInstanceOf(TooBusy)
  expect(began).toEqual([0, 1])
  gates[1]!.reject(new Error('broke'))
  await expect(works[1]).rejects.toThrow('broke')
  expect(began).toEqual([0, 1, 2])
  for (const { resolve } of gates) resolve()
  expect(await Promise.all([works[0], works[2], works[3]])).toEqual([0, 2, 3])
  expect(await semaphore.run(async () => 'again')).toBe('again')
})
