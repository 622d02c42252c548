import { defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './billing.contract.ts'
import * as service from './billing.service.ts'
import { examples } from './billing.examples.ts'

export const billing = {
  trial: defineQuery({
    name: 'billing.trial',
    summary: 'Get the state of your trial',
    description: 'Never refuses: with nobody signed in it says `trial: false`.',
    access: 'public',
    credentials: ['session', 'apiKey', 'none'],
    bucket: 'general',
    input: contract.GetTrial,
    output: contract.Trial,
    example: examples.trial,
    run: service.getTrial,
  }),
}
