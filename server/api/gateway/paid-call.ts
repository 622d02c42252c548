import { hasAccount, accountOf, toAppError, type AppError, newId, ServerStopping, toStorableText } from '#server/platform/core/index.ts'
import type { KeptPayment, Payment, Receipt } from '#server/money/payments/index.ts'
import type { GatewayResponse } from './gateway.contract.ts'
import { CallAborted, FailedThoughPaid, FailedUncharged } from './gateway.errors.ts'
import { insertCall, type CallRow } from './gateway.queries.ts'
import { PluginResult, type Plugin, type PluginContext } from './plugins/index.ts'

/**
 * One call of a plugin whose payment was found good. It takes the money when the call is answered, or when its caller
 * leaves in the middle of what was handed over already; a call that fails costs nothing. It writes down how the call ended.
 */
export class PaidCall {
  readonly #ctx: PluginContext
  readonly #plugin: Plugin
  readonly #payment: Payment
  readonly #began = performance.now()
  #receipt: Receipt | undefined
  /** Whether a part of the answer was handed over. */
  #hasBegun = false

  constructor(ctx: PluginContext, plugin: Plugin, payment: Payment) {
    this.#ctx = ctx
    this.#plugin = plugin
    this.#payment = payment
  }

  /** A part of the answer is about to be handed over. @throws AppError when the money is not to be had. */
  async secure(): Promise<void> {
    if (this.#hasBegun) return
    this.#showReceipt(await this.#payment.secure())
    this.#hasBegun = true
  }

  #showReceipt({ reference, headers }: Receipt): void {
    Object.assign(this.#ctx.reply.headers, reference === null ? {} : { 'Payment-Receipt': reference }, headers)
  }

  /** The plugin is done. @throws AppError when the money cannot be taken. */
  async succeed(result: PluginResult): Promise<GatewayResponse> {
    const { message, data, usage } = PluginResult.parse(result)
    this.#receipt = await this.#payment.capture()
    this.#showReceipt(this.#receipt)
    await this.#record({
      outcome: 'answered',
      errorCode: null,
      model: usage?.model ?? null,
      inputTokens: usage?.inputTokens ?? null,
      outputTokens: usage?.outputTokens ?? null,
      costNanoUsd: usage?.costNanoUsd ?? null,
    })
    return {
      plugin: this.#plugin.id,
      message: toStorableText(message),
      timestamp: new Date().toISOString(),
      payment: { method: this.#payment.method, receipt: this.#receipt.reference },
      ...(data ? { data } : {}),
    }
  }

  /**
   * The plugin failed, or the money could not be taken: what was set aside is given back.
   *
   * @returns the failure for the caller, with what became of the money where it may believe to have paid.
   */
  async fail(error: unknown): Promise<AppError> {
    const isStopping = this.#ctx.platform.shutdown.aborted
    if (this.#ctx.signal.aborted && !isStopping) return this.leave()
    const kept = await this.#giveBack()
    const failure = isStopping ? new ServerStopping() : toAppError(error)
    await this.#recordFailure(failure)
    if (!kept) return this.#hasBegun ? new FailedUncharged(failure, this.#payment.method) : failure
    if (kept.isConfirmed) this.#showReceipt(kept.receipt)
    return new FailedThoughPaid(failure, this.#payment.method, kept)
  }

  /** The caller went away. Else whoever leaves before the last word would get the rest for nothing, what was begun is paid. */
  async leave(): Promise<AppError> {
    if (this.#hasBegun) await this.#captureRest()
    else await this.#giveBack()
    const failure = new CallAborted()
    await this.#recordFailure(failure)
    return failure
  }

  async #captureRest(): Promise<void> {
    const { log, requestId } = this.#ctx
    try {
      this.#receipt = await this.#payment.capture()
    } catch (error) {
      log.warn({ err: error, requestId }, 'a call whose caller left could not be charged')
      await this.#giveBack()
    }
  }

  async #giveBack(): Promise<KeptPayment | undefined> {
    const { log, requestId } = this.#ctx
    try {
      return await this.#payment.release()
    } catch (error) {
      log.error({ err: error, requestId }, 'what was set aside for a call could not be given back')
      return undefined
    }
  }

  #recordFailure(failure: AppError): Promise<void> {
    const outcome = failure instanceof CallAborted || failure instanceof ServerStopping ? 'aborted' : 'failed'
    return this.#record({ outcome, errorCode: failure.code, model: null, inputTokens: null, outputTokens: null, costNanoUsd: null })
  }

  async #record(ending: Pick<CallRow, 'outcome' | 'errorCode' | 'model' | 'inputTokens' | 'outputTokens' | 'costNanoUsd'>): Promise<void> {
    const { platform, log, requestId } = this.#ctx
    const row = {
      id: newId('gatewayCall'),
      accountId: hasAccount(this.#ctx) ? accountOf(this.#ctx) : null,
      plugin: this.#plugin.id,
      method: this.#payment.method,
      sessionId: this.#payment.session?.id ?? null,
      priceMicroUsd: this.#plugin.priceMicroUsd,
      isPaid: this.#receipt !== undefined,
      receipt: this.#receipt?.reference ?? null,
      latencyMs: Math.round(performance.now() - this.#began),
      ...ending,
    }
    // The caller is answered all the same: the work is done and paid.
    await insertCall(platform.databases.system, row).catch((cause: unknown) =>
      log.error({ err: cause, requestId, call: row }, 'a call of the gateway could not be written down'),
    )
  }
}
