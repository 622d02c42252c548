import { exampleIds } from '#server/platform/operations/index.ts'

const key = {
  id: exampleIds.apiKey,
  name: 'Ferry bot',
  keyPreview: 'sk_MrUASfu...',
  createdAt: '2026-03-02T06:40:00.000Z',
  lastUsed: '2026-03-02T07:15:00.000Z',
  scopes: ['agents:read', 'chat:write'],
  expiresAt: null,
  rateLimit: 60,
  spendLimitCents: 500,
  allowedAddresses: null,
  lastAddress: '203.0.113.7',
  oldKeyExpiresAt: null,
  leakedAt: null,
  createdBy: { id: exampleIds.account, name: 'Ines Vale' },
} as const

const wholeKey = 'sk_MrUASfu2Z8AcB1XrczTTO7nJ8GcRyAnSEBZvRAqEely3qOBOV'

const check = {
  valid: true,
  userId: exampleIds.account,
  email: 'ines@example.org',
  plan: 'solo',
  subscriptionStatus: 'active',
  features: ['dashboard', 'analytics', 'agents', 'api'],
} as const

export const examples = {
  list: { input: {}, output: [key] },
  listAll: { input: {}, output: [key] },
  get: { input: { keyId: exampleIds.apiKey }, output: key },
  create: {
    input: { name: key.name, scopes: key.scopes, rateLimit: key.rateLimit, spendLimitCents: key.spendLimitCents },
    output: { ...key, lastUsed: null, lastAddress: null, key: wholeKey },
  },
  update: {
    input: { keyId: exampleIds.apiKey, allowedAddresses: ['203.0.113.0/24'], isUsedElsewhere: true, rateLimit: 60 },
    output: { ...key, allowedAddresses: ['203.0.113.0/24'] },
  },
  rotate: {
    input: { keyId: exampleIds.apiKey, overlapHours: 48 },
    output: {
      ...key,
      keyPreview: 'sk_W4cnT1h...',
      oldKeyExpiresAt: '2026-03-04T07:20:00.000Z',
      key: 'sk_W4cnT1h8Kq0sYb7EwZr2uXvJ5gLmP9dQaFoRiNtVeHk0zm87k',
    },
  },
  reportLeak: { input: { keys: [`${wholeKey.slice(0, -6)}000000`] }, output: { received: true } },
  delete: { input: { keyId: exampleIds.apiKey }, output: { success: true } },
  validate: { input: { apiKey: wholeKey }, output: check },
  validateBearer: { input: {}, output: check },
} as const
