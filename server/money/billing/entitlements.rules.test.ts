import { expect, test } from 'vitest'
import { coversModel, daysLeft, entitlementsOf } from './entitlements.rules.ts'

const now = new Date('2026-05-10T12:00:00Z')
const account = { plan: 'free', subscriptionStatus: 'none', trialEndsAt: '2026-05-12T06:00:00Z', isAdmin: false }
const free = { SELF_HOSTED_PLAN: 'network' } as const
const paid = { ...free, STRIPE_SECRET_KEY: 'sk_test' }

test.each([
  ['a server without Stripe gives everybody its plan', free, account, { plan: 'network', isActive: true, agentLimit: null }],
  [
    'a smaller plan of the server has its limits',
    { SELF_HOSTED_PLAN: 'solo' } as const,
    account,
    { plan: 'solo', isActive: true, agentLimit: 1 },
  ],
  ['a running trial may run one agent', paid, account, { plan: 'free', isActive: true, agentLimit: 1, status: 'trialing' }],
  ['a trial that is over may not', paid, { ...account, trialEndsAt: '2026-05-10T11:59:59Z' }, { isActive: false, status: 'expired' }],
  [
    'a paid plan counts',
    paid,
    { ...account, plan: 'label', subscriptionStatus: 'active' },
    { plan: 'label', isActive: true, agentLimit: 10 },
  ],
  ['a plan that is no longer paid does not', paid, { ...account, plan: 'label', subscriptionStatus: 'canceled' }, { isActive: false }],
  [
    'after a payment that failed it holds for some days',
    paid,
    { ...account, plan: 'label', subscriptionStatus: 'past_due', graceEndsAt: '2026-05-10T12:00:01Z' },
    { isActive: true, agentLimit: 10 },
  ],
  [
    'and no longer',
    paid,
    { ...account, plan: 'label', subscriptionStatus: 'past_due', graceEndsAt: '2026-05-10T12:00:00Z' },
    { isActive: false },
  ],
  ['an admin is never asked to pay', paid, { ...account, trialEndsAt: null, isAdmin: true }, { isActive: true, agentLimit: null }],
])('%s', (_title, env, who, expected) => expect(entitlementsOf(env, who, now)).toMatchObject(expected))

test.each([
  ['openai/gpt-4o-mini', 'openai', true],
  ['openrouter/openai/gpt-4o-mini', 'openrouter', true],
  ['openai/gpt-4o', 'openai', false],
  ['local/commands', 'local', true],
  ['compatible/llama3', 'compatible', true],
])('the solo plan covers %s of %s: %s', (model, provider, covered) => {
  const { models } = entitlementsOf({ SELF_HOSTED_PLAN: 'solo' }, account, now)
  expect(coversModel(models, provider, model)).toBe(covered)
})

test('a day that has begun counts in full', () => {
  expect(daysLeft('2026-05-12T06:00:00Z', now)).toBe(2)
  expect(daysLeft('2026-05-10T12:00:01Z', now)).toBe(1)
  expect(daysLeft('2026-05-10T12:00:00Z', now)).toBe(0)
})
