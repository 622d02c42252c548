import { MAX_VOUCHERS_OF_SESSIONS, PaymentSessionHead, PaymentVoucher } from '#server/money/payments/sessions.contract.ts'
import { voucherPages, voucherTotals } from '#server/money/payments/payments.operations.ts'
import { execute, placeByTime } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'
import { defineNestedList } from './loaders.ts'
import { exposeNestedList } from './nested-lists.ts'

const { payments } = operations

const vouchers = defineNestedList({
  name: payments.sessions.name,
  place: placeByTime,
  most: MAX_VOUCHERS_OF_SESSIONS,
  async list(call, sessionIds, perSession, after) {
    const found = await execute(voucherPages, call, { sessionIds, perSession, after })
    return found.map(({ sessionId, place, voucher }) => ({ parentId: sessionId, place, node: voucher }))
  },
  async count(call, sessionIds) {
    const totals = await execute(voucherTotals, call, { sessionIds })
    return totals.map(({ sessionId, total }) => ({ parentId: sessionId, total }))
  },
})

// Before `openPaymentSession`, whose session has all vouchers as a field: of two schemas of one name the first makes the type.
exposeNestedList(PaymentSessionHead, 'vouchers', {
  node: PaymentVoucher,
  description: 'Charges that are not settled yet, oldest first.',
  cost: 0,
  list: vouchers,
})

exposeQueries({ paymentSessions: payments.sessions, depositTerms: payments.depositTerms })

exposeMutations({
  openPaymentSession: payments.openSession,
  closePaymentSession: payments.closeSession,
  submitVoucher: payments.submitVoucher,
})
