import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import { payments } from './payments.operations.ts'
import * as contract from './sessions.contract.ts'

const { PaymentSession, PaymentSessionList } = contract
const Sessions = z.union([z.object({ sessions: PaymentSessionList }), z.object({ session: PaymentSession })])

export const sessionsRest = {
  list: bind({
    id: 'listPaymentSessions',
    tag: 'wallet',
    operation: payments.sessions,
    output: Sessions,
    body: (sessions, { query }) => (query.sessionId === undefined ? { sessions } : { session: sessions[0] }),
    errors: [404],
  }),
  open: bind({
    id: 'openPaymentSession',
    tag: 'wallet',
    operation: payments.openSession,
    output: z.object({ session: PaymentSession }),
    status: 201,
    statusOf: ({ note }) => (note === undefined ? 201 : 200),
    document: { otherStatuses: { 200: z.object({ session: PaymentSession, note: z.string() }) } },
    errors: [402, 503],
  }),
  depositTerms: bind({ id: 'getDepositTerms', tag: 'wallet', operation: payments.depositTerms }),
  close: bind({ id: 'closePaymentSession', tag: 'wallet', operation: payments.closeSession, errors: [404] }),
  submitVoucher: bind({ id: 'submitVoucher', tag: 'wallet', operation: payments.submitVoucher }),
}
