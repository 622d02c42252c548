import { exampleIds } from '#server/platform/operations/index.ts'

const prepared = {
  id: exampleIds.export,
  status: 'ready',
  url: `/api/workspaces/exports/${exampleIds.export}/archive`,
  size: 1_482_113,
  error: null,
  createdAt: '2026-03-02T06:40:00.000Z',
  endedAt: '2026-03-02T06:40:09.000Z',
  expiresAt: '2026-03-03T06:40:09.000Z',
} as const

export const examples = {
  create: { input: {}, output: { ...prepared, status: 'preparing', url: null, size: null, endedAt: null, expiresAt: null } },
  list: { input: {}, output: [prepared] },
  get: { input: { exportId: exampleIds.export }, output: prepared },
} as const
