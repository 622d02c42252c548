import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'

/** Most events of one answer. */
export const MAX_EVENTS = 100

const id = z.string().min(1).max(255)

export const AuditOutcome = z.enum(['success', 'denied', 'failed']).meta({
  id: 'AuditOutcome',
  description: 'How a call ended.',
  'x-enumDescriptions': { success: 'It was done.', denied: 'It was refused to who asked.', failed: 'It was not done for another reason.' },
})

export const FilterAuditEvents = z.object({
  actorId: id.optional().describe('Only what this person or API key did, by their id.'),
  action: id.optional().describe('Only this operation, such as `keys.create`.'),
  targetId: id.optional().describe('Only what was done to the thing with this id.'),
  outcome: AuditOutcome.optional().describe('Only what ended like this.'),
  from: z.iso.datetime({ offset: true }).optional().describe('Only from this time on.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Only what was before this time.'),
})
export type FilterAuditEvents = z.output<typeof FilterAuditEvents>

export const ListAuditEvents = z.object({
  ...FilterAuditEvents.shape,
  before: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Number of the event to go on behind, from `next` of the page before.'),
  limit: z.int().min(1).max(MAX_EVENTS).default(50).describe(`Most events of the answer, 1 to ${MAX_EVENTS}.`),
})
export type ListAuditEvents = z.output<typeof ListAuditEvents>

export const AuditActor = z
  .object({
    type: z.enum(['user', 'key', 'job', 'admin', 'nobody']).meta({
      id: 'AuditActorType',
      description: 'What kind of caller somebody was.',
      'x-enumDescriptions': {
        user: 'A person with a session.',
        key: 'A program with an API key.',
        job: 'The server by itself.',
        admin: 'Somebody who operates the server.',
        nobody: 'Somebody who had not said who they are.',
      },
    }),
    id: z.string().nullable().describe('Id of the person or the key.'),
    name: z.string().nullable().describe('What they were called then.'),
  })
  .meta({ id: 'AuditActor', description: 'Who did something.' })

export const AuditTarget = z
  .object({
    type: z.string().describe('What kind of thing it is, such as `agent`.'),
    id: z.string().describe('Its id.'),
    name: z.string().optional().describe('What it was called then.'),
  })
  .meta({ id: 'AuditTarget', description: 'Something that something was done to.' })

export const AuditOrigin = z
  .object({
    ip: z.string().optional().describe('Address the call came from.'),
    userAgent: z.string().optional().describe('What the program of the caller calls itself.'),
    requestId: z.string().describe('Id of the request.'),
    sessionId: z.string().optional().describe('Id of the session, of a person.'),
  })
  .meta({ id: 'AuditOrigin', description: 'Where a call came from.' })

const value = z.unknown()
export const AuditChange = z
  .object({
    field: z.string().describe('The field that was sent.'),
    before: value.optional().describe('What it was, where that may be known.'),
    after: value.optional().describe('What it was set to, where that may be known.'),
  })
  .meta({ id: 'AuditChange', description: 'A field that a call set.' })

export const AuditEvent = z
  .object({
    id: z.string().describe('Its id.'),
    number: z.int().min(1).meta({ format: 'int64', description: 'Its place in the log, without gaps.' }),
    at: timestamp.describe('When it was.'),
    action: z.string().describe('Name of the operation.'),
    outcome: AuditOutcome,
    code: z.string().nullable().describe('Code of the error it ended with; null where there was none.'),
    actor: AuditActor,
    targets: z.array(AuditTarget).max(100).describe('What it was done to.'),
    context: AuditOrigin,
    changes: z.array(AuditChange).max(100).describe('What was set by it.'),
    hash: z.string().describe('SHA-256 over this event and the hash of the one before it, in hex.'),
  })
  .meta({ id: 'AuditEvent', description: 'Something that was done, or tried.' })
export type AuditEvent = z.input<typeof AuditEvent>

export const AuditPage = z
  .object({
    events: z.array(AuditEvent).max(MAX_EVENTS).describe('The events, newest first.'),
    next: z.int().nullable().meta({ format: 'int64', description: 'Send it as `before` for the next page; null when there is none.' }),
  })
  .meta({ id: 'AuditPage', description: 'A page of the audit log.' })
export type AuditPage = z.input<typeof AuditPage>
