import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './keys.contract.ts'
import { keys } from './keys.operations.ts'

const KeyList = z.object({ keys: contract.ApiKeyList })
const params = { id: 'keyId' }
const markInvalid = (status: number) => (status === 401 ? { valid: false } : {})

/** Scanners of secrets send a list of what they found, each with the place where it was. */
const tokenOf = (found: unknown): unknown => (typeof found === 'object' && found !== null && 'token' in found ? found.token : found)

export const keysRest = {
  list: bind({ id: 'listApiKeys', tag: 'keys', operation: keys.list, output: KeyList, body: (list) => ({ keys: list }) }),
  listAll: bind({
    id: 'listAllApiKeys',
    tag: 'keys',
    operation: keys.listAll,
    output: KeyList,
    body: (list) => ({ keys: list }),
    errors: [403],
  }),
  create: bind({ id: 'createApiKey', tag: 'keys', operation: keys.create, status: 201 }),
  get: bind({ id: 'getApiKey', tag: 'keys', operation: keys.get, params, errors: [404] }),
  update: bind({ id: 'updateApiKey', tag: 'keys', operation: keys.update, params, errors: [403, 404] }),
  rotate: bind({ id: 'rotateApiKey', tag: 'keys', operation: keys.rotate, params, status: 201, errors: [403, 404] }),
  reportLeak: bind({
    id: 'reportLeakedKeys',
    tag: 'keys',
    operation: keys.reportLeak,
    takesList: true,
    input: ({ body }) => (Array.isArray(body) ? { keys: body.map(tokenOf) } : body),
    status: 202,
  }),
  delete: bind({ id: 'deleteApiKey', tag: 'keys', operation: keys.delete, params, errors: [404] }),
  validate: bind({ id: 'validateApiKey', tag: 'keys', operation: keys.validate, errorBody: markInvalid, errors: [401] }),
  validateBearer: bind({
    id: 'validateBearerKey',
    tag: 'keys',
    operation: keys.validateBearer,
    errorBody: markInvalid,
    errors: [401],
  }),
}
