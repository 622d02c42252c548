import { exampleIds } from '#server/platform/operations/index.ts'

const session = {
  id: exampleIds.signInSession,
  isCurrent: true,
  device: 'Firefox on Windows',
  ip: '203.0.113.7',
  method: 'passkey',
  hasSecondFactor: true,
  createdAt: '2026-03-02T06:40:00.000Z',
  lastSeenAt: '2026-03-09T07:15:00.000Z',
  expiresAt: '2026-04-08T07:15:00.000Z',
} as const

export const examples = {
  list: { input: {}, output: [session] },
  end: { input: { sessionId: exampleIds.signInSession }, output: { success: true } },
  endAll: { input: {}, output: { success: true } },
  reauthenticate: { input: { password: 'old-harbour-light' }, output: { freshUntil: '2026-03-09T07:30:00.000Z' } },
  waysToReauthenticate: { input: {}, output: { password: true, code: false } },
} as const
