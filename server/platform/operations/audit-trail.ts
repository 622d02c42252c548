import { auditEvents } from '../audit/index.ts'
import {
  type AppError,
  type AuditActor,
  type AuditChanges,
  type AuditEvent,
  type AuditNotes,
  type AuditOutcome,
  type AuditTarget,
  type AuditValue,
  type Context,
  hasAccount,
  SERVER_CHAIN,
  toAppError,
} from '../core/index.ts'
import type { Scope } from '../core/scopes.contract.ts'
import type { Operation } from './operation.ts'

/** What agents are there for: what comes of it is kept as messages, memories and usage. */
const dailyWork: readonly Scope[] = ['chat:write', 'memory:write', 'models:write']

/**
 * Whether calls of the operation are in the audit log: every mutation is, but for the daily work of agents and for those
 * that say otherwise; of queries and streams those that say so, which tell secrets or give much away.
 */
export function isAudited(operation: Operation): boolean {
  if (operation.audit !== undefined) return operation.audit !== false
  return operation.kind === 'mutation' && !(operation.scope && dailyWork.includes(operation.scope))
}

/** What says more of the caller's fault, or of the server's load, than of what somebody tried to do. */
const untold: readonly AppError['kind'][] = ['invalid_input', 'rate_limited']

/**
 * What the audit log is told of one call. What was done in a transaction is told last in it, so that neither is there
 * without the other; everything else, refusals above all, on a connection of its own, once the call is over.
 */
export class AuditTrail {
  readonly #operation: Operation
  readonly #ctx: Context
  #input: unknown
  #notes: AuditNotes = {}
  #before: Record<string, unknown> | undefined
  #output: unknown
  #isTold = false

  /** @returns undefined for an operation that is not in the log. */
  static of(operation: Operation, ctx: Context): AuditTrail | undefined {
    return isAudited(operation) ? new AuditTrail(operation, ctx) : undefined
  }

  private constructor(operation: Operation, ctx: Context) {
    this.#operation = operation
    this.#ctx = ctx
  }

  /** The call was let in. */
  admitted(input: unknown): void {
    this.#input = input
  }

  /** The context to run the operation with; again for each try of a transaction. */
  async begin<C extends Context>(ctx: C): Promise<C> {
    this.#notes = {}
    const { audit } = this.#operation
    const inner = { ...ctx, auditNotes: this.#notes }
    // What is not there yet, or is somebody else's, the operation itself says.
    if (audit && audit.before) this.#before = { ...(await audit.before(inner as never, this.#input as never).catch(() => undefined)) }
    return inner
  }

  /** The operation has run; `ctx` is that of its transaction, if it has one. */
  async done(ctx: Context, output: unknown): Promise<void> {
    this.#output = output
    if (this.#operation.kind === 'query') {
      // What cannot be told is not given away.
      const event = this.#event('success', null)
      if (event) await auditEvents.insertEvent(ctx.platform.databases.system, event)
      this.#isTold = true
      return
    }
    if (this.#operation.kind !== 'mutation' || !this.#operation.transaction || !hasAccount(ctx)) return
    const event = this.#event('success', null)
    if (event?.accountId !== ctx.actor.account.id || this.#notes.alsoIn) return
    await auditEvents.insertEvent(ctx.db, event)
    this.#isTold = true
  }

  /** The call came to its end. What it did is done, and is not called a failure because it could not be told. */
  async succeeded(): Promise<void> {
    if (this.#isTold || 'Idempotent-Replayed' in this.#ctx.reply.headers) return
    await this.#tell(this.#event('success', null))
  }

  /** A stream begins. What cannot be told is not given away. */
  async givesAway(input: unknown): Promise<void> {
    this.#input = input
    const event = this.#event('success', null)
    if (event) await auditEvents.insertEvent(this.#ctx.platform.databases.system, event)
  }

  /** The call was refused, or failed. */
  async failed(failure: unknown): Promise<void> {
    const error = toAppError(failure)
    const isRefusal = error.kind === 'forbidden' || error.kind === 'unauthenticated'
    // Before it was let in, only what it may not do is worth telling.
    if (untold.includes(error.kind) || (this.#input === undefined && !isRefusal)) return
    this.#output = undefined
    await this.#tell(this.#event(isRefusal ? 'denied' : 'failed', error.code))
  }

  async #tell(event: AuditEvent | undefined): Promise<void> {
    if (!event) return
    const { log, platform, requestId } = this.#ctx
    const others = (this.#notes.alsoIn ?? []).filter(({ accountId }) => accountId !== event.accountId)
    for (const there of [{}, ...others])
      await auditEvents.insertEvent(platform.databases.system, { ...event, ...there }).catch((error: unknown) => {
        log.error({ err: error, requestId, operation: event.action, outcome: event.outcome }, 'the audit log could not be written')
      })
  }

  /** The workspace in whose log the call is; what is only about the person is in that of their own. */
  #accountId(): string | undefined {
    const { access, isPersonal, scope } = this.#operation
    const { actor } = this.#ctx
    if (access === 'admin') return SERVER_CHAIN
    if (!hasAccount(this.#ctx)) return undefined
    const isOwn = isPersonal === true || scope === undefined
    return actor.kind === 'session' && isOwn ? actor.user.personalAccountId : this.#ctx.actor.account.id
  }

  #event(outcome: AuditOutcome, code: string | null): AuditEvent | undefined {
    const accountId = this.#notes.accountId ?? this.#accountId()
    // Of calls by nobody only those are told that say whom they are about.
    if (accountId === undefined) return undefined
    const { ip, userAgent, requestId, actor } = this.#ctx
    return {
      accountId,
      action: this.#operation.name,
      outcome,
      code,
      actor: this.#notes.actor ?? actorOf(this.#operation, this.#ctx),
      targets: this.#notes.targets ?? this.#targets(),
      context: {
        requestId,
        ...(ip ? { ip } : {}),
        ...(userAgent ? { userAgent: shorten(userAgent) } : {}),
        ...(actor.kind === 'session' ? { sessionId: actor.session.id } : {}),
      },
      changes: this.#changes(),
    }
  }

  /** What the input names by its id, and what was made. */
  #targets(): AuditTarget[] {
    const { audit, name } = this.#operation
    const input = (this.#input ?? {}) as Record<string, unknown>
    const output = (this.#output ?? {}) as Record<string, unknown>
    if (audit && audit.targets && this.#input !== undefined) return audit.targets(input as never, this.#output as never)
    const named = fieldsOf(this.#operation).flatMap((field): AuditTarget[] => {
      const [, type] = /^(\w+)Id$/.exec(field) ?? []
      const id = input[field]
      return type !== undefined && typeof id === 'string' ? [{ type, id: shorten(id) }] : []
    })
    const { id, name: called } = output
    if (typeof id !== 'string' || named.some((target) => target.id === id)) return named
    const made = { type: name.split('.')[0]!.replace(/s$/, ''), id, ...(typeof called === 'string' ? { name: shorten(called) } : {}) }
    return [made, ...named]
  }

  /** Fields that were sent, with their values where the operation says that those may be known. */
  #changes(): AuditChanges | null {
    const { kind, audit } = this.#operation
    if (kind !== 'mutation' || this.#input === undefined) return null
    const input = this.#input as Record<string, unknown>
    const sent = fieldsOf(this.#operation).filter((field) => input[field] !== undefined && !field.endsWith('Id'))
    const values: readonly string[] = (audit && audit.values) || []
    const changes = Object.fromEntries(sent.map((field) => [field, values.includes(field) ? this.#change(field, input[field]) : {}]))
    const all = { ...changes, ...this.#notes.changes }
    return Object.keys(all).length > 0 ? all : null
  }

  #change(field: string, sent: unknown): AuditChanges[string] {
    const before = toValue(this.#before?.[field])
    const after = toValue(sent)
    return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
  }
}

function actorOf({ access }: Operation, { actor }: Context): AuditActor {
  if (actor.kind === 'session') {
    const { id, name, email } = actor.user
    return { type: access === 'admin' ? 'admin' : 'user', id, name: shorten(email ?? name) }
  }
  if (actor.kind === 'key') return { type: 'key', id: actor.keyId, name: null }
  return { type: actor.kind === 'job' ? 'job' : 'nobody', id: null, name: null }
}

/** Names of what the operation takes; only the input's own, so that nobody writes names of their own into the log. */
const fieldsOf = ({ input }: Operation): string[] => ('shape' in input ? Object.keys(input.shape as object) : [])

const MAX_CHARS = 200
const MAX_ITEMS = 20

const shorten = (text: string): string => (text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…`.toWellFormed() : text)

/** A value as it may be in the log: of objects nothing. */
function toValue(value: unknown): AuditValue | undefined {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') return shorten(value)
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).flatMap((one) => toValue(one) ?? [])
  return undefined
}
