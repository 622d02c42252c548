import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { payments } = operations

exposeQueries({ paymentSessions: payments.sessions, depositTerms: payments.depositTerms })

exposeMutations({
  openPaymentSession: payments.openSession,
  closePaymentSession: payments.closeSession,
  submitVoucher: payments.submitVoucher,
})
