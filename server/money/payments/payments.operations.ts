import { defineList, defineMutation, defineQuery, definePages, placeByTime } from '#server/platform/operations/index.ts'
import * as contract from './sessions.contract.ts'
import * as service from './sessions.service.ts'
import { countVouchers, listVoucherPages } from './pending-vouchers.service.ts'
import { submitVoucher } from './vouchers.service.ts'
import { examples } from './payments.examples.ts'

export const payments = {
  sessions: defineList({
    name: 'payments.sessions',
    summary: 'List payment sessions, or get one',
    description: 'Of a wallet, newest first, at most 100; or the one with that id.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.ListSessions,
    output: contract.PaymentSessionList,
    pages: definePages({
      input: contract.ListSessions,
      node: contract.PaymentSessionHead,
      place: placeByTime,
      list: service.listSessionPage,
      count: service.countSessions,
    }),
    example: examples.sessions,
    run: service.listSessions,
  }),
  depositTerms: defineQuery({
    name: 'payments.depositTerms',
    summary: 'Say how a transfer on the chain pays a deposit',
    description: 'Whom to pay, and the memo that gives a transfer to your account; without it the sender has to sign for it.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.ShowDepositTerms,
    output: contract.DepositTerms,
    example: examples.depositTerms,
    run: service.showDepositTerms,
  }),
  openSession: defineMutation({
    name: 'payments.openSession',
    summary: 'Open a payment session',
    description:
      'From 1.00 to 100.00 US dollars, taken from the prepaid balance or paid by a transfer on the chain. With an active session on the wallet, that one comes back instead.',
    access: 'account',
    scope: 'payments:write',
    bucket: 'general',
    transaction: false,
    idempotent: true,
    input: contract.OpenSession,
    output: contract.SessionOpened,
    example: examples.openSession,
    run: service.openSession,
  }),
  closeSession: defineMutation({
    name: 'payments.closeSession',
    summary: 'Close a payment session',
    description: 'Settles what is pending, then gives the rest back to the prepaid balance.',
    access: 'account',
    scope: 'payments:write',
    bucket: 'general',
    transaction: false,
    idempotent: true,
    input: contract.SessionRef,
    output: contract.SessionClosed,
    example: examples.closeSession,
    run: service.closeSession,
  }),
  submitVoucher: defineMutation({
    name: 'payments.submitVoucher',
    summary: 'Charge a payment session with a signed voucher',
    description: 'The price of the plugin decides the amount. The signature is the credential, and each nonce works once.',
    access: 'public',
    bucket: 'general',
    transaction: false,
    input: contract.SubmitVoucher,
    output: contract.VoucherAccepted,
    example: examples.submitVoucher,
    run: submitVoucher,
  }),
}

const nested = { access: 'account', scope: 'payments:read', bucket: 'general', name: 'payments.sessions' } as const

/** The charges that `payments.sessions` shows, page by page, for GraphQL. */
export const voucherPages = defineQuery({
  ...nested,
  summary: 'Page through the pending charges of several payment sessions at once',
  input: contract.VoucherPages,
  output: contract.PlacedVouchers,
  example: examples.voucherPages,
  run: listVoucherPages,
})

/** How many there are. */
export const voucherTotals = defineQuery({
  ...nested,
  summary: 'Count the pending charges of several payment sessions at once',
  input: contract.SessionsToCount,
  output: contract.VoucherTotals,
  example: examples.voucherTotals,
  run: countVouchers,
})
