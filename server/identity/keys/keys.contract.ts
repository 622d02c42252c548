import { z } from 'zod'
import { AccountPlan } from '#server/money/billing/billing.contract.ts'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { scopes } from '#server/platform/core/scopes.contract.ts'

export const KeyScope = z.enum(scopes).meta({ id: 'KeyScope' })

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    keyPreview: z.string().describe('First characters only.'),
    createdAt: timestamp,
    lastUsed: timestamp.nullable().describe('Last call made with the key, to the minute; null before the first.'),
    scopes: z.array(KeyScope).max(KeyScope.options.length).nullable().describe('What the key may do; null for everything a key can do.'),
    expiresAt: timestamp.nullable(),
    rateLimit: z.int().nullable().describe('Calls per minute of this key, on top of the limits of the account; null for none.'),
    spendLimitCents: z
      .int()
      .nullable()
      .describe('Most its model calls may cost in a calendar month (UTC), in US cents; null for no limit.'),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const ListApiKeys = z.object({})
export const ApiKeyList = z.array(ApiKey).max(10)

export const CreateApiKey = z.object({
  name: z.string().trim().min(1, 'expected 1 to 64 characters').max(64, 'expected 1 to 64 characters'),
  scopes: z.array(KeyScope).min(1, 'expected at least one scope, or leave it out for all').max(scopes.length).optional(),
  expiresAt: z.iso
    .datetime({ offset: true })
    .refine((at) => Date.parse(at) > Date.now(), 'expected a time in the future')
    .optional(),
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
  .object({ ...ApiKey.shape, key: z.string().describe('The whole key, shown this once.') })
  .meta({ id: 'ApiKeyCreated' })
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>

export const ApiKeyRef = z.object({ keyId: z.string().min(1) })
export type ApiKeyRef = z.infer<typeof ApiKeyRef>

export const ApiKeyDeleted = Success

export const ValidateApiKey = z.object({ apiKey: z.string().min(1, 'expected an API key') })
export type ValidateApiKey = z.infer<typeof ValidateApiKey>
export const ValidateBearerKey = z.object({})

export const KeyCheck = z
  .object({
    valid: z.literal(true),
    userId: z.string(),
    email: z.email().optional().describe('Left out for a key that lacks the scope `account:read`.'),
    plan: AccountPlan,
    subscriptionStatus: z.string(),
    features: z.array(z.string()),
  })
  .meta({ id: 'KeyCheck' })
export type KeyCheck = z.infer<typeof KeyCheck>
