const event = {
  id: 'aud_01jdx3k9t8f2v9w7b1n5q4h6zc',
  number: 12,
  at: '2026-11-27T10:00:00.000Z',
  action: 'keys.create',
  outcome: 'success',
  code: null,
  actor: { type: 'user', id: 'usr_01jdx3k9t8f2v9w7b1n5q4h6zc', name: 'ada@example.org' },
  targets: [{ type: 'key', id: 'key_01jdx3k9t8f2v9w7b1n5q4h6zc', name: 'nightly job' }],
  context: {
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    requestId: 'req_01jdx3k9t8f2v9w7b1n5q4h6zc',
    sessionId: 'sess_01jdx3k9t8f2v9w7b1n5q4h6zc',
  },
  changes: [{ field: 'name', after: 'nightly job' }],
  hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
} as const

export const examples = {
  list: { input: { action: 'keys.create', limit: 1 }, output: { events: [event], next: null } },
  export: { input: { action: 'keys.create' }, output: [event] },
} as const
