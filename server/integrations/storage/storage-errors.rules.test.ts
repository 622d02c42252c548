import { expect, test } from 'vitest'
import { StorageFull } from '#server/agents/files/index.ts'
import { explainStorageError } from './storage-errors.rules.ts'

test.each(['ENOSPC', 'EDQUOT'])('a disk that is full (%s) is said to be', (code) => {
  const error = explainStorageError(Object.assign(new Error('write failed'), { code }))
  expect(error).toMatchObject({ status: 503, code: 'DISK_FULL', message: 'The disk of the server is full. Nothing was stored.' })
})

test('other failures of the storage do not show what they were', () => {
  const error = explainStorageError(new Error('connect ECONNREFUSED 10.0.0.7:9000'))
  expect(error).toMatchObject({ status: 503, code: 'STORAGE_UNAVAILABLE' })
  expect(error.message).not.toContain('10.0.0.7')
})

test('what is explained already stays as it is', () => {
  const full = new StorageFull(1, 1)
  expect(explainStorageError(full)).toBe(full)
})
