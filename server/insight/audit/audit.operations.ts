import { z } from 'zod'
import { defineList, definePages, defineStream } from '#server/platform/operations/index.ts'
import * as contract from './audit.contract.ts'
import { examples } from './audit.examples.ts'
import * as service from './audit.service.ts'

const common = { access: 'account', scope: 'audit:read', bucket: 'general' } as const

export const audit = {
  list: defineList({
    ...common,
    name: 'audit.list',
    summary: 'List events of the audit log',
    description: 'Who did what to what in the workspace, from where, and how it ended; newest first.',
    input: contract.ListAuditEvents,
    output: contract.AuditPage,
    pages: definePages({
      input: contract.FilterAuditEvents,
      node: contract.AuditEvent,
      place: z.tuple([z.string().regex(/^[1-9]\d{0,14}$/)]),
      list: service.listAuditEventPage,
      count: service.countAuditEvents,
    }),
    example: examples.list,
    run: service.listAuditEvents,
  }),
  export: defineStream({
    ...common,
    name: 'audit.export',
    summary: 'Export the audit log',
    description: 'All events that fit, newest first. That it was exported is in the log, too.',
    isReadOnly: true,
    input: contract.FilterAuditEvents,
    output: contract.AuditEvent,
    audit: {},
    example: examples.export,
    run: service.exportAuditEvents,
  }),
}
