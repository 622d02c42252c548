import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Databases } from '../../../db/client.ts'
import { openTestDatabase } from '../../helpers/test-database.ts'

let databases: Databases
beforeAll(async () => void ({ databases } = await openTestDatabase()))
afterAll(() => databases.close())

test('timers, and with them requests and signals, are seen to while one query follows the other', async () => {
  let seen = 0
  const timer = setInterval(() => (seen += 1), 1)
  for (let query = 0; query < 500; query++) await databases.ping()
  clearInterval(timer)
  expect(seen).toBeGreaterThan(0)
})
