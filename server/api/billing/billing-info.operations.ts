import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './billing-info.contract.ts'
import { examples } from './billing-info.examples.ts'
import * as service from './billing-info.service.ts'

export const billingInfo = {
  info: defineQuery({
    name: 'billing.info',
    summary: 'Get billing info',
    description: 'Old plan names never appear: starter reads solo, pro reads collective, scale reads label.',
    access: 'account',
    scope: 'account:read',
    bucket: 'general',
    input: contract.GetBilling,
    output: contract.BillingInfo,
    example: examples.info,
    run: service.getBilling,
  }),
  usage: defineQuery({
    name: 'billing.usage',
    summary: "See what is left of today's units",
    access: 'session',
    scope: 'account:read',
    bucket: 'general',
    input: contract.GetDailyUsage,
    output: contract.DailyUnitsNow,
    example: examples.usage,
    run: service.getDailyUsage,
  }),
  enableByok: defineMutation({
    name: 'billing.enableByok',
    summary: 'Use a key of your own at a provider',
    description: "Stored encrypted. Your calls to that provider's models go out on it, and cost nothing here.",
    access: 'session',
    scope: 'account:write',
    bucket: 'general',
    transaction: false,
    audit: { values: ['provider'] },
    input: contract.EnableByok,
    output: contract.ByokChanged,
    example: examples.enableByok,
    run: service.enableByok,
  }),
  disableByok: defineMutation({
    name: 'billing.disableByok',
    summary: 'Remove your own keys at all providers',
    description: 'Calls go out on the keys of this server again.',
    access: 'session',
    scope: 'account:write',
    bucket: 'general',
    transaction: false,
    input: contract.DisableByok,
    output: contract.ByokChanged,
    example: examples.disableByok,
    run: service.disableByok,
  }),
}
