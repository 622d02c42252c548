import { expect, test } from 'vitest'
import published from '../../docs/openapi.json' with { type: 'json' }
import { loadRestBindings } from '../../scripts/routes.ts'
import { built } from './built.ts'
import { documented, operationIdAt } from './contract.ts'

const paths = published.paths as Record<string, Record<string, { operationId: string; security: unknown }>>

test.each(built)('%s is published at the path and method of the contract', (operationId) => {
  const { path, method } = documented(operationId)
  expect(paths[path]?.[method.toLowerCase()]?.operationId).toBe(operationId)
})

test.each(built)('%s is published with the credentials of the contract', (operationId) => {
  const { path, method, security } = documented(operationId)
  expect(paths[path]![method.toLowerCase()]!.security).toEqual(security)
})

test('every operation of the contract that a route serves is in the list', async () => {
  const served = (await loadRestBindings()).flatMap(({ documentPath, bindings, preflight }) =>
    [...Object.keys(bindings), ...(preflight ? ['OPTIONS'] : [])].map((method) => operationIdAt(method, documentPath)),
  )
  expect(served.filter((id) => id !== undefined).toSorted()).toEqual(built.toSorted())
})

test('no two operations of the published document share an id', () => {
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
  expect(new Set(ids).size).toBe(ids.length)
})
