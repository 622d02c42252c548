import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './memory.contract.ts'
import * as service from './memory.service.ts'
import { examples } from './memory.examples.ts'

export const memory = {
  get: defineQuery({
    name: 'memory.get',
    summary: 'Read agent memory',
    description: 'In the order of the keys. A page has up to 1,000 of them, or some 4 MB; `nextCursor` leads to the next one.',
    access: 'account',
    scope: 'memory:read',
    bucket: 'general',
    input: contract.GetMemory,
    output: contract.Memory,
    example: examples.get,
    run: service.getMemory,
  }),
  store: defineMutation({
    name: 'memory.store',
    summary: 'Store one memory value, or several',
    description: 'Existing keys are overwritten, others stay. What does not fit into the plan is refused with 413.',
    access: 'account',
    scope: 'memory:write',
    bucket: 'general',
    idempotent: true,
    input: contract.StoreMemory,
    output: contract.MemoryStored,
    makes: ({ agentId }) => [agentId],
    example: examples.store,
    run: service.storeMemory,
  }),
  delete: defineMutation({
    name: 'memory.delete',
    summary: 'Forget one memory value',
    access: 'account',
    scope: 'memory:write',
    bucket: 'general',
    input: contract.DeleteMemory,
    output: contract.MemoryDeleted,
    example: examples.delete,
    run: service.deleteMemory,
  }),
}
