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
    'payments:read': 'See payment sessions and the wallet.',
    'payments:write': 'Open and close payment sessions, and make wallets.',
    'wallet:spend': 'Send money from the wallet, as far as its policies allow.',
    'members:read': 'See who is in the workspace.',
    'members:write': 'Invite, change and remove members.',
    'audit:read': 'Read who did what in the workspace.',
  } satisfies Record<(typeof keyScopes)[number], string>,
})

export type KeyScope = z.infer<typeof KeyScope>

const networks = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]
const isNetwork = (text: string): boolean => networks.some((form) => form.safeParse(text).success)

const addresses = z
  .array(z.string().trim().max(64).refine(isNetwork, 'expected an address or a network, such as 203.0.113.7 or 203.0.113.0/24'))
  .min(1, 'expected at least one address, or no list for all of them')
  .max(50)

const KeyCreator = z
  .object({
    id: z.string().describe('Their id.'),
    name: z.string().nullable().describe('Their name; null once they have left the workspace.'),
  })
  .meta({ id: 'KeyCreator', description: 'Who made a key.' })

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
    allowedAddresses: z
      .array(z.string())
      .nullable()
      .describe('Addresses and networks it may be used from, such as `203.0.113.0/24`; null for all.'),
    lastAddress: z.string().nullable().describe('Address of that last call; null before the first.'),
    oldKeyExpiresAt: timestamp
      .nullable()
      .describe('Where it was replaced by another one: when the old one stops working, or stopped; null where it never was.'),
    createdBy: KeyCreator.nullable().describe('Who made it; null when they are gone.'),
    leakedAt: timestamp.nullable().describe('When somebody reported it as leaked, which switched it off; null for never.'),
  })
  .meta({ id: 'ApiKey', description: 'A key that programs call with; never the key itself.' })
export type ApiKey = z.infer<typeof ApiKey>

export const ListApiKeys = z.object({})
export const ApiKeyList = z.array(ApiKey).max(10)

const name = nameText(64).describe('What to call it, 1 to 64 characters.')
const expiresAt = z.iso.datetime({ offset: true }).refine((at) => Date.parse(at) > Date.now(), 'expected a time in the future')
const rateLimit = z.int().min(1).max(100_000)
const spendLimitCents = z.int().min(0).max(100_000_000)
const spending = 'US cents per calendar month (UTC), for model calls and for calls of the gateway that are paid with credits'
const isUsedElsewhere = z
  .boolean()
  .default(false)
  .describe('Set it when `allowedAddresses` leaves out the address you call from on purpose; else that is refused as an oversight.')

export const CreateApiKey = z.object({
  name,
  scopes: z
    .array(KeyScope)
    .min(1, 'expected at least one scope, or leave it out for all')
    .max(keyScopes.length)
    .optional()
    .describe('What the key may do; everything a key can do when left out.'),
  expiresAt: expiresAt.optional().describe('When it stops working; never when left out.'),
  rateLimit: rateLimit.optional().describe('Calls per minute.'),
  spendLimitCents: spendLimitCents.optional().describe(`${spending}.`),
  allowedAddresses: addresses
    .optional()
    .describe('Addresses and networks it may be used from, such as `203.0.113.0/24`; all when left out.'),
  isUsedElsewhere,
})
export type CreateApiKey = z.output<typeof CreateApiKey>

export const ApiKeyCreated = z
  .object({ ...ApiKey.shape, key: secret(z.string().describe('The whole key, shown this once.')) })
  .meta({ id: 'ApiKeyCreated', description: 'A new key, with the key itself.' })
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>

export const ApiKeyRef = z.object({ keyId: z.string().min(1).describe('Id of the key.') })
export type ApiKeyRef = z.infer<typeof ApiKeyRef>

export const UpdateApiKey = z.object({
  ...ApiKeyRef.shape,
  name: name.optional(),
  expiresAt: expiresAt.nullable().optional().describe('When it stops working; null for never.'),
  rateLimit: rateLimit.nullable().optional().describe('Calls per minute; null for none of its own.'),
  spendLimitCents: spendLimitCents.nullable().optional().describe(`${spending}; null for no limit.`),
  allowedAddresses: addresses
    .nullable()
    .optional()
    .describe('Addresses and networks it may be used from, such as `203.0.113.0/24`; null for all.'),
  isUsedElsewhere,
})
export type UpdateApiKey = z.output<typeof UpdateApiKey>

/** A week: time enough to change a key everywhere, and an end to it. */
export const MAX_OVERLAP_HOURS = 168

export const RotateApiKey = z.object({
  ...ApiKeyRef.shape,
  overlapHours: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_HOURS)
    .default(24)
    .describe('Hours the old key goes on working beside the new one, 0 to 168; 0 stops it at once. One that leaked has stopped already.'),
})
export type RotateApiKey = z.output<typeof RotateApiKey>

export const ApiKeyDeleted = Success

export const ReportLeakedKeys = z.object({
  keys: z
    .array(secret(z.string().min(1).max(200)))
    .min(1)
    .max(100)
    .describe('The keys that were found, whole.'),
})
export type ReportLeakedKeys = z.output<typeof ReportLeakedKeys>

export const LeakReported = z
  .object({ received: z.literal(true).describe('Always true, whether there are such keys or not.') })
  .meta({ id: 'LeakReported', description: 'The report has arrived. Keys of this server that are in it no longer work.' })

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
