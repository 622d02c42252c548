import { defineList, definePages, defineQuery, exampleIds, placeById } from '#server/platform/operations/index.ts'
import * as contract from './outbox.contract.ts'
import * as service from './outbox.service.ts'
import { countOutbox } from './outbox.ts'

/** The links in these mails let in whoever has them. */
const admin = { access: 'admin', bucket: 'general' } as const

const entry = {
  id: exampleIds.mail,
  to: 'ines@example.org',
  subject: 'Choose a new password',
  createdAt: '2026-03-02T06:40:00.000Z',
}

export const outbox = {
  list: defineList({
    ...admin,
    name: 'outbox.list',
    summary: 'List mails that were kept',
    description: 'For who operates a server that has no mail server: what it would have sent is kept in `DATA_DIR/outbox`.',
    input: contract.Nothing,
    output: contract.Outbox,
    pages: definePages({
      input: contract.Nothing,
      node: contract.OutboxEntry,
      place: placeById,
      list: service.listOutboxPage,
      count: ({ platform }) => countOutbox(platform),
    }),
    example: { input: {}, output: { isInUse: true, mails: [entry] } },
    run: service.getOutbox,
  }),
  get: defineQuery({
    ...admin,
    name: 'outbox.get',
    summary: 'Read a mail that was kept',
    input: contract.MailRef,
    output: contract.OutboxMail,
    example: {
      input: { mailId: exampleIds.mail },
      output: {
        ...entry,
        text: 'Somebody, probably you, has forgotten the password of the account with this address.\n',
      },
    },
    run: service.getOutboxMail,
  }),
}
