import { defineList, definePages, defineQuery, placeByTime } from '#server/platform/operations/index.ts'
import * as contract from './credits.contract.ts'
import { examples } from './credits.examples.ts'
import * as service from './credits.service.ts'

export const credits = {
  get: defineQuery({
    name: 'credits.get',
    summary: 'Get the credit balance',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.GetCredits,
    output: contract.Credits,
    example: examples.get,
    run: service.getCredits,
  }),
  history: defineList({
    name: 'credits.history',
    summary: 'List what went in and out of the credit balance',
    description: 'The newest first.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.ListCreditHistory,
    output: contract.CreditHistory,
    pages: definePages({
      input: contract.ListCreditHistory,
      node: contract.CreditEntry,
      place: placeByTime,
      list: service.listCreditPage,
      count: service.countCreditEntries,
    }),
    example: examples.history,
    run: service.listCreditHistory,
  }),
}
