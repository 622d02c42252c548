import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as service from './own-subscriptions.service.ts'
import * as contract from './subscriptions.contract.ts'
import { examples } from './subscriptions.examples.ts'

export const subscriptions = {
  list: defineQuery({
    name: 'subscriptions.list',
    summary: 'List what the account pays for every month',
    description: 'Its plan, and room for files.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.ListSubscriptions,
    output: contract.SubscriptionList,
    example: examples.list,
    run: service.listSubscriptions,
  }),
  change: defineMutation({
    name: 'subscriptions.change',
    summary: 'Change to another plan',
    description: 'At once; the rest of the month is charged or credited. A plan whose difference cannot be charged is not given.',
    access: 'session',
    scope: 'payments:write',
    bucket: 'general',
    transaction: false,
    audit: { values: ['plan'] },
    input: contract.ChangePlan,
    output: contract.PaidSubscription,
    example: examples.change,
    run: service.changePlan,
  }),
  portal: defineMutation({
    name: 'subscriptions.portal',
    summary: 'Open the page of Stripe for card, invoices and cancellation',
    access: 'session',
    scope: 'payments:write',
    bucket: 'general',
    transaction: false,
    input: contract.OpenPortal,
    output: contract.PortalPage,
    example: examples.portal,
    run: service.openPortal,
  }),
  invoices: defineQuery({
    name: 'subscriptions.invoices',
    summary: 'List the newest invoices',
    description: 'As Stripe has them now, the newest first; the page of Stripe has all.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.ListInvoices,
    output: contract.InvoiceList,
    example: examples.invoices,
    run: service.listInvoices,
  }),
}
