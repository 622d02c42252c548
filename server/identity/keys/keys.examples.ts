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
} as const

const wholeKey = 'sk_MrUASfu2Z8AcB1XrczTTO7nJ8GcRyAnSEBZvRAqEely'

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
  get: { input: { keyId: exampleIds.apiKey }, output: key },
  create: {
    input: { name: key.name, scopes: key.scopes, rateLimit: key.rateLimit, spendLimitCents: key.spendLimitCents },
    output: { ...key, lastUsed: null, key: wholeKey },
  },
  delete: { input: { keyId: exampleIds.apiKey }, output: { success: true } },
  validate: { input: { apiKey: wholeKey }, output: check },
  validateBearer: { input: {}, output: check },
} as const
