import { z } from 'zod'
import { AccountPlan } from '#server/money/billing/billing.contract.ts'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { secret } from '#server/platform/core/secret-fields.contract.ts'
import { nameText } from '#server/platform/core/texts.contract.ts'
import { keyScopes } from '#server/platform/core/scopes.contract.ts'

export const KeyScope = z.enum(keyScopes).meta({
  id: 'KeyScope',
  description: 'What an API key can be limited to.',
  'x-enumDescriptions': {
    'account:read': 'See the account, its use and its figures.',
    'account:write': 'Change the account.',
    'agents:read': 'See agents, their logs and their files.',
    'agents:write': 'Make, change, run and delete agents.',
    'chat:read': 'Read conversations.',
    'chat:write': 'Talk to agents.',
    'memory:read': 'Read what agents remember.',
    'memory:write': 'Change what agents remember.',
    'models:read': 'See models and their prices.',
    'models:write': 'Call models.',
    'payments:read': 'See payment sessions.',
    'payments:write': 'Open and close payment sessions.',
    'members:read': 'See who is in the workspace.',
    'members:write': 'Invite, change and remove members.',
    'audit:read': 'Read who did what in the workspace.',
  } satisfies Record<(typeof keyScopes)[number], string>,
})

export const ApiKey = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('What it is called.'),
    keyPreview: z.string().describe('First characters only.'),
    createdAt: timestamp.describe('When it was made.'),
    lastUsed: timestamp.nullable().describe('Last call made with the key, to the minute; null before the first.'),
    scopes: z.array(KeyScope).max(KeyScope.options.length).nullable().describe('What the key may do; null for everything a key can do.'),
    expiresAt: timestamp.nullable().describe('When it stops working; null for never.'),
    rateLimit: z.int().nullable().describe('Calls per minute of this key, on top of the limits of the account; null for none.'),
    spendLimitCents: z
      .int()
      .nullable()
      .describe('Most its model calls may cost in a calendar month (UTC), in US cents; null for no limit.'),
  })
  .meta({ id: 'ApiKey', description: 'A key that programs call with; never the key itself.' })
export type ApiKey = z.infer<typeof ApiKey>

export const ListApiKeys = z.object({})
export const ApiKeyList = z.array(ApiKey).max(10)

export const CreateApiKey = z.object({
  name: nameText(64).describe('What to call it, 1 to 64 characters.'),
  scopes: z
    .array(KeyScope)
    .min(1, 'expected at least one scope, or leave it out for all')
    .max(keyScopes.length)
    .optional()
    .describe('What the key may do; everything a key can do when left out.'),
  expiresAt: z.iso
    .datetime({ offset: true })
    .refine((at) => Date.parse(at) > Date.now(), 'expected a time in the future')
    .optional()
    .describe('When it stops working; never when left out.'),
  rateLimit: z.int().min(1).max(100_000).optional().describe('Calls per minute.'),
  spendLimitCents: z
    .int()
    .min(0)
    .max(100_000_000)
    .optional()
    .describe('US cents per calendar month (UTC), for model calls and for calls of the gateway that are paid with credits.'),
})
export type CreateApiKey = z.infer<typeof CreateApiKey>

export const ApiKeyCreated = z
  .object({ ...ApiKey.shape, key: secret(z.string().describe('The whole key, shown this once.')) })
  .meta({ id: 'ApiKeyCreated', description: 'A new key, with the key itself.' })
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>

export const ApiKeyRef = z.object({ keyId: z.string().min(1).describe('Id of the key.') })
export type ApiKeyRef = z.infer<typeof ApiKeyRef>

export const ApiKeyDeleted = Success

export const ValidateApiKey = z.object({ apiKey: z.string().min(1, 'expected an API key').describe('The whole key.') })
export type ValidateApiKey = z.infer<typeof ValidateApiKey>
export const ValidateBearerKey = z.object({})

export const KeyCheck = z
  .object({
    valid: z.literal(true).describe('Always true: a key that does not work is an error instead.'),
    userId: z.string().describe('Id of the account.'),
    email: z.email().optional().describe('Left out for a key that lacks the scope `account:read`.'),
    plan: AccountPlan,
    subscriptionStatus: z.string().describe('State of the subscription, such as `active` or `trialing`.'),
    features: z.array(z.string()).describe('Names of what the plan includes.'),
  })
  .meta({ id: 'KeyCheck', description: 'A key that works, and what its account has.' })
export type KeyCheck = z.infer<typeof KeyCheck>
